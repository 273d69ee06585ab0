"""Add the next follow-up of an erased case, and the approver of an erasure at the end of retention."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.add_column("cases", sa.Column("follow_up_on", sa.Date(), nullable=True))
    is_followed = sa.text("follow_up_on IS NOT NULL")
    op.create_index(
        "ix_cases_follow_up_on", "cases", ["follow_up_on"], sqlite_where=is_followed, postgresql_where=is_followed
    )
    op.add_column("case_tasks", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_tasks", sa.Column("approved_by", sa.String(200), server_default=sa.text("''"), nullable=False))
    op.add_column("case_tasks", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    # Each erasure that was answered is looked at once, which notes the day of the next look.
    op.execute("UPDATE cases SET follow_up_on = due_on WHERE \"right\" = 'erasure' AND state = 'answered'")


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("case_tasks", "approved_at")
    op.drop_column("case_tasks", "approved_by")
    op.drop_column("case_tasks", "shown_at")
    op.drop_index("ix_cases_follow_up_on", "cases")
    op.drop_column("cases", "follow_up_on")
