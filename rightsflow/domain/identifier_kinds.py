"""Kinds of identifier: one table of declarations, the built-in ones and those of the configuration.

A declaration says how an identifier is written, what it proves of its owner, and how it is called. The table of a
process is filled once per name, when the configuration is read (:func:`declare_kinds`); the same declaration again
changes nothing, another one is refused, since identifiers that were normalised otherwise would no longer be found.
A stored kind that is declared no longer is read as what finds no one (:meth:`IdentifierKind.stored`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Final, Self

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rightsflow.domain.birth_dates import read_birth_date
from rightsflow.domain.check_digits import CheckDigits
from rightsflow.domain.errors import BadInput, Misconfigured

_OPAQUE_ID = re.compile(r"[\w.:@/+-]{1,128}")
_LONGEST_NAME = 200


class Strength(StrEnum):
    """What an identifier proves of the owner of a record that bears it."""

    ONE_PERSON = "one_person"
    """It names one person."""
    IN_TURN = "several_in_turn"
    """Several people have it in turn, as a telephone number or a device."""
    TOGETHER = "only_together"
    """It proves something only beside a second, independent identifier of the person."""
    MANY = "many"
    """Many people share it: no one is found by it, but it may show another person."""


class Lifetime(StrEnum):
    """How long an identifier that several people have in turn is taken for one person's."""

    DATED = "dated"
    """Within the time in which stronger identifiers show it theirs, by the dates of records."""
    OPEN = "open"
    """Until another person is seen to use it."""


class KindRole(StrEnum):
    """The part that a kind plays in attribution; it follows from the declaration."""

    ADDRESS = "address"
    NUMBER = "number"
    LINE = "line"
    """Had in turn, and taken for the person's until another one is seen to use it."""
    TURN = "turn"
    """Had in turn, and the person's within their time alone."""
    PART = "part"
    """Proves something only together with another one."""
    NONE = "none"


