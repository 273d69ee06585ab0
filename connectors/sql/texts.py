"""The texts that customers wrote into tickets since an instant, for those who look for requests among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from connectors.sql.belonging import applying
from connectors.sql.client import Row
from connectors.sql.column_settings import TicketTable, TicketTexts, fulfils
from connectors.sql.requesters import demand_columns
from connectors.sql.rows import SqlSite, TableRows
from rightsflow.domain.connector import NewText
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import RecordRef

_OPERATION = "new texts"


def new_texts(site: SqlSite, tickets: TicketTable, since: datetime) -> Iterator[NewText]:
    """Yield the texts by customers that arrived since an instant: those of tickets, then those of their replies.

    Args:
        site: The system.
        tickets: The section that names its tickets.
        since: The instant (aware).

    Raises:
        Misconfigured: A table has no column that the section names, or none that says when its rows were made.
    """
    opened, replies = _tables(site, tickets)
    for row in opened.arrived_since(since, _OPERATION):
        yield from _of_ticket(opened, tickets, row)
    if replies is None or tickets.replies is None:
        return
    for reply in replies.arrived_since(since, _OPERATION):
        for ticket in _tickets_of(opened, replies, tickets.replies, reply):
            yield from _of_reply(opened, replies, tickets, tickets.replies, ticket, reply)


def texts_of(site: SqlSite, tickets: TicketTable, ref: RecordRef) -> Iterator[NewText]:
    """Yield the texts by customers in one ticket, by a fresh read.

    Args:
        site: The system.
        tickets: The section that names its tickets.
        ref: The ticket's row.

    Raises:
        Misconfigured: As above.
    """
    opened, replies = _tables(site, tickets)
    for row in opened.with_keys([ref], _OPERATION).get(ref, ()):
        yield from _of_ticket(opened, tickets, row)
        if replies is not None and tickets.replies is not None:
            for reference in replies.settings.references:
                if reference.column == tickets.replies.ticket:
                    for reply in replies.with_values(reference.column, [row[reference.to]], _OPERATION):
                        yield from _of_reply(opened, replies, tickets, tickets.replies, row, reply)


def _tables(site: SqlSite, tickets: TicketTable) -> tuple[TableRows, TableRows | None]:
    opened = site.table(tickets.table)
    _demand(opened, tickets.texts)
    if tickets.replies is None:
        return opened, None
    replies = site.table(tickets.replies.table)
    _demand(replies, (tickets.replies.ticket, *tickets.replies.texts, *tickets.replies.agent_when))
    return opened, replies


def _demand(rows: TableRows, columns: Iterable[str]) -> None:
    demand_columns(rows, columns)
    if not rows.settings.occurred_at:
        raise Misconfigured(
            f"The table {rows.settings.name} of the system {rows.site.system} says of no row when it was made; set its "
            "occurred_at, or no request is found in its texts."
        )


def _of_ticket(opened: TableRows, tickets: TicketTable, row: Row) -> Iterator[NewText]:
    if tickets.texts and not (tickets.agent_when and fulfils(tickets.agent_when, row)):
        yield from _text(opened, tickets, row, opened, tickets.texts, row)


def _of_reply(
    opened: TableRows, replies: TableRows, tickets: TicketTable, settings: TicketTexts, ticket: Row, reply: Row
) -> Iterator[NewText]:
    if not (settings.agent_when and fulfils(settings.agent_when, reply)):
        yield from _text(opened, tickets, ticket, replies, settings.texts, reply)


def _text(
    opened: TableRows, tickets: TicketTable, ticket: Row, holder: TableRows, columns: Iterable[str], row: Row
) -> Iterator[NewText]:
    written = "\n\n".join(str(row[name]) for name in columns if row[name] not in (None, ""))
    arrived = holder.occurred_at(row)
    if written and arrived is not None:
        number = str(ticket[tickets.key])
        yield NewText(record=opened.ref(ticket), text=written, received_at=arrived.astimezone(UTC), ticket=number)


def _tickets_of(opened: TableRows, replies: TableRows, settings: TicketTexts, reply: Row) -> Iterator[Row]:
    for reference in applying(replies.settings.references, reply):
        if reference.column == settings.ticket and reference.table == opened.settings.name:
            yield from opened.with_values(reference.to, [reference.value(reply)], _OPERATION)
