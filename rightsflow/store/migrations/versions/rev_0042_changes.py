"""Add a case's count of changes and the tables that have rows of it, so that it is read less often."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version: counted from now on; of cases that are there it is not known what they hold."""
    op.add_column("cases", sa.Column("changes", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("cases", sa.Column("holds", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("cases", "holds")
    op.drop_column("cases", "changes")
