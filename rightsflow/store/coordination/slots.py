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

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from rightsflow.store.coordination.lease_clock import LeaseClock
from rightsflow.store.coordination.leases import is_alive
from rightsflow.store.database import Database
from rightsflow.store.tables import SlotRow

# Not whole objects: a step that waits looks often.
_PLACES: Final = select(SlotRow.system, SlotRow.number, SlotRow.host, SlotRow.pid, SlotRow.expires_at)


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

    def join(self, system: str, case_id: str, most: int) -> tuple[int, bool]:
        """Take the last place in a line.

        Args:
            system: The system.
            case_id: The case of the step; with its lease the place is renewed.
            most: How many steps may work at the system at a time.

        Returns:
            The number of the place, and whether the step may work at once.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.passing() as session:
            _wait_for_others(session, system)
            self._shorten(session, system)
            ended = self._clock.ended()
            before = session.execute(_PLACES.where(SlotRow.system == system)).all()
            abandoned = [row.number for row in before if not is_alive(row, ended)]
            if abandoned:
                session.execute(delete(SlotRow).where(SlotRow.number.in_(abandoned)))
            place = SlotRow(system=system, case_id=case_id, host=socket.gethostname(), pid=os.getpid())
            place.expires_at = self._clock.latest()
            session.add(place)
            session.flush()
            return place.number, len(before) - len(abandoned) < most

    def is_served(self, system: str, number: int, most: int) -> bool:
        """Whether the step at a place may work now.

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

    def _shorten(self, session: Session, system: str) -> None:
        """Let no place end later than one that is taken now, as :func:`.leases.shorten` says."""
        latest = self._clock.latest()
        later = update(SlotRow).where(SlotRow.system == system, SlotRow.expires_at > latest)
        session.execute(later.values(expires_at=latest))

    def leave(self, number: int) -> None:
        """Give a place back.

        Args:
            number: Its number.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.passing() as session:
            session.execute(delete(SlotRow).where(SlotRow.number == number))

    def lines(self) -> dict[str, Line]:
        """The line before each system that has one.

        Raises:
            Transient: The case store does not answer.
        """
        with self._database.reading() as session:
            ended, alive = self._clock.ended(), dict[str, list[bool]]()
            for row in session.execute(_PLACES):
                alive.setdefault(row.system, []).append(is_alive(row, ended))
        return {system: Line(alive=sum(one), abandoned=len(one) - sum(one)) for system, one in sorted(alive.items())}


def _wait_for_others(session: Session, system: str) -> None:
    """Let no second step join the same line until this one is seen in it: else both could take the last slot.

    On SQLite a transaction that writes is alone anyhow.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"rightsflow slots {system}"))))
