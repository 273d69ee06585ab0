"""The requester of a ticket that is a row of a configured table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from connectors.sql.belonging import applying
from connectors.sql.client import Row
from connectors.sql.column_settings import TicketTable, fulfils
from connectors.sql.rows import SqlSite, TableRows
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot, checked

_OPERATION: Final = "requester of"


def requester_of(site: SqlSite, tickets: TicketTable, ticket: str) -> Requester:
    """Read the requester of a ticket.

    Raises:
        NoRequester: There is no such row, more than one, or none that names a customer.
        Misconfigured: A table has no column that the section names.
    """
    rows = site.table(tickets.table)
    demand_columns(rows, {tickets.key, *tickets.agent_when})
    row = _only(list(rows.with_values(tickets.key, [ticket], _OPERATION)), WhyNot.NO_TICKET)
    if tickets.agent_when and fulfils(tickets.agent_when, row):
        raise NoRequester(WhyNot.AGENT)
    people, person = _person(site, rows, row, tickets.requester)
    demand_columns(people, tickets.columns_by_kind.values())
    language = people.settings.language
    return checked(
        Requester(
            identifiers=_identifiers(site, tickets, person),
            asked_at=rows.occurred_at(row),
            language=language_on_file(person[language]) if language else "",
        )
    )


def _person(site: SqlSite, rows: TableRows, row: Row, through: str) -> tuple[TableRows, Row]:
    """Return the row that names the requester: the ticket's own, or the one that a reference leads to."""
    if not through:
        return rows, row
    for reference in applying(rows.settings.references, row):
        if reference.column == through:
            people = site.table(reference.table)
            found = list(people.with_values(reference.to, [reference.value(row)], _OPERATION))
            return people, _only(found, WhyNot.NO_REQUESTER)
    raise NoRequester(WhyNot.NO_REQUESTER)


def _identifiers(site: SqlSite, tickets: TicketTable, person: Row) -> Identifiers:
    read = {
        parse_leniently(kind, person[column], country=site.phones.country)
        for kind, column in tickets.columns_by_kind.items()
    }
    return frozenset(
        item
        for item in read
        if item is not None and (item.kind is not IdentifierKind.PHONE or site.phones.is_somebodys(item))
    )


def demand_columns(rows: TableRows, columns: Iterable[str]) -> None:
    """Refuse a section tickets that names a column which its table lacks.

    Args:
        rows: The table.
        columns: The columns.

    Raises:
        Misconfigured: One is not there.
    """
    missing = sorted(set(columns) - set(rows.table.columns.keys()))
    if missing:
        raise Misconfigured(
            f"The table {rows.settings.name} of the system {rows.site.system} has no column {', '.join(missing)}; "
            "mend its section tickets."
        )


def _only(found: list[Row], otherwise: WhyNot) -> Row:
    if not found:
        raise NoRequester(otherwise)
    if len(found) > 1:
        raise NoRequester(WhyNot.SEVERAL)
    return found[0]
