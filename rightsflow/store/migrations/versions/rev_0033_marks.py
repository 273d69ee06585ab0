"""The marks of restrictions are read again after the answer, also of cases that were answered before."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# A day that is past, so that the next round looks.
_AT_ONCE = sa.text(
    "UPDATE cases SET follow_up_on = '2018-05-25' WHERE state = 'answered' AND"
    " id IN (SELECT case_id FROM findings WHERE outcome = 'restricted')"
)


def upgrade() -> None:
    """To this version: each case with a restricted record is looked at once, which notes the day of the next look."""
    op.execute(_AT_ONCE)


def downgrade() -> None:
    """Back to the version before, whose next look notes its own day."""
