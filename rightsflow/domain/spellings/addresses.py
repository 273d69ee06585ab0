"""E-mail addresses in a field: one, several, with names and angle brackets, with a scheme before them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rightsflow.domain.identifiers import Identifier, IdentifierKind, parse_leniently

_BETWEEN_ADDRESSES = re.compile(r"[\s,;<>()\[\]\"|]+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(?=[^:]*@)", re.IGNORECASE)
_IN_A_WORD = re.compile(r"[/=:&?'`#]+")
"""Signs that an address may hold and that also stand between an address and something else."""


def addresses_in(text: str) -> Iterator[tuple[str, Identifier]]:
    """Yield each e-mail address in a text as written, with its identifier."""
    # Signs that are not seen (zero-width blanks, marks of direction) come along when an address is pasted.
    seen = "".join(item for item in text if unicodedata.category(item) != "Cf")
    written = unicodedata.normalize("NFKC", seen).replace("%40", "@")
    whole = _address(written)
    if whole is not None:
        yield written.strip(), whole
        return
    for word in filter(_has_at, _BETWEEN_ADDRESSES.split(written)):
        yield from _in_word(word)


def _in_word(word: str) -> Iterator[tuple[str, Identifier]]:
    stripped = _SCHEME.sub("", word).strip(".:'`")
    found = _address(stripped)
    if found is not None:
        yield stripped, found
        return
    for piece in filter(_has_at, _IN_A_WORD.split(stripped)):
        if address := _address(piece.strip(".")):
            yield piece, address


def _address(text: str) -> Identifier | None:
    return parse_leniently(IdentifierKind.EMAIL, text)


def _has_at(text: str) -> bool:
    return "@" in text
