"""The request: what a person asked for, and for which part of the data, before it becomes a case.

The person decides how far a request goes ("my calls of May"; recital 63 GDPR, Art. 12A UK GDPR). Data outside it are
neither given nor erased, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from rightsflow.domain.case_labels import read_ticket
from rightsflow.domain.deadlines import received_on
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import KindRole
from rightsflow.domain.identifiers import (
    Identifier,
    IdentifierKind,
    Identifiers,
    identifier,
    of_kind,
)
from rightsflow.domain.languages import LanguageSource, language_of, read_language
from rightsflow.domain.people import kept, refuse_no_colleague
from rightsflow.domain.rectification.corrections import Correction, born_in, read_corrections
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.rights import RestrictionGround, Right
from rightsflow.domain.wording import day, listed

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_GDPR_APPLIES_FROM = date(2018, 5, 25)  # Art. 99(2)


class Channel(StrEnum):
    """The channel by which the request arrived, as a person stated it."""

    NOT_STATED = "not stated"
    """Nothing is mailed by itself then: only who wrote electronically is answered so (Art. 12(3) GDPR)."""
    EMAIL = "e-mail"
    PHONE = "phone"
    LETTER = "letter"
    WEB_FORM = "web form"
    HELPDESK = "helpdesk"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """A request that was read and found usable.

    Args:
        right: What is asked for.
        identifiers: What the person is found by; at least one that can be searched for.
        received_at: When it reached an official channel of the controller (aware).
        channel: How it arrived.
        opened_by: Who entered it; that person cannot approve it later.
        country: ISO 3166-1 alpha-2 code of the person's country, where known.
        language: The person's language, a BCP 47 tag, where known.
        language_source: Whether the request says so or the country.
        controller: The controller on whose behalf it is handled, by its key in the configuration; empty for our own.
        ground: On which ground a restriction is asked for; ``None`` of any other request.
        corrections: What is to be corrected, of a rectification; none of any other request.
        ticket: The number of the ticket that it is about, for lists; empty for none.
    """

    right: Right
    identifiers: Identifiers
    received_at: datetime
    channel: Channel
    opened_by: str
    country: str = ""
    language: str = ""
    language_source: LanguageSource = LanguageSource.REQUEST
    controller: str = ""
    ground: RestrictionGround | None = None
    corrections: tuple[Correction, ...] = ()
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RequestForm:
    """A person's input to a request form, before any check; every field may be empty or wrong.

    Each of ``further`` is an identifier of a kind of the configuration, with the kind's name. Behind one that people
    have in turn may stand the days on which the person had it: ``490154203237518 2024-03-01..2025-06-30``.
    """

    right: str = ""
    email: str = ""
    phone: str = ""
    customer_id: str = ""
    account_id: str = ""
    account_system: str = ""
    name: str = ""
    birth_date: str = ""
    received: str = ""
    channel: str = Channel.NOT_STATED.value
    country: str = ""
    language: str = ""
    opened_by: str = ""
    ground: str = ""
    corrections: str = ""
    ticket: str = ""
    further: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault in one field of a form.

    Args:
        field: The field, as :class:`RequestForm` has it.
        sentence: What is wrong and how to fix it; it never quotes what was typed.
    """

    field: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The context for reading a form.

    Args:
        now: The present instant (aware); a request cannot have been received later.
        zone: The controller's time zone, in which a day is read.
        country: The controller's country (ISO 3166-1 alpha-2), in which national phone numbers are read.
        issuers: The systems that issue account ids, by their names in the configuration.
        systems: All systems, by their names in the configuration.
        kinds: The kinds of identifier that the configuration declares.
    """

    now: datetime
    zone: ZoneInfo
    country: str
    issuers: Collection[str] = ()
    systems: Collection[str] = ()
    kinds: Collection[IdentifierKind] = ()


def read_form(form: RequestForm, reading: Reading, on_file: Identifiers = frozenset()) -> Request:
    """Check a form and normalise what it holds.

    Args:
        form: As it was filled in.
        reading: What it is read with.
        on_file: Further identifiers, which a system has on file of the person.

    Raises:
        BadInput: Something is missing or wrong; the sentence names it without quoting it.
    """
    read = check_form(form, reading, on_file)
    if isinstance(read, Request):
        return read
    raise BadInput(read[0].sentence)


def check_form(
    form: RequestForm, reading: Reading, on_file: Identifiers = frozenset()
) -> Request | tuple[FieldFault, ...]:
    """Check a form and normalise what it holds; where something is wrong, name all of it.

    Args:
        form: As it was filled in.
        reading: What it is read with.
        on_file: Further identifiers, which a system has on file of the person.
    """
    check, now = _Check(), reading.now
    subject_country = check("country", lambda: _country(form.country), "")
    language = check("language", lambda: read_language(form.language), "")
    known_by = on_file | _identifiers(
        form, replace(reading, country=subject_country or reading.country), check, on_file
    )
    opened_by = check("opened_by", lambda: _opened_by(form.opened_by, known_by), "")
    right = check("right", lambda: _choice(Right, form.right, "right"), Right.ACCESS)
    received_at = check("received", lambda: _received_at(form.received, now=now, zone=reading.zone), now)
    ground = check("ground", lambda: _ground(form.ground, right), None)
    nothing: tuple[Correction, ...] = ()
    corrections = check(
        "corrections", lambda: _corrections(form.corrections, right, subject_country or reading.country), nothing
    )
    ticket = check("ticket", lambda: read_ticket(form.ticket), "")
    channel = check("channel", lambda: _choice(Channel, form.channel, "channel"), Channel.NOT_STATED)
    if check.faults:
        return tuple(check.faults)
    return Request(
        right=right,
        # A record with the date that the person says stands there wrongly is the one to correct.
        identifiers=known_by | born_in(corrections),
        received_at=received_at,
        channel=channel,
        opened_by=opened_by,
        country=subject_country,
        language=language_of(language, subject_country, reading.country),
        language_source=LanguageSource.REQUEST if language else LanguageSource.COUNTRY,
        ground=ground,
        corrections=corrections,
        ticket=ticket,
    )


class _Check:
    """Reads field by field and goes on after a fault, so that all of them are named."""

    def __init__(self) -> None:
        self.faults: list[FieldFault] = []

    def __call__(self, field: str, read: Callable[[], T], instead: T) -> T:
        """Return the value read from a field; if that fails, note the fault and return the substitute."""
        try:
            return read()
        except BadInput as error:
            self.faults.append(FieldFault(field, str(error)))
            return instead


_FIELDS = {
    "email": IdentifierKind.EMAIL,
    "phone": IdentifierKind.PHONE,
    "customer_id": IdentifierKind.CUSTOMER_ID,
    "account_id": IdentifierKind.ACCOUNT_ID,
    "name": IdentifierKind.NAME,
    "birth_date": IdentifierKind.BIRTH_DATE,
}
SEARCHED_FIELDS = tuple(field for field, kind in _FIELDS.items() if kind.finds)
"""The fields of which a form needs at least one."""


def _identifiers(form: RequestForm, reading: Reading, check: _Check, on_file: Identifiers) -> Identifiers:
    typed = {field: text for field in _FIELDS if (text := getattr(form, field)).strip()}
    issuer, nothing = "", frozenset[Identifier]()
    if "account_id" in typed:
        issuer = check("account_system", lambda: read_issuer(form.account_system, reading.issuers), "")
    identifiers: set[Identifier] = set()
    for field, text in typed.items():
        if field != "account_id" or issuer:
            identifiers |= check(field, partial(_identifier, _FIELDS[field], text, reading.country, issuer), nothing)
    further = [(kind, text) for kind, text in form.further if text.strip()]
    for name, text in further:
        identifiers |= check(name, partial(_further, name, text, reading), nothing)
    if any(item > reading.now.date().isoformat() for item in of_kind(identifiers, IdentifierKind.BIRTH_DATE)):
        check.faults.append(
            FieldFault("birth_date", "The date of birth lies in the future; correct it or leave it out.")
        )
    if not further and typed.keys().isdisjoint(SEARCHED_FIELDS) and not any(item.finds for item in on_file):
        sentence = "No identifier is given; give at least an e-mail address, a phone number or a customer id."
        check.faults.append(FieldFault("email", sentence))
    return frozenset(identifiers)


def _identifier(kind: IdentifierKind, text: str, country: str, issuer: str) -> Identifiers:
    return frozenset({identifier(kind, text, country=country, issuer=issuer)})


_HAD: Final = re.compile(r"(.*\S)\s+(\d{4}-\d{2}-\d{2})?\.\.(\d{4}-\d{2}-\d{2})?", re.DOTALL)


def read_kind(name: str, kinds: Collection[IdentifierKind]) -> IdentifierKind:
    """Return the kind of identifier that a person named.

    Args:
        name: Its name.
        kinds: The kinds that may be named.

    Raises:
        BadInput: There is no such kind.
    """
    wanted = name.strip().lower()
    if declared := next((kind for kind in kinds if kind == wanted), None):
        return declared
    known = ", ".join(kind.value for kind in kinds)
    mend = f"use one of {known}, or declare it" if known else "declare it"
    raise BadInput(f"The kind of identifier is not known; {mend} in [identifiers] of rightsflow.toml.")


def _further(name: str, text: str, reading: Reading) -> Identifiers:
    kind = read_kind(name, reading.kinds)
    if not (had := _HAD.fullmatch(text.strip())):
        return _identifier(kind, text, reading.country, "")
    if kind.role is not KindRole.TURN:
        raise BadInput(f"Days are given only with what people have in turn; leave them out of the {kind.words[0]}.")
    value, first, last = had.groups()
    since, until = (read_day(day, "The day") if day else None for day in (first, last))
    if since and until and until < since:
        raise BadInput(f"The days of the {kind.words[0]} end before they begin; correct one of them.")
    return frozenset({replace(identifier(kind, value, country=reading.country), had_since=since, had_until=until)})


def read_named(text: str) -> tuple[str, str]:
    """Read an identifier that is typed with its kind, like ``imei=490154203237518``.

    Args:
        text: The text.

    Raises:
        BadInput: It has no kind.
    """
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise BadInput("An identifier has no kind; give it like imei=490154203237518.")
    return name.strip().lower(), value.strip()


def read_issuer(text: str, issuers: Collection[str]) -> str:
    """Return the system that issued a typed account id: the named one, or the only one there is.

    Args:
        text: The system's name as it was typed; may be empty.
        issuers: The systems that issue account ids.

    Raises:
        BadInput: No such system issues account ids, or several do and none was named.
    """
    named, known = text.strip().lower(), ", ".join(sorted(issuers))
    if not issuers:
        raise BadInput("No configured system issues account ids; leave the account id out.")
    if named in issuers:
        return named
    if named:
        raise BadInput(f"The system of the account id is not known; use one of {known}.")
    if len(issuers) > 1:
        raise BadInput(f"The system that issued the account id is missing; name one of {known}.")
    return next(iter(issuers))


def _opened_by(text: str, subject: Identifiers) -> str:
    if not text.strip():
        raise BadInput(
            "Your name is missing; fill in who opens the request, since that person cannot approve it later."
        )
    name = identifier(IdentifierKind.NAME, text).value
    refuse_no_colleague(name, (item.value for item in subject if item.kind is IdentifierKind.NAME))
    return kept(text, name)


def _received_at(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    if not text.strip():
        return now.astimezone(zone)
    try:
        if "T" in text or " " in text.strip():
            received = datetime.fromisoformat(text.strip())
        else:
            # A bare day: its first moment, so that a request entered on the same day is never "in the future".
            received = datetime.combine(date.fromisoformat(text.strip()), time.min, tzinfo=zone)
    except ValueError:
        raise BadInput("The date of receipt is not valid; give it like 2026-03-05 or 2026-03-05T10:00+01:00.") from None
    if received.tzinfo is None:
        raise BadInput("The time of receipt has no time zone; give it like 2026-03-05T10:00+01:00, or the day alone.")
    # In UTC: two times of one zone are compared by their wall clocks, which go back in autumn.
    if received > now.astimezone(UTC):
        raise BadInput("The date of receipt lies in the future; give the day on which the request arrived.")
    if received.year < _GDPR_APPLIES_FROM.year or received_on(received, zone) < _GDPR_APPLIES_FROM:
        raise BadInput("The date of receipt lies before 25 May 2018, when the GDPR began to apply; check its year.")
    return received


def _country(text: str) -> str:
    code = text.strip().upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise BadInput("The country is not valid; give its two-letter code, like DE.")
    return code


def _ground(text: str, right: Right) -> RestrictionGround | None:
    if right is not Right.RESTRICTION:
        if text.strip():
            raise BadInput("A ground is given with a restriction alone; leave it out.")
        return None
    if not text.strip():
        allowed = ", ".join(member.value for member in RestrictionGround)
        raise BadInput(f"The ground of the restriction is missing (Art. 18(1) GDPR); give one of {allowed}.")
    return _choice(RestrictionGround, text, "ground")


def _corrections(text: str, right: Right, country: str) -> tuple[Correction, ...]:
    if right is Right.RECTIFICATION:
        return read_corrections(text, country)
    if text.strip():
        raise BadInput("What is to be corrected is given with a rectification alone; leave it out.")
    return ()


def _choice(kind: type[E], text: str, what: str) -> E:
    try:
        return kind(text.strip().lower())
    except ValueError:
        allowed = ", ".join(member.value for member in kind)
        raise BadInput(f"The {what} is not known; use one of {allowed}.") from None


NOT_ASKED_FOR: Final = "not asked for"
"""The ground of what is left out because it lies outside; no officer can give it."""
OUTSIDE: Final = "Your request is not about these data."
"""Reason for leaving a record unchanged or out of the package, in a sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """The scope of a request.

    Args:
        categories: The categories, in the words of the record of processing; empty for all.
        since: The first day; ``None`` for no limit.
        until: The last day; ``None`` for no limit.
    """

    categories: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def covers(self, category: str, occurred_on: date | None, *, if_undated: bool) -> bool:
        """Return whether a record lies within.

        Args:
            category: Its category.
            occurred_on: Its date in its system.
            if_undated: What is returned of a record without a date where a period is named.
        """
        if self.categories and category.casefold() not in {item.casefold() for item in self.categories}:
            return False
        if self.since is None and self.until is None:
            return True
        if occurred_on is None:
            return if_undated
        return (self.since or occurred_on) <= occurred_on <= (self.until or occurred_on)

    @property
    def words(self) -> str:
        """Scope in words for the person, to follow "about"."""
        what = listed(list(self.categories)) if self.categories else "personal data"
        since = f" from {day(self.since)}" if self.since else ""
        until = f" until {day(self.until)}" if self.until else ""
        return f"{what}{since}{until}"


def read_narrowing(categories: Iterable[str], since: str, until: str, known: Collection[str]) -> Narrowing | None:
    """Read what a request is about as it was typed; ``None`` where nothing narrows it.

    Args:
        categories: The categories; empty ones are passed over.
        since: The first day, like ``2026-05-01``, or empty.
        until: The last day, or empty.
        known: The categories of the record of processing.

    Raises:
        BadInput: A category is not known, or the days are not valid.
    """
    by_word = {text.casefold(): text for text in known}
    typed = [word for category in categories if (word := " ".join(category.split()).casefold())]
    if [category for category in typed if category not in by_word]:
        raise BadInput(f"A category is not known; use one of {', '.join(sorted(known))}.")
    first = read_day(since, "The first day of the period") if since.strip() else None
    last = read_day(until, "The last day of the period") if until.strip() else None
    if first and last and last < first:
        raise BadInput("The period ends before it begins; correct one of its days.")
    if not (typed or first or last):
        return None
    return Narrowing(categories=tuple(dict.fromkeys(by_word[category] for category in typed)), since=first, until=last)
