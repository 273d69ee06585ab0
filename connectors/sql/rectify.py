"""Rectification: declared columns of the subject's own rows get the right value where the wrong one stands (Art. 16).

A row is written only while it is the subject's and no one else's, looked at in the transaction that writes it, and is
read afresh in another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.belonging import Belonging
from connectors.sql.changed_along import at_once
from connectors.sql.client import Row, rows_of
from connectors.sql.column_settings import FieldColumn
from connectors.sql.errors import translated
from connectors.sql.formats import Plain, Unreadable
from connectors.sql.inside import replaced
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.schema import DayText, MomentText
from connectors.sql.text import as_text, holds_letters
from connectors.sql.writing import Written, raise_versions, write_column
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import (
    EMAIL,
    Change,
    FieldEnd,
    FieldOf,
    FieldStanding,
    became,
    gone,
    known_after,
    without_field,
)
from rightsflow.domain.vocabulary.records import Outcome, Presence, PresenceState, RecordRef, settled_together

_STILL_WRONG: Final = "A value that was to be corrected is still there."
_UPDATED: Final = "update-rows:1"
_READERS: Final[Mapping[type, Callable[[str], object]]] = MappingProxyType(
    {str: str, int: int, date: date.fromisoformat}
)
"""The readers of a value for each type of column; a column of any other type is for a person to correct."""


def rectify(
    site: SqlSite, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
) -> Iterator[Outcome]:
    """Carry changes out in rows; one outcome per ref."""
    known_then = known_after(known, changes, site.phones.country)
    for rows, batch in site.batches(refs):
        if rows is None:
            yield from settled_together(gone(batch))
        else:
            work = _Rectifying(rows, _columns(rows, changes), known, known_then)
            yield from settled_together(work.carry_out(batch))


def still_wrong(
    site: SqlSite, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
) -> Iterator[Presence]:
    """Yield the presence of a wrong value in each row; one answer per ref."""
    for rows, batch in site.batches(refs):
        wrong = _wrong_ones(rows, batch, changes, known) if rows else set()
        for ref in batch:
            is_wrong = ref in wrong
            state = PresenceState.PRESENT if is_wrong else PresenceState.ABSENT
            yield Presence(record=ref, state=state, detail=_STILL_WRONG if is_wrong else "")


def _wrong_ones(
    rows: TableRows, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
) -> set[RecordRef]:
    columns, belonging = _columns(rows, changes), Belonging(rows.site, known_after(known, changes, _country(rows)))
    return {
        ref
        for ref, found in rows.with_keys(refs, "presence").items()
        for row in found
        if belonging.is_subjects(rows, row)
        and any(_standing(rows, item, field, row) is FieldStanding.WRONG for item, field in _of_row(columns, row))
    }


_Columns = Sequence[tuple[Change, tuple[FieldColumn, ...]]]


def _columns(rows: TableRows, changes: Sequence[Change]) -> _Columns:
    declared = rows.settings.rectify
    return [(change, declared[change.field]) for change in changes if change.field in declared]


def _of_row(columns: _Columns, row: Row) -> Iterator[tuple[Change, FieldColumn]]:
    """The changes that a row has a column for, each with that."""
    for change, those in columns:
        yield from ((change, item) for item in those if item.is_in(row))


def _standing(rows: TableRows, change: Change, field: FieldColumn, row: Row) -> FieldStanding:
    """The standing of a field in a row; of several values at a path a wrong one counts, then a right one."""
    try:
        values = field.values(row) if field.path else [row[field.column]]
    except Unreadable:
        return FieldStanding.ANOTHER
    found = {change.standing(value, _country(rows)) for value in values}
    return next((item for item in (FieldStanding.WRONG, FieldStanding.RIGHT) if item in found), FieldStanding.ANOTHER)


def _country(rows: TableRows) -> str:
    return rows.site.phones.country


class _Rectifying:
    """Corrects rows of one table.

    Args:
        rows: The table.
        columns: The changes that it has columns for, each with those.
        before: The subject's identifiers.
        known: The same, with those that become theirs by the changes.
    """

    def __init__(self, rows: TableRows, columns: _Columns, before: Identifiers, known: Identifiers) -> None:
        self._rows = rows
        self._columns = columns
        self._before = before
        self._known = known

    def carry_out(self, refs: Sequence[RecordRef]) -> list[Outcome]:
        """Correct the rows of some refs, and read them afresh."""
        site = self._rows.site
        ends: dict[RecordRef, dict[Change, FieldEnd]] = {}
        with translated(site.system, "rectify", self._rows.settings.name), site.database.engine.begin() as connection:
            at_once(connection)
            belonging = Belonging(site, self._known, connection)
            for ref, record in self._rows.locked(connection, refs).items():
                ends[ref] = self._correct(connection, belonging, record)
                if FieldEnd.DONE in ends[ref].values():
                    raise_versions(connection, belonging, self._rows, record)
        written = [ref for ref, end in ends.items() if FieldEnd.DONE in end.values()]
        for ref, found in self._rows.with_keys(written, "rectify").items() if written else ():
            for fresh in found:
                ends[ref] = _worst(ends[ref], self._seen(fresh))
        return [self._became(ref, ends[ref]) if ref in ends else gone([ref])[0] for ref in refs]

    def _became(self, ref: RecordRef, ends: Mapping[Change, FieldEnd]) -> Outcome:
        return became(ref, ends, _UPDATED) if ends or not self._columns else without_field(ref)

    def _correct(
        self, connection: sa.Connection, belonging: Belonging, record: list[dict[str, Any]]
    ) -> dict[Change, FieldEnd]:
        """Correct all rows of a record; none of them where one is not the subject's alone."""
        rows, why = self._rows, None
        mine = [belonging.is_subjects(rows, row) for row in record]
        if not any(mine) or any(belonging.is_kept(rows, row) for row in record):
            why = FieldEnd.OTHERS
        elif not all(mine) or any(belonging.is_shared_by_now(rows, row) for row in record):
            why = FieldEnd.WITH_OTHERS
        ends: dict[Change, FieldEnd] = {}
        for row in record:
            found: dict[Change, list[FieldEnd]] = {}
            for item, field in _of_row(self._columns, row):
                found.setdefault(item, []).append(why or self._write(connection, item, field, row, record))
            ends = _worst(ends, {change: _of_several(those) for change, those in found.items()})
        return ends

    def _write(
        self,
        connection: sa.Connection,
        change: Change,
        field: FieldColumn,
        row: dict[str, Any],
        record: list[dict[str, Any]],
    ) -> FieldEnd:
        column, standing = field.column, _standing(self._rows, change, field, row)
        if standing is not FieldStanding.WRONG:
            return FieldEnd.DONE if standing is FieldStanding.RIGHT else FieldEnd.ANOTHER
        target = self._rows.table.c[column]
        try:
            value = self._value(change, field, row)
        except (ValueError, TypeError, NotImplementedError):
            return FieldEnd.NOT_TAKEN
        mine = self._rows.condition_of([self._rows.ref(row)])
        stored, new = sa.func.lower(as_text(target)), change.new.lower()
        has_it = stored.contains(new, autoescape=True) if field.path else stored == new
        if change.field == EMAIL and self._names_another(connection, has_it, mine):
            return FieldEnd.NOT_SURELY_THEIRS

        def is_right(now: object) -> bool:
            return _standing(self._rows, change, field, {**row, column: now}) is FieldStanding.RIGHT

        return _ENDS[write_column(connection, self._rows, record, row, column, value, is_right)]

    def _value(self, change: Change, field: FieldColumn, row: Row) -> object:
        """A column with the right value where the wrong one is.

        Raises:
            ValueError: The column, or what is in it, cannot hold it.
            TypeError: What is there is no text.
            NotImplementedError: The column's type is not known.
        """

        def corrected(old: Plain) -> Plain:
            if change.standing(old, _country(self._rows)) is not FieldStanding.WRONG:
                return old
            if not isinstance(old, str):
                raise TypeError
            return change.written(old)

        present = row[field.column]
        if field.path:
            return replaced(present, field.path, corrected)
        return value_for(self._rows.table.c[field.column], change.written(present))

    def _names_another(
        self, connection: sa.Connection, has_it: sa.ColumnElement[bool], mine: sa.ColumnElement[bool]
    ) -> bool:
        """Return True if another person's row already holds the address; a correction would merge two people."""
        others = rows_of(connection.execute(sa.select(self._rows.table).where(has_it, sa.not_(mine))))
        return any(
            not self._rows.named(other).matching(self._before)
            for other in self._rows.whole(others, "rectify", connection)
        )

    def _seen(self, row: Row) -> dict[Change, FieldEnd]:
        found: dict[Change, list[FieldEnd]] = {}
        for item, field in _of_row(self._columns, row):
            standing = _standing(self._rows, item, field, row)
            found.setdefault(item, []).append(_SEEN[standing])
        return {change: _of_several(those) for change, those in found.items()}


