"""Tasks that name each of their records: the end of a restriction."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("case_tasks", sa.Column("numbers", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("case_tasks", "numbers")
