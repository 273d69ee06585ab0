"""The system that issued an account id.

Account ids that are there already stay without one: nothing says whose they were, so they match nothing any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    issuer = sa.Column("issuer", sa.String(length=32), nullable=False, server_default=sa.text("''"))
    op.add_column("identifiers", issuer)


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("identifiers", "issuer")
