"""Text as databases store and compare it: encodings, character sets, small letters, and equality byte by byte.

SQLite and PostgreSQL's ``SQL_ASCII`` may hold text in other encodings than UTF-8. It is read such that it can be
written back and names files as it is. Many collations call ``MÜLLER``, ``muller`` and ``müller `` one value; to us they
are three people's. MySQL compares with any letters where it is asked to, and each column has a character set of its
own; PostgreSQL refuses a statement with a letter that it cannot hold.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from connectors.sql.mysql import NAMES

CODEC: Final = "rightsflow_codec"
"""Under this word a reflected table says which of Python's codecs its database writes text with, if that is known."""
_ANY: Final = frozenset({"UTF8", "SQL_ASCII"})
_OF_COLUMN: Final = sa.text(
    "SELECT CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = COALESCE(:schema, DATABASE()) "
    "AND TABLE_NAME = :name AND COLUMN_NAME = :column"
)
_NAME: Final = re.compile(r"[a-z0-9_]+")
_COMPARED: Final = (sa.Integer, sa.Boolean, sa.Date)
"""The types, beside text, whose values read back as they were compared."""


def readable(text: str) -> str:
    """The same for people: what is not UTF-8 is read as the encoding of Western Europe, which such programs used."""
    if is_utf8(text):
        return text
    return text.encode("utf-8", "surrogatepass" if _has_pairs(text) else "surrogateescape").decode("cp1252", "replace")


def is_utf8(text: str) -> bool:
    """Return True if a text can be written in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _has_pairs(text: str) -> bool:
    """Return True if the text holds surrogates that represent no byte, as JSON may."""
    return any("\ud800" <= item <= "\udfff" and not "\udc80" <= item <= "\udcff" for item in text)


def codec_of(connection: sa.Connection) -> str:
    """The codec of a database that has not room for every letter; empty where it has, or that is not known."""
    if connection.dialect.name != "postgresql":
        return ""
    told = connection.connection.dbapi_connection
    name = str(getattr(told, "info").parameter_status("server_encoding"))  # noqa: B009 - the driver's own
    try:
        return "" if name in _ANY else codecs.lookup(name.replace("WIN", "cp")).name
    except LookupError:
        return ""


def with_room(column: sa.Column[Any], values: list[str]) -> list[str]:
    """Return the texts that a column's database can hold."""
    codec = str(column.table.info.get(CODEC, ""))
    return [value for value in values if _has_room(codec, value)] if codec else values


def holds_letters(connection: sa.Connection, column: sa.Column[Any], text: str) -> bool:
    """Return True if a column can store each letter of a text; a text of plain letters needs no query."""
    if text.isascii():
        return True
    if connection.dialect.name in NAMES:
        return _is_held(connection, column, text)
    return bool(with_room(column, [text]))


def _is_held(connection: sa.Connection, column: sa.Column[Any], text: str) -> bool:
    """The same at MySQL and MariaDB, whose server turns what it has no room for into question marks."""
    table = column.table
    of_column = {"schema": table.schema, "name": table.name, "column": column.name}
    name = str(connection.execute(_OF_COLUMN, of_column).scalar() or "")
    if not _NAME.fullmatch(name):
        return True
    there_and_back = f"CONVERT(CONVERT(:text USING {name}) USING utf8mb4)"
    return connection.execute(sa.text(f"SELECT {there_and_back}"), {"text": text}).scalar() == text