_ENDS: Final = {
    Written.DONE: FieldEnd.DONE,
    Written.MOVED: FieldEnd.ANOTHER,
    Written.REFUSED: FieldEnd.NOT_TAKEN,
    Written.SPREAD: FieldEnd.WITH_OTHERS,
    Written.FOR_GOOD: FieldEnd.FOR_GOOD,
}
_SEEN: Final = {
    FieldStanding.RIGHT: FieldEnd.DONE,
    FieldStanding.WRONG: FieldEnd.NOT_TAKEN,
    FieldStanding.ANOTHER: FieldEnd.ANOTHER,
}


def _worst(value: Mapping[Change, FieldEnd], other: Mapping[Change, FieldEnd]) -> dict[Change, FieldEnd]:
    """Merge two results of one record, of several rows or of a later look: the unfinished result counts."""
    done = {change for change, end in value.items() if end is FieldEnd.DONE}
    return {**value, **{change: end for change, end in other.items() if change not in value or change in done}}


def _of_several(ends: Sequence[FieldEnd]) -> FieldEnd:
    """Return the result of a field in several columns; a column that holds another value is not meant."""
    left = [end for end in ends if end not in {FieldEnd.DONE, FieldEnd.ANOTHER}]
    return left[0] if left else FieldEnd.DONE if FieldEnd.DONE in ends else FieldEnd.ANOTHER


