"""A case is closed when its answer is noted as sent: what the outbox says of the cases that were answered before."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ANSWERED = "state IN ('answered', 'nothing held', 'refused') AND closed_at IS NOT NULL"
_ANSWERS = "('L7', 'L8', 'L9', 'L10', 'L11')"
_SENT = f"FROM letters WHERE case_id = cases.id AND template_id IN {_ANSWERS} AND sent_at IS NOT NULL"


def upgrade() -> None:
    """To this version."""
    unsent = f"{_ANSWERED} AND NOT EXISTS (SELECT 1 {_SENT})"
    op.execute(f"DELETE FROM durations WHERE case_id IN (SELECT id FROM cases WHERE {unsent})")  # noqa: S608
    # The watch looks at once. Until when the evidence is kept was said to the person, and stays as the earliest day.
    op.execute(sa.text(f"UPDATE cases SET closed_at = NULL, watch_at = state_since WHERE {unsent}"))  # noqa: S608
    op.execute(sa.text(f"UPDATE cases SET closed_at = (SELECT MIN(sent_at) {_SENT}) WHERE {_ANSWERED}"))  # noqa: S608


def downgrade() -> None:
    """Back to the version before."""
    answered = "state IN ('answered', 'nothing held', 'refused')"
    op.execute(sa.text(f"UPDATE cases SET closed_at = state_since WHERE {answered}"))  # noqa: S608
