"""Phone numbers as telephone systems store them: many spellings of one number, and short or own numbers of no one.

A search goes in two steps. The database gives every row in which the last digits of the number occur in order
(``LIKE '%9%0%1%8%2%0%'`` finds them through any blanks, dashes and brackets); Python then reads each stored text in
full and compares whole numbers. So no spelling is missed, and another person's longer number never matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from rightsflow.identifiers import Identifier, IdentifierKind, Identifiers, of_kind, parse_leniently

Form = Literal["plain", "caller_id", "embedded"]

_DIGITS_SEARCHED = 7
"""So many last digits are the same in every spelling; what stands before them varies (trunk and mobile prefixes)."""
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_TOKEN = re.compile(r"\+?\d{3,20}")
_NAME = re.compile(r'^\s*"?([^"<>]*?)"?\s*<')


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReader:
    """Reads stored numbers.

    Args:
        country: ISO 3166-1 alpha-2 code of the controller, in which national spellings are read by default.
        own_numbers: The controller's own lines in E.164; a trailing ``*`` stands for a block.
        extension_digits: Numbers with at most so many digits are extensions.
    """

    country: str
    own_numbers: tuple[str, ...] = ()
    extension_digits: int = 5

    def read(self, text: str, *, form: Form = "plain", countries: Iterable[str] = (), bare: bool = True) -> Identifiers:
        """Every number that the text can be read as; empty where it names nobody.

        Args:
            text: As it is stored.
            form: How the number stands in the text.
            countries: The countries whose national spelling to try; by default the controller's.
            bare: Whether a country code may stand without ``+`` or ``00``.
        """
        tried = tuple(countries) or (self.country,)
        readings = (one for raw in _numbers_in(text, form) for one in self._readings(raw, tried, bare=bare))
        return frozenset(one for one in readings if self.is_somebodys(one))

    def is_somebodys(self, number: Identifier) -> bool:
        """Whether the number can name a person outside: it is not one of the controller's own lines."""
        return not any(
            number.value.startswith(own[:-1]) if own.endswith("*") else number.value == own for own in self.own_numbers
        )

    def patterns(self, known: Identifiers) -> list[str]:
        """``LIKE`` patterns, one per number to search for, that miss no spelling; see the module's text."""
        return [_pattern(number) for number in self.searched(known)]

    def searched(self, known: Identifiers) -> list[str]:
        """The subject's numbers in E.164 that are worth a search: not the controller's own."""
        numbers = of_kind(known, IdentifierKind.PHONE)
        return [one for one in numbers if self.is_somebodys(Identifier(IdentifierKind.PHONE, one))]

    def _readings(self, raw: str, countries: Iterable[str], *, bare: bool) -> Iterator[Identifier]:
        digits = re.sub(r"\D", "", raw)
        if len(digits) <= self.extension_digits:
            return
        for country in countries:
            number = parse_leniently(IdentifierKind.PHONE, raw, country=country)
            if number is not None:
                yield number
        if bare and not raw.strip().startswith(("+", "0")):
            # As trunks deliver it. Only numbers that are really assigned, since nearly any digits would do otherwise.
            number = parse_leniently(IdentifierKind.PHONE, f"+{digits}")
            if number is not None and phonenumbers.is_valid_number(phonenumbers.parse(number.value)):
                yield number


def name_in(text: str) -> str:
    """The name in a caller id (``"Anna Example" <+49 30 901820>``); empty where there is none."""
    match = _NAME.match(text)
    return match.group(1).strip() if match else ""


def addresses_in(text: str) -> list[str]:
    """What stands in angle brackets; the whole text where there are none."""
    return _IN_BRACKETS.findall(text) or [text]


def _numbers_in(text: str, form: Form) -> list[str]:
    if form == "embedded":
        return _TOKEN.findall(text)
    if form == "caller_id":
        return addresses_in(text)
    return [text]


def _pattern(number: str) -> str:
    national = str(phonenumbers.parse(number).national_number)
    return "%" + "%".join(national[-_DIGITS_SEARCHED:]) + "%"
