"""Digits of other scripts and widths: ``٠``, ``०``, ``６`` and ``²`` are digits to who reads a number."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_AS_ASCII: Final = str.maketrans(
    {"\u2212": "-", "\u223c": "-", "\u30fc": "-", "\u00b7": ".", "\u2022": ".", "[": "(", "]": ")"}
)
_FIRST, _LAST = 0x80, 0x20000
"""No character beyond is a digit or made of one; a test holds it."""


def with_plain_digits(text: str) -> str:
    """A text with the digits, dashes and brackets of ASCII, and without signs that are not seen.

    Args:
        text: As it is stored.
    """
    if text.isascii():
        return text.translate(_AS_ASCII)
    seen = (item for item in unicodedata.normalize("NFKC", text) if unicodedata.category(item) != "Cf")
    return "".join(map(_plain, seen)).translate(_AS_ASCII)


def in_plain_digits(text: str) -> str:
    """A running text with the digits of ASCII, letter for letter, so that each stands where it stood.

    What only looks like a digit, such as ``²`` and ``①``, stays, since it belongs to what stands before or after it;
    signs that are not seen become spaces, since they may stand between the digits of a number.

    Args:
        text: As it is stored.
    """
    return text if text.isascii() else text.translate(_IN_PLACE)


class _InPlace(dict[int, str]):
    """A translation table that fills itself."""

    def __missing__(self, code: int) -> str:
        found = chr(code)
        if unicodedata.category(found) == "Cf":
            self[code] = " "
        else:
            self[code] = with_plain_digits(found) if found.isdecimal() else found
        return self[code]


_IN_PLACE: Final = _InPlace()
_COMMON: Final = ("\uff10", "\u0660", "\u06f0", "\u0966", "\u09e6", "\u0e50")
"""The noughts of full width, Arabic, Persian, Hindi, Bengali and Thai, each followed by the other nine."""


@dataclass(frozen=True, slots=True)
class OtherDigits:
    """The characters beyond ASCII that :func:`with_plain_digits` makes digits of.

    Args:
        single: By digit, those in which whole tables of numbers may be written.
        rest: All others; some become more than one digit, such as ``⑩`` and ``½``.
    """

    single: Mapping[str, str]
    rest: str


@lru_cache(maxsize=1)
def other_digits() -> OtherDigits:
    """Return all other digits, as this Python's Unicode has them, so that what is searched for is what is read."""
    single = {str(digit): "".join(chr(ord(nought) + digit) for nought in _COMMON) for digit in range(10)}
    common = {*"".join(single.values())}
    return OtherDigits(single, "".join(number for number in map(chr, range(_FIRST, _LAST)) if _other(number, common)))


def _other(text: str, common: Collection[str]) -> bool:
    if text in common or not (text.isdecimal() or unicodedata.decomposition(text)):
        return False
    return any(each in "0123456789" for each in with_plain_digits(text))


def _plain(text: str) -> str:
    return text if text.isascii() or not text.isdecimal() else str(unicodedata.decimal(text))
