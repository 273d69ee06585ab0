"""Check digits: the rules (Luhn for an IMEI, ISO 7064 for an IBAN), and numbers in a text that they confirm. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final, TypeVar

_Number = TypeVar("_Number")

_GROUP: Final = re.compile(r"[A-Za-z0-9]+")
_SEPARATOR: Final = re.compile(r"[ \u00a0\u202f./-]")
_MOST_GROUPS: Final = 12
_SHORTEST, _LONGEST = 12, 40


class CheckDigits(StrEnum):
    """The check of an identifier's digits."""

    NONE = "none"
    LUHN = "luhn"
    """The last digit, by ISO/IEC 7812-1 annex B; of an IMEI by 3GPP TS 23.003 annex B."""
    MOD_97 = "mod97"
    """The two digits behind the country code, by ISO 7064 and ISO 13616 (IBAN)."""

    def fits(self, text: str) -> bool:
        """Return whether the check digits of a normalised identifier are right.

        Args:
            text: The identifier.
        """
        if self is CheckDigits.NONE:
            return True
        if not (text.isascii() and text.isalnum()):
            return False
        return _fits_luhn(text) if self is CheckDigits.LUHN else _fits_mod_97(text)


def _fits_luhn(text: str) -> bool:
    if not text.isdigit():
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(text)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _fits_mod_97(text: str) -> bool:
    rotated = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in rotated)) % 97 == 1


def checked_numbers(
    text: str, readers: Sequence[Callable[[str], _Number | None]]
) -> Iterator[tuple[int, int, _Number]]:
    """Yield the numbers in a text that a reader accepts, each with its start and end, the longest first.

    Only readers that check ISO 7064 digits belong here: by these one text in 97 passes by chance, by a Luhn digit one
    in ten, so that an IMEI cannot be distinguished from an order number in a text.

    Args:
        text: The text.
        readers: Each reads a number as it is written, and returns ``None`` where its check digits are wrong.
    """
    groups = list(_GROUP.finditer(text)) if readers else []
    at = 0
    while at < len(groups):
        accepted = (
            next(_numbers_from(text, groups, at, readers), None) if any(map(str.isdigit, groups[at][0])) else None
        )
        if accepted is None:
            at += 1
            continue
        last, number = accepted
        yield groups[at].start(), groups[last].end(), number
        at = last + 1


def _numbers_from(
    text: str, groups: Sequence[re.Match[str]], first: int, readers: Sequence[Callable[[str], _Number | None]]
) -> Iterator[tuple[int, _Number]]:
    """Yield the numbers that begin with a group, each with its last group; the longest first."""
    last = first
    while (
        last + 1 < min(len(groups), first + _MOST_GROUPS)
        and _SEPARATOR.fullmatch(text, groups[last].end(), groups[last + 1].start())
        and groups[last + 1].end() - groups[first].start() <= _LONGEST
    ):
        last += 1
    for end in range(last, first - 1, -1):
        raw = text[groups[first].start() : groups[end].end()]
        if len(raw) >= _SHORTEST:
            yield from ((end, number) for read in readers if (number := read(raw)) is not None)
