"""Add the further details of a refusal's reason."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("decisions", sa.Column("sealed_details", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("decisions", "sealed_details")
