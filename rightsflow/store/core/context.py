"""The transaction on a case that all parts of its file share: the key, the keyed hashes, the time, and the rows read.

Each transaction that changes a case raises its count of changes (``CaseRow.changes``), by which a page or a sheet that
was made before is known to be old.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Select, bindparam, event, inspect, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry, Link
from rightsflow.domain.identifiers import Identifier
from rightsflow.domain.vocabulary.records import RecordRef
from rightsflow.store.core.chain_ends import End
from rightsflow.store.tables import Base, CaseRow, FindingRow
from rightsflow.vault import CaseKey, Keyring, MasterKey

Row = TypeVar("Row", bound=Base)

LOCKED: Final = select(CaseRow).where(CaseRow.id == bindparam("case")).with_for_update()
"""The query for a case's row, locked until the transaction ends."""
_MEMORIES: Final = "rightsflow case memories"


@cache
def _rows_of(table: type[Row]) -> Select[Row]:
    """Return the query for a case's rows of a table; cached, since making it costs as much as running it."""
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
        """Return the case's rows of a table with a numbered key and few rows a case, in the order of the numbers.

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
    memories: list[CaseMemory] = session.info.get(_MEMORIES, [])
    return memories


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


LEASE_TIME: Final = timedelta(seconds=60)
_TOLERANCE: Final = timedelta(seconds=5)
"""By how much two readings may differ without a jump: a busy machine is between them for a while."""


class LeaseClock:
    """The clock by which leases are given and end.

    Args:
        now: Gives the present instant (aware), by a clock that may be set.
        steady: Gives seconds that only grow, by a clock that no one sets; ``None`` where no jump is to be noticed.
    """

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float] | None = None) -> None:
        self._now = now
        self._steady = steady
        self._lock = threading.Lock()
        self._jumps: deque[tuple[float, timedelta]] = deque()
        self._before = (now(), steady()) if steady else None

    def now(self) -> datetime:
        """Return the present instant (aware), from which a lease is given."""
        return self._now()

    def latest(self) -> datetime:
        """Return the latest end (aware) of a lease given by now."""
        return self._now() + LEASE_TIME

    def ended(self) -> datetime:
        """Return the instant (aware) up to which leases have ended.

        It is the present one, less what the clock was set forward within the last :data:`LEASE_TIME`, in which every
        living holder renews what it has.
        """
        now = self._now()
        if self._steady is None:
            return now
        with self._lock:
            self._notice(now, self._steady())
            return now - sum((jump for _, jump in self._jumps), timedelta())

    def _notice(self, now: datetime, steady: float) -> None:
        if self._before is not None:
            jump = (now - self._before[0]) - timedelta(seconds=steady - self._before[1])
            if jump > _TOLERANCE:
                self._jumps.append((steady, jump))
        self._before = now, steady
        while self._jumps and steady - self._jumps[0][0] >= LEASE_TIME.total_seconds():
            self._jumps.popleft()


JOBS: Final = "job/"
"""The beginning of the names of sealed values about jobs of systems, by which waiting cases are found too."""

OF_OTHERS: Final = {"rightsflow_asks_others": True}
"""The execution option of a query about other cases only; unwritten changes of this case need no flush for it."""


@dataclass(frozen=True, slots=True)
class Context:
    """The transaction on one case and all that its parts share.

    Args:
        session: The open transaction.
        row: The case, locked for the transaction.
        key: The case's data key.
        master: Opens the keys of what concerns more than one case.
        keyring: For keyed hashes.
        now: The instant of this transaction (aware).
        lease_clock: The clock of leases, which places before systems end by too.
        memory: What was read of the case in this transaction.
        put_in: Of a case that is made in this transaction: the tables in which something of it stands by now, so that
            the others need not be asked; an import opens thousands. ``None`` for any other case.
    """

    session: Session
    row: CaseRow
    key: CaseKey
    master: MasterKey
    keyring: Keyring
    now: datetime
    lease_clock: LeaseClock
    memory: CaseMemory
    put_in: set[type[Base]] | None = None

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Do something to one case of many: if it is refused, nothing of it is stored, and the others' is.

        A file for which something was refused is not worked on any more in this transaction.
        """
        with self.session.begin_nested():
            yield

    def may_hold(self, table: type[Base]) -> bool:
        """Return whether a table may have rows of the case.

        Args:
            table: A table of which each part of the case file that writes to it says so (:meth:`puts_in`).
        """
        return self.put_in is None or table in self.put_in

    def puts_in(self, table: type[Base]) -> None:
        """Note that a row of the case is inserted into a table."""
        if self.put_in is not None:
            self.put_in.add(table)

    def rows(self, table: type[Row]) -> list[Row]:
        """Return the case's rows of a table of which a case has few, in the order of their numbers; read once."""
        return self.memory.rows(table) if self.may_hold(table) else []

    def identifier_hash(self, identifier: Identifier) -> str:
        """Return the keyed hash an identifier is looked up by, the same in every case."""
        return self.keyring.blind_index(identifier.realm, identifier.value)

    def text_hash(self, what: str, text: str) -> str:
        """Return the keyed hash of a text that is sealed or sent, by which the ledger binds it without holding it."""
        return self.keyring.blind_index(f"text/{self.row.id}/{what}", text)

    def record_hash(self, ref: RecordRef) -> str:
        """Return the keyed hash of a record; bound to the case, so that two cases cannot be joined by it."""
        return self.keyring.blind_index(f"record/{self.row.id}/{ref.system}/{ref.kind}", ref.ref)

    def content_hash(self, mark: str) -> str:
        """Return the keyed hash of a mark that recognises a record's content, bound to the case."""
        return content_hash(self.keyring, self.row.id, mark)


def content_hash(keyring: Keyring, case_id: str, mark: str) -> str:
    """Return the keyed hash of a mark that recognises the content of a record of a case."""
    return keyring.blind_index(f"content/{case_id}", mark)
