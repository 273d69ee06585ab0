"""Phone numbers in a field and in running text, in any spelling and in digits of any script. Pure.

A field is cut into pieces (at commas, brackets, line breaks), a piece into runs of digits and what may stand between
digits, and a run, where it holds several numbers, into numbers. A piece that is one run and nothing else is read with
tolerance, since the field is meant for numbers; beside words a number must show that it is one: by ``+``, ``00``, its
trunk prefix, or its country code before a number that is assigned. Otherwise a customer number would become a phone
number. Where the beginning of a text cannot be read so, its digits may be parted by other signs (``030,901820``).

The digits of a number stand in the text one after the other, whatever signs are between them; searches rely on it. In
running text, order numbers, dates and amounts stand beside phone numbers.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

import phonenumbers

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.spellings.wordforms import SEPARATORS

_AS_ASCII: Final = str.maketrans(
    {"\u2212": "-", "\u223c": "-", "\u30fc": "-", "\u00b7": ".", "\u2022": ".", "[": "(", "]": ")"}
)
_FIRST, _LAST = 0x80, 0x20000
"""No character beyond is a digit or made of one; a test holds it."""


def with_plain_digits(text: str) -> str:
    """Return a text with digits, dashes and brackets of ASCII, and without invisible signs.

    Args:
        text: As it is stored.
    """
    if text.isascii():
        return text.translate(_AS_ASCII)
    seen = (item for item in unicodedata.normalize("NFKC", text) if unicodedata.category(item) != "Cf")
    return "".join(map(_plain, seen)).translate(_AS_ASCII)


def in_plain_digits(text: str) -> str:
    """Return a running text with ASCII digits, letter for letter, so that each stays at its place.

    What only looks like a digit, such as ``²`` and ``①``, stays, since it belongs to what stands before or after it;
    signs that are not seen become spaces, since they may stand between the digits of a number.

    Args:
        text: As it is stored.
    """
    return text if text.isascii() else text.translate(_IN_PLACE)


class _InPlace(dict[int, str]):
    """A translation table that fills itself."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if unicodedata.category(sign) == "Cf":
            self[code] = " "
        else:
            self[code] = with_plain_digits(sign) if sign.isdecimal() else sign
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


_PIECE_ENDS = re.compile(r"[\r\n\t\v\f,;|<>\"]+")
_RUN = re.compile(rf"\+?\(?\+?\d(?:(?:{SEPARATORS.pattern}){{0,8}}\d)*")
_GROUP = re.compile(r"\+?\d+")
_EMBEDDED = re.compile(r"\+?\d{3,20}")
# Of an address only the user is read: a host, a port or a parameter is not a number.
_SCHEME = re.compile(r"\b(?:sips?|tel|callto|h323|xmpp):", re.IGNORECASE)
_AFTER_USER = re.compile(r"@[^\s<>\",;]*|;\s*[a-z][a-z0-9-]*=[^\s<>\",;]*", re.IGNORECASE)
_OF_A_FLOAT = re.compile(r"^\s*(\d{7,15})\.0\s*$")
_EXTENSION = re.compile(r"(?<=\d)\s*(?:x|ext\.?|extension|durchwahl|dw\.?)\s*\d{1,6}\b", re.IGNORECASE)
_MIXED = re.compile(r"\b\w*(?:\d[\w-]*[^\W\d_][\w-]*\d)[\w-]*")
_DATE = re.compile(r"(?:\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}-\d{2}-\d{2})\s*$")
_PLUS = re.compile(r"\+[\s(]+(?=\d)")
_LETTER = re.compile(r"[^\W\d_]")
_INTERNATIONAL = ("+", "00")
_CUT: Final = "\x00"
"""Takes the place of an extension, across which no number is read."""
_TAKEN_OUT: Final = "\x01"
_TRUNK: Final = "0"

