"""The columns that reject a right value, known from types and character sets before any write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.sql.character_sets import holds_letters
from connectors.sql.errors import translated
from connectors.sql.rectify import value_for
from connectors.sql.rows import SqlSite
from rightsflow.domain.rectification.change import Change, FieldOf


def foresee(site: SqlSite, changes: Sequence[Change]) -> Iterator[FieldOf]:
    """The fields of which no column takes what a change would write.

    Args:
        site: The system.
        changes: What is to be corrected.
    """
    for rows in site.tables():
        declared = rows.settings.rectify
        wanted = [(item, declared[item.field]) for item in changes if item.field in declared]
        if not wanted:
            continue
        with translated(site.system, "foresee", rows.settings.name), site.database.engine.connect() as connection:
            for change, columns in wanted:
                if not any(_takes(connection, rows.table.c[column.column], change) for column in columns):
                    yield FieldOf(rows.settings.record_kind, change.field)


def _takes(connection: sa.Connection, column: sa.Column[Any], change: Change) -> bool:
    if not change.is_added:
        try:
            value_for(column, change.new)
        except (ValueError, NotImplementedError):
            return False
    return holds_letters(connection, column, change.new)
