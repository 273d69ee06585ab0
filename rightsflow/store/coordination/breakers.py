"""Systems that no worker calls for a while; the rule is in :mod:`rightsflow.domain.circuit_breaker`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rightsflow.domain.circuit_breaker import Breaker
from rightsflow.store.database import Database, insert_unless_there
from rightsflow.store.tables import BreakerRow

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
