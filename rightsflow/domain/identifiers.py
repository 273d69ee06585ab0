"""Identifiers of a person, normalised so that two spellings of one identifier compare equal.

An identifier is *strong* when it names one person (e-mail, customer id, account id) and *weak* when several people
may use it in turn (a phone number, a device) or share it (a date of birth). ``attribution`` builds on that difference,
which :mod:`rightsflow.domain.identifier_kinds` declares for each kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from anyascii import anyascii

from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.identifier_kinds import IdentifierKind, declared_kinds

__all__ = [
    "ONLY_CONTRADICTING",
    "Identifier",
    "IdentifierKind",
    "Identifiers",
    "contested_numbers",
    "identifier",
    "insist_on_declared",
    "kind_words",
    "looks_shared",
    "of_kind",
    "parse_leniently",
    "strong",
]

_SHORTEST_IN_TEXT = 5
"""Shorter ids are words of every other sentence."""
_LAST_SHOWN = 4
_SHORTEST_CHECKED = 10
"""An identifier with check digits of this length is no amount and no date."""

_SHARED_MAILBOXES: Final = frozenset({
    "family", "familie", "fam", "famille", "familia", "famiglia", "rodina", "eltern", "parents", "haushalt",
    "household", "home", "haus", "info", "office", "buero", "buro", "kontakt", "contact", "mail", "post", "team",
    "hello", "hallo", "admin", "service", "support", "sales", "verkauf", "vertrieb", "accounting", "buchhaltung",
    "praxis", "kanzlei", "verein", "everyone", "wir",
})  # fmt: skip

ONLY_CONTRADICTING = frozenset({IdentifierKind.NAME, IdentifierKind.BIRTH_DATE})
"""Kinds that many people share: no one is found, recognised or searched for by them. They may show another person."""


def kind_words(kind: str) -> tuple[str, str]:
    """Return the name of a kind of identifier in the singular and in the plural.

    Args:
        kind: The kind, as it is stored.
    """
    return IdentifierKind.stored(kind).words


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
        had_since: The first day on which the person had it, as the request states it, where people have it in turn;
            ``None`` for no first day. Two identifiers that differ in their days alone are equal.
        had_until: The last day likewise.
    """

    kind: IdentifierKind
    value: str
    issuer: str = ""
    is_contested: bool = field(default=False, compare=False)
    had_since: date | None = field(default=None, compare=False)
    had_until: date | None = field(default=None, compare=False)

    @property
    def is_strong(self) -> bool:
        """True if the identifier names one person (see the module's text)."""
        return self.kind.is_strong

    @property
    def is_searchable(self) -> bool:
        """True if people are searched for by it: not a name, a date of birth, or an id of an unknown system."""
        return self.proves and self.kind.declaration.searched

    @property
    def proves(self) -> bool:
        """True if it may show whose a record is: of a kind that finds people, and no id of an unknown system."""
        return bool(self.issuer) if self.kind.declaration.is_issued else self.finds

    @property
    def finds(self) -> bool:
        """True if people may be recognised by its kind: not a kind that many people share."""
        return self.kind.finds

    @property
    def is_unmistakable(self) -> bool:
        """True if the identifier means this person wherever it occurs in a text.

        A bare number does not: an order, an amount or another system's record may have the same.
        """
        if self.kind in {IdentifierKind.EMAIL, IdentifierKind.PHONE} or not self.finds:
            return self.finds
        if self.kind.declaration.has_check and len(self.value) >= _SHORTEST_CHECKED:
            return True
        return len(self.value) >= _SHORTEST_IN_TEXT and any(character.isalpha() for character in self.value)

    @property
    def realm(self) -> str:
        """Within what its value is unique: its kind, and the system that issued it."""
        return f"{self.kind.value}/{self.issuer}" if self.issuer else self.kind.value

    @property
    def shown(self) -> str:
        """Its value for a person at work; of a kind that is not shown in full its last characters alone."""
        if self.kind.declaration.shown:
            return self.value
        return f"…{self.value[-_LAST_SHOWN:]}" if len(self.value) > 2 * _LAST_SHOWN else "…"

    def __repr__(self) -> str:
        """Return the kind only: a repr ends up in logs and tracebacks."""
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
    value = kind.declaration.read(raw, country)
    if not kind.declaration.is_issued:
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


def looks_shared(address: str) -> bool:
    """Return whether an e-mail address is named like a mailbox of several people, such as ``family@`` or ``info@``.

    Args:
        address: A normalised e-mail address.
    """
    local = address.rpartition("@")[0]
    return bool(_SHARED_MAILBOXES & set(re.split(r"[^a-z]+", local if local.isascii() else anyascii(local))))


def insist_on_declared(known: Iterable[Identifier]) -> None:
    """Hold that each identifier of an open case is of a declared kind: a search without it would look complete.

    Args:
        known: What is known of the subject.

    Raises:
        Misconfigured: The declaration of one was removed.
    """
    if gone := sorted({item.kind.value for item in known} - {*declared_kinds()}):
        raise Misconfigured(
            f"The case has an identifier of the kind {gone[0]}, which the configuration declares no longer; declare "
            f"[identifiers.{gone[0]}] again until the case is closed, or the search would miss what is found by it."
        )


def strong(identifiers: Iterable[Identifier]) -> Identifiers:
    """Return the identifiers that name one person."""
    return frozenset(item for item in identifiers if item.is_strong)


def of_kind(identifiers: Iterable[Identifier], kind: IdentifierKind, *, issuer: str = "") -> list[str]:
    """Return the values of one kind, sorted, for a connector's search loop.

    Args:
        identifiers: What to choose from.
        kind: The kind.
        issuer: The system whose account ids are wanted; other kinds have none, and leave it aside.
    """
    wanted = issuer if kind.declaration.is_issued else ""
    return sorted(item.value for item in identifiers if item.kind == kind and item.issuer == wanted)
