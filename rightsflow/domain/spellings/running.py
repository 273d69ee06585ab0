"""Phone numbers in running text, where order numbers, dates and amounts stand beside them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from rightsflow.domain.spellings.digits import in_plain_digits
from rightsflow.domain.spellings.wordforms import SEPARATORS

_NUMBER_LIKE = re.compile(r"[+＋(]?\d(?:[\s\u00a0()./\u2010-\u2015-]{0,3}\d){6,}")
_DIGITS = re.compile(r"[+＋]?\d+")
_MOST_GROUPS = 8
_INTERNATIONAL = ("+", "＋", "00")
_DATE = re.compile(r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}")
_ANY_REGION = "DE"
"""Stands in where no country is given: "00…" is read only where some region dials so."""

Found = tuple[int, int, str]


def number_like(text: str) -> Iterator[re.Match[str]]:
    """Runs of seven digits or more that could be a number; all else need not be looked at.

    Args:
        text: The text, in digits of whatever scripts; the runs are of the same text in those of ASCII, place for place.
    """
    return _NUMBER_LIKE.finditer(in_plain_digits(text))


def numbers_in(run: re.Match[str], country: str) -> Iterator[Found]:
    """The phone numbers in a run.

    Args:
        run: From :func:`number_like`.
        country: ISO 3166-1 alpha-2 code for national numbers; empty for international ones only.

    Yields:
        Start and end in the whole text, and the number in E.164. One number may come more than once.
    """
    # The matcher looks at what stands around a number (a letter, a currency, the minutes of a time of day).
    offset = max(0, run.start() - 3)
    for start, end, number in _matched(run.string[offset : run.end() + 4], country):
        if offset + start < run.end():
            yield offset + start, offset + end, number
    yield from _international(run)


@lru_cache(maxsize=4096)
def _matched(text: str, country: str) -> tuple[Found, ...]:
    # By default the matcher gives up after 65,535 candidates without a word.
    matcher = phonenumbers.PhoneNumberMatcher(
        text, country or _ANY_REGION, phonenumbers.Leniency.VALID, max_tries=sys.maxsize
    )
    return tuple(
        (item.start, item.end, _e164(item.number))
        for item in matcher
        if _is_meant_as_one(item.raw_string, national=bool(country))
    )


def _is_meant_as_one(raw: str, *, national: bool) -> bool:
    """Return whether a match has the form of a number, unlike a date or an order number without separators."""
    if raw.startswith(_INTERNATIONAL):
        return True
    if not national or _DATE.match(raw):
        return False
    return raw.lstrip("(").startswith("0") or bool(SEPARATORS.search(raw))


def _international(run: re.Match[str]) -> Iterator[Found]:
    """Numbers with a country code that the matcher passes over because more digits follow (an order number, a date)."""
    groups = list(_DIGITS.finditer(run[0]))
    for at, first in enumerate(groups):
        if not first[0].startswith(_INTERNATIONAL):
            continue
        for last in reversed(groups[at : at + _MOST_GROUPS]):
            if number := _parsed(run[0][first.start() : last.end()]):
                yield run.start() + first.start(), run.start() + last.end(), number
                break


@lru_cache(maxsize=4096)
def _parsed(written: str) -> str:
    """A valid international number in E.164, or nothing."""
    try:
        parsed = phonenumbers.parse(written, _ANY_REGION)
    except phonenumbers.NumberParseException:
        return ""
    return _e164(parsed) if phonenumbers.is_valid_number(parsed) else ""


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
