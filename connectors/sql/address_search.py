"""The condition that finds the rows in which an e-mail address may stand, in any of its spellings.

``LIKE '%anna%example.com%'`` alone finds every spelling of ``anna@example.com``, and also the rows of
``anna-maria@mail.example.com`` and of everyone at that domain whose name begins with ``anna``. Each row that is found
is fetched and read in full. In a text of ASCII, though, the sign is ``@`` or ``%40`` and nothing that is not seen
stands beside it, so there the address has to stand as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from connectors.sql.beyond_ascii import BeyondAscii
from connectors.sql.lowering import Lowered
from rightsflow.domain.spellings import with_ascii_domain

_AT = ("@", "%40")


def holds_address(stored: sa.ColumnElement[str], values: Iterable[str]) -> Iterator[sa.ColumnElement[bool]]:
    """A condition for each address that every text fulfils in which it can be read, and few others.

    Databases differ in lowering letters beyond ASCII, and the sign @ has other forms, so these are left open and
    compared in Python.

    Args:
        stored: The column as text.
        values: The addresses, in lower case; each is also looked for with its domain in the ASCII form of
            international names.
    """
    text = Lowered(stored)
    for value in values:
        for spelled in sorted({value, with_ascii_domain(value)}):
            as_it_is = (_contains(text, spelled.replace("@", sign)) for sign in _AT)
            yield sa.and_(_contains(text, spelled.replace("@", "\0")), sa.or_(*as_it_is, BeyondAscii(text)))


def _contains(text: sa.ColumnElement[str], part: str) -> sa.ColumnElement[bool]:
    """Whether a part stands in a text; what is not ASCII in it, and a ``NUL``, may be anything."""
    escaped = ("%" if one == "\0" or not one.isascii() else f"\\{one}" if one in "%_\\" else one for one in part)
    return text.like(f"%{''.join(escaped)}%", escape="\\")
