"""Limits on the calls of a system: the queue of steps for it, over all workers, and its circuit breaker."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from rightsflow.domain.circuit_breaker import Breaker
from rightsflow.store.coordination.leases import is_alive
from rightsflow.store.core.context import Context, LeaseClock
from rightsflow.store.database import Database, insert_unless_there
from rightsflow.store.tables import BreakerRow, SlotRow, table_of

# Not whole objects: a step that waits looks often.
_SLOT: Final = table_of(SlotRow)
_SLOT_KEYS: Final = select(_SLOT.c.system, _SLOT.c.number, _SLOT.c.host, _SLOT.c.pid, _SLOT.c.expires_at)
_BEFORE: Final = _SLOT_KEYS.where(_SLOT.c.system == bindparam("system"))
_JOIN: Final = insert(_SLOT).returning(_SLOT.c.number)
_LEAVE: Final = delete(_SLOT).where(_SLOT.c.number.in_(bindparam("numbers", expanding=True)))


@dataclass(frozen=True, slots=True)
class Slot:
    """A step's slot in the queue for a system.

    Args:
        system: The system.
        number: Its number.
        is_served: Whether the step may work at once.
    """

    system: str
    number: int
    is_served: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue for one system.

    Args:
        alive: How many steps work there or wait.
        abandoned: How many slots belong to processes that are gone; the next step clears them away.
    """

    alive: int
    abandoned: int


class Slots:
    """The queues for all systems.

    Args:
        database: Where they are stored.
        clock: The clock of leases.
    """

    def __init__(self, database: Database, clock: LeaseClock) -> None:
        self._database = database
        self._clock = clock

    def join(self, system: str, case_id: str, most: int) -> Slot:
        """Take the last slot in a queue.

        Args:
            system: The system.
            case_id: The case of the step; with its lease the slot is renewed.
            most: How many steps may work at the system at a time.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.passing() as session:
            return _join(session, self._clock, case_id, system, most)

    def is_served(self, system: str, number: int, most: int) -> bool:
        """Return whether the step of a slot may work now.

        Args:
            system: The system.
            number: The number of the slot.
            most: How many steps may work at the system at a time.

        Raises:
            Transient: The case store does not answer.
        """
        query = _SLOT_KEYS.where(SlotRow.system == system, SlotRow.number < number)
        with self._database.reading() as session:
            ended = self._clock.ended()
            return sum(is_alive(row, ended) for row in session.execute(query)) < most

    def leave(self, number: int) -> None:
        """Release a slot.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.passing() as session:
            _leave(session, number)

    def queues(self) -> dict[str, Queue]:
        """Return the queue for each system that has one.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.reading() as session:
            ended, alive = self._clock.ended(), dict[str, list[bool]]()
            for row in session.execute(_SLOT_KEYS):
                alive.setdefault(row.system, []).append(is_alive(row, ended))
        return {
            system: Queue(alive=sum(item), abandoned=len(item) - sum(item)) for system, item in sorted(alive.items())
        }


class CaseSlots:
    """The slots of one case's steps, taken and released together with the notes about the steps.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def join(self, system: str, most: int) -> Slot:
        """Take the last slot in a queue.

        Args:
            system: The system.
            most: How many steps may work at the system at a time.
        """
        context = self._context
        return _join(context.session, context.lease_clock, context.row.id, system, most)

    def leave(self, slot: Slot) -> None:
        """Release a slot."""
        _leave(self._context.session, slot.number)


def _join(session: Session, clock: LeaseClock, case_id: str, system: str, most: int) -> Slot:
    _wait_for_others(session, system)
    latest = clock.latest()
    ended = clock.ended()
    connection = session.connection()
    before = connection.execute(_BEFORE, {"system": system}).all()
    if any(row.expires_at > latest for row in before):
        # No slot ends later than one that is taken now, as `leases.shorten` says.
        later = update(_SLOT).where(_SLOT.c.system == system, _SLOT.c.expires_at > latest)
        connection.execute(later.values(expires_at=latest))
    alive = [row for row in before if is_alive(row, ended)]
    if len(alive) < len(before):
        _leave(session, *({row.number for row in before} - {row.number for row in alive}))
    here = {"case_id": case_id, "host": socket.gethostname(), "pid": os.getpid(), "expires_at": latest}
    number = connection.execute(_JOIN, {"system": system, **here}).scalar_one()
    return Slot(system, number, len(alive) < most)


