"""Figures of the whole case store, and the cases that do not move.

Everything is counted by the database along the indexes of open cases and standing alerts, so that it costs what is open
and not what was ever closed. No key is needed: nothing here is sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from rightsflow.audit.ledger.seals import read_seal
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.board import Group
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import AlertStage, CaseState, StepState
from rightsflow.domain.work_list import Present, ToDoKind, work_of
from rightsflow.store.coordination.leases import KEEPER, is_alive
from rightsflow.store.database import Database
from rightsflow.store.proofs.seals import last_seal
from rightsflow.store.queries.board import members
from rightsflow.store.queries.work_facts import work_facts_in
from rightsflow.store.tables import AlertRow, CaseRow, LeaseRow, RoleRow, StepRow

_STANDING = (AlertStage.RAISED, AlertStage.PREPARED, AlertStage.POSTED, AlertStage.TOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFigures:
    """The store's figures at one moment.

    Args:
        open_cases: How many cases are open, by right, state and group of the deadline board.
        overdue: How many open cases are past the law's last day while their clock runs, by right.
        alerts: How many alerts stand, by kind and by whether everybody was told.
        watch_behind: For how long the case has waited whose look was due first; zero if none is due.
        sealed_at: When the last seal was made (aware), or ``None`` before the first.
        work: How much work on cases waits for people, by kind.
    """

    open_cases: Mapping[tuple[Right, CaseState, Group], int]
    overdue: Mapping[Right, int]
    alerts: Mapping[tuple[RungKind, bool], int]
    watch_behind: timedelta
    sealed_at: datetime | None
    work: Mapping[ToDoKind, int] = field(default_factory=dict)


def read_figures(database: Database, present: Present) -> StoreFigures:
    """Read the figures, all of one moment; no writer waits for this.

    Args:
        database: The case store's database.
        present: The moment.

    Raises:
        Transient: The database does not answer.
    """
    today = present.today
    with database.reading() as session:
        before = last_seal(session)
        return StoreFigures(
            open_cases=_open_cases(session, today),
            overdue=_overdue(session, today),
            alerts=_alerts(session),
            watch_behind=_behind(session, present.now),
            sealed_at=read_seal(before.body).at if before else None,
            work=Counter(work.kind for facts, _ in work_facts_in(session, today) for work in work_of(facts, present)),
        )


def _open_cases(session: Session, today: date) -> Counter[tuple[Right, CaseState, Group]]:
    counts: Counter[tuple[Right, CaseState, Group]] = Counter()
    for group, rule in members(today).items():
        query = select(CaseRow.right, CaseRow.state, func.count()).where(rule).group_by(CaseRow.right, CaseRow.state)
        for right, state, count in session.execute(query):
            counts[Right(right), CaseState(state), group] = count
    return counts


def _overdue(session: Session, today: date) -> Counter[Right]:
    # The target date is never later than the law's last day: the range of the former narrows what is looked at.
    late = and_(members(today)[Group.RED], CaseRow.work_to_on < today, CaseRow.due_on < today)
    query = select(CaseRow.right, func.count()).where(late).group_by(CaseRow.right)
    return Counter({Right(right): count for right, count in session.execute(query)})


def _alerts(session: Session) -> Counter[tuple[RungKind, bool]]:
    query = (
        select(AlertRow.kind, AlertRow.stage, func.count())
        .where(AlertRow.stage.in_([stage.value for stage in _STANDING]))
        .group_by(AlertRow.kind, AlertRow.stage)
    )
    counts: Counter[tuple[RungKind, bool]] = Counter()
    for kind, stage, count in session.execute(query):
        counts[RungKind(kind), stage == AlertStage.TOLD] += count
    return counts


def _behind(session: Session, now: datetime) -> timedelta:
    # The smallest that is set, by the index; SQL's minimum passes over those that are not.
    first: datetime | None = session.scalar(select(func.min(CaseRow.watch_at)))
    return max(now - first, timedelta(0)) if first else timedelta(0)


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
