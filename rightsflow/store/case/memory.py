"""A process's memory of a case file between transactions.

A run opens its case a dozen times within a second, usually without any change by another process in between. Each
transaction that changes a case raises its count of changes (``CaseRow.changes``). A process that finds the count of
its own last transaction, under the case's lock, can rely on its memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Select, bindparam, event, inspect, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Link
from rightsflow.domain.errors import Transient
from rightsflow.store.case.chain_ends import End
from rightsflow.store.tables import Base, CaseRow, FindingRow

Row = TypeVar("Row", bound=Base)

MOST_KEPT: Final = 1000
"""The largest number of a case's records, or of its ledger entries, kept in memory between transactions."""
LOCKED: Final = select(CaseRow).where(CaseRow.id == bindparam("case")).with_for_update()
"""The query for a case's row, locked until the transaction ends."""
_MEMORIES: Final = "rightsflow case memories"


@cache
def _rows_of(table: type[Row]) -> Select[Row]:
    """The query for a case's rows of a table, made once: making it costs as much as asking it."""
    mine: Any = table
    return select(table).where(mine.case_id == bindparam("case")).order_by(*mine.__table__.primary_key)


class CaseMemory:
    """The rows that were read of one case, in the session that read them.

    Args:
        session: The session.
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
        self.findings: Sequence[Any] | None = None
        """Its findings, as columns."""
        self.systems: set[str] | None = None
        """The systems in which it has findings."""
        self.is_changed = False
        """True if this transaction has changed the case."""
        self.is_spoilt = False
        """True if the memory may differ from the store."""
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

    def open_again(self, *, is_current: bool) -> None:
        """Go on in another transaction, in which the case is locked.

        Args:
            is_current: Whether no one else has changed the case meanwhile; else everything is read again.
        """
        self.is_changed = False
        if not is_current:
            self._rows.clear()
            self.end = self.links = self.findings = self.systems = None
        self._keep_own()

    def drop_large(self) -> None:
        """Drop large parts of the memory at the end of a transaction; the next transaction reads them again."""
        if len(self.findings or ()) > MOST_KEPT:
            self.findings = None
        if len(self.links or ()) > MOST_KEPT:
            self.links = None

    def _keep_own(self) -> None:
        """Reduce the session to the remembered rows: rows of other cases may have been changed by others."""
        session, own = self.session, {id(row) for rows in self._rows.values() for row in rows}
        for item in list(session.identity_map.values()):
            if item is not self.row and id(item) not in own:
                session.expunge(item)

    def note_flushed(self, session: Session) -> None:
        """Update the memory with the rows that a flush inserted and deleted.

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


@dataclass(slots=True)
class KeptMemory:
    """A process's memory of one case, for as long as it works on the case.

    Args:
        session: The session of all its transactions.
        memory: What the last of them left; ``None`` before the first, and after one that failed.
    """

    session: Session
    memory: CaseMemory | None = None

    def forget(self) -> None:
        """Remember nothing."""
        self.memory = None
        self.session.close()
        self.session.info.clear()


@dataclass(slots=True)
class _Place:
    """A case's entry; the thread with the open case file holds its lock, taken before the case's lock in the store."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: KeptMemory | None = None


class KeptMemories:
    """A process's memory of the cases that it works on. Thread-safe.

    Args:
        seconds: For how long a thread waits for another one of the process that has the same case open.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}

    @contextmanager
    def keeping(self, case_id: str) -> Iterator[None]:
        """Remember the rows that are read of a case inside the block."""
        place = _Place()
        with self._lock:
            is_outer = self._places.setdefault(case_id, place) is place
        try:
            yield
        finally:
            if is_outer:
                with self._lock:
                    del self._places[case_id]
                # Nothing is remembered by one that still has it open either: it looks here as it ends.
                with place.lock:
                    _forget(place)

    @contextmanager
    def taken(self, case_id: str, make: Callable[[], Session]) -> Iterator[KeptMemory | None]:
        """Lend the memory of a case to one transaction; it is dropped if the transaction fails.

        Returns:
            ``None`` where nothing is to be remembered.

        Raises:
            Transient: Another thread of this process has the case open.
        """
        with self._lock:
            place = self._places.get(case_id)
        if place is None:
            yield None
            return
        if not place.lock.acquire(timeout=self._seconds):
            raise Transient("Another step has the case open for too long; it is tried again.", system="case store")
        try:
            place.kept = kept = place.kept or KeptMemory(make())
            try:
                yield kept
            except BaseException:
                _forget(place)
                raise
            with self._lock:
                is_over = self._places.get(case_id) is not place
            if kept.memory is not None:
                kept.memory.drop_large()
            if is_over or (kept.memory is not None and kept.memory.is_spoilt):
                _forget(place)
        finally:
            place.lock.release()


def _forget(place: _Place) -> None:
    if place.kept is not None:
        place.kept.forget()
        place.kept = None


def _memories(session: Session) -> list[CaseMemory]:
    found: list[CaseMemory] = session.info.get(_MEMORIES, [])
    return found


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: object) -> None:
    for memory in _memories(session):
        memory.note_flushed(session)


@event.listens_for(Session, "before_commit")
def _count_change(session: Session) -> None:
    """Raise the number by which other processes see that the case was changed, in the transaction that changed it."""
    if session.in_nested_transaction():
        return
    for memory in _memories(session):
        if memory.is_changed or session.dirty or session.new or session.deleted:
            memory.row.changes += 1
