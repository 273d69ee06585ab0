"""Text compared byte by byte, in databases that call texts equal which are not: by case, accents, blanks at the end.

``MÜLLER``, ``muller`` and ``müller `` are one value to many a collation, and three people's to us.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from connectors.sql.sqlite_text import is_utf8

_COMPARED: Final = (sa.Integer, sa.Boolean, sa.Date)
"""The types, beside text, whose values read back as they were compared."""


class _AsBytes(GenericFunction[str]):
    """A text such that it is equal to the same letters only."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_as_bytes"


@compiles(_AsBytes)
def _in_general(element: _AsBytes | _InUnicode, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return str(compiler.process(text, **options))


@compiles(_AsBytes, "sqlite")
def _in_sqlite(element: _AsBytes, compiler: SQLCompiler, **options: object) -> str:
    return f"CAST({_in_general(element, compiler, **options)} AS BLOB)"


@compiles(_AsBytes, "postgresql")
def _in_postgresql(element: _AsBytes, compiler: SQLCompiler, **options: object) -> str:
    return f'(CAST({_in_general(element, compiler, **options)} AS TEXT) COLLATE "C")'


@compiles(_AsBytes, "mysql")
@compiles(_AsBytes, "mariadb")
def _in_mysql(element: _AsBytes, compiler: SQLCompiler, **options: object) -> str:
    # The column may have another character set than the connection, in which the value is sent.
    return f"CAST(CONVERT({_in_general(element, compiler, **options)} USING utf8mb4) AS BINARY)"


class _InUnicode(GenericFunction[str]):
    """A text that can be compared with any letters."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_in_unicode"


@compiles(_InUnicode)
def _as_it_is(element: _InUnicode, compiler: SQLCompiler, **options: object) -> str:
    return _in_general(element, compiler, **options)


@compiles(_InUnicode, "mysql")
@compiles(_InUnicode, "mariadb")
def _converted(element: _InUnicode, compiler: SQLCompiler, **options: object) -> str:
    # A column of latin1 is not compared with letters that it cannot hold: the whole statement is an error.
    return f"CONVERT({_in_general(element, compiler, **options)} USING utf8mb4)"


def in_unicode(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A text such that it can be compared with any letters; an index may not be used for it.

    Args:
        text: A column of text, or what is made of it.
    """
    return _InUnicode(text)


def as_text(column: sa.Column[Any]) -> sa.ColumnElement[str]:
    """A column as text, whatever its type, and whatever letters it is compared with.

    Args:
        column: The column.
    """
    return in_unicode(column if isinstance(column.type, sa.String) else sa.cast(column, sa.String))


class _IsWritten(GenericFunction[bool]):
    """The condition that a column holds a value that the database writes as this text, which it reads back."""

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_is_written"


@compiles(_IsWritten)
def _read_back(element: _IsWritten, compiler: SQLCompiler, **options: object) -> str:
    column, text = element.clauses
    return str(compiler.process(column == sa.cast(text, column.type), **options))


@compiles(_IsWritten, "mysql")
@compiles(_IsWritten, "mariadb")
def _as_written(element: _IsWritten, compiler: SQLCompiler, **options: object) -> str:
    # The day 0000-00-00 stands in old rows, and is refused where it is read.
    column, text = element.clauses
    return str(compiler.process(sa.cast(column, sa.String) == text, **options))


def is_written(column: sa.Column[Any], text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds the value that the database writes as this text; Python has none.

    Args:
        column: The column.
        text: As it was read.
    """
    return _IsWritten(column, sa.literal(text, sa.String))


def is_exactly(column: sa.Column[Any], value: str) -> sa.ColumnElement[bool]:
    """Return the condition that a text column equals these letters; the plain comparison lets an index be used.

    Args:
        column: The column.
        value: As it was read.
    """
    if isinstance(column.type, sa.CHAR):
        # Of fixed width: blanks at the end are the database's.
        stored, wanted = sa.func.rtrim(column), value.rstrip(" ")
        return sa.and_(column == value, _AsBytes(stored) == _AsBytes(sa.literal(wanted, sa.String)))
    return sa.and_(column == value, _AsBytes(column) == _AsBytes(sa.literal(value, sa.String)))


def holds(column: sa.Column[Any], value: object) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds the value read there, as far as its type can be compared.

    Args:
        column: The column.
        value: As it was read.
    """
    if value is None:
        return column.is_(None)
    if isinstance(value, str) and isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum):
        return is_exactly(column, value) if is_utf8(value) else sa.true()
    return column == value if isinstance(column.type, _COMPARED) else sa.true()
