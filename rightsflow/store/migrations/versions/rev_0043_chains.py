"""Add the records that a record belongs to, and those among them that put it in doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("findings", sa.Column("above_hashes", sa.JSON(), nullable=True))
    op.add_column("findings", sa.Column("is_context", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("findings", sa.Column("chain", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    for name in ("chain", "is_context", "above_hashes"):
        op.drop_column("findings", name)
