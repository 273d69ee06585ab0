"""The language of the person who asks."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("cases", sa.Column("language", sa.String(35), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("cases", "language")
