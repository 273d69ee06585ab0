"""Identifiers in a field, one or several, with names and brackets around them; and terms to search by. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.spellings.phones import PhoneRules, phones_in

_BETWEEN_ADDRESSES = re.compile(r"[\s,;<>()\[\]\"|]+")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(?=[^:]*@)", re.IGNORECASE)
_IN_A_WORD = re.compile(r"[/=:&?'`#]+")
"""Signs that an address may hold and that also stand between an address and something else."""


def _addresses_in(text: str) -> Iterator[tuple[str, Identifier]]:
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


CANNOT_FIND: Final[Mapping[IdentifierKind, str]] = {
    IdentifierKind.PHONE: (
        "Phone numbers that are written with letters; beside other things, those with other signs between the digits "
        "than blanks, dots, hyphens, slashes and brackets; and those of which a part is missing, or beside which "
        "further digits stand without a comma or a word between them."
    ),
    IdentifierKind.EMAIL: (
        "E-mail addresses with blanks or signs that are not seen in them, or in which words stand for the signs, as in "
        "“anna at example dot com”."
    ),
}
"""By kind, the sentence on spellings that :func:`readings` does not read, for ``Capabilities.cannot_find``."""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A value that occurs in a text.

    Args:
        text: As it stands there; personal data.
        may_be: The identifiers that it can be read as: several where a phone number may be of several countries.
    """

    text: str = field(repr=False)
    may_be: Identifiers


def separate_readings(
    kind: IdentifierKind,
    text: object,
    *,
    countries: Iterable[str] = (),
    bare: bool = True,
    extension_digits: int = 5,
    embedded: bool = False,
    issuer: str = "",
) -> tuple[FieldReading, ...]:
    """Read a field, each thing in it apart.

    Args:
        kind: What the field is meant for.
        text: As it is stored: ``"0151 12345678 (privat)"``, two numbers, ``sip:+49…@host:5060;user=phone``, ``tel:…``,
            several e-mail addresses, ``"Anna Example" <anna@example.com>``. ``None`` and empty text hold nothing.
        countries: ISO 3166-1 alpha-2 codes of the countries whose national spellings of phone numbers occur.
        bare: Whether numbers occur with their country code and without ``+`` or ``00``, as trunks deliver them.
        extension_digits: Numbers with at most so many digits are extensions and name no person.
        embedded: Whether a number stands without blanks among other characters, as in ``PJSIP/+4930901820-00000012``.
        issuer: The system that issued the account ids in the field.
    """
    if text is None or not str(text).strip():
        return ()
    written = str(text)
    if kind is IdentifierKind.PHONE:
        rules = PhoneRules(countries=tuple(countries), bare=bare, extension_digits=extension_digits)
        return tuple(FieldReading(raw, may_be) for raw, may_be in phones_in(written, rules, embedded=embedded))
    if kind is IdentifierKind.EMAIL:
        return tuple(FieldReading(raw, frozenset({item})) for raw, item in _addresses_in(written))
    leniently = parse_leniently(kind, written, issuer=issuer)
    return (FieldReading(written.strip(), frozenset({leniently})),) if leniently else ()


def readings(
    kind: IdentifierKind,
    text: object,
    *,
    countries: Iterable[str] = (),
    bare: bool = True,
    extension_digits: int = 5,
    embedded: bool = False,
    issuer: str = "",
) -> Identifiers:
    """Yield every identifier that a field may hold; the arguments are those of :func:`separate_readings`."""
    identifiers = separate_readings(
        kind,
        text,
        countries=countries,
        bare=bare,
        extension_digits=extension_digits,
        embedded=embedded,
        issuer=issuer,
    )
    return frozenset().union(*(separate_reading.may_be for separate_reading in identifiers))


_STOPS = re.compile(r'"[^"]*"|<[^<>]*>|[,;\n]')
_NAMES_ONE = re.compile(r">|@|(?:\d\D?){6}")
"""Least content of a list entry, so that a comma within a name (``Example, Anna <…>``) does not end the entry."""
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_NAME = re.compile(r'^\s*"?([^"<>]*?)"?\s*<')


def name_before_brackets(text: str) -> str:
    """Return the name in a caller id (``"Anna Example" <+49 30 901820>``); empty where there is none."""
    match = _NAME.match(text)
    return match.group(1).strip() if match else ""


def in_brackets(text: str) -> list[str]:
    """Return the texts in angle brackets; the whole text if there are none."""
    return _IN_BRACKETS.findall(text) or [text]


def callers_in(text: str) -> list[str]:
    """Yield the entries of a list (``Anna <anna@example.com>, ben@example.com``), each with its name.

    Args:
        text: As it is stored; a text with a single entry is that entry.
    """
    entries, start = list[str](), 0
    for stop in _STOPS.finditer(text):
        if stop[0].startswith("<"):
            entries.append(text[start : stop.end()])
            start = stop.end()
        elif stop[0] in ",;\n" and (
            not text[start : stop.start()].strip() or _NAMES_ONE.search(text, start, stop.start())
        ):
            entries.append(text[start : stop.start()])
            start = stop.end()
    entries.append(text[start:])
    return [entry for item in entries if (entry := item.strip())]


_DIGITS_SHARED: Final = 7
_FEWER_SHARED: Final = {44: 6, 54: 6, 378: 6, 672: 5}
"""By country code: where numbers are dialled so short within a place, or with digits before the last of them."""
_FORMATS: Final = (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL)


def phone_tail(e164: str) -> str:
    """Return the last digits of a number, which every spelling of it has in this order.

    What stands before them varies (country code, trunk and mobile prefixes), and so do the signs between them.
    """
    number = phonenumbers.parse(e164)
    return str(number.national_number)[-_FEWER_SHARED.get(number.country_code or 0, _DIGITS_SHARED) :]


def phone_spellings(e164: str, countries: Iterable[str] | None = None) -> list[str]:
    """Return the usual spellings of a number, for systems that compare whole values; the E.164 form comes first.

    Args:
        e164: The number.
        countries: ISO 3166-1 alpha-2 codes of the countries whose numbers are also spelled nationally; ``None`` for
            all of them.
    """
    number = phonenumbers.parse(e164)
    digits = e164.removeprefix("+")
    international, national = (phonenumbers.format_number(number, shape) for shape in _FORMATS)
    written = [e164, digits, f"00{digits}", international]
    if countries is None or phonenumbers.region_code_for_number(number) in set(countries):
        written += [national, "".join(filter(str.isdigit, national))]
    return list(dict.fromkeys([*written, *(text.replace(" ", "") for text in written)]))


def email_spellings(email: str) -> list[str]:
    """Return the usual spellings of an address, for case-sensitive systems; the normalised form comes first."""
    local, _, domain = email.partition("@")
    titled = ".".join(part.capitalize() for part in local.split("."))
    return list(dict.fromkeys([email, f"{local.capitalize()}@{domain}", f"{titled}@{domain}"]))


def with_ascii_domain(email: str) -> str:
    """Return an address with its domain in ASCII (``xn--…``), by IDNA 2008 as mail servers do.

    Args:
        email: The normalised address.
    """
    local, _, _ = email.rpartition("@")
    try:
        parsed = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return email
    return f"{local}@{parsed.ascii_domain}"
