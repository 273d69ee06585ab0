"""The condition that finds the rows in which a telephone number may stand, in any of its spellings.

In a text of ASCII the last digits of a number stand in order, with other signs between them (``LIKE '%1%8%2%0%'``). On
PostgreSQL they are also compared without those signs, which an index can serve. In other texts each digit may be one of
another script or width; only there it is looked for so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from connectors.sql.beyond_ascii import BeyondAscii
from rightsflow.domain.spellings import other_digits

_Room = Callable[[list[str]], list[str]]


class _HasDigits(GenericFunction[bool]):
    """The SQL test for ASCII digits in order in a text; arguments: the text, the digits parted by ``%``, and not."""

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_has_digits"


@compiles(_HasDigits)
def _in_order(element: _HasDigits, compiler: SQLCompiler, **options: object) -> str:
    text, parted, _ = element.clauses
    return compiler.process(text.like(parted), **options)


@compiles(_HasDigits, "postgresql")
def _in_postgresql(element: _HasDigits, compiler: SQLCompiler, **options: object) -> str:
    text, parted, together = element.clauses
    plain = sa.collate(text, "C")
    # Written out, as in the index: what is bound would be another expression.
    alone = sa.func.regexp_replace(plain, *map(_written_out, ("[^0-9]", "", "g")))
    return f"({compiler.process(sa.and_(plain.like(parted), alone.like(together)), **options)})"


def _written_out(constant: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{constant}'", sa.String)


class _HasOtherDigits(GenericFunction[bool]):
    """The SQL test for digits of any script in order in a text; true for a database without a known test.

    Its arguments are the text, the digits as an expression and as patterns of ``GLOB``.
    """

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_has_other_digits"


@compiles(_HasOtherDigits)
def _not_known(_element: _HasOtherDigits, _compiler: SQLCompiler, **_options: object) -> str:
    return "1 = 1"


@compiles(_HasOtherDigits, "postgresql")
def _other_in_postgresql(element: _HasOtherDigits, compiler: SQLCompiler, **options: object) -> str:
    text, expression, *_ = element.clauses
    return compiler.process(sa.collate(text, "C").regexp_match(expression), **options)


@compiles(_HasOtherDigits, "mysql")
@compiles(_HasOtherDigits, "mariadb")
def _other_in_mysql(element: _HasOtherDigits, compiler: SQLCompiler, **options: object) -> str:
    text, expression, *_ = element.clauses
    return compiler.process(text.regexp_match(expression), **options)


@compiles(_HasOtherDigits, "sqlite")
def _other_in_sqlite(element: _HasOtherDigits, compiler: SQLCompiler, **options: object) -> str:
    text, _, *globs = element.clauses
    return f"({compiler.process(sa.or_(*(text.op('GLOB')(glob) for glob in globs)), **options)})"


Pattern = str | sa.BindParameter[str]


def number_patterns(tails: Iterable[str], with_room: _Room) -> Iterator[tuple[str, ...]]:
    """Yield the patterns that :func:`holds_number` looks for, for each number.

    Args:
        tails: The last digits of the numbers.
        with_room: Those of some characters that the column can hold.
    """
    for tail in tails:
        yield f"%{'%'.join(tail)}%", f"%{tail}%", *_patterns(tail, with_room)


def holds_number(
    stored: sa.ColumnElement[str], patterns: Iterable[Sequence[Pattern]]
) -> Iterator[sa.ColumnElement[bool]]:
    """A condition for each number that every text fulfils in which it can be read, and few others.

    Args:
        stored: The column as text.
        patterns: Of each number, as :func:`number_patterns` gives them, or places for these.
    """
    for parted, together, *other in patterns:
        yield _HasDigits(stored, parted, together)
        yield sa.and_(BeyondAscii(stored), _HasOtherDigits(stored, *other))


def _patterns(tail: str, with_room: _Room) -> Iterator[str]:
    """The digits of a number in any script: as an expression, and as patterns of ``GLOB``.

    Where there is a digit of a rare script, what digits they are is left to Python.
    """
    digits = other_digits()
    sets = {item: item + "".join(with_room([*digits.single[item]])) for item in set(tail)}
    rest = _ranges("".join(with_room([*digits.rest])))
    # From each digit to the next one that fits, so that no expression tries all ways.
    parts = [f"[{sets[item]}]" if at == 0 else f"[^{sets[item]}]*[{sets[item]}]" for at, item in enumerate(tail)]
    yield "|".join(["".join(parts), *([f"[{rest}]"] if rest else [])])
    yield f"*{'*'.join(f'[{sets[item]}]' for item in tail)}*"
    if rest:
        yield f"*[{rest}]*"


@lru_cache(maxsize=16)
def _ranges(characters: str) -> str:
    """Characters in the order of Unicode as what stands between square brackets."""
    found: list[tuple[str, str]] = []
    for character in characters:
        follows = bool(found) and ord(found[-1][1]) + 1 == ord(character)
        found[-1:] = [(found[-1][0], character)] if follows else [*found[-1:], (character, character)]
    return "".join(first if first == last else f"{first}-{last}" for first, last in found)
