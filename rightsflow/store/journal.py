"""The journal of a case: who did what when. Counts and names of systems, never content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from rightsflow.store.context import Context
from rightsflow.store.tables import JournalRow


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that happened."""

    number: int
    at: datetime
    actor: str
    event: str
    details: dict[str, Any]


class Journal:
    """The entries of one case.

    Args:
        context: The open transaction, which holds the case's lock, so that numbers neither clash nor skip.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def append(self, event: str, *, actor: str = "rightsflow", **details: Any) -> None:
        """Add an entry.

        Args:
            event: Past tense, for example ``"CaseOpened"``.
            actor: A person's name, or ``rightsflow`` for the machine.
            **details: Counts, system names, codes, dates as text.
        """
        case_id = self._context.row.id
        # Whatever happened, the watch has to see what follows from it.
        self._context.row.watch_at = self._context.now
        last = self._context.session.scalar(select(func.max(JournalRow.number)).where(JournalRow.case_id == case_id))
        entry = JournalRow(
            case_id=case_id, number=(last or 0) + 1, at=self._context.now, actor=actor, event=event, details=details
        )
        self._context.session.add(entry)
        self._context.session.flush()

    def entries(self) -> Iterator[JournalEntry]:
        """All entries, oldest first."""
        query = select(JournalRow).where(JournalRow.case_id == self._context.row.id).order_by(JournalRow.number)
        for row in self._context.session.scalars(query):
            yield JournalEntry(row.number, row.at, row.actor, row.event, row.details)
