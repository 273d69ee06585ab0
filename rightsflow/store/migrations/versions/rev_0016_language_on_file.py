"""Add the source of the person's language, and the languages on file in their records."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("cases", sa.Column("language_from", sa.String(10), server_default=sa.text("''"), nullable=False))
    op.add_column("findings", sa.Column("sealed_language", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("findings", "sealed_language")
    op.drop_column("cases", "language_from")
