"""Identifiers of a person, normalised so that two spellings of one identifier compare equal.

An identifier is *strong* when it names one person (e-mail, customer id, account id) and *weak* when several people
may use it in turn (a phone number, a name) or share it (a date of birth). ``attribution`` builds on that difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rightsflow.domain.birth_dates import read_birth_date
from rightsflow.domain.errors import BadInput

_OPAQUE_ID = re.compile(r"[\w.:@/+-]{1,128}")
_LONGEST_NAME = 200
_SHORTEST_IN_TEXT = 5
"""Shorter ids are words of every other sentence."""


class IdentifierKind(StrEnum):
    """The kinds of identifier a connector may be asked about."""

    EMAIL = "email"
    PHONE = "phone"
    CUSTOMER_ID = "customer_id"
    """The controller's own id for the person, the same in every system."""
    ACCOUNT_ID = "account_id"
    """An id that one system gave to the person's account there, such as a payment provider's customer object. Two
    systems give the same id to different people, so it is nothing without the system that issued it."""
    NAME = "name"
    """Never searched for: many people share a name. Kept to address the person and to mask third parties."""
    BIRTH_DATE = "birth_date"
    """Never searched for, and no proof: it only tells a namesake's record from the person's."""


STRONG_KINDS = frozenset({IdentifierKind.EMAIL, IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID})
ONLY_CONTRADICTING = frozenset({IdentifierKind.NAME, IdentifierKind.BIRTH_DATE})
"""Kinds that many people share: no one is found, recognised or searched for by them. They may show another person."""

