"""On which ground a restriction was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("cases", sa.Column("ground", sa.String(20), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("cases", "ground")
