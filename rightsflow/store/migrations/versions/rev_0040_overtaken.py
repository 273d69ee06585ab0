"""Add a mark of letters that are no longer to be sent, so that no list of waiting letters names them."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version: what was overtaken until now was so by the end of its case, which the lists know."""
    op.add_column("letters", sa.Column("overtaken", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("letters", "overtaken")
