"""Add a record's class of document, and the planned records left to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("findings", sa.Column("document", sa.String(24), server_default=sa.text("''"), nullable=False))
    op.add_column("findings", sa.Column("question", sa.String(32), server_default=sa.text("''"), nullable=False))
    op.add_column("findings", sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Back to the version before."""
    for column in ("note", "question", "document"):
        op.drop_column("findings", column)
