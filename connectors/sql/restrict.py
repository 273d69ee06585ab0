"""Restriction: a declared column of a row says that it is stored and used for nothing else (Art. 18 GDPR).

Only rows that are the subject's alone are marked, each looked at again in the transaction that marks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from connectors.sql.belonging import Belonging
from connectors.sql.errors import translated
from connectors.sql.restriction_settings import Restriction
from connectors.sql.rows import SqlSite, TableRows, batches
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import Method, Outcome, OutcomeKind, RecordRef, settled_together

_GONE = "The record is not there any more."
_OTHERS = "The entry is another person's by now, so it was left as it is and is not marked."
_NO_COLUMN = "The configuration names no column of this table that marks an entry, so it is kept without a mark."


def restrict(site: SqlSite, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
    """Mark rows as restricted, or take the mark away; one outcome per ref.

    Args:
        site: The system.
        refs: The rows, all of one kind.
        method: ``RESTRICT`` or ``LIFT``.
        known: The subject's identifiers.
    """
    if not refs:
        return
    site.check_kinds(refs)
    rows = site.of_kind(refs[0].kind)
    mark = rows.settings.restriction if rows else None
    for batch in batches(refs, site.settings.batch_size):
        if rows is None or mark is None:
            kept = [Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_NO_COLUMN, refused=True) for ref in batch]
            yield from settled_together(kept)
        else:
            yield from settled_together(_mark(rows, mark, batch, method, known))


def _mark(
    rows: TableRows, mark: Restriction, refs: Sequence[RecordRef], method: Method, known: Identifiers
) -> list[Outcome]:
    site, table = rows.site, rows.table
    value = mark.value if method is Method.RESTRICT else mark.lifted
    with translated(site.system, "restrict", rows.settings.name), site.database.engine.begin() as connection:
        belonging = Belonging(site, known, connection)
        selected = connection.execute(sa.select(table).where(rows.condition_of(refs)).with_for_update())
        found: dict[RecordRef, bool] = {}
        for row in [dict(one) for one in selected.mappings()]:
            is_theirs = belonging.is_subjects(rows, row) and not belonging.is_kept(rows, row)
            found[rows.ref(row)] = found.get(rows.ref(row), True) and is_theirs
        mine = [ref for ref, is_theirs in found.items() if is_theirs]
        if mine:
            connection.execute(sa.update(table).where(rows.condition_of(mine)).values({table.c[mark.column]: value}))
    return [_outcome(ref, found.get(ref), method) for ref in refs]


def _outcome(ref: RecordRef, is_theirs: bool | None, method: Method) -> Outcome:
    if is_theirs is None:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    if not is_theirs:
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_OTHERS, refused=True)
    done = OutcomeKind.RESTRICTED if method is Method.RESTRICT else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id="update-rows:1")
