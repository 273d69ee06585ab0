"""The configured tables as the database has them, and the checks that the configuration fits, before any case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.dialects.postgresql.ranges import AbstractRange
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.types import NullType, TypeEngine

from connectors.sql.column_settings import Scalar, Where
from connectors.sql.errors import translated
from connectors.sql.mysql import (
    NAMES,
    TAKES_BACK,
    can_take_back,
    read_as,
)
from connectors.sql.settings import SqlSettings
from connectors.sql.table_settings import KEY, TableSettings
from connectors.sql.text import CODEC, JsonText, codec_of, holds_letters
from rightsflow.domain.errors import Misconfigured

_TYPE_WORDS = {str: "a text in quotation marks", int: "a number", bool: "true or false"}
_NOT_PLAIN = (mysql.FLOAT, sa.ARRAY, sa.JSON, JsonText, postgresql.HSTORE, postgresql.MONEY, AbstractRange)
_OPENED = (sa.String, sa.LargeBinary, sa.ARRAY)
"""The types of columns that a path may lead into, beside JSON."""
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_WORD: Final = re.compile(r"\w+")


class DayText(sa.String):
    """Text that represents a day, in a database that has no type for days."""


class MomentText(sa.String):
    """Text that represents an instant or a time of day, in a database that has no type for them."""


def reflect(engine: Engine, system: str, section: SqlSettings, settings: TableSettings) -> sa.Table:
    """Read a table's columns from the database, and check the configuration against them.

    Raises:
        Misconfigured: The table or a column does not exist, or cannot be used as the configuration says.
    """
    schema, _, name = settings.name.rpartition(".")
    with translated(system, "reflect", settings.name), engine.connect() as connection:
        inspector = sa.inspect(connection)
        if not inspector.has_table(name, schema=schema or None):
            raise Misconfigured(
                f"The system {system} has no table {settings.name}, or its user may not see it; "
                "mend the key tables or grant the right."
            )
        # Its columns alone: keys, indexes and constraints take a statement each, and serve nothing.
        columns = inspector.get_columns(name, schema=schema or None)
        dialect = connection.dialect.name
        table = sa.Table(name, sa.MetaData(), *(_column(column, dialect) for column in columns), schema=schema or None)
        table.info |= {TAKES_BACK: can_take_back(connection, table), CODEC: codec_of(connection)}
    _check_columns(system, settings, table.columns.keys())
    table = _with_texts(system, settings, table)
    check_blanks(settings, columns, dialect)
    if has_odd_letters(settings):
        with translated(system, "reflect", settings.name), engine.connect() as connection:
            check_letters(connection, table, settings)
    _check_compared(system, table, _compared(section, settings))
    _check_version(settings, table)
    _check_file(settings, table)
    in_fields = (item.where for item in settings.named_fields)
    for where in (settings.where, *(reference.where for reference in settings.references), *in_fields):
        _check_where(settings, table, where)
    return table


def _with_texts(system: str, settings: TableSettings, table: sa.Table) -> sa.Table:
    """The table with its columns of JSON as texts, where fields inside them are named: nothing else in it changes.

    Raises:
        Misconfigured: A path leads into a column that holds one plain value.
    """
    inside = settings.fields_inside
    for column in table.columns:
        if column.name not in inside or isinstance(column.type, _OPENED):
            continue
        if not isinstance(column.type, sa.JSON):
            raise Misconfigured(
                f"The key path of the table {settings.name} of the system {system} leads into the column "
                f"{column.name}, which holds no text, JSON or array; leave the path out."
            )
        column.type = JsonText()
    return table


def _compared(section: SqlSettings, settings: TableSettings) -> set[str]:
    """The columns of a table by whose values its rows are told apart or joined."""
    joined = {
        reference.to for table in section.tables for reference in table.references if reference.table == settings.name
    }
    own = {*settings.key, settings.group, *(reference.column for reference in settings.references)}
    return (joined | own) - {""}


def _check_compared(system: str, table: sa.Table, names: Iterable[str]) -> None:
    """A column by which rows are told apart or joined holds one plain value: two others cannot be called the same."""
    for name in names:
        if isinstance(table.c[name].type, _NOT_PLAIN):
            raise Misconfigured(
                f"The column {name} of the table {table.name} of the system {system} is of the type "
                f"{table.c[name].type.__visit_name__.lower()}, by whose values rows cannot be told apart; name another "
                "column as key, group or reference, or a view in which it is text."
            )


def _check_columns(system: str, settings: TableSettings, present: Iterable[str]) -> None:
    missing = settings.columns - set(present)
    if missing:
        raise Misconfigured(
            f"The table {settings.name} of the system {system} has no column {', '.join(sorted(missing))}; "
            "mend its section in the key tables."
        )


def _check_file(settings: TableSettings, table: sa.Table) -> None:
    """The column is cleared when its file goes, by which it is known that nothing is missing."""
    if settings.file and table.c[settings.file.column].computed is not None:
        raise Misconfigured(
            f"The key file of the table {settings.name} names a column that the database computes, which cannot be "
            "cleared when the file goes; name one that can be written."
        )


def _check_version(settings: TableSettings, table: sa.Table) -> None:
    if settings.version and not isinstance(table.c[settings.version].type, sa.Integer):
        raise Misconfigured(
            f"The key version of the table {settings.name} names a column that holds no whole numbers; name the one "
            "that your programs raise with each change, or leave the key out."
        )


def _check_where(settings: TableSettings, table: sa.Table, where: Where) -> None:
    """A value of another type than the column's would find nothing, or be an error in the middle of a case."""
    for name, value in where.items():
        wanted = _python_type(table.c[name])
        values = value if isinstance(value, tuple) else (value,)
        if wanted is not None and not all(type(item) is wanted for item in values):
            raise Misconfigured(
                f"The key where of the table {settings.name} compares the column {name} with a value of another type; "
                f"write {_TYPE_WORDS[wanted]}."
            )


