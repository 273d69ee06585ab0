"""The condition that finds the rows that point at a file by its name, whatever folders stand before it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_BLANKS = ("\r", "\n", "\t")


class _Plain(GenericFunction[str]):
    """A text without breaks and tabs, with ``/`` for each backslash."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_plain"


@compiles(_Plain)
def _plain_in_general(element: _Plain, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    for blank in _BLANKS:
        text = sa.func.replace(text, blank, "")
    return compiler.process(sa.func.replace(text, "\\", "/"), **options)


@compiles(_Plain, "postgresql")
def _plain_in_postgresql(element: _Plain, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return compiler.process(sa.func.translate(text, "\\" + "".join(_BLANKS), "/"), **options)


class _Last(GenericFunction[str]):
    """What stands after the last ``/`` of a text; the text itself where there is none."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_last"


@compiles(_Last)
def _last_in_general(element: _Last, compiler: SQLCompiler, **options: object) -> str:
    """The text without what is left of it once all that is no ``/`` is cut from its end."""
    (text,) = element.clauses
    before = sa.func.rtrim(text, sa.func.replace(text, "/", ""))
    return compiler.process(sa.func.replace(text, before, ""), **options)


@compiles(_Last, "postgresql")
def _last_in_postgresql(element: _Last, compiler: SQLCompiler, **options: object) -> str:
    """Each call of a function costs as much as a look at the row, and the text is its own argument in general."""
    (text,) = element.clauses
    return compiler.process(sa.func.reverse(sa.func.split_part(sa.func.reverse(text), "/", 1)), **options)


@compiles(_Last, "mysql")
@compiles(_Last, "mariadb")
def _last_in_mysql(element: _Last, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return compiler.process(sa.func.substring_index(text, "/", -1), **options)


def ends_with_name(stored: sa.ColumnElement[str], names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a text is one of some file names, or a path that ends with one; capitals and blanks around do not matter.

    Args:
        stored: The column as text.
        names: The names.
    """
    last = _Last(sa.func.trim(sa.func.replace(_Plain(stored), "%2F", "/")))
    lowered = sa.func.lower(last).in_([name.lower() for name in names])
    # Databases differ in lowering letters beyond ASCII.
    return lowered if all(name.isascii() for name in names) else sa.or_(last.in_(names), lowered)
