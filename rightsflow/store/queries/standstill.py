"""Cases that do not move although no one has to decide: cut short, not started, or at one step for very long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rightsflow.store.coordination.leases import is_alive
from rightsflow.store.coordination.roles import KEEPER
from rightsflow.store.core.stages import StepState
from rightsflow.store.tables import CaseRow, LeaseRow, RoleRow, StepRow

GRACE: Final = timedelta(minutes=5)
"""After which time a case that was cut short should have gone on, and a waiting one have been started."""
LONG: Final = timedelta(hours=1)
"""The duration above which one attempt at a step is worth a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """Cases and steps that make no progress.

    Args:
        cut_short: Cases in the middle of a step that no process works on.
        unstarted: How many cases wait to be started while no keeper runs.
        long_steps: Steps that one attempt has been at for over :data:`LONG`: case, step and system.
    """

    cut_short: tuple[str, ...]
    unstarted: int
    long_steps: tuple[tuple[str, str, str], ...]


def standstill(session: Session, now: datetime, ended: datetime) -> Standstill:
    """Look for open cases that do not move.

    Args:
        session: The open transaction.
        now: The present instant (aware).
        ended: Up to when leases have ended (aware).
    """
    running = (
        select(StepRow)
        .join(CaseRow, CaseRow.id == StepRow.case_id)
        .where(CaseRow.closed_at.is_(None), StepRow.state == StepState.RUNNING.value, StepRow.started_at < now - GRACE)
        .order_by(StepRow.case_id, StepRow.id)
    )
    worked_on = {row.case_id for row in session.scalars(select(LeaseRow)) if is_alive(row, ended)}
    steps = list(session.scalars(running))
    cut_short = dict.fromkeys(step.case_id for step in steps if step.case_id not in worked_on)
    long_steps = [
        (step.case_id, step.step, step.system)
        for step in steps
        if step.case_id in worked_on and step.started_at < now - LONG
    ]
    unstarted = _unstarted(session, now, ended)
    return Standstill(cut_short=tuple(cut_short), unstarted=unstarted, long_steps=tuple(long_steps))


def _unstarted(session: Session, now: datetime, ended: datetime) -> int:
    keeper = session.get(RoleRow, KEEPER)
    if keeper is not None and is_alive(keeper, ended):
        return 0
    waiting = select(func.count()).where(CaseRow.closed_at.is_(None), CaseRow.start_at < now - GRACE)
    return session.execute(waiting).scalar_one()