KIND_WORDS = {
    IdentifierKind.EMAIL.value: ("e-mail address", "e-mail addresses"),
    IdentifierKind.PHONE.value: ("phone number", "phone numbers"),
    IdentifierKind.CUSTOMER_ID.value: ("customer number", "customer numbers"),
    IdentifierKind.ACCOUNT_ID.value: ("account number", "account numbers"),
    IdentifierKind.NAME.value: ("name", "names"),
    IdentifierKind.BIRTH_DATE.value: ("date of birth", "dates of birth"),
}
"""Each kind of identifier in the singular and in the plural."""


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A normalised identifier; build it with :func:`identifier`, which normalises.

    Args:
        kind: What it is.
        value: It itself, normalised.
        issuer: The system that issued an account id, by its name in the configuration; empty for all other kinds.
            Account ids are equal only if the same system issued them.
        is_contested: Whether it is a telephone number that was learnt, and that another person was seen to use: by it
            alone nothing surely is the subject's. Two identifiers that differ in this alone are equal.
    """

    kind: IdentifierKind
    value: str
    issuer: str = ""
    is_contested: bool = field(default=False, compare=False)

    @property
    def is_strong(self) -> bool:
        """True if the identifier names one person (see the module's text)."""
        return self.kind in STRONG_KINDS

    @property
    def is_searchable(self) -> bool:
        """True if people are searched for by it: not a name, a date of birth, or an id of an unknown system."""
        return bool(self.issuer) if self.kind is IdentifierKind.ACCOUNT_ID else self.finds

    @property
    def finds(self) -> bool:
        """True if people may be recognised by its kind: not a kind that many people share."""
        return self.kind not in ONLY_CONTRADICTING

    @property
    def is_unmistakable(self) -> bool:
        """True if the identifier means this person wherever it occurs in a text.

        A bare number does not: an order, an amount or another system's record may have the same.
        """
        if self.kind in {IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID}:
            return len(self.value) >= _SHORTEST_IN_TEXT and any(character.isalpha() for character in self.value)
        return self.finds

    @property
    def realm(self) -> str:
        """Within what its value is unique: its kind, and the system that issued it."""
        return f"{self.kind.value}/{self.issuer}" if self.issuer else self.kind.value

    def __repr__(self) -> str:
        """The kind only: a repr ends up in logs and tracebacks."""
        return f"<Identifier {self.kind.value}>"


Identifiers = frozenset[Identifier]


def contested_numbers(known: Identifiers) -> Identifiers:
    """Return the contested identifiers: each of them alone proves no record to be the person's."""
    return frozenset(item for item in known if item.is_contested)


def identifier(kind: IdentifierKind, raw: str, *, country: str = "", issuer: str = "") -> Identifier:
    """Normalise one identifier.

    Args:
        kind: What it is.
        raw: As it was written; spaces, case and punctuation do not matter where they carry no meaning.
        country: ISO 3166-1 alpha-2 code that a national phone number is read in; without it only ``+…`` is accepted.
        issuer: The system that issued an account id; all other kinds have none, and leave it aside.

    Raises:
        BadInput: The text is not a usable identifier of this kind. The message does not quote it.
    """
    value = _NORMALISERS[kind](raw, country)
    if kind is not IdentifierKind.ACCOUNT_ID:
        return Identifier(kind, value)
    if not issuer:
        raise BadInput("The account id comes without its system; name the system that issued it.")
    return Identifier(kind, value, issuer)


def parse_leniently(kind: IdentifierKind, raw: object, *, country: str = "", issuer: str = "") -> Identifier | None:
    """Normalise what a system has stored, or return ``None`` where that is empty or unusable.

    For data read from systems, where garbage such as ``anonymous`` in a number column is normal; use
    :func:`identifier` for what people typed.
    """
    if raw is None or not str(raw).strip():
        return None
    try:
        return identifier(kind, str(raw), country=country, issuer=issuer)
    except BadInput:
        return None


def strong(identifiers: Iterable[Identifier]) -> Identifiers:
    """Return the identifiers that name one person."""
    return frozenset(item for item in identifiers if item.is_strong)


def of_kind(identifiers: Iterable[Identifier], kind: IdentifierKind, *, issuer: str = "") -> list[str]:
    """The values of one kind, sorted, for a connector's search loop.

    Args:
        identifiers: What to choose from.
        kind: The kind.
        issuer: The system whose account ids are wanted; other kinds have none, and leave it aside.
    """
    wanted = issuer if kind is IdentifierKind.ACCOUNT_ID else ""
    return sorted(item.value for item in identifiers if item.kind is kind and item.issuer == wanted)


def _email(raw: str, _country: str) -> str:
    normal = _normal_email(raw.strip())
    if normal is None:
        raise BadInput("The e-mail address is not valid; give one like anna@example.com.")
    return normal


@lru_cache(maxsize=512)
def _normal_email(text: str) -> str | None:
    """An address as it is compared; each row in which a person stands is read several times in a case."""
    try:
        parsed = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    # The part before the @ is case-sensitive by RFC 5321 and by no person's mail server: compare without case. Not with
    # casefold, which makes "ss" of "ß": straße.de and strasse.de are domains of two people (IDNA 2008, RFC 5894 § 4).
    return unicodedata.normalize("NFC", parsed.normalized.lower())


def _phone(raw: str, country: str) -> str:
    text = raw.strip()
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        parsed = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        raise BadInput(_PHONE_SENTENCE) from None
    # A number that can be dialled only within a town is not one that finds a person.
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise BadInput(_PHONE_SENTENCE)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


_PHONE_SENTENCE = "The phone number is not valid; give it with its country code, like +49 30 901820."


def _opaque(raw: str, _country: str) -> str:
    text = unicodedata.normalize("NFC", raw.strip())
    if not _OPAQUE_ID.fullmatch(text):
        raise BadInput("The id is not valid; give 1 to 128 letters, digits or any of . : @ / + - _ without spaces.")
    return text


def _name(raw: str, _country: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    if not text or len(text) > _LONGEST_NAME or not text.isprintable():
        raise BadInput(f"The name is not valid; give 1 to {_LONGEST_NAME} printable characters.")
    return text


def _birth_date(raw: str, _country: str) -> str:
    if not (day := read_birth_date(raw)):
        raise BadInput(
            "The date of birth is not valid; give it like 1980-02-01, or leave it out where it is not known."
        )
    return day


_NORMALISERS = {
    IdentifierKind.EMAIL: _email,
    IdentifierKind.PHONE: _phone,
    IdentifierKind.CUSTOMER_ID: _opaque,
    IdentifierKind.ACCOUNT_ID: _opaque,
    IdentifierKind.NAME: _name,
    IdentifierKind.BIRTH_DATE: _birth_date,
}
