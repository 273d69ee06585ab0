"""Add a mark of erasures that a connector leaves to a person, until now known by the words of the reason."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_FIELD = "only a person can take your part out of it"
_COPIED = "no one has looked yet whether it is a copy"
_WORDS = {
    "perhaps copied,shared field": f"{_FIELD}%{_COPIED}",
    "perhaps copied": _COPIED,
    "shared field": _FIELD,
}


def upgrade() -> None:
    """To this version: of the records of before, by these words, which stood in one order."""
    op.add_column("findings", sa.Column("left_to_person", sa.String(80), nullable=False, server_default=""))
    findings = sa.table("findings", sa.column("reason"), sa.column("left_to_person"))
    for left, words in _WORDS.items():
        these = sa.and_(findings.c.left_to_person == "", findings.c.reason.like(f"%{words}%"))
        op.execute(sa.update(findings).where(these).values(left_to_person=left))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("findings", "left_to_person")
