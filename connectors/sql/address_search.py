"""The condition that finds the rows in which an e-mail address may stand, in any of its spellings.

``LIKE`` alone finds with ``anna@example.com`` also the rows of ``anna-maria@mail.example.com`` and of everyone at that
domain whose name begins or ends with ``anna``. Each row that is found is fetched and read in full, so where the
database can, it also looks that no letter or digit stands beside the part before the @.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from rightsflow.domain.spellings import with_ascii_domain

_ANYTHING = "(.|\n)*"


class _Beside(GenericFunction[bool]):
    """Whether a pattern is found in a text; true where the database has no regular expressions that take each text.

    SQLite's are Python's, which refuse a text that is not UTF-8.
    """

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_beside"


@compiles(_Beside)
def _unknown(_element: _Beside, _compiler: SQLCompiler, **_options: object) -> str:
    return "1 = 1"


@compiles(_Beside, "postgresql")
def _in_postgresql(element: _Beside, compiler: SQLCompiler, **options: object) -> str:
    """By the characters' numbers: a collation in which texts of different bytes may be equal has no such search."""
    text, pattern = element.clauses
    return compiler.process(sa.collate(text, "C").regexp_match(pattern), **options)


def holds_address(stored: sa.ColumnElement[str], values: Iterable[str]) -> Iterator[sa.ColumnElement[bool]]:
    """A condition for each address that every text fulfils in which it can be read, and few others.

    Databases differ in lowering letters beyond ASCII, and the sign @ has other forms, so these are left open and
    compared in Python.

    Args:
        stored: The column as text.
        values: The addresses, in lower case; each is also looked for with its domain in the ASCII form of
            international names.
    """
    text = sa.func.lower(stored)
    for value in values:
        beside = _Beside(text, _apart(value))
        for spelled in sorted({value, with_ascii_domain(value)}):
            yield sa.and_(text.like(_like(spelled), escape="\\"), beside)


def _like(spelled: str) -> str:
    escaped = "".join(f"\\{one}" if one in "%_\\" else one for one in spelled)
    return "%" + "".join(one if one.isascii() and one != "@" else "%" for one in escaped) + "%"


def _apart(value: str) -> str:
    """A pattern for the part before the @ with no letter or digit of ASCII on either side; others are left open."""
    local = value.rpartition("@")[0]
    return f"(^|[^a-z0-9]){''.join(re.escape(one) if one.isascii() else _ANYTHING for one in local)}[^a-z0-9]"