def value_for(column: sa.Column[Any], text: str) -> object:
    """A value as the column has it.

    Raises:
        ValueError: It is none of the column's type as that is written, or does not fit.
        NotImplementedError: The column's type is not known.
    """
    if isinstance(column.type, DayText):
        return date.fromisoformat(text).isoformat()
    kind = column.type.python_type
    length = getattr(column.type, "length", None)
    if kind not in _READERS or isinstance(column.type, MomentText) or (length is not None and len(text) > length):
        raise ValueError
    value = _READERS[kind](text)
    if str(value) != text:
        raise ValueError
    return value


def foresee(site: SqlSite, changes: Sequence[Change]) -> Iterator[FieldOf]:
    """The fields of which no column takes what a change would write."""
    for rows in site.tables():
        declared = rows.settings.rectify
        wanted = [(item, declared[item.field]) for item in changes if item.field in declared]
        if not wanted:
            continue
        with translated(site.system, "foresee", rows.settings.name), site.database.engine.connect() as connection:
            for change, columns in wanted:
                if not any(_takes(connection, rows, column, change) for column in columns):
                    yield FieldOf(rows.settings.record_kind, change.field)


def _takes(connection: sa.Connection, rows: TableRows, field: FieldColumn, change: Change) -> bool:
    column = rows.table.c[field.column]
    if not change.is_added and not field.path:
        try:
            value_for(column, change.new)
        except (ValueError, NotImplementedError):
            return False
    return holds_letters(connection, column, change.new)
