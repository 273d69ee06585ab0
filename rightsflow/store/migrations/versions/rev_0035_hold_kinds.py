"""Add the kinds of identifiers by which a legal hold names a person: a number alone covers all who share it."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("legal_holds", sa.Column("kinds", sa.String(80), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("legal_holds", "kinds")