def _has_room(codec: str, text: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


class Lowered(GenericFunction[str]):
    """A text with small letters; letters beyond ASCII do not matter."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_lowered"


@compiles(Lowered)
def _lowered(element: Lowered, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(sa.func.lower(*element.clauses), **options)


@compiles(Lowered, "postgresql")
def _lowered_in_postgresql(element: Lowered, compiler: SQLCompiler, **options: object) -> str:
    """By bytes: by a language's rules it takes several times as long as the comparison."""
    (text,) = element.clauses
    return compiler.process(sa.func.lower(sa.collate(text, "C")), **options)


class BeyondAscii(GenericFunction[bool]):
    """The SQL test for characters beyond ASCII in a text; true for a database without a known test."""

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_beyond_ascii"


@compiles(BeyondAscii)
def _not_known(_element: BeyondAscii, _compiler: SQLCompiler, **_options: object) -> str:
    return "1 = 1"


@compiles(BeyondAscii, "mysql")
@compiles(BeyondAscii, "mariadb")
def _beyond_ascii_in_mysql(element: BeyondAscii, compiler: SQLCompiler, **options: object) -> str:
    """By bytes: the text is of Unicode, whatever its column is."""
    (text,) = element.clauses
    return compiler.process(sa.func.length(text) != sa.func.char_length(text), **options)


@compiles(BeyondAscii, "postgresql")
def _beyond_ascii_in_postgresql(element: BeyondAscii, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    # Written out, as in the index of the documentation: what is bound would be another expression.
    pattern = sa.literal_column("'[^\\x01-\\x7f]'", sa.String)
    return compiler.process(sa.collate(text, "C").regexp_match(pattern), **options)


@compiles(BeyondAscii, "sqlite")
def _beyond_ascii_in_sqlite(element: BeyondAscii, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return compiler.process(text.op("GLOB")("*[^\x01-\x7f]*"), **options)


class _AsBytes(GenericFunction[str]):
    """A text such that it is equal to the same letters only."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_as_bytes"


@compiles(_AsBytes)
def _unchanged(element: _AsBytes | _InUnicode, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return str(compiler.process(text, **options))


@compiles(_AsBytes, "sqlite")
def _bytes_in_sqlite(element: _AsBytes, compiler: SQLCompiler, **options: object) -> str:
    return f"CAST({_unchanged(element, compiler, **options)} AS BLOB)"


@compiles(_AsBytes, "postgresql")
def _bytes_in_postgresql(element: _AsBytes, compiler: SQLCompiler, **options: object) -> str:
    return f'(CAST({_unchanged(element, compiler, **options)} AS TEXT) COLLATE "C")'


@compiles(_AsBytes, "mysql")
@compiles(_AsBytes, "mariadb")
def _bytes_in_mysql(element: _AsBytes, compiler: SQLCompiler, **options: object) -> str:
    # The column may have another character set than the connection, in which the value is sent.
    return f"CAST(CONVERT({_unchanged(element, compiler, **options)} USING utf8mb4) AS BINARY)"


class _InUnicode(GenericFunction[str]):
    """A text that can be compared with any letters."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_in_unicode"


@compiles(_InUnicode)
def _as_it_is(element: _InUnicode, compiler: SQLCompiler, **options: object) -> str:
    return _unchanged(element, compiler, **options)


@compiles(_InUnicode, "mysql")
@compiles(_InUnicode, "mariadb")
def _converted(element: _InUnicode, compiler: SQLCompiler, **options: object) -> str:
    # A column of latin1 is not compared with letters that it cannot hold: the whole statement is an error.
    return f"CONVERT({_unchanged(element, compiler, **options)} USING utf8mb4)"


def in_unicode(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A text such that it can be compared with any letters; an index may not be used for it."""
    return _InUnicode(text)


def as_text(column: sa.Column[Any]) -> sa.ColumnElement[str]:
    """A column as text, whatever its type, and whatever letters it is compared with."""
    return in_unicode(column if isinstance(column.type, sa.String) else sa.cast(column, sa.String))


class _AsJson(GenericFunction[str]):
    """A text as a value of JSON, where the database has a type for it."""

    type = sa.Text()
    inherit_cache = True
    name = "rightsflow_as_json"


@compiles(_AsJson)
def _as_json(element: _AsJson, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return f"CAST({compiler.process(text, **options)} AS JSON)"


@compiles(_AsJson, "sqlite")
def _as_text_of_json(element: _AsJson, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return str(compiler.process(text, **options))


class JsonText(sa.types.TypeDecorator[str]):
    """JSON as the database writes it: read as Python's numbers, ``1.10`` would be written back as ``1.1``."""

    impl = sa.Text
    cache_ok = True

    def column_expression(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
        """Read it as a text."""
        return sa.cast(column, sa.Text)

    def bind_expression(self, bindparam: sa.BindParameter[str]) -> sa.ColumnElement[str]:
        """Write a text as JSON."""
        return _AsJson(bindparam)


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
    """Return the condition that a column holds the value that the database writes as this text; Python has none."""
    return _IsWritten(column, sa.literal(text, sa.String))


def is_exactly(column: sa.Column[Any], value: str) -> sa.ColumnElement[bool]:
    """Return the condition that a text column equals these letters; the plain comparison lets an index be used."""
    if isinstance(column.type, sa.CHAR):
        # Of fixed width: blanks at the end are the database's.
        stored, wanted = sa.func.rtrim(column), value.rstrip(" ")
        return sa.and_(column == value, _AsBytes(stored) == _AsBytes(sa.literal(wanted, sa.String)))
    return sa.and_(column == value, _AsBytes(column) == _AsBytes(sa.literal(value, sa.String)))


def holds(column: sa.Column[Any], value: object) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds the value read there, as far as its type can be compared."""
    if value is None:
        return column.is_(None)
    if isinstance(value, str) and isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum):
        return is_exactly(column, value) if is_utf8(value) else sa.true()
    return column == value if isinstance(column.type, _COMPARED) else sa.true()
