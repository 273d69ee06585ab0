"""Add the reason why a record's ownership is unclear."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_FINDINGS = sa.table(
    "findings",
    *(sa.column(name) for name in ("id", "case_id", "record_hash", "via_hash", "attribution", "doubt")),
    sa.column("owner_strong", sa.JSON()),
)


def upgrade() -> None:
    """To this version: of what is unclear until now nothing is known but whether a person is named in it."""
    op.add_column("findings", sa.Column("doubt", sa.String(24), nullable=False, server_default=sa.text("''")))
    connection, column = op.get_bind(), _FINDINGS.c
    query = sa.select(column.id, column.case_id, column.record_hash, column.via_hash, column.owner_strong)
    rows: list[sa.Row[Any]] = [*connection.execute(query.where(column.attribution == "unclear"))]
    for doubt, numbers in _doubts(rows).items():
        for start in range(0, len(numbers), 500):
            some = numbers[start : start + 500]
            connection.execute(sa.update(_FINDINGS).where(column.id.in_(some)).values(doubt=doubt))


def _doubts(rows: Sequence[sa.Row[Any]]) -> dict[str, list[int]]:
    at = {(row.case_id, row.record_hash): row for row in rows}
    doubts: dict[str, list[int]] = {"another person": [], "number alone": []}
    for row in rows:
        is_named = any(one.owner_strong for one in _chain(row, at))
        doubts["another person" if is_named else "number alone"].append(row.id)
    return doubts


def _chain(row: sa.Row[Any] | None, at: dict[tuple[str, str], sa.Row[Any]]) -> Iterator[sa.Row[Any]]:
    """A record and those through which it was reached."""
    seen = set[int]()
    while row is not None and row.id not in seen:
        yield row
        seen.add(row.id)
        row = at.get((row.case_id, row.via_hash))


def downgrade() -> None:
    """Back to the version before."""
    op.drop_column("findings", "doubt")