STRONG: Final = frozenset({KindRole.ADDRESS, KindRole.NUMBER})
Reader = Callable[[str, str], str]
"""Normalises a text, given the country in which it is read; raises ``BadInput`` where it is no such identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDeclaration:
    """The declaration of a kind.

    Args:
        name: Its name in the configuration and in files: ``imei``.
        titles: By language (a BCP 47 tag) its name in the singular and in the plural; English is always there.
        strength: What it proves.
        read: Normalises what was written, so that two spellings of one identifier compare equal.
        lifetime: How long one that several people have in turn is one person's.
        is_address: Whether it is a mailbox, which shows the person better than a number that may be typed wrong.
        is_issued: Whether each system issues its own: it is nothing without the system that issued it.
        one_each: Whether a person mostly has one, so that two different ones show two people.
        thing: What bears it, where that is no person (``device``): two identifiers of one thing, such as the IMEI and
            the serial number, do not confirm each other.
        searched: Whether systems are searched by it.
        learnt: Whether it is learnt from records of the person.
        shown: Whether it is shown in full; otherwise its last characters alone.
        spelt: Usual spellings, where a system compares whole values: ``#`` stands for a character, as often as needed.
        example: A made-up one, as people write it; empty of the built-in kinds.
    """

    name: str
    titles: Mapping[str, tuple[str, str]]
    strength: Strength
    read: Reader
    lifetime: Lifetime = Lifetime.DATED
    is_address: bool = False
    is_issued: bool = False
    one_each: bool = False
    thing: str = ""
    searched: bool = True
    learnt: bool = True
    shown: bool = True
    spelt: tuple[str, ...] = ()
    example: str = ""

    @property
    def role(self) -> KindRole:
        """The part that the kind plays in attribution."""
        if self.strength is Strength.ONE_PERSON:
            return KindRole.ADDRESS if self.is_address else KindRole.NUMBER
        if self.strength is Strength.IN_TURN:
            return KindRole.TURN if self.lifetime is Lifetime.DATED else KindRole.LINE
        return KindRole.PART if self.strength is Strength.TOGETHER else KindRole.NONE

    @property
    def form(self) -> IdentifierForm | None:
        """The form of a kind of the configuration; ``None`` of a built-in one, which is read by a program."""
        return self.read if isinstance(self.read, IdentifierForm) else None

    @property
    def has_check(self) -> bool:
        """True if check digits tell it from another number."""
        return self.form is not None and self.form.check is not CheckDigits.NONE

    def words(self, language: str = "en") -> tuple[str, str]:
        """Return its name in the singular and in the plural, in English where the language has none.

        Args:
            language: A BCP 47 tag.
        """
        return self.titles.get(language.partition("-")[0].lower()) or self.titles["en"]


class IdentifierKind(str):
    """A kind of identifier, by its name in the configuration; the declaration is looked up once.

    Args:
        name: The name of a declared kind.

    Raises:
        ValueError: No such kind is declared; the text says how to declare one.
    """

    __slots__ = ("declaration", "role")
    declaration: KindDeclaration
    role: KindRole

    EMAIL: ClassVar[IdentifierKind]
    PHONE: ClassVar[IdentifierKind]
    CUSTOMER_ID: ClassVar[IdentifierKind]
    """The controller's own id for the person, the same in every system."""
    ACCOUNT_ID: ClassVar[IdentifierKind]
    """An id that one system gave to the person's account there, such as a payment provider's customer object. Two
    systems give the same id to different people, so it is nothing without the system that issued it."""
    NAME: ClassVar[IdentifierKind]
    """Never searched for: many people share a name. Kept to address the person and to mask third parties."""
    BIRTH_DATE: ClassVar[IdentifierKind]
    """Never searched for, and no proof: it only tells a namesake's record from the person's."""

    def __new__(cls, name: str) -> Self:
        """Return the declared kind of a name."""
        if (kind := _KINDS.get(name)) is None:
            raise ValueError(
                f"this kind of identifier is not declared: use one of {', '.join(_KINDS)}, or declare it in "
                "[identifiers.NAME]"
            )
        return kind  # type: ignore[return-value]  # There are no subclasses.

    @classmethod
    def declared(cls, declaration: KindDeclaration) -> IdentifierKind:
        """Return the kind of a declaration, without entering it in the table.

        Args:
            declaration: The declaration.
        """
        kind = str.__new__(cls, declaration.name)
        kind.declaration, kind.role = declaration, declaration.role
        return kind

    @classmethod
    def stored(cls, name: str) -> IdentifierKind:
        """Return the kind of a stored value; where it is declared no longer, one by which no one is found.

        Args:
            name: The kind as it was stored.
        """
        return _KINDS.get(name) or _undeclared(name)

    @property
    def value(self) -> str:
        """The name as plain text."""
        return str.__str__(self)

    @property
    def is_strong(self) -> bool:
        """True if it names one person."""
        return self.role in STRONG

    @property
    def is_weak(self) -> bool:
        """True if people are found by it, though it proves nothing by itself or only for a time."""
        return self.role not in STRONG and self.role is not KindRole.NONE

    @property
    def finds(self) -> bool:
        """True if people may be recognised by it: not a kind that many people share."""
        return self.role is not KindRole.NONE

    @property
    def is_id(self) -> bool:
        """True if it is a number or code that finds people, and neither a mailbox nor a telephone number."""
        return self.finds and self not in {IdentifierKind.EMAIL, IdentifierKind.PHONE}

    @property
    def words(self) -> tuple[str, str]:
        """Its English name in the singular and in the plural."""
        return self.declaration.words()

    @property
    def hint(self) -> str:
        """How one is typed, for a form."""
        had = "; if the person had it for a time only, with the days: … 2024-03-01..2025-06-30"
        return f"Such as {self.declaration.example}{had if self.role is KindRole.TURN else ''}."

    def spellings(self, value: str) -> list[str]:
        """Return the usual spellings of a value, for systems that compare whole values; the normalised one first.

        Args:
            value: The normalised value.
        """
        return list(dict.fromkeys([value, *(_spelt(value, template) for template in self.declaration.spelt)]))

    def __str__(self) -> str:
        """Return the name as plain text."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Callable[[str], IdentifierKind], tuple[str]]:
        """Copy and restore by the name."""
        return IdentifierKind.stored, (self.value,)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Callable[[type], Any]) -> dict[str, Any]:
        """Validate a setting as the name of a declared kind."""
        return {"type": "function-after", "function": {"type": "no-info", "function": cls}, "schema": handler(str)}


_KINDS: Final[dict[str, IdentifierKind]] = {}
"""The table of this process, written by :func:`declare_kinds` alone, each name once."""


@lru_cache(maxsize=64)
def _undeclared(name: str) -> IdentifierKind:
    words = (f"identifier “{name}”", f"identifiers “{name}”")
    return IdentifierKind.declared(
        KindDeclaration(name=name, titles={"en": words}, strength=Strength.MANY, read=_opaque, searched=False)
    )


def declare_kinds(declarations: Iterable[KindDeclaration]) -> None:
    """Enter kinds into the table of this process, each name once.

    Args:
        declarations: The declarations.

    Raises:
        Misconfigured: A name is declared already, otherwise than here.
    """
    for declaration in declarations:
        known = _KINDS.setdefault(declaration.name, IdentifierKind.declared(declaration))
        if known.declaration != declaration:
            raise Misconfigured(
                f"[identifiers.{declaration.name}] is declared otherwise than when this process began; restart it, or "
                "give the kind another name where records were searched by the old one."
            )


def declared_kinds() -> tuple[IdentifierKind, ...]:
    """Return the kinds in the table of this process, the built-in ones first."""
    return tuple(_KINDS.values())


class LetterCase(StrEnum):
    """The use of capital and small letters in an identifier."""

    KEEP = "keep"
    UPPER = "upper"
    LOWER = "lower"


_CASES: Final[Mapping[LetterCase, Callable[[str], str]]] = {
    LetterCase.KEEP: str,
    LetterCase.UPPER: str.upper,
    LetterCase.LOWER: str.lower,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierForm:
    """The form of a declared identifier; it reads one.

    Args:
        pattern: Regular expression that the whole normalised identifier fulfils.
        check: Its check digits.
        case: Whether letters count as written, or as capital or small ones.
        separators: Signs without meaning, which are left out.
        prefix: Letters in front that are often left out (``RMA-``): they are put there where they are missing.
        sentence: What is wrong and how to mend it, where it does not fit.
    """

    pattern: str
    check: CheckDigits = CheckDigits.NONE
    case: LetterCase = LetterCase.KEEP
    separators: str = ""
    prefix: str = ""
    sentence: str

    def __call__(self, raw: str, _country: str) -> str:
        """Return the normalised identifier.

        Raises:
            BadInput: It is none; the text does not quote it.
        """
        text = "".join(item for item in unicodedata.normalize("NFKC", raw) if unicodedata.category(item) != "Cf")
        text, prefix = self._plain(text.strip()), self._plain(self.prefix)
        if not text.startswith(prefix):
            text = prefix + text
        if not re.fullmatch(self.pattern, text, re.ASCII) or not self.check.fits(text):
            raise BadInput(self.sentence)
        return text

    def compared(self, value: str) -> list[str]:
        """Return the spellings to look for in a text without separators, in small letters where case means nothing.

        Args:
            value: The normalised identifier.
        """
        either = dict.fromkeys([value, value.removeprefix(self._plain(self.prefix))])
        return [item if self.case is LetterCase.KEEP else item.lower() for item in either]

    def _plain(self, text: str) -> str:
        """Return a text, or the prefix, without separators and in the letters that count."""
        return _CASES[self.case]("".join(item for item in text if item not in self.separators))


def _spelt(value: str, template: str) -> str:
    """Write a value by a template; what is left over is written as the template goes on from its beginning."""
    signs, written = iter(value), list[str]()
    left = len(value)
    while left:
        for sign in template:
            if sign == "#":
                if not left:
                    break
                written.append(next(signs))
                left -= 1
            else:
                written.append(sign)
    return "".join(written).rstrip(template.replace("#", ""))


def _email(raw: str, _country: str) -> str:
    normal = _normal_email(raw.strip())
    if normal is None:
        raise BadInput("The e-mail address is not valid; give one like anna@example.com.")
    return normal


@lru_cache(maxsize=512)
def _normal_email(text: str) -> str | None:
    """Return an address as it is compared; cached, since each of a person's rows is read several times in a case."""
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


