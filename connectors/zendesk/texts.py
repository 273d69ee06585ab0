"""The texts that customers wrote since an instant, for those who look for requests among them.

Source: Zendesk's API reference, Incremental Exports (``GET /incremental/tickets/cursor?start_time=``: changed tickets,
archived ones included, 10 calls a minute, up to 1,000 a page; a start within the last minute is refused; the end is
``end_of_stream``) and Ticket Comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors.zendesk.client import UNREADABLE, Api, Record
from connectors.zendesk.people import UserDirectory
from rightsflow.domain.connector import NewText
from rightsflow.domain.vocabulary.records import RecordRef

_NEWEST_START: Final = timedelta(seconds=61)
_TICKET: Final = "ticket"


def new_texts(api: Api, directory: UserDirectory, since: datetime, now: datetime) -> Iterator[NewText]:
    """Yield the comments by end users that were written since an instant.

    Args:
        api: The API during the operation.
        directory: Tells end users from agents.
        since: The instant (aware).
        now: The time (aware).
    """
    start = min(since, now - _NEWEST_START)
    for ticket in api.changed_since("/incremental/tickets/cursor", "tickets", int(start.timestamp())):
        if ticket.get("status") != "deleted":
            yield from (text for text in _comments(api, directory, ticket) if text.received_at >= since)


def texts_of(api: Api, directory: UserDirectory, ref: RecordRef) -> Iterator[NewText]:
    """Yield the comments by end users in one ticket, by a fresh read.

    Args:
        api: The API during the operation.
        directory: Tells end users from agents.
        ref: The ticket.
    """
    ticket = api.find(f"/tickets/{ref.ref}", "ticket") if ref.kind == _TICKET else None
    if ticket is not None and ticket.get("status") != "deleted":
        yield from _comments(api, directory, ticket)


def _comments(api: Api, directory: UserDirectory, ticket: Record) -> Iterator[NewText]:
    number = str(ticket["id"])
    comments = list(api.by_cursor(f"/tickets/{number}/comments", "comments"))
    people = directory.many({comment["author_id"] for comment in comments if comment.get("author_id", -1) > 0})
    for at, comment in enumerate(comments):
        author = people.get(comment.get("author_id", -1))
        if author is not None and (author.is_gone or not author.is_customer):
            continue
        # The subject is no comment of its own.
        subject = str(ticket.get("subject") or "") if at == 0 else ""
        text = "\n\n".join(
            part for part in (subject, str(comment.get("plain_body") or comment.get("body") or "")) if part
        )
        if text:
            yield NewText(
                record=RecordRef(api.http.system, _TICKET, number),
                text=text,
                received_at=_written_at(api, comment),
                ticket=number,
            )


def _written_at(api: Api, comment: Record) -> datetime:
    try:
        return datetime.fromisoformat(comment["created_at"]).astimezone(UTC)
    except (KeyError, ValueError):
        raise api.failed(UNREADABLE) from None