def _leave(session: Session, *numbers: int) -> None:
    session.connection().execute(_LEAVE, {"numbers": numbers})


def _wait_for_others(session: Session, system: str) -> None:
    """Let no second step join the same queue until this one is seen in it: else both could take the last slot.

    On SQLite a transaction that writes is alone anyhow.

    Args:
        session: The open transaction.
        system: The system.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"rightsflow slots {system}"))))


TRUSTED: Final = timedelta(seconds=1)
"""For how long a system that had no breaker is taken to have none: a batch of cases asks dozens of times."""


class Breakers:
    """The breakers of all systems; a system that answers has none.

    Each process heeds what another one found out of a system after :data:`TRUSTED` at the latest.

    Args:
        database: Where they lie.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._had_none_at: dict[str, datetime] = {}

    def of(self, system: str) -> Breaker | None:
        """Return a system's breaker; ``None`` if the system answers."""
        with self._database.reading() as session:
            row = session.get(BreakerRow, system)
            if row is None:
                self._had_none_at[system] = self._now()
            return _read(row) if row else None

    def open_ones(self) -> dict[str, Breaker]:
        """Return the systems with an open circuit breaker: they do not answer, and are tried again later.

        Raises:
            Transient: The database does not answer.
        """
        with self._database.reading() as session:
            return left_alone(session)

    def had_none(self, system: str) -> bool:
        """Return whether a system was seen a moment ago to have no breaker, so that its answer cannot end one."""
        looked = self._had_none_at.get(system)
        return looked is not None and looked <= self._now() < looked + TRUSTED

    def _has_none(self, system: str) -> bool:
        """Return whether a system has no breaker; usually known from a look a moment ago, without waiting."""
        return self.had_none(system) or self.of(system) is None

    def ask(self, system: str, case_id: str) -> Breaker | None:
        """Ask to call a system; returns why not, or ``None`` where a case may."""
        if self._has_none(system):
            return None
        with self._database.transaction() as session:
            row = session.get(BreakerRow, system, with_for_update=True)
            if row is None:
                return None
            breaker, now = _read(row), self._now()
            if not breaker.lets_through(case_id, now):
                return breaker
            _write(row, breaker.tried_by(case_id, now))
            return None

    def note_failure(self, system: str, wait: timedelta = timedelta(0)) -> None:
        """Note that a system did not answer.

        Args:
            system: The system.
            wait: For how long it asks not to be called, where it does.
        """
        with self._database.transaction() as session:
            now = self._now()
            # If two processes find none at the same moment, the second continues the first one's count.
            session.execute(insert_unless_there(session, BreakerRow, {"system": system, **asdict(Breaker.fresh(now))}))
            row = session.scalars(select(BreakerRow).where(BreakerRow.system == system).with_for_update()).one()
            _write(row, _read(row).failed(now, wait))
        self._had_none_at.pop(system, None)

    def note_answer(self, system: str) -> None:
        """Note that a system answers, whatever the answer."""
        if self._has_none(system):
            return
        with self._database.transaction() as session:
            note_answer(session, system)


def note_answer(session: Session, *systems: str) -> None:
    """Note that systems answer, whatever the answers."""
    session.execute(delete(BreakerRow).where(BreakerRow.system.in_(systems)))


def left_alone(session: Session) -> dict[str, Breaker]:
    """Return the systems with an open circuit breaker, or a half-open one, which a single case tries again."""
    query = select(BreakerRow).where(BreakerRow.retry_at.is_not(None))
    return {row.system: _read(row) for row in session.scalars(query)}


def let_try(session: Session, system: str, case_id: str, now: datetime) -> None:
    """Note the case that tries a system whose circuit breaker was open.

    Args:
        session: The open transaction.
        system: The system.
        case_id: The case.
        now: The present instant (aware).
    """
    row = session.get(BreakerRow, system, with_for_update=True)
    if row is not None:
        _write(row, _read(row).tried_by(case_id, now))


def _read(row: BreakerRow) -> Breaker:
    return Breaker(**{name: getattr(row, name) for name in Breaker.__dataclass_fields__})


def _write(row: BreakerRow, breaker: Breaker) -> None:
    for name, value in asdict(breaker).items():
        setattr(row, name, value)
