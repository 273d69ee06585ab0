"""Add the instant of a record's last check after the answer, apart from the result of its fresh read."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version: a look that noted nothing had moved the day of what was seen, where anything was."""
    op.add_column("findings", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE findings SET looked_at = verified_at WHERE verified_at IS NOT NULL")
    op.execute("UPDATE findings SET verified_at = NULL WHERE verified = ''")


def downgrade() -> None:
    """Back to the version before."""
    op.execute("UPDATE findings SET verified_at = looked_at WHERE looked_at IS NOT NULL")
    op.drop_column("findings", "looked_at")
