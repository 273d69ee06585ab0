"""Add content hashes that recognise a record which a back-up restores under another name."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("findings", sa.Column("content_hashes", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("findings", "content_hashes")
