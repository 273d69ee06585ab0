"""Blanking: columns that the law does not need are emptied in rows that it keeps (Art. 17(3) GDPR).

A row is changed only while it is the subject's and no one else's, looked at in the transaction that changes it, and is
read afresh in another one. What it is found by alone stays: a person could not be told of it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.belonging import Belonging
from connectors.sql.changed_along import at_once
from connectors.sql.client import Row
from connectors.sql.column_settings import FieldColumn
from connectors.sql.errors import translated
from connectors.sql.formats import Plain, Unreadable
from connectors.sql.inside import replaced
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.writing import Written, raise_versions, write_column
from rightsflow.domain.erasure.partial_erasure import HOLDS_NONE
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef, settled_together
from rightsflow.domain.wording import listed

_GONE: Final = "The record is not there any more."
_OTHERS: Final = "another person's data stand in the same record"
_FOUND_BY: Final = "the record is found by it alone"
_NOT_TAKEN: Final = "the system did not take it"
_FOR_GOOD: Final = "its table has no transactions, in which a wrong change could be taken back"
_UPDATED: Final = "update-rows:1"


def blank(site: SqlSite, refs: Sequence[RecordRef], fields: Collection[str], known: Identifiers) -> Iterator[Outcome]:
    """Blank columns of rows that are kept; one outcome per ref."""
    for rows, batch in site.batches(refs):
        if rows is None:
            yield from settled_together([_kept(ref, dict.fromkeys(fields, _NOT_TAKEN)) for ref in batch])
        else:
            yield from settled_together(_Blanking(rows, fields, known).carry_out(batch))


class _Blanking:
    """Blanks rows of one table."""

    def __init__(self, rows: TableRows, fields: Collection[str], known: Identifiers) -> None:
        self._rows = rows
        self._columns = {
            field: rows.settings.fields[field] for field in sorted(fields) if field in rows.settings.fields
        }
        self._known = known

    def carry_out(self, refs: Sequence[RecordRef]) -> list[Outcome]:
        """Blank the rows of some refs, and read them afresh."""
        rows, site, left = self._rows, self._rows.site, dict[RecordRef, dict[str, str]]()
        without: set[RecordRef] = set()
        with translated(site.system, "blank", rows.settings.name), site.database.engine.begin() as connection:
            at_once(connection)
            belonging = Belonging(site, self._known, connection)
            for ref, record in rows.locked(connection, refs).items():
                left[ref] = self._change(connection, belonging, record)
                if not any(True for row in record for _ in self._of_row(row)):
                    without.add(ref)
        for ref, fresh in rows.with_keys(list(left), "blank").items() if left else ():
            for seen in fresh:
                left[ref] |= {item: _NOT_TAKEN for item, _ in self._filled(seen) if item not in left[ref]}
        return [_kept(ref, left[ref], holds_none=ref in without) if ref in left else _gone(ref) for ref in refs]

    def _change(self, connection: sa.Connection, belonging: Belonging, record: list[dict[str, Any]]) -> dict[str, str]:
        """Blank what can be of a record; returns what stays, and why."""
        rows, filled = self._rows, [(row, entry, field) for row in record for entry, field in self._filled(row)]
        if not all(self._is_theirs_alone(belonging, row) for row in record):
            return {entry: _OTHERS for _, entry, _ in filled}
        stays, is_written = dict[str, str](), False
        found_by = {id(row): self._found_by(row) for row in record}
        for row, item, field in filled:
            why = _FOUND_BY if field in found_by[id(row)] else ""
            if not why and not self._is_blank(field, row):
                why = _ENDS[self._write(connection, rows, record, row, field)]
                is_written |= not why
            if why:
                stays.setdefault(item, why)
        if is_written:
            raise_versions(connection, belonging, rows, record)
        return stays

    def _is_theirs_alone(self, belonging: Belonging, row: Row) -> bool:
        rows = self._rows
        is_theirs = belonging.is_subjects(rows, row) and not belonging.is_kept(rows, row)
        return is_theirs and not belonging.is_shared_by_now(rows, row)

    def _of_row(self, row: Row) -> Iterator[tuple[str, FieldColumn]]:
        """The fields that a row has, each with its column."""
        for name, columns in self._columns.items():
            yield from ((name, column) for column in columns if column.is_in(row))

    def _filled(self, row: Row) -> list[tuple[str, FieldColumn]]:
        return [(item, field) for item, field in self._of_row(row) if not self._is_blank(field, row)]

    def _found_by(self, row: Row) -> list[FieldColumn]:
        """The fields to be blanked that name the person, where nothing else that is certain would be left."""
        blanked = [field for _, field in self._filled(row)]
        strong = (
            mention.column
            for mention in self._rows.named(row).mentions
            if mention.read and mention.column.kind.is_strong
        )
        stays = any(not any(field.overlaps(column) for field in blanked) for column in strong)
        if stays or any(row[reference.column] not in (None, "") for reference in self._rows.settings.references):
            return []
        return [field for field in blanked if any(map(field.overlaps, self._rows.settings.identities))]

    def _write(
        self,
        connection: sa.Connection,
        rows: TableRows,
        record: list[dict[str, Any]],
        row: dict[str, Any],
        field: FieldColumn,
    ) -> Written:
        column, given = field.column, rows.settings.blank_value(field, row)

        def write(value: object) -> Written:
            return write_column(
                connection, rows, record, row, column, value, lambda now: self._is_blank(field, {**row, column: now})
            )

        if field.path:
            try:
                return write(replaced(row[column], field.path, lambda old: _blanked(old, given)))
            except Unreadable:
                return Written.REFUSED
        written = write(given)
        is_text = isinstance(rows.table.c[column].type, sa.String)
        if written is Written.REFUSED and is_text and column not in rows.settings.blanked:
            # A column of text that has to hold something takes an empty text.
            return write("")
        return written

    def _is_blank(self, field: FieldColumn, row: Row) -> bool:
        blank = (None, "", self._rows.settings.blank_value(field, row))
        try:
            values = field.values(row) if field.path else [row[field.column]]
        except Unreadable:
            return False
        return all(value in blank for value in values)


def _blanked(old: Plain, given: Plain) -> Plain:
    """What stays or comes where a value inside a column is blanked; a text becomes an empty one."""
    if old in ("", given):
        return old
    return "" if given is None and isinstance(old, str) else given


_ENDS: Final = {
    Written.DONE: "",
    Written.MOVED: _NOT_TAKEN,
    Written.REFUSED: _NOT_TAKEN,
    Written.SPREAD: _OTHERS,
    Written.FOR_GOOD: _FOR_GOOD,
}


def _kept(ref: RecordRef, left: Mapping[str, str], *, holds_none: bool = False) -> Outcome:
    if holds_none:
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=HOLDS_NONE)
    reasons: dict[str, list[str]] = {}
    for name, why in sorted(left.items()):
        reasons.setdefault(why, []).append(in_words(name))
    said = "; ".join(f"{listed(names)}, since {why}" for why, names in reasons.items())
    return Outcome(
        record=ref,
        kind=OutcomeKind.RETAINED,
        reason=f"{said}." if said else "",
        refused=bool(said),
        request_id=_UPDATED,
    )


def _gone(ref: RecordRef) -> Outcome:
    return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
