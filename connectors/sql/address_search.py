"""The condition that finds the rows in which an e-mail address may stand, in any of its spellings.

``LIKE '%anna%example.com%'`` alone finds every spelling of ``anna@example.com``, and also the rows of
``anna-maria@mail.example.com`` and of everyone at that domain whose name begins with ``anna``. Each row that is found
is fetched and read in full. In a text of ASCII, though, the sign is ``@`` or ``%40`` and nothing that is not seen
stands beside it, so there the address has to stand as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from connectors.sql.beyond_ascii import BeyondAscii
from connectors.sql.lowering import Lowered
from rightsflow.domain.spellings import with_ascii_domain

_AT = ("@", "%40")


Pattern = str | sa.BindParameter[str]


def address_patterns(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the patterns that :func:`holds_address` looks for, for each spelling of some addresses.

    Databases differ in lowering letters beyond ASCII, and the sign @ has other forms, so these are left open and
    compared in Python.

    Args:
        values: The addresses, in lower case; each is also looked for with its domain in the ASCII form of
            international names.
    """
    for value in values:
        for spelled in sorted({value, with_ascii_domain(value)}):
            yield _anywhere(spelled.replace("@", "\0")), *(_anywhere(spelled.replace("@", sign)) for sign in _AT)


def holds_address(
    stored: sa.ColumnElement[str], patterns: Iterable[Sequence[Pattern]]
) -> Iterator[sa.ColumnElement[bool]]:
    """A condition for each address that every text fulfils in which it can be read, and few others.

    Args:
        stored: The column as text.
        patterns: Of each spelling, as :func:`address_patterns` gives them, or places for these.
    """
    text = Lowered(stored)
    for at_any_sign, *as_it_is in patterns:
        plain = (text.like(item, escape="\\") for item in as_it_is)
        yield sa.and_(text.like(at_any_sign, escape="\\"), sa.or_(*plain, BeyondAscii(text)))


def _anywhere(part: str) -> str:
    """A pattern by which a part stands in a text; what is not ASCII in it, and a ``NUL``, may be anything."""
    escaped = ("%" if item == "\0" or not item.isascii() else f"\\{item}" if item in "%_\\" else item for item in part)
    return f"%{''.join(escaped)}%"
