"""Restriction: a declared column of a row says that it is stored and used for nothing else (Art. 18 GDPR).

Only rows that are the subject's alone are marked, each looked at again in the transaction that marks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.sql.belonging import Belonging
from connectors.sql.errors import translated
from connectors.sql.restriction_settings import Restriction
from connectors.sql.row_writing import raise_versions, update_rows
from connectors.sql.rows import SqlSite, TableRows, batches
from rightsflow.domain.errors import Misconfigured, Refused
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import MarkSeen, MarkState, Method, Outcome, OutcomeKind, RecordRef, settled_together

_GONE = "The record is not there any more."
_OTHERS = "The entry is another person's by now, so it was left as it is and is not marked."
_NO_MARK = "A table has no restriction in rightsflow.toml any more; put its column back."
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


def marks(site: SqlSite, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
    """Whether restricted rows bear the mark; one answer per ref.

    Args:
        site: The system.
        refs: The rows, each of a kind whose table names a column for the mark.
        known: The subject's identifiers.
    """
    site.check_kinds(refs)
    belonging = Belonging(site, known)
    for kind in dict.fromkeys(ref.kind for ref in refs):
        rows = site.of_kind(kind)
        mark = rows.settings.restriction if rows else None
        if rows is None or mark is None:
            raise Misconfigured(_NO_MARK)
        for batch in batches([ref for ref in refs if ref.kind == kind], site.settings.batch_size):
            there = rows.with_keys(batch, "marks")
            unlike = rows.unlike(batch, mark.column, mark.value, "marks")
            for ref in batch:
                mine = ref in there and all(belonging.is_subjects(rows, row) for row in there[ref])
                unmarked = MarkState.UNMARKED if ref in unlike else MarkState.MARKED
                yield MarkSeen(record=ref, state=unmarked if mine else MarkState.GONE)


def _mark(
    rows: TableRows, mark: Restriction, refs: Sequence[RecordRef], method: Method, known: Identifiers
) -> list[Outcome]:
    try:
        found = _written(rows, mark, refs, method, known)
    except Refused as error:
        if len(refs) > 1:
            # One row in the way rolled back all of them: find out which.
            return [outcome for ref in refs for outcome in _mark(rows, mark, [ref], method, known)]
        return [Outcome(record=refs[0], kind=OutcomeKind.RETAINED, reason=str(error.args[0]), refused=True)]
    return [_outcome(ref, found.get(ref), method) for ref in refs]


def _written(
    rows: TableRows, mark: Restriction, refs: Sequence[RecordRef], method: Method, known: Identifiers
) -> dict[RecordRef, bool]:
    """Write the mark into the rows of the subject; returns of each ref that is there whether it is theirs."""
    site, value = rows.site, mark.value if method is Method.RESTRICT else mark.lifted
    with translated(site.system, "restrict", rows.settings.name), site.database.engine.begin() as connection:
        belonging = Belonging(site, known, connection)
        locked = rows.locked(connection, refs)
        found = {
            ref: all(belonging.is_subjects(rows, row) and not belonging.is_kept(rows, row) for row in record)
            for ref, record in locked.items()
        }
        mine = [row for ref, record in locked.items() if found[ref] for row in record]
        update_rows(connection, rows, mine, {mark.column: value})
        raise_versions(connection, belonging, rows, mine)
    return found


def _outcome(ref: RecordRef, is_theirs: bool | None, method: Method) -> Outcome:
    if is_theirs is None:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    if not is_theirs:
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_OTHERS, refused=True)
    done = OutcomeKind.RESTRICTED if method is Method.RESTRICT else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id="update-rows:1")
