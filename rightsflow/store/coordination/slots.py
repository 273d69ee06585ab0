"""A line of steps before each system: the first few work there at a time, over all workers, the others wait.

A place in the line is renewed together with the lease of its case, and ends like one
(:mod:`rightsflow.store.coordination.leases`): what a dead process held is free at once on its own machine, and
elsewhere when it expires. Nothing is kept in the memory of any server, so that no crash can take a slot for good.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from rightsflow.store.coordination.leases import is_alive
from rightsflow.store.core.context import Context, LeaseClock
from rightsflow.store.database import Database
from rightsflow.store.tables import SlotRow, table_of

# Not whole objects: a step that waits looks often.
_SLOT: Final = table_of(SlotRow)
_PLACES: Final = select(_SLOT.c.system, _SLOT.c.number, _SLOT.c.host, _SLOT.c.pid, _SLOT.c.expires_at)
_BEFORE: Final = _PLACES.where(_SLOT.c.system == bindparam("system"))
_JOIN: Final = insert(_SLOT).returning(_SLOT.c.number)
_LEAVE: Final = delete(_SLOT).where(_SLOT.c.number.in_(bindparam("numbers", expanding=True)))


@dataclass(frozen=True, slots=True)
class Slot:
    """A step's place in the line before a system.

    Args:
        system: The system.
        number: Its number.
        is_served: Whether the step may work at once.
    """

    system: str
    number: int
    is_served: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line before one system.

    Args:
        alive: How many steps work there or wait.
        abandoned: How many places belong to processes that are gone; the next step clears them away.
    """

    alive: int
    abandoned: int


class Slots:
    """The lines before all systems.

    Args:
        database: Where they lie.
        clock: The clock of leases.
    """

    def __init__(self, database: Database, clock: LeaseClock) -> None:
        self._database = database
        self._clock = clock

    def join(self, system: str, case_id: str, most: int) -> Slot:
        """Take the last place in a line.

        Args:
            system: The system.
            case_id: The case of the step; with its lease the place is renewed.
            most: How many steps may work at the system at a time.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.passing() as session:
            return _join(session, self._clock, case_id, system, most)

    def is_served(self, system: str, number: int, most: int) -> bool:
        """Return whether the step at a place may work now.

        Args:
            system: The system.
            number: The number of the place.
            most: How many steps may work at the system at a time.

        Raises:
            Transient: The case store does not answer.
        """
        query = _PLACES.where(SlotRow.system == system, SlotRow.number < number)
        with self._database.reading() as session:
            ended = self._clock.ended()
            return sum(is_alive(row, ended) for row in session.execute(query)) < most

    def leave(self, number: int) -> None:
        """Release a place.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.passing() as session:
            _leave(session, number)

    def lines(self) -> dict[str, Line]:
        """The line before each system that has one.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.reading() as session:
            ended, alive = self._clock.ended(), dict[str, list[bool]]()
            for row in session.execute(_PLACES):
                alive.setdefault(row.system, []).append(is_alive(row, ended))
        return {
            system: Line(alive=sum(item), abandoned=len(item) - sum(item)) for system, item in sorted(alive.items())
        }


class CasePlaces:
    """The places of one case's steps, taken and released together with the notes about the steps.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def join(self, system: str, most: int) -> Slot:
        """Take the last place in a line.

        Args:
            system: The system.
            most: How many steps may work at the system at a time.
        """
        context = self._context
        return _join(context.session, context.lease_clock, context.row.id, system, most)

    def leave(self, place: Slot) -> None:
        """Release a place."""
        _leave(self._context.session, place.number)


def _join(session: Session, clock: LeaseClock, case_id: str, system: str, most: int) -> Slot:
    _wait_for_others(session, system)
    latest = clock.latest()
    ended = clock.ended()
    connection = session.connection()
    before = connection.execute(_BEFORE, {"system": system}).all()
    if any(row.expires_at > latest for row in before):
        # No place ends later than one that is taken now, as `leases.shorten` says.
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
    """Let no second step join the same line until this one is seen in it: else both could take the last slot.

    On SQLite a transaction that writes is alone anyhow.

    Args:
        session: The open transaction.
        system: The system.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"rightsflow slots {system}"))))
