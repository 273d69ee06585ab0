"""The values that blanking writes into columns, and the check, before any erasure, that the table takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from connectors.sql.character_sets import holds_letters
from connectors.sql.column_values import Scalar
from connectors.sql.settings import TableSettings
from rightsflow.domain.errors import Misconfigured

KEY: Final = "{key}"
"""Stands in a text for the row's own key, where a column takes each value once."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_WORD: Final = re.compile(r"\w+")


def blank_value(settings: TableSettings, name: str, row: Mapping[str, Any]) -> Scalar | None:
    """Return the value that a column of a row gets.

    Args:
        settings: The table's section.
        name: The column.
        row: The row.
    """
    value = settings.blanked.get(name)
    if not isinstance(value, str) or KEY not in value:
        return value
    return value.replace(KEY, "-".join(str(row[item]) for item in settings.key))


def check_blanks(settings: TableSettings, columns: Iterable[ReflectedColumn], dialect: str) -> None:
    """Hold that a table takes what is to be blanked, as far as its columns tell.

    Args:
        settings: The table's section.
        columns: As they were read.
        dialect: Which sort of database it is.

    Raises:
        Misconfigured: It does not, so that an erasure would stop in the middle.
    """
    for column in columns:
        name = column["name"]
        if name in settings.blanked and "computed" not in column:
            for fault in _faults(column, settings.blanked[name], dialect):
                raise Misconfigured(
                    f"The column {name} of the table {settings.name} does not take what blank or to_null gives it, "
                    f"since {fault}; give another value in blank."
                )


def check_letters(connection: sa.Connection, table: sa.Table, settings: TableSettings) -> None:
    """Hold that a table has room for each letter of what is to be blanked, and of what marks a restriction.

    Args:
        connection: A connection.
        table: The table.
        settings: Its section.

    Raises:
        Misconfigured: It has not, so that an erasure would stop in the middle.
    """
    written = [("blank", name, value) for name, value in settings.blanked.items()]
    if mark := settings.restriction:
        written += [("restriction", mark.column, item) for item in (mark.value, mark.lifted)]
    for key, name, value in written:
        column = table.c[name]
        is_written = isinstance(value, str) and column.computed is None
        if is_written and not holds_letters(connection, column, str(value)):
            raise Misconfigured(
                f"The column {name} of the table {settings.name} does not take what {key} gives it, since its "
                "character set has not each of the letters; give another value."
            )


def has_odd_letters(settings: TableSettings) -> bool:
    """Return True if any text to write has letters beyond ASCII, so that the database has to be asked.

    Args:
        settings: The table's section.
    """
    mark = settings.restriction
    values = [*settings.blanked.values(), *((mark.value, mark.lifted) if mark else ())]
    return any(isinstance(value, str) and not value.isascii() for value in values)


def _faults(column: ReflectedColumn, value: Scalar | None, dialect: str) -> Iterator[str]:
    kind = column["type"]
    if value is None:
        if not column["nullable"]:
            yield "it takes no NULL"
        return
    text = isinstance(value, str)
    if isinstance(kind, sa.Enum) and value not in kind.enums:
        yield "it takes certain words only"
    elif isinstance(kind, sa.String) and text and kind.length and len(str(value).replace(KEY, "")) > kind.length:
        yield f"it has room for {kind.length} characters"
    elif text and dialect != "sqlite" and _holds_no_text(kind, str(value)):
        yield "it holds no text"


def _holds_no_text(kind: object, text: str) -> bool:
    if isinstance(kind, sa.Numeric | sa.Integer):
        return not _NUMBER.fullmatch(text)
    return isinstance(kind, sa.DateTime | sa.Date) and not text


def taken_once(connection: sa.Connection, table: sa.Table, settings: TableSettings) -> list[str]:
    """The columns that are blanked with one value for all rows, and take each value once.

    Args:
        connection: A connection.
        table: The table.
        settings: Its section.
    """
    fixed = {name for name, value in settings.blank.items() if not (isinstance(value, str) and KEY in value)}
    fixed = {name for name in fixed if table.c[name].computed is None}
    if not fixed:
        return []
    inspector, key = sa.inspect(connection), set(settings.key)
    told = [
        set(unique_constraint["column_names"])
        for unique_constraint in inspector.get_unique_constraints(table.name, schema=table.schema)
    ]
    for index in inspector.get_indexes(table.name, schema=table.schema):
        if index["unique"]:
            # An index may be of what is made of a column, such as its small letters.
            words = _WORD.findall(" ".join(map(str, index.get("expressions", ()))))
            told.append({*(item for item in index["column_names"] if item), *words})
    return sorted(name for name in fixed if any(name in names and not key <= names for names in told))
