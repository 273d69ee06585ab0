"""Finding a person's records: a search per identifier, what belongs to what was found, and what that belongs to.

A hit is a claim: a row that does not have the identifier that was asked for is dropped and counted, since servers
ignore filters that they do not know.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import phonenumbers

from connectors.rest.calls import RecordSearch
from connectors.rest.paths import value_at
from connectors.rest.records import RestRecord, RestSession
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind, strong
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.ownership import Standing
from rightsflow.domain.spellings.fields import email_spellings, phone_spellings, phone_tail
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, Located, RecordRef

logger = logging.getLogger(__name__)

_SECONDS_UNTIL: Final = 10**11
"""Larger numbers are milliseconds since 1970."""


class RestLocator:
    """A search for a person."""

    def __init__(self, session: RestSession) -> None:
        self._session = session
        self._known = session.known
        self._hits: dict[RecordRef, RestRecord] = {}
        self._told: set[RecordRef] = set()
        self._above: list[RecordRef] = []

    def run(self) -> Iterator[Located]:
        """Yield every record that matches or belongs to one that does, each once."""
        for name, kind in self._session.description.kinds.items():
            for search in kind.find:
                self._search(name, search)
        # Profiles first, so that what belongs to one is told as such.
        for record in sorted(self._hits.values(), key=lambda item: (len(item.above), item.ref)):
            yield from self._tell(record, None)
        yield from self._contexts()
        if self._session.api.dropped:
            logger.info("%s: %s rows were not asked for", self._session.system, self._session.api.dropped)

    def _search(self, name: str, search: RecordSearch) -> None:
        for asked in self._asked(search):
            for given in search_values(search, asked, self._session.place.country):
                for row in self._session.api.rows(search, given):
                    record = self._session.hit(name, row, search)
                    if record is not None and asked in record.names:
                        self._hits[record.ref] = record
                    else:
                        self._session.api.dropped += 1

    def _asked(self, search: RecordSearch) -> list[Identifier]:
        issuer = self._session.system if search.by is IdentifierKind.ACCOUNT_ID else ""
        return [Identifier(search.by, value, issuer) for value in of_kind(self._known, search.by, issuer=issuer)]

    def _tell(self, record: RestRecord, via: RecordRef | None) -> Iterator[Located]:
        """Yield a record with what belongs to it, if that may be looked at."""
        if record.ref in self._told:
            return
        self._told.add(record.ref)
        self._above += record.above
        below = list(self._below(record)) if claims(record.names, self._known) else []
        yield self._located(record, via)
        for child in below:
            if not _is_anothers(child.names, self._known) or child.ref in self._hits:
                yield from self._tell(child, record.ref)

    def _below(self, record: RestRecord) -> Iterator[RestRecord]:
        for name, parent in self._session.below[record.ref.kind]:
            yield from self._session.children(record, name, parent)

    def _located(self, record: RestRecord, via: RecordRef | None, *, is_context: bool = False) -> Located:
        kind = record.kind
        return Located(
            record=record.ref,
            category=kind.category or kind.title,
            owner=record.names,
            via=via,
            above=tuple(ref for ref in record.above if ref != via),
            is_context=is_context,
            occurred_on=self._day(record),
            facts=frozenset() if is_context else self._facts(record),
            language=language_on_file(value_at(record.row, kind.language)) if kind.language and kind.profile else "",
        )

    def _day(self, record: RestRecord) -> date | None:
        stamp = value_at(record.row, record.kind.occurred_at) if record.kind.occurred_at else None
        return day_of(stamp, self._session.place.timezone)

    def _facts(self, record: RestRecord) -> frozenset[Fact]:
        facts = {fact for fact, where in record.kind.facts.items() if where.holds(record.row)}
        if record.kind.document_class is DocumentClass.VOUCHER:
            facts.add(Fact.ACCOUNTING)
        if names_others(self._session, record):
            facts.add(Fact.SHARED)
        return frozenset(facts)

    def _contexts(self) -> Iterator[Located]:
        """Yield the records that found ones belong to and that no search found: they say whose these are."""
        waiting = self._above
        while waiting:
            ref = waiting.pop()
            if ref in self._told:
                continue
            self._told.add(ref)
            if record := self._session.once(ref):
                yield self._located(record, None, is_context=True)
                waiting += record.above


def names_others(session: RestSession, record: RestRecord) -> bool:
    """Return whether other people are in a record besides the person it belongs to.

    Args:
        session: The operation.
        record: The record.
    """
    if record.beside or session.standing(record) is Standing.THEIRS:
        return True
    own = session.known | record.names
    for above in session.lineage(record):
        # Of several that it belongs to, one may be another person's.
        own |= above.names if above.names & session.known else frozenset()
    beside = session.naming.read(record.row, _as_people(record.kind.others))
    if any(item.is_strong and item not in own for item in beside):
        return True
    if any(_is_anothers(child.names, own) for child in _inside(session, record)):
        return True
    return any(entry.is_of_another(own) for entry in session.entries(record))


def _inside(session: RestSession, record: RestRecord) -> Iterator[RestRecord]:
    """Yield the records that stand in a record, or in one of these, and go when it goes."""
    for name, parent in session.below[record.ref.kind]:
        for child in session.children(record, name, parent) if parent.inside else ():
            yield child
            yield from _inside(session, child)


def _is_anothers(names: Identifiers, own: Identifiers) -> bool:
    return bool(strong(names)) and not strong(names) & own


def _as_people(paths: tuple[str, ...]) -> Mapping[IdentifierKind, tuple[str, ...]]:
    return {IdentifierKind.EMAIL: paths}


def search_values(search: RecordSearch, asked: Identifier, country: str) -> Iterator[dict[str, Any]]:
    """Yield the placeholders of each call of a search for one identifier.

    Args:
        search: The search.
        asked: The identifier.
        country: ISO 3166-1 alpha-2 code of the controller.
    """
    if asked.kind is IdentifierKind.PHONE:
        national = phonenumbers.national_significant_number(phonenumbers.parse(asked.value))
        fixed = {"digits": asked.value.lstrip("+"), "national": national, "tail": phone_tail(asked.value)}
        spellings = phone_spellings(asked.value, (country,)) if search.every_spelling else [asked.value]
        yield from (fixed | {"value": spelling} for spelling in spellings)
    else:
        every = email_spellings if asked.kind is IdentifierKind.EMAIL else asked.kind.spellings
        spellings = every(asked.value) if search.every_spelling else [asked.value]
        yield from ({"value": _escaped(search, spelling)} for spelling in spellings)


def _escaped(search: RecordSearch, value: str) -> str:
    return "".join(f"\\{char}" if char in search.escape else char for char in value)


def instant_of(stamp: object) -> datetime | None:
    """Return an instant from its text (ISO 8601, RFC 2822) or its number of seconds; ``None`` if it cannot be read.

    Args:
        stamp: As the system gave it.
    """
    if isinstance(stamp, int | float) and not isinstance(stamp, bool):
        seconds = stamp / 1000 if stamp > _SECONDS_UNTIL else stamp
        try:
            return datetime.fromtimestamp(seconds, ZoneInfo("UTC"))
        except (OverflowError, OSError, ValueError):
            return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(str(stamp))
        except ValueError:
            continue
    return None


def day_of(stamp: object, timezone: str) -> date | None:
    """Return the day of an instant where the controller is, ``None`` if there is none; without a zone it is local time.

    Args:
        stamp: As the system gave it.
        timezone: IANA name of the zone.
    """
    instant = instant_of(stamp)
    if instant is None:
        return None
    try:
        return instant.astimezone(ZoneInfo(timezone)).date() if instant.tzinfo else instant.date()
    except OverflowError:
        # Some systems write the first day of the calendar where there is none.
        return None