_LONGEST_NATIONAL: Final = 11
"""A longer national number with separators in it may be two numbers."""
_SHORTEST_BARE: Final = 10
"""Beside other things fewer digits without ``+`` are not read as a country code and a number."""
_MOST_NUMBERS: Final = 4
_MOST_GROUPS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRules:
    """Spellings in a field; arguments as of :func:`rightsflow.domain.spellings.fields.readings`."""

    countries: tuple[str, ...]
    bare: bool
    extension_digits: int


def phones_in(text: str, rules: PhoneRules, *, embedded: bool) -> Iterator[tuple[str, Identifiers]]:
    """Yield each number in a text as written, with the numbers that it can be read as."""
    written = with_plain_digits(text).replace("%2B", "+").replace("%2b", "+")
    # A number that went through a spreadsheet or a column of floats.
    written = _PLUS.sub("+", _OF_A_FLOAT.sub(r"\1", written))
    users = _SCHEME.sub("\n", _AFTER_USER.sub("\n", written))
    pieces = _EMBEDDED.findall(written) if embedded else _PIECE_ENDS.split(users)
    numbers = [item for piece in pieces for item in _in_piece(piece, rules)]
    yield from numbers
    text = written.strip()
    if not embedded and not any(text.startswith(raw.strip()) for raw, _ in numbers):
        yield from _together(text, rules)


def _together(text: str, rules: PhoneRules) -> Iterator[tuple[str, Identifiers]]:
    """Return a whole text of digits and signs as one assigned number, where its beginning alone is none."""
    if not text.startswith(("+", _TRUNK, f"({_TRUNK}")) or _LETTER.search(text) or _DATE.search(text):
        return
    if read := _assigned(("+" if text.startswith("+") else "") + re.sub(r"\D", "", text), rules):
        yield text, read


def _in_piece(piece: str, rules: PhoneRules) -> Iterator[tuple[str, Identifiers]]:
    plain = _MIXED.sub(_TAKEN_OUT, _EXTENSION.sub(_CUT, piece))
    runs = list(_RUN.finditer(plain))
    alone = len(runs) == 1 and not plain.replace(runs[0][0], "").strip(f"() .:/-{_CUT}")
    for run in runs:
        # A date beside a number is not one.
        if alone or not _DATE.match(run[0]):
            yield from _in_run(run[0], rules, strict=not alone)


def _in_run(run: str, rules: PhoneRules, *, strict: bool) -> Iterator[tuple[str, Identifiers]]:
    whole = _read(run, rules, strict)
    if whole and all(_length(item) <= _LONGEST_NATIONAL for item in whole):
        yield run, whole
    elif several := _several(run, rules):
        yield from several
    elif whole:
        yield run, whole
    elif first := _first(run, rules):
        yield first


def _several(run: str, rules: PhoneRules) -> list[tuple[str, Identifiers]]:
    """Return a run as several numbers, as few as possible, each assigned and recognisable; empty if it is not so."""
    starts = [group.start() for group in _GROUP.finditer(run)][:_MOST_GROUPS]
    for count in range(1, _MOST_NUMBERS):
        for cuts in combinations(starts[1:], count):
            edges = [0, *cuts, len(run)]
            parts = [run[start:end].strip(" /.-()") for start, end in pairwise(edges)]
            read = [_assigned(part, rules) for part in parts]
            if all(read):
                return list(zip(parts, read, strict=True))
    return []


def _first(run: str, rules: PhoneRules) -> tuple[str, Identifiers] | None:
    """Return the number at the start of a run that other digits follow (a channel, a date)."""
    for group in reversed(list(_GROUP.finditer(run))[:_MOST_GROUPS]):
        start = run[: group.end()]
        if read := _assigned(start, rules):
            return start, read
    return None


@lru_cache(maxsize=4096)
def _assigned(written: str, rules: PhoneRules) -> Identifiers:
    read = _read(written, rules, strict=True)
    return frozenset(item for item in read if _is_valid(item.value) and _length(item) <= _LONGEST_NATIONAL)


