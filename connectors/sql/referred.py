"""Rows to which others refer, and which the database keeps while these stay: told before their erasure is decided on.

Which of the subject's own entries stay is for the plan to say; another person's stay in any case, and what is blanked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.sql.dependents import CascadingTable, dependents
from connectors.sql.errors import translated
from connectors.sql.reading import ReadConnection
from connectors.sql.rows import Row, SqlSite, TableRows, batches, compared
from rightsflow.domain.records import Fact, RecordRef

_Values = tuple[str, ...]
_AT_ONCE: Final = 100


def referred(
    rows: TableRows, found: Mapping[RecordRef, Row], own: Mapping[str, Sequence[Row]], by: ReadConnection
) -> dict[RecordRef, Fact]:
    """To which of some rows others refer, in tables that the configuration names.

    Args:
        rows: The table of the rows, whose erasure removes them.
        found: The subject's rows, by their records.
        own: What is the subject's alone in each table, by its name.
        by: By what to read.
    """
    if rows.settings.erase != "delete" or not found:
        return {}
    facts: dict[RecordRef, Fact] = {}
    with translated(rows.site.system, "locate", rows.settings.name):
        for dependent in dependents(by.connection, rows):
            if dependent.name and all(to in rows.table.c for _, to in dependent.columns):
                for ref, fact in _by(dependent, by.connection, found, _going(dependent, rows.site, own)):
                    facts[ref] = fact if facts.get(ref) is not Fact.REFERRED_TO else Fact.REFERRED_TO
        by.end()
    return facts


def _going(cascading_table: CascadingTable, site: SqlSite, own: Mapping[str, Sequence[Row]]) -> Sequence[Row]:
    """The subject's rows that refer, and are removed or stop to refer, unless something keeps them."""
    settings = site.table(cascading_table.name).settings
    lets_go = settings.erase == "delete" or any(column in settings.to_null for column, _ in cascading_table.columns)
    return own.get(cascading_table.name, ()) if lets_go else ()


def _by(
    cascading_table: CascadingTable,
    connection: sa.Connection,
    found: Mapping[RecordRef, Row],
    own: Sequence[Row],
) -> Iterator[tuple[RecordRef, Fact]]:
    """The rows to which the entries of one table refer: some that stay, or the subject's alone."""
    named = {ref: _values(row, [to for _, to in cascading_table.columns]) for ref, row in found.items()}
    there = _counted(cascading_table, connection, found.values())
    going = Counter(_values(row, [column for column, _ in cascading_table.columns]) for row in own)
    for ref, values in named.items():
        if there[values]:
            yield ref, Fact.REFERRED_TO if there[values] > going[values] else Fact.REFERRED_BY_OWN


def _values(row: Row, columns: Iterable[str]) -> _Values:
    return tuple(compared(row[column]) for column in columns)


def _counted(cascading_table: CascadingTable, connection: sa.Connection, found: Iterable[Row]) -> Counter[_Values]:
    """Count the entries of a table that refer to each of some rows."""
    columns = [cascading_table.table.c[name] for name, _ in cascading_table.columns]
    wanted = {tuple(row[to] for _, to in cascading_table.columns) for row in found}
    counted: Counter[_Values] = Counter()
    for batch in batches([each for each in wanted if None not in each], _AT_ONCE):
        these = sa.or_(*(sa.and_(*map(_equals, columns, each)) for each in batch))
        query = sa.select(*columns, sa.func.count()).where(these).group_by(*columns)
        for *values, count in connection.execute(query):
            counted[tuple(map(compared, values))] += count
    return counted


def _equals(column: sa.ColumnClause[Any], value: object) -> sa.ColumnElement[bool]:
    return column == value
