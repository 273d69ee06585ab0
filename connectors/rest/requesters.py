"""The requester of a ticket of a described system."""

from __future__ import annotations

from datetime import datetime

from connectors.rest.description import RequesterOf
from connectors.rest.locate import instant_of
from connectors.rest.paths import value_at
from connectors.rest.records import RestRecord, RestSession
from rightsflow.domain.identifiers import strong
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.request import Channel
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot, checked
from rightsflow.domain.vocabulary.records import RecordRef


def requester_of(session: RestSession, described: RequesterOf, ticket: str) -> Requester:
    """Read the customer who is a ticket's requester.

    Args:
        session: The operation.
        described: How it is read.
        ticket: The ticket's number.

    Raises:
        NoRequester: There is no such ticket, or no customer with an identifier is its requester.
    """
    record = _ticket(session, described, ticket)
    if record is None or record.is_trashed:
        raise NoRequester(WhyNot.NO_TICKET)
    person = _person(session, described, record)
    if person is None or person.is_trashed:
        raise NoRequester(WhyNot.NO_REQUESTER)
    staff = [where for where in (described.agent, person.kind.staff) if where is not None]
    if any(where.holds(person.row) for where in staff):
        raise NoRequester(WhyNot.AGENT)
    channel = str(value_at(record.row, described.channel)) if described.channel else ""
    language = value_at(person.row, person.kind.language) if person.kind.language else None
    return checked(
        Requester(
            identifiers=person.names,
            channel=described.channels.get(channel, Channel.HELPDESK),
            asked_at=_asked_at(record, described),
            language=language_on_file(language),
        )
    )


def _ticket(session: RestSession, described: RequesterOf, ticket: str) -> RestRecord | None:
    if described.list is None:
        if not (ticket.isascii() and ticket.isdigit()):
            return None
        return session.read(RecordRef(session.system, described.ticket, ticket))
    rows = session.api.rows(described.list, {"ticket": ticket})
    found = [row for row in rows if str(value_at(row, described.number)) == ticket]
    if len(found) > 1:
        raise NoRequester(WhyNot.SEVERAL)
    return session.record(described.ticket, found[0]) if found else None


def _person(session: RestSession, described: RequesterOf, record: RestRecord) -> RestRecord | None:
    if not described.person:
        realms = [item.realm for item in strong(record.names)]
        if not (record.kind.profile or record.kind.account) and len(realms) > len({*realms}):
            raise NoRequester(WhyNot.SEVERAL)
        return record
    above = [ref for ref in record.above if ref.kind == described.person]
    if len(above) > 1:
        raise NoRequester(WhyNot.SEVERAL)
    return session.read(above[0]) if above else None


def _asked_at(record: RestRecord, described: RequesterOf) -> datetime | None:
    instant = instant_of(value_at(record.row, described.asked_at)) if described.asked_at else None
    return instant if instant and instant.tzinfo else None
