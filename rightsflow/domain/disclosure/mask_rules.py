"""Rules for masking other people's data: data to keep, data to mask, and the forms of both in texts. Pure.

An officer who includes a record in doubt says that the record is the person's, and not that the other name in it is.
So contradicting identifiers in it are masked until a person decides, for each place where one occurs, to show it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from rightsflow.domain.birth_dates import looks_like_date, read_birth_date, spellings
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import (
    ONLY_CONTRADICTING,
    Identifier,
    IdentifierKind,
    Identifiers,
    of_kind,
    parse_leniently,
)
from rightsflow.domain.names import closest
from rightsflow.domain.spellings.wordforms import NameForms, Own, compose, fold, name_forms, phone_pattern

AT: Final = re.compile(r"@|%40|&#64;|＠")
"""The sign in an address, also as links, pages and other scripts write it."""


@lru_cache(maxsize=4096)
def _email_of(address: str) -> str:
    """Return an address as it is compared."""
    address = AT.sub("@", address)
    identifier = parse_leniently(IdentifierKind.EMAIL, address)
    return identifier.value if identifier else address.casefold()


def _untagged(address: str) -> str:
    """Return an address without the suffix behind a plus sign, by which people sort their mail."""
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def days_of(raw: str) -> frozenset[str]:
    """Return the spellings of a date in texts; empty if the text is not written like a date.

    Args:
        raw: As a connector gives it: one that can be read for sure in any spelling, another one as it is.
    """
    if not looks_like_date(raw):
        return frozenset()
    day = read_birth_date(raw)
    return frozenset({raw.strip(), *(spellings(day) if day else ())})


def date_pattern(days: Collection[str]) -> re.Pattern[str] | None:
    """Return the pattern that finds dates as they are written, not within longer numbers; ``None`` if there are none.

    Args:
        days: As :func:`days_of` gives them.
    """
    if not days:
        return None
    either = "|".join(re.escape(day) for day in sorted(days, key=lambda day: (-len(day), day)))
    return re.compile(rf"(?<!\d)(?:{either})(?!\d)")


_MOST_RULES: Final = 20


@dataclass(frozen=True)
class MaskRules:
    """The data to keep and to mask, for one subject and the other people that a connector listed beside a part."""

    subject: Identifiers
    others: frozenset[str]
    own: Own
    country: str
    clean: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """Short texts in which nothing of another person stands, such as the names of fields."""

    @cached_property
    def kept_phones(self) -> frozenset[str]:
        """The subject's numbers and the controller's lines."""
        lines = frozenset(line for line in self.own.lines if not line.endswith("*"))
        return lines | frozenset(of_kind(self.subject, IdentifierKind.PHONE))

    @cached_property
    def listed(self) -> _Listed:
        """Other people's data as a connector listed them."""
        theirs = frozenset(other for other in self.others if not self.own.has_name(other))
        return _sort_out(theirs, self.subject, self.own, self.country)

    @cached_property
    def kept_emails(self) -> frozenset[str]:
        """The subject's addresses."""
        return frozenset(_untagged(item) for item in of_kind(self.subject, IdentifierKind.EMAIL))

    def keeps_phone(self, number: str, text: str, start: int) -> bool:
        """Return whether a number at ``start`` is the subject's or the controller's, also with further digits after it.

        National numbers have no fixed length: "030 901820 4711" reads as one number and is a number and something else.
        """
        return self.own.has_line(number) or any(
            phone_pattern(kept_phone).match(text, start) for kept_phone in self.kept_phones
        )

    def keeps_email(self, address: str) -> bool:
        """Return whether an address is the subject's (with or without a ``+tag``) or the controller's."""
        email = _email_of(address)
        if _untagged(email) in self.kept_emails:
            return True
        return self.own.has_domain(email.rpartition("@")[2]) and email not in self.listed.emails


