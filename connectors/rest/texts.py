"""The texts that customers wrote since an instant, for those who look for requests among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.rest.client import UNREADABLE, Row
from connectors.rest.description import RequesterOf, TextsSince
from connectors.rest.locate import instant_of
from connectors.rest.paths import value_at, values_at
from connectors.rest.records import RestRecord, RestSession
from rightsflow.domain.connector import NewText
from rightsflow.domain.vocabulary.records import RecordRef


def new_texts(
    session: RestSession, described: TextsSince, requester: RequesterOf | None, since: datetime
) -> Iterator[NewText]:
    """Yield the texts by customers that arrived since an instant; each changed record is read afresh.

    Args:
        session: The operation.
        described: How they are read.
        requester: How the requester of a ticket is read, if it is.
        since: The instant (aware).

    Raises:
        Permanent: A row does not say when it changed.
    """
    start = since.astimezone(UTC)
    given = {"since": f"{start:%Y-%m-%dT%H:%M:%SZ}", "seconds": int(start.timestamp()), "day": f"{start:%Y-%m-%d}"}
    for row in session.api.rows(described.list, given):
        if _instant(session, row, described.changed_at) < since:
            continue
        record = session.read(session.record(described.kind, row).ref)
        if record is not None and not record.is_trashed:
            yield from _texts(session, described, requester, record, since)


def texts_of(
    session: RestSession, described: TextsSince, requester: RequesterOf | None, ref: RecordRef
) -> Iterator[NewText]:
    """Yield the texts by customers in one record, by a fresh read.

    Args:
        session: The operation.
        described: How they are read.
        requester: How the requester of a ticket is read, if it is.
        ref: The record.
    """
    record = session.read(ref)
    if record is not None and not record.is_trashed:
        yield from _texts(session, described, requester, record, datetime.min.replace(tzinfo=UTC))


def _texts(
    session: RestSession, described: TextsSince, requester: RequesterOf | None, record: RestRecord, since: datetime
) -> Iterator[NewText]:
    number = ""
    if requester is not None and requester.ticket == record.ref.kind:
        number = str(value_at(record.row, requester.number)) if requester.list else record.ref.ref
    made_at = _instant(session, record.row, record.kind.occurred_at)
    if made_at >= since:
        for path in described.texts:
            for text in values_at(record.row, path):
                yield NewText(record=record.ref, text=str(text), received_at=made_at, ticket=number)
    entries = session.entries(record) if described.entry_at and record.kind.entries else []
    paths = record.kind.entries.texts if record.kind.entries else ()
    for entry in (entry for entry in entries if not entry.is_staff):
        if (written_at := _instant(session, entry.row, described.entry_at)) >= since:
            text = "\n".join(str(value) for path in paths for value in values_at(entry.row, path))
            if text:
                yield NewText(record=record.ref, text=text, received_at=written_at, ticket=number)


def _instant(session: RestSession, row: Row, path: str) -> datetime:
    instant = instant_of(value_at(row, path))
    if instant is None:
        raise session.api.failed(UNREADABLE)
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(session.place.timezone))
