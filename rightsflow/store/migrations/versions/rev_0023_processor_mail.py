"""Mails to processors: which is being mailed, and when each was reminded."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("instructions", sa.Column("claimed_at", sa.DateTime(timezone=True)))
    op.add_column("instructions", sa.Column("reminded_on", sa.Date()))
    op.add_column("instructions", sa.Column("reminders", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    """Back to the version before."""
    for column in ("reminders", "reminded_on", "claimed_at"):
        op.drop_column("instructions", column)
