"""The table of tickets, from which the requester of a request is read."""

from __future__ import annotations

from pydantic import Field, model_validator

from connectors.settings import Strict
from connectors.sql.column_values import Where
from rightsflow.domain.identifiers import IdentifierKind


class TicketTable(Strict):
    """The table with the tickets, so that a request can be opened by a ticket's number.

    Args:
        table: One of the configured tables; its ``occurred_at`` says when a ticket arrived.
        key: The column with the ticket's number.
        requester: The column of the table's ``references`` that leads to the requester's row; empty if the ticket
            itself names the requester.
        email: The column with the requester's e-mail address; here and below in the requester's row.
        phone: The column with their telephone number.
        customer_id: The column with their customer number.
        name: The column with their name.
        agent_when: When an agent is the requester, as ``where``: ``{ source = "internal" }``, columns of the ticket.
    """

    table: str
    key: str
    requester: str = ""
    email: str = ""
    phone: str = ""
    customer_id: str = ""
    name: str = ""
    agent_when: Where = Field(default_factory=dict)

    @property
    def columns_by_kind(self) -> dict[IdentifierKind, str]:
        """The columns that name the requester, by what they hold."""
        columns = {
            IdentifierKind.EMAIL: self.email,
            IdentifierKind.PHONE: self.phone,
            IdentifierKind.CUSTOMER_ID: self.customer_id,
            IdentifierKind.NAME: self.name,
        }
        return {kind: column for kind, column in columns.items() if column}

    @model_validator(mode="after")
    def _names_a_person(self) -> TicketTable:
        if not (self.email or self.phone or self.customer_id):
            raise ValueError("give the column email, phone or customer_id, or no requester is ever found")
        return self