class MaskMemory:
    """A cache of results from masking some parts, for the next ones; it lasts as long as these are masked."""

    def __init__(self) -> None:
        self._known: dict[MaskRules, MaskRules] = {}

    def rules(self, wanted: MaskRules) -> MaskRules:
        """Return these rules with the results already worked out from them."""
        if len(self._known) >= _MOST_RULES:
            self._known.clear()
        return self._known.setdefault(wanted, wanted)


@dataclass(frozen=True)
class _Listed:
    """Other people's data as a connector listed them, by kind and without data that are the subject's as well."""

    emails: frozenset[str]
    phones: frozenset[str]
    names: tuple[NameForms, ...]
    dates: re.Pattern[str] | None
    numbers: tuple[re.Pattern[str], ...] = ()


def spelt_pattern(identifier: Identifier) -> re.Pattern[str]:
    """Return the pattern that finds an id in a folded text, also with the separators that its kind may have.

    Args:
        identifier: The id.
    """
    form = identifier.kind.declaration.form
    apart = f"[{re.escape(form.separators)}]*" if form and form.separators else ""
    spelt = apart.join(map(re.escape, fold(identifier.value)))
    return re.compile(rf"(?<![^\W_]){spelt}(?![^\W_])")


def _checked(raw: str) -> Identifier | None:
    """Return the identifier of a kind with check digits that a connector listed."""
    kinds = (kind for kind in declared_kinds() if kind.declaration.has_check)
    return next((number for kind in kinds if (number := parse_leniently(kind, raw))), None)


@lru_cache(maxsize=256)
def _sort_out(others: frozenset[str], subject: Identifiers, own: Own, country: str) -> _Listed:
    emails, phones, names, dates = set(), set(), [], set[str]()
    numbers: set[Identifier] = set()
    own_words = {word for name in of_kind(subject, IdentifierKind.NAME) for word in fold(name).split()}
    own_names = {" ".join(sorted(fold(name).split())) for name in of_kind(subject, IdentifierKind.NAME)}
    for raw in others:
        words = fold(compose(raw)).replace(",", " ").split()
        if AT.search(raw):
            emails.add(_email_of(raw))
        elif days := days_of(raw):
            dates |= days
        elif number := _checked(raw):
            numbers.add(number)
        elif phone := parse_leniently(IdentifierKind.PHONE, raw, country=country):
            phones |= set() if own.has_line(phone.value) else {phone.value}
        elif words and " ".join(sorted(words)) not in own_names and not (len(words) == 1 and words[0] in own_words):
            names.append(name_forms(raw, surname_alone=words[-1] not in own_words, genitive=True))
    return _Listed(
        frozenset(emails),
        frozenset(phones) - frozenset(of_kind(subject, IdentifierKind.PHONE)),
        tuple(name for name in names if name),
        date_pattern(dates - {day for item in of_kind(subject, IdentifierKind.BIRTH_DATE) for day in days_of(item)}),
        tuple(spelt_pattern(number) for number in sorted(numbers - subject)),
    )


def identifier_contradicts(identifier: Identifier, known: Identifiers) -> bool:
    """Return whether an identifier of a record is unknown for the subject, or is another name.

    Args:
        identifier: What the record names its person by.
        known: What is known of the subject.
    """
    if identifier.kind is IdentifierKind.NAME:
        return closest([identifier.value], of_kind(known, IdentifierKind.NAME)).contradicts
    return identifier not in known


def contradicting(named: Identifiers, known: Identifiers) -> frozenset[str]:
    """Return the names, addresses, telephone numbers and dates of birth in a record that contradict the subject's.

    They are masked in the record.

    A customer or account number is no name: nothing masks one in other records either. The officer sees it.

    Args:
        named: Everything by which the record names its person.
        known: What is known of the subject.
    """
    masked = {*ONLY_CONTRADICTING, IdentifierKind.EMAIL, IdentifierKind.PHONE}
    return frozenset(
        identifier.value
        for identifier in named
        if (identifier.kind in masked or identifier.kind.declaration.has_check)
        and identifier_contradicts(identifier, known)
    )
