"""Add a mark of instructions called off because the request was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("instructions", sa.Column("is_called_off", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Back to the version before, which knows nothing that tells of that: the ledger says that there was something."""
    op.execute("DELETE FROM instructions WHERE task < 0")
    op.drop_column("instructions", "is_called_off")