def _python_type(column: sa.Column[object]) -> type | None:
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return None
    return wanted if wanted in _TYPE_WORDS else None


def _column(read: ReflectedColumn, dialect: str) -> sa.Column[Any]:
    """A column as it was read; one that the database computes itself is marked, since it cannot be written."""
    kind: TypeEngine[Any] = read["type"]
    while isinstance(kind, postgresql.DOMAIN):
        # A type of the operator's own holds what the type holds that it was made of.
        kind = kind.data_type
    kind = _read_in_sqlite(kind) if dialect == "sqlite" else kind
    kind = read_as(kind) if dialect in NAMES else kind
    identity = read.get("identity")
    is_computed = "computed" in read or bool(identity and identity["always"])
    return sa.Column(read["name"], kind, *([sa.Computed("")] if is_computed else []))


def _read_in_sqlite(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """SQLite has no type for times: read and compare the text as it was written, whatever its precision.

    A type that it does not know, such as UUID, is reflected as a number, although anything may stand there.
    """
    if isinstance(kind, sa.DateTime | sa.Date | sa.Time):
        return DayText() if isinstance(kind, sa.Date) else MomentText()
    is_unknown = isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float) and kind.precision is None
    return NullType() if is_unknown else kind


def check_blanks(settings: TableSettings, columns: Iterable[ReflectedColumn], dialect: str) -> None:
    """Hold that a table takes what is to be blanked, as far as its columns tell.

    Args:
        settings: The table's section.
        columns: As they were read.
        dialect: Which sort of database it is.

    Raises:
        Misconfigured: It does not, so that an erasure would stop in the middle.
    """
    given = [(item.column, item.value) for item in settings.blanks if not item.path]
    for column, value in ((column, value) for column in columns for name, value in given if column["name"] == name):
        name = column["name"]
        if "computed" not in column:
            for fault in _faults(column, value, dialect):
                raise Misconfigured(
                    f"The column {name} of the table {settings.name} does not take what blank or to_null gives it, "
                    f"since {fault}; give another value in blank."
                )


def check_letters(connection: sa.Connection, table: sa.Table, settings: TableSettings) -> None:
    """Hold that a table has room for each letter of what is to be blanked, and of what marks a restriction.

    Raises:
        Misconfigured: It has not, so that an erasure would stop in the middle.
    """
    written = [("blank", item.column, item.value) for item in settings.blanks]
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
    """Return True if any text to write has letters beyond ASCII, so that the database has to be asked."""
    mark = settings.restriction
    values = [*(item.value for item in settings.blanks), *((mark.value, mark.lifted) if mark else ())]
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
    """The columns that are blanked with one value for all rows, and take each value once."""
    given = ((item.column, item.value) for item in settings.blank if not item.path)
    fixed = {name for name, value in given if not (isinstance(value, str) and KEY in value)}
    fixed = {name for name in fixed if table.c[name].computed is None}
    if not fixed:
        return []
    inspector, key = sa.inspect(connection), set(settings.key)
    told = [
        set(unique_constraint["column_names"])
        for unique_constraint in inspector.get_unique_constraints(table.name, schema=table.schema)
    ]
    # SQLite tells of a column that is UNIQUE by itself only through the index that it makes for it.
    more: dict[str, Any] = {"include_auto_indexes": True} if connection.dialect.name == "sqlite" else {}
    for index in inspector.get_indexes(table.name, schema=table.schema, **more):
        if index["unique"]:
            # An index may be of what is made of a column, such as its small letters.
            words = _WORD.findall(" ".join(map(str, index.get("expressions", ()))))
            told.append({*(item for item in index["column_names"] if item), *words})
    return sorted(name for name in fixed if any(name in names and not key <= names for names in told))
