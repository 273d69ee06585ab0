"""No table of forms that are no case yet: a request goes straight to its case."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.drop_table("intakes")


def downgrade() -> None:
    """Raise: there is nothing to go back to."""
    raise NotImplementedError("The table held what no case had; restore the backup of before.")