BUILT_IN: Final = (
    KindDeclaration(
        name="email",
        titles={"en": ("e-mail address", "e-mail addresses"), "de": ("E-Mail-Adresse", "E-Mail-Adressen")},
        strength=Strength.ONE_PERSON,
        read=_email,
        is_address=True,
        one_each=True,
    ),
    KindDeclaration(
        name="phone",
        titles={"en": ("phone number", "phone numbers"), "de": ("Telefonnummer", "Telefonnummern")},
        strength=Strength.IN_TURN,
        lifetime=Lifetime.OPEN,
        read=_phone,
    ),
    KindDeclaration(
        name="customer_id",
        titles={"en": ("customer number", "customer numbers"), "de": ("Kundennummer", "Kundennummern")},
        strength=Strength.ONE_PERSON,
        read=_opaque,
        one_each=True,
    ),
    KindDeclaration(
        name="account_id",
        titles={"en": ("account number", "account numbers"), "de": ("Kontonummer", "Kontonummern")},
        strength=Strength.ONE_PERSON,
        read=_opaque,
        is_issued=True,
    ),
    KindDeclaration(
        name="name", titles={"en": ("name", "names"), "de": ("Name", "Namen")}, strength=Strength.MANY, read=_name
    ),
    KindDeclaration(
        name="birth_date",
        titles={"en": ("date of birth", "dates of birth"), "de": ("Geburtsdatum", "Geburtsdaten")},
        strength=Strength.MANY,
        read=_birth_date,
    ),
)
"""The kinds that every configuration has."""
declare_kinds(BUILT_IN)
for _kind in BUILT_IN:
    setattr(IdentifierKind, _kind.name.upper(), IdentifierKind(_kind.name))
