"""Who asks: the sandbox's customers, and people of whom no system holds anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rightsflow_sandbox.world.model import Customer
from tests.support.identity import IMPORT_COLUMNS, as_cells

COLUMNS: Final = ("right", "email", "customer_id", "name", "received", "channel", *IMPORT_COLUMNS)
_DAYS: Final = 21
"""Over so many days the first file's requests came."""
_MOST_URGENT: Final = 4
"""So many days before these came those of the second file."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request.

    Args:
        email: Of the person.
        customer_id: Of the person, where it is a customer; empty otherwise.
        received: On which day it came.
    """

    email: str
    customer_id: str
    received: date

    @property
    def is_customers(self) -> bool:
        """Whether the systems hold something of the person."""
        return bool(self.customer_id)


def requests(cases: int, people: Sequence[Customer], today: date) -> tuple[list[Asking], list[Asking]]:
    """The requests of the first file and of the second, whose days are earlier than all of the first one's.

    Args:
        cases: How many.
        people: The customers; all of them ask, if there are requests enough.
        today: After the last day.
    """
    late = max(cases // 20, 1)
    some = people[:cases]
    # Spread over all of them, the urgent ones too.
    customers = {number * cases // len(some): person for number, person in enumerate(some)}
    asking = []
    for number in range(cases):
        is_late = number >= cases - late
        days = _DAYS + 1 + number % _MOST_URGENT if is_late else 1 + number * 8 % _DAYS
        person = customers.get(number)
        email, customer_id = (person.email, person.customer_id) if person else (f"nobody{number}@example.org", "")
        asking.append(Asking(email, customer_id, today - timedelta(days=days)))
    return asking[: cases - late], asking[cases - late :]


def as_file(asking: Sequence[Asking]) -> str:
    """The requests as a file to import, in which everybody's identity is confirmed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, one in enumerate(asking):
        name, received = f"Person {number}", one.received.isoformat()
        check = as_cells(f"{received}T10:00", by="Ida Identity")
        writer.writerow(["access", one.email, one.customer_id, name, received, "web form", *check])
    return text.getvalue()
