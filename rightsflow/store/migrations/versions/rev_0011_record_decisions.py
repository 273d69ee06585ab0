"""Add people's decisions on single records."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("findings", sa.Column("decided", sa.String(16), server_default=sa.text("''"), nullable=False))
    op.add_column("findings", sa.Column("sealed_decision", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("findings", "sealed_decision")
    op.drop_column("findings", "decided")
