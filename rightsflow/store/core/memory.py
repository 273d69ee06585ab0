"""The rows of a case file that were read in its transaction, so that its parts read each table once.

Each transaction that changes a case raises its count of changes (``CaseRow.changes``), by which a page or a sheet that
was made before is known to be old.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Select, bindparam, event, inspect, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry, Link
from rightsflow.store.core.chain_ends import End
from rightsflow.store.tables import Base, CaseRow, FindingRow

Row = TypeVar("Row", bound=Base)

LOCKED: Final = select(CaseRow).where(CaseRow.id == bindparam("case")).with_for_update()
"""The query for a case's row, locked until the transaction ends."""
_MEMORIES: Final = "rightsflow case memories"


@cache
def _rows_of(table: type[Row]) -> Select[Row]:
    """The query for a case's rows of a table, made once: making it costs as much as asking it."""
    mine: Any = table
    return select(table).where(mine.case_id == bindparam("case")).order_by(*mine.__table__.primary_key)


class CaseMemory:
    """The rows that were read of one case in its transaction.

    Args:
        session: The open transaction.
        row: The case, locked.
        counts: Whether a change of it is counted; not where the case is made in this transaction, or only read.
    """

    def __init__(self, session: Session, row: CaseRow, *, counts: bool = True) -> None:
        self.session = session
        self.row = row
        self._rows: dict[type[Base], list[Any]] = {}
        self.end: End | None = None
        """The end of its ledger."""
        self.links: list[Link] | None = None
        """All entries of its ledger."""
        self.parsed: dict[str, Entry] = {}
        """The entries of its ledger that were parsed, by their digest."""
        self.findings: Sequence[Any] | None = None
        """Its findings, as columns."""
        self.systems: set[str] | None = None
        """The systems in which it has findings."""
        self.is_changed = False
        """True if this transaction has changed the case."""
        if counts:
            session.info.setdefault(_MEMORIES, []).append(self)

    def rows(self, table: type[Row]) -> list[Row]:
        """The case's rows of a table with a numbered key and few rows a case, in the order of the numbers.

        Args:
            table: The table, which has a column ``case_id``.
        """
        session = self.session
        if table not in self._rows or any(type(item) is table for item in session.deleted):
            self.flush_of(table)
        if table not in self._rows:
            self._rows[table] = list(session.scalars(_rows_of(table), {"case": self.row.id}))
        waiting: list[Any] = [item for item in session.new if type(item) is table]
        return [*self._rows[table], *(value for value in waiting if value.case_id == self.row.id)]

    def add(self, table: type[Row], rows: Sequence[Row]) -> None:
        """Add rows inserted by a statement to the memory, if it has the table.

        Args:
            table: The table.
            rows: The rows, as they are in the session.
        """
        if table in self._rows:
            self._rows[table] += sorted(rows, key=lambda row: inspect(row).identity or ())
        self.is_changed = True

    def flush_of(self, table: type[Base]) -> None:
        """Write waiting changes if they concern a table; other changes are written as the transaction ends.

        Args:
            table: The table, of which something is about to be read by its columns.
        """
        session = self.session
        if any(type(item) is table for some in (session.new, session.dirty, session.deleted) for item in some):
            session.flush()

    def forget(self, table: type[Base]) -> None:
        """Read a table's rows again when they are asked for, since they were changed by a statement."""
        self._rows.pop(table, None)
        self.is_changed = True

    def note_flushed(self, session: Session) -> None:
        """Update what was read with the rows that a flush inserted and deleted.

        Args:
            session: The session, which has written and still says what.
        """
        self.is_changed = True
        if any(isinstance(element, FindingRow) for element in (*session.new, *session.dirty, *session.deleted)):
            self.findings = self.systems = None
        for item in session.new:
            rows = self._rows.get(type(item))
            if rows is not None and item.case_id == self.row.id:
                rows.append(item)
        for entry in session.deleted:
            rows = self._rows.get(type(entry))
            if rows is not None and entry in rows:
                rows.remove(entry)


def _memories(session: Session) -> list[CaseMemory]:
    found: list[CaseMemory] = session.info.get(_MEMORIES, [])
    return found


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: object) -> None:
    for memory in _memories(session):
        memory.note_flushed(session)


@event.listens_for(Session, "before_commit")
def _count_change(session: Session) -> None:
    """Raise the number by which others see that the case was changed, in the transaction that changed it."""
    if session.in_nested_transaction():
        return
    for memory in _memories(session):
        if memory.is_changed or session.dirty or session.new or session.deleted:
            memory.row.changes += 1
