"""Blanking: columns that the law does not need are emptied in rows that it keeps (Art. 17(3) GDPR).

A row is changed only while it is the subject's and no one else's, looked at in the transaction that changes it, and is
read afresh in another one. What it is found by alone stays: a person could not be told of it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from connectors.sql.belonging import Belonging
from connectors.sql.errors import translated
from connectors.sql.rows import Row, SqlSite, TableRows, batches
from rightsflow.domain.identifiers import STRONG_KINDS, Identifiers
from rightsflow.domain.records import Outcome, OutcomeKind, RecordRef, settled_together
from rightsflow.domain.rectification.change import in_words
from rightsflow.domain.wording import listed

_GONE: Final = "The record is not there any more."
_OTHERS: Final = "another person's data stand in the same record"
_FOUND_BY: Final = "the record is found by it alone"
_NOT_TAKEN: Final = "the system did not take it"
_UPDATED: Final = "update-rows:1"


def blank(site: SqlSite, refs: Sequence[RecordRef], fields: Collection[str], known: Identifiers) -> Iterator[Outcome]:
    """Blank columns of rows that are kept; one outcome per ref.

    Args:
        site: The system.
        refs: The rows, all of one kind.
        fields: What is to be blanked, in the words of the configuration.
        known: The subject's identifiers.
    """
    if not refs:
        return
    site.check_kinds(refs)
    rows = site.of_kind(refs[0].kind)
    for batch in batches(refs, site.settings.batch_size):
        if rows is None:
            yield from settled_together([_kept(ref, dict.fromkeys(fields, _NOT_TAKEN)) for ref in batch])
        else:
            yield from settled_together(_Blanking(rows, fields, known).carry_out(batch))


class _Blanking:
    """Blanks rows of one table.

    Args:
        rows: The table.
        fields: What is to be blanked.
        known: The subject's identifiers.
    """

    def __init__(self, rows: TableRows, fields: Collection[str], known: Identifiers) -> None:
        self._rows = rows
        self._columns = {one: rows.settings.fields[one] for one in sorted(fields) if one in rows.settings.fields}
        self._known = known

    def carry_out(self, refs: Sequence[RecordRef]) -> list[Outcome]:
        """Blank the rows of some refs, and read them afresh."""
        rows, site, left = self._rows, self._rows.site, dict[RecordRef, dict[str, str]]()
        with translated(site.system, "blank", rows.settings.name), site.database.engine.begin() as connection:
            belonging = Belonging(site, self._known, connection)
            selected = connection.execute(sa.select(rows.table).where(rows.condition_of(refs)).with_for_update())
            for row in map(dict, selected.mappings().all()):
                left.setdefault(rows.ref(row), {}).update(self._change(connection, belonging, row))
        for ref, fresh in rows.with_keys(list(left), "blank").items() if left else ():
            for seen in fresh:
                filled = {one for one, column in self._columns.items() if not self._is_blank(column, seen[column])}
                left[ref] |= {one: _NOT_TAKEN for one in filled if one not in left[ref]}
        return [_kept(ref, left[ref]) if ref in left else _gone(ref) for ref in refs]

    def _change(self, connection: sa.Connection, belonging: Belonging, row: Row) -> Mapping[str, str]:
        """Blank what can be of a row; returns what stays, and why."""
        rows = self._rows
        filled = {one: column for one, column in self._columns.items() if not self._is_blank(column, row[column])}
        is_theirs = belonging.is_subjects(rows, row) and not belonging.is_kept(rows, row)
        if filled and (not is_theirs or rows.named(row).others(self._known)):
            return dict.fromkeys(filled, _OTHERS)
        found_by = self._found_by(row, set(filled.values()))
        stays = {one: _FOUND_BY for one, column in filled.items() if column in found_by}
        for one, column in filled.items():
            if one not in stays and not self._write(connection, row, column):
                stays[one] = _NOT_TAKEN
        return stays

    def _found_by(self, row: Row, blanked: set[str]) -> set[str]:
        """The columns to be blanked that name the person, where nothing else that is certain would be left."""
        strong = {
            one.column.column for one in self._rows.named(row).mentions if one.read and one.column.kind in STRONG_KINDS
        }
        hangs = any(row[one.column] not in (None, "") for one in self._rows.settings.references)
        naming = {one.column for one in self._rows.settings.identities} & blanked
        return set() if strong - blanked or hangs else naming

    def _write(self, connection: sa.Connection, row: Row, column: str) -> bool:
        table = self._rows.table
        mine = sa.and_(self._rows.condition_of([self._rows.ref(row)]), table.c[column] == row[column])
        try:
            with connection.begin_nested():
                connection.execute(sa.update(table).where(mine).values({table.c[column]: self._value(column)}))
        except (sa.exc.IntegrityError, sa.exc.DataError):
            return False
        return True

    def _value(self, column: str) -> object:
        return self._rows.settings.blanked.get(column)

    def _is_blank(self, column: str, value: object) -> bool:
        return value in (None, "") or value == self._value(column)


def _kept(ref: RecordRef, left: Mapping[str, str]) -> Outcome:
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
