"""The condition that finds the rows that point at a file by its name, whatever folders stand before it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_BLANKS = ("\r", "\n", "\t")


class _LastName(GenericFunction[str]):
    """What stands after the last ``/``, backslash or ``%2F`` of a text, without blanks around it."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_last_name"


def _normal(stored: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A text with ``/`` alone between its parts, and without blanks."""
    text = stored
    for blank in _BLANKS:
        text = sa.func.replace(text, blank, "")
    return sa.func.trim(sa.func.replace(sa.func.replace(text, "\\", "/"), "%2F", "/"))


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
    """Each row costs a third of what it does in general, and an index on the same expression is used."""
    (stored,) = element.clauses
    text = sa.func.replace(
        sa.func.translate(stored, _as_is("\\" + "".join(_BLANKS)), _as_is("/")), _as_is("%2F"), _as_is("/")
    )
    first = sa.func.split_part(sa.func.reverse(sa.func.trim(text)), _as_is("/"), _as_is(1))
    return compiler.process(sa.func.reverse(first), **options)


def _as_is(value: str | int) -> sa.BindParameter[str | int]:
    """A value that stands in the statement itself, as the expression of an index has it."""
    return sa.literal(value, literal_execute=True)


def last_name(stored: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The name of the file that a text names, in small letters: by this, rows that point at files are searched.

    Args:
        stored: The column as text.
    """
    return sa.func.lower(_LastName(stored))


def ends_with_name(stored: sa.ColumnElement[str], names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a text is one of some file names, or a path that ends with one; capitals and blanks around do not matter.

    Args:
        stored: The column as text.
        names: The names.
    """
    # Databases differ in which letters they make small: a Turkish one has a small form of its own for I.
    small = {small for name in names for small in (name.lower(), name.replace("I", "ı").lower())}
    found, unlike = last_name(stored).in_(sorted(small)), [name for name in names if not name.isascii()]
    return sa.or_(found, _LastName(stored).in_(unlike)) if unlike else found
