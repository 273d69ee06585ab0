"""Reading a field that is meant for identifiers of one kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rightsflow.domain.identifiers import IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.spellings.addresses import addresses_in
from rightsflow.domain.spellings.phones import PhoneRules, phones_in

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
        return tuple(FieldReading(raw, frozenset({item})) for raw, item in addresses_in(written))
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
    """Every identifier that a field may hold; the arguments are those of :func:`separate_readings`."""
    found = separate_readings(
        kind,
        text,
        countries=countries,
        bare=bare,
        extension_digits=extension_digits,
        embedded=embedded,
        issuer=issuer,
    )
    return frozenset().union(*(separate_reading.may_be for separate_reading in found))
