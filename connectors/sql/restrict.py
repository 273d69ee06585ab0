"""Restriction: a declared column of a row says that it is stored and used for nothing else (Art. 18 GDPR).

Only rows that are the subject's alone are marked, each looked at again in the transaction that marks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from connectors.sql.belonging import Belonging
from connectors.sql.client import Row
from connectors.sql.column_settings import Restriction
from connectors.sql.errors import translated
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.writing import raise_versions, together_or_alone, update_rows
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import (
    ANOTHER_CASES,
    MarkSeen,
    MarkState,
    Method,
    Outcome,
    OutcomeKind,
    RecordRef,
    settled_together,
)

_GONE = "The record is not there any more."
_OTHERS = "The entry is another person's, or theirs as well, by now, so it was left as it is and is not marked."
_NO_MARK = "A table has no restriction in rightsflow.toml any more; put its column back."
_NO_COLUMN = "The configuration names no column of this table that marks an entry, so it is kept without a mark."


def restrict(
    site: SqlSite, refs: Sequence[RecordRef], method: Method, known: Identifiers, case_id: str = ""
) -> Iterator[Outcome]:
    """Mark rows as restricted, or take the mark away unless it names another case; one outcome per ref.

    Args:
        site: The system.
        refs: The rows, all of one kind.
        method: ``RESTRICT`` or ``LIFT``.
        known: The subject's identifiers.
        case_id: The case in whose name that is done; empty where none is named.
    """
    for rows, batch in site.batches(refs):
        mark = rows.settings.restriction if rows else None
        if rows is None or mark is None:
            kept = [Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_NO_COLUMN, refused=True) for ref in batch]
            yield from settled_together(kept)
        else:
            marking = _Marking(rows, mark, method, known, case_id)
            yield from settled_together(together_or_alone(marking.carry_out, batch, OutcomeKind.RETAINED))


def marks(site: SqlSite, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[MarkSeen]:
    """Yield the state of the mark of each restricted row; one answer per ref."""
    belonging = Belonging(site, known)
    for rows, batch in site.batches(refs):
        mark = rows.settings.restriction if rows else None
        if rows is None or mark is None:
            raise Misconfigured(_NO_MARK)
        there = rows.with_keys(batch, "marks")
        unlike = rows.unlike(batch, mark.column, mark.value, "marks")
        for ref in batch:
            mine = ref in there and all(belonging.is_subjects(rows, row) for row in there[ref])
            state = MarkState.UNMARKED if ref in unlike else MarkState.MARKED
            named = {mark.case_in(row) for row in there.get(ref, ())}
            yield MarkSeen(
                record=ref,
                state=state if mine else MarkState.GONE,
                case_id=named.pop() if mine and len(named) == 1 else "",
            )


@dataclass(frozen=True, slots=True)
class _Marking:
    """Marks rows of one table, or takes the marks away."""

    rows: TableRows
    mark: Restriction
    method: Method
    known: Identifiers
    case_id: str

    def carry_out(self, refs: Sequence[RecordRef]) -> list[Outcome]:
        """Write the mark into rows; one outcome per ref."""
        found = self._written(refs)
        return [self._outcome(ref, found.get(ref)) for ref in refs]

    def _written(self, refs: Sequence[RecordRef]) -> dict[RecordRef, _Whose]:
        """Write the mark into the rows of the subject; returns of each ref that is there whose row and mark it is."""
        rows, site = self.rows, self.rows.site
        with translated(site.system, "restrict", rows.settings.name), site.database.engine.begin() as connection:
            belonging = Belonging(site, self.known, connection)
            locked = rows.locked(connection, refs)
            found = {ref: self._whose(belonging, record) for ref, record in locked.items()}
            mine = [row for ref, record in locked.items() if found[ref] is _Whose.OURS for row in record]
            update_rows(connection, rows, mine, self._values())
            raise_versions(connection, belonging, rows, mine)
        return found

    def _whose(self, belonging: Belonging, record: Sequence[Row]) -> _Whose:
        rows = self.rows
        if not all(belonging.is_subjects(rows, row) and not belonging.is_kept(rows, row) for row in record):
            return _Whose.ANOTHER_PERSONS
        if self.method is Method.RESTRICT and any(belonging.is_shared_by_now(rows, row) for row in record):
            return _Whose.ANOTHER_PERSONS
        named = {self.mark.case_in(row) for row in record} - {"", self.case_id}
        is_anothers = bool(named) and bool(self.case_id) and self.method is Method.LIFT
        return _Whose.ANOTHER_CASES if is_anothers else _Whose.OURS

    def _values(self) -> dict[str, object]:
        restricts = self.method is Method.RESTRICT
        named = {self.mark.case_column: self.case_id if restricts and self.case_id else None}
        written: dict[str, object] = {self.mark.column: self.mark.value if restricts else self.mark.lifted}
        return written | (named if self.mark.case_column else {})

    def _outcome(self, ref: RecordRef, whose: _Whose | None) -> Outcome:
        if whose is None:
            return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
        if whose is _Whose.ANOTHER_PERSONS:
            return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_OTHERS, refused=True)
        if whose is _Whose.ANOTHER_CASES:
            return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=ANOTHER_CASES)
        done = OutcomeKind.RESTRICTED if self.method is Method.RESTRICT else OutcomeKind.RETAINED
        return Outcome(record=ref, kind=done, request_id="update-rows:1")


class _Whose(Enum):
    """The owner of a row and its mark."""

    OURS = auto()
    ANOTHER_PERSONS = auto()
    ANOTHER_CASES = auto()
