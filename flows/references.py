"""The types of the parameters of all flows: references, and no datum of a person.

Prefect keeps parameters in clear. Its server refuses a value that does not fit the type's pattern; the flow reads each
value again itself.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field

from rightsflow.domain.case_labels import TICKET_NUMBER
from rightsflow.domain.vocabulary.rights import Right


def _reference(kind: str, title: str, pattern: str, *examples: str) -> Any:
    return Field(title=title, pattern=pattern, examples=list(examples), json_schema_extra={"reference": kind})


CaseId: TypeAlias = Annotated[
    str, _reference("case id", "Case", "^DSR-[0-9]{4}-[0-9A-HJKMNP-TV-Z]{6}$", "DSR-2026-7K3M9Q")
]
"""A case id."""
SystemName: TypeAlias = Annotated[str, _reference("system", "System", r"^[a-z][a-z0-9_-]{0,31}$", "helpdesk")]
"""The name of a system in the configuration."""
TicketNumber: TypeAlias = Annotated[str, _reference("ticket", "Ticket number", TICKET_NUMBER, "4711", "INC-4711")]
"""A ticket's number."""
TicketRight: TypeAlias = Annotated[
    Literal[Right.ACCESS, Right.ERASURE, Right.OBJECTION, Right.CONSENT],
    Field(title="Right", json_schema_extra={"reference": "right"}),
]
"""A right that a ticket's number is enough for."""
Day: TypeAlias = Annotated[
    date, Field(json_schema_extra={"reference": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
]
"""A day; by its pattern, since Prefect's server checks no formats."""
FileName: TypeAlias = Annotated[
    str, _reference("file", "File", r"^[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.csv$", "requests-march.csv")
]
"""The name of a file in the import folder."""

TITLES: Final = {
    "case_id": "Case",
    "file": "File",
    "received_on": "Request arrived on",
    "right": "Right",
    "system": "System",
    "ticket": "Ticket number",
}
"""The label of each parameter, for people."""
REFERENCES: Final = frozenset({"case id", "system", "ticket", "right", "date", "file"})
"""What a parameter may be, besides a number."""
