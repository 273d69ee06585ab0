"""The condition that finds the rows that point at a file by its name, whatever folders stand before it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from connectors.sql.lowering import Lowered

_BLANKS = ("\r", "\n", "\t")
_COUNTS_FROM_THE_END = (14,)
"""The version of PostgreSQL from which ``split_part`` takes a negative number."""


class _LastName(GenericFunction[str]):
    """The part of a text after the last ``/``, backslash or ``%2F``, without blanks around it."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_last_name"


@compiles(_LastName)
def _in_general(element: _LastName, compiler: SQLCompiler, **options: object) -> str:
    """The text without what is left of it once all that is no ``/`` is cut from its end."""
    (stored,) = element.clauses
    text = _normal(stored)
    before = sa.func.rtrim(text, sa.func.replace(text, "/", ""))
    return compiler.process(sa.func.replace(text, before, ""), **options)


@compiles(_LastName, "mysql")
@compiles(_LastName, "mariadb")
def _in_mysql(element: _LastName, compiler: SQLCompiler, **options: object) -> str:
    (stored,) = element.clauses
    return compiler.process(sa.func.substring_index(_normal(stored), "/", -1), **options)


@compiles(_LastName, "postgresql")
def _in_postgresql(element: _LastName, compiler: SQLCompiler, **options: object) -> str:
    """In general the text is named three times, which costs a row three times as much; and an index is used here."""
    (stored,) = element.clauses
    text, sign = _normal(stored), _as_is("/")
    if (compiler.dialect.server_version_info or (0,)) >= _COUNTS_FROM_THE_END:
        return compiler.process(sa.func.split_part(text, sign, _as_is(-1)), **options)
    first = sa.func.split_part(sa.func.reverse(text), sign, _as_is(1))
    return compiler.process(sa.func.reverse(first), **options)


def _normal(stored: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A text with ``/`` alone between its parts, and without blanks."""
    text = stored
    for blank in _BLANKS:
        text = sa.func.replace(text, _as_is(blank), _as_is(""))
    return sa.func.trim(sa.func.replace(sa.func.replace(text, _as_is("\\"), _as_is("/")), _as_is("%2F"), _as_is("/")))


def _as_is(value: str | int) -> sa.BindParameter[str | int]:
    """A value that stands in the statement itself, as the expression of an index has it."""
    return sa.literal(value, literal_execute=True)


def ends_with_name(stored: sa.ColumnElement[str], names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a text is or ends with one of some file names, ignoring case and blanks around.

    Args:
        stored: The column as text.
        names: The names, which may have letters beyond ASCII.
    """
    last, small = _LastName(stored), [name.lower() for name in names]
    # Databases differ in lowering letters beyond ASCII.
    return sa.or_(Lowered(last).in_(small), last.in_(names), sa.func.lower(last).in_(small))


def ends_with_plain_name(stored: sa.ColumnElement[str], small: sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """The same for names of ASCII.

    Args:
        stored: The column as text.
        small: The place of the names in small letters.
    """
    return Lowered(_LastName(stored)).in_(small)