def _read(written: str, rules: PhoneRules, strict: bool) -> Identifiers:
    digits = re.sub(r"\D", "", written)
    if len(digits) <= rules.extension_digits:
        return frozenset()
    return frozenset((*_national(written, digits, rules, strict), *_bare(written, digits, rules, strict)))


def _national(written: str, digits: str, rules: PhoneRules, strict: bool) -> Iterator[Identifier]:
    """Yield the number as dialled in each of the countries, or anywhere if it has its country code."""
    international = _starts_international(written)
    for country in rules.countries or ("",):
        leniently = parse_leniently(IdentifierKind.PHONE, written, country=country)
        if leniently is None or (strict and not international and not _shows_itself(leniently, digits)):
            continue
        if international or not _is_doubled(leniently, digits, rules):
            yield leniently


def _bare(written: str, digits: str, rules: PhoneRules, strict: bool) -> Iterator[Identifier]:
    """Yield the number as trunks deliver it, if it is really assigned: nearly any digits would do otherwise."""
    if not rules.bare or _starts_international(written) or digits.startswith(_TRUNK):
        return
    if strict and len(digits) < _SHORTEST_BARE:
        return
    leniently = parse_leniently(IdentifierKind.PHONE, f"+{digits}")
    if leniently is not None and _is_valid(leniently.value):
        yield leniently


def _is_doubled(identifier: Identifier, digits: str, rules: PhoneRules) -> bool:
    """Return whether a number is its country code, before a number that has it already."""
    code = str(phonenumbers.parse(identifier.value).country_code)
    doubled = identifier.value == f"+{code}{digits}" and digits.startswith(code)
    return doubled and rules.bare and len(digits) > _LONGEST_NATIONAL and _is_valid(f"+{digits}")


def _starts_international(written: str) -> bool:
    return written.lstrip(" (").startswith(_INTERNATIONAL)


def _shows_itself(identifier: Identifier, digits: str) -> bool:
    """Return whether a national number begins with its trunk prefix or, if dialled without one, is assigned."""
    if digits.startswith(_TRUNK):
        return True
    national = phonenumbers.format_number(phonenumbers.parse(identifier.value), phonenumbers.PhoneNumberFormat.NATIONAL)
    return not national.lstrip("(").startswith(_TRUNK) and _is_valid(identifier.value)


@lru_cache(maxsize=4096)
def _is_valid(e164: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=4096)
def _length(identifier: Identifier) -> int:
    return len(phonenumbers.national_significant_number(phonenumbers.parse(identifier.value)))


_NUMBER_LIKE = re.compile(r"[+＋(]?\d(?:[\s\u00a0()./\u2010-\u2015-]{0,3}\d){6,}")
_DIGITS = re.compile(r"[+＋]?\d+")
_MOST_GROUPS_IN_TEXT = 8
_INTERNATIONAL_IN_TEXT = ("+", "＋", "00")
_DATE_BESIDE = re.compile(r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}")
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
    """Yield the phone numbers in a run.

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
    if raw.startswith(_INTERNATIONAL_IN_TEXT):
        return True
    if not national or _DATE_BESIDE.match(raw):
        return False
    return raw.lstrip("(").startswith("0") or bool(SEPARATORS.search(raw))


def _international(run: re.Match[str]) -> Iterator[Found]:
    """Yield numbers with a country code that the matcher skips because more digits follow (an order number, a date)."""
    groups = list(_DIGITS.finditer(run[0]))
    for at, first in enumerate(groups):
        if not first[0].startswith(_INTERNATIONAL_IN_TEXT):
            continue
        for last in reversed(groups[at : at + _MOST_GROUPS_IN_TEXT]):
            if number := _parsed(run[0][first.start() : last.end()]):
                yield run.start() + first.start(), run.start() + last.end(), number
                break


@lru_cache(maxsize=4096)
def _parsed(written: str) -> str:
    """Return a valid international number in E.164, or nothing."""
    try:
        parsed = phonenumbers.parse(written, _ANY_REGION)
    except phonenumbers.NumberParseException:
        return ""
    return _e164(parsed) if phonenumbers.is_valid_number(parsed) else ""


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
