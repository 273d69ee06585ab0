"""The watch over all cases: look at those whose time has come, and raise what is due.

The cases are found by one indexed column, ``watch_at``: each look notes when the next one has to be, and whatever
happens to a case in between asks for a look at once. So a sweep costs what is due and not what is open. No key is
needed: nothing here is sealed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeAlias, TypedDict

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import link
from rightsflow.domain.alerts.ladder import WatchedCase, WatchedTask
from rightsflow.domain.alerts.rungs import DEADLINE_LINE, Rung, WatchLook
from rightsflow.domain.errors import StepFault
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import AlertStage, CaseState
from rightsflow.store.case.case_tasks import watched_tasks
from rightsflow.store.case.instruction_rows import watched_instructions
from rightsflow.store.core.case_ledger import MACHINE, made_with, row_of
from rightsflow.store.core.chain_ends import ends_of, new_end
from rightsflow.store.database import Database
from rightsflow.store.tables import AlertRow, CaseRow, LedgerRow, LetterRow, StepRow

LOOKED_AT_ONCE = 500
"""The number of cases in one transaction: few enough that others do not wait long and memory stays flat."""

_ACKNOWLEDGEMENT = LetterId.ACKNOWLEDGEMENT
_WATCHED = (
    CaseRow.id,
    CaseRow.state,
    CaseRow.state_since,
    CaseRow.opened_at,
    CaseRow.due_on,
    CaseRow.work_to_on,
    CaseRow.notice_due_on,
    CaseRow.no_pause_due_on,
    CaseRow.suspended_since,
    CaseRow.extended,
    CaseRow.at_risk,
    CaseRow.rule_version,
    CaseRow.closed_at,
    CaseRow.refused,
)
_DUE = (
    select(*_WATCHED)
    .where(CaseRow.watch_at <= bindparam("now"))
    .order_by(CaseRow.watch_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
"""Made once: most rounds find nothing, and making it would cost them more than asking it."""

Judge = Callable[[WatchedCase, datetime], WatchLook]


CaseLine: TypeAlias = Row[*tuple[Any, ...]]
"""The columns of a case that the watch reads; which, ``_DUE`` says."""
AlertLine: TypeAlias = Row[*tuple[Any, ...]]
"""The columns of an alert that the watch reads."""


class RaisedLine(TypedDict):
    """An alert to be stored, by the columns of its table."""

    case_id: str
    kind: str
    key: str
    about_on: date
    tell: list[str]
    text: str
    raised_at: datetime
    stage: str
    next_at: datetime | None
    ended_at: datetime | None
    recipients: list[str]
    told: list[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """The result of one batch.

    Args:
        cases: How many cases were looked at.
        raised: How many alerts were raised.
    """

    cases: int
    raised: int


def look_at_due(database: Database, now: datetime, judge: Judge, *, most: int = LOOKED_AT_ONCE) -> Looked:
    """Watch a batch of cases that are due and raise their rungs, each once.

    Args:
        database: The database of the cases.
        now: The present instant (aware).
        judge: Says what is due for a case at an instant.
        most: How many cases are looked at.

    Raises:
        Transient: The database does not answer; nothing of the batch was stored.
    """
    with database.transaction() as session:
        rows = session.execute(_DUE, {"now": now, "most": most}).all()
        if not rows:
            return Looked(0, 0)
        batch = _Batch(session, rows, now)
        looks = {case.case_id: judge(case, now) for case in batch.cases}
        raised = [line for case_id, look in looks.items() for line in batch.to_raise(case_id, look)]
        ended = [alert_id for case_id, look in looks.items() for alert_id in batch.to_end(case_id, look)]
        again = [alert for case_id, look in looks.items() for alert in batch.to_take_up(case_id, look)]
        if raised:
            session.execute(insert(AlertRow), raised)
            session.execute(insert(LedgerRow), list(_entries(session, raised, batch.rules, now)))
            _count_changes(session, {line["case_id"] for line in raised})
        _set_alerts(session, ended, ended_at=now, stage=AlertStage.ENDED.value, next_at=None)
        noted = [alert.id for alert in again if _is_noted(alert)]
        others = [alert.id for alert in again if not _is_noted(alert)]
        _set_alerts(session, noted, ended_at=None, stage=AlertStage.TOLD.value, next_at=None)
        _set_alerts(session, others, ended_at=None, stage=AlertStage.RAISED.value, next_at=now)
        session.execute(update(CaseRow), [{"id": case_id, "watch_at": look.next_at} for case_id, look in looks.items()])
        return Looked(len(rows), len(raised))


def _count_changes(session: Session, case_ids: AbstractSet[str]) -> None:
    """Count a change of these cases, by which it is seen that an earlier read is old."""
    changed = update(CaseRow).where(CaseRow.id.in_(sorted(case_ids)))
    changed = changed.values(changes=CaseRow.changes + 1)
    session.execute(changed.execution_options(synchronize_session=False))


def _set_alerts(session: Session, alert_ids: Sequence[int], **values: object) -> None:
    if alert_ids:
        session.execute(
            update(AlertRow)
            .where(AlertRow.id.in_(alert_ids))
            .values(values)
            .execution_options(synchronize_session=False)
        )


class _Batch:
    """A batch of cases with all that the watch needs of them, read in a few queries."""

    def __init__(self, session: Session, rows: Sequence[CaseLine], now: datetime) -> None:
        self._now = now
        case_ids = [row.id for row in rows]
        self.rules: Mapping[str, str] = {row.id: row.rule_version for row in rows}
        acknowledged = acknowledged_of(session, case_ids)
        failing, unsent = failing_of(session, case_ids), _unsent(session, case_ids)
        tasks, instructions = watched_tasks(session, case_ids), watched_instructions(session, case_ids)
        refused = refused_of(session, [row.id for row in rows if row.refused])
        self.cases = [
            replace(
                _watched(row, failing[row.id], unsent[row.id], tasks[row.id], acknowledged=row.id in acknowledged),
                instructions=tuple(instructions[row.id]),
                refused=frozenset(refused[row.id]),
            )
            for row in rows
        ]
        self._known: defaultdict[str, dict[tuple[str, str], AlertLine]] = defaultdict(dict)
        columns = (
            *(AlertRow.id, AlertRow.case_id, AlertRow.kind, AlertRow.key, AlertRow.stage, AlertRow.tell),
            *(AlertRow.acknowledged_at, AlertRow.reminders),
        )
        for alert in session.execute(select(*columns).where(AlertRow.case_id.in_(case_ids))):
            self._known[alert.case_id][alert.kind, alert.key] = alert

    def to_raise(self, case_id: str, look: WatchLook) -> Iterator[RaisedLine]:
        """Return the rows of rungs that are due and were not raised before."""
        standing = set(look.standing)
        for rung in look.due:
            if (rung.kind.value, rung.key) in self._known[case_id]:
                continue
            tell = rung.told
            if rung in standing and rung.kind in DEADLINE_LINE:
                tell |= self._never_told(case_id, look)
            yield self._row(case_id, rung, sorted(tell), still_says=rung in standing)

    def _never_told(self, case_id: str, look: WatchLook) -> set[str]:
        """Return the people that an earlier rung of the deadline failed to notify; the later rung notifies them too."""
        known = self._known[case_id].values()
        unsent = {
            item for alert in known if alert.kind in DEADLINE_LINE and _is_under_way(alert) for item in alert.tell
        }
        skipped = {
            item
            for rung in look.due
            if rung.kind in DEADLINE_LINE and (rung.kind.value, rung.key) not in self._known[case_id]
            for item in rung.told
        }
        return unsent | skipped

    def _row(self, case_id: str, rung: Rung, tell: list[str], *, still_says: bool) -> RaisedLine:
        return {
            "case_id": case_id,
            "kind": rung.kind.value,
            "key": rung.key,
            "about_on": rung.about_on,
            "tell": tell,
            "text": rung.text,
            "raised_at": self._now,
            "stage": (AlertStage.RAISED if still_says else AlertStage.ENDED).value,
            "next_at": self._now if still_says else None,
            "ended_at": None if still_says else self._now,
            "recipients": [],
            "told": [],
        }

    def to_end(self, case_id: str, look: WatchLook) -> Iterator[int]:
        """Return the ids of the alerts that no longer count."""
        standing = {(rung.kind.value, rung.key) for rung in look.standing}
        for name, alert in self._known[case_id].items():
            if name not in standing and alert.stage != AlertStage.ENDED:
                yield alert.id

    def to_take_up(self, case_id: str, look: WatchLook) -> Iterator[AlertLine]:
        """Return the ended alerts that count again, such as a risk that went and returned.

        Whom they reached already hears nothing; who was not told yet still is. Of the deadline's, one whose place was
        taken stays ended.
        """
        known = self._known[case_id]
        last = max((alert.id for alert in known.values() if alert.kind in DEADLINE_LINE), default=0)
        for rung in look.standing:
            alert = known.get((rung.kind.value, rung.key))
            if alert and alert.stage == AlertStage.ENDED and (rung.kind not in DEADLINE_LINE or alert.id == last):
                yield alert


def _is_noted(alert: AlertLine) -> bool:
    """Return whether a person acknowledged the alert after everybody was notified: a reminder would then be useless."""
    return bool(alert.acknowledged_at and alert.reminders)


def _is_under_way(alert: AlertLine) -> bool:
    return alert.stage in {AlertStage.RAISED, AlertStage.PREPARED, AlertStage.POSTED}


def _watched(
    row: CaseLine,
    failing_since: Mapping[str, datetime],
    unsent_since: Mapping[str, datetime],
    tasks: Sequence[WatchedTask],
    *,
    acknowledged: bool,
) -> WatchedCase:
    return WatchedCase(
        case_id=row.id,
        state=CaseState(row.state),
        state_since=row.state_since,
        opened_at=row.opened_at,
        due_on=row.due_on,
        work_to_on=row.work_to_on,
        notice_due_on=row.notice_due_on,
        no_pause_due_on=row.no_pause_due_on,
        suspended_since=row.suspended_since,
        extended=row.extended,
        at_risk=row.at_risk,
        acknowledged=acknowledged,
        closed=row.closed_at is not None,
        unsent_since=unsent_since,
        failing_since=failing_since,
        tasks=tuple(tasks),
    )


def acknowledged_of(session: Session, case_ids: Sequence[str]) -> set[str]:
    """Return the cases whose acknowledgement letter has gone out."""
    query = select(LetterRow.case_id).where(
        LetterRow.case_id.in_(case_ids), LetterRow.template_id == _ACKNOWLEDGEMENT, LetterRow.sent_at.is_not(None)
    )
    return set(session.scalars(query))


def failing_of(session: Session, case_ids: Sequence[str]) -> defaultdict[str, dict[str, datetime]]:
    """Return the steps of some cases that fail, by case, each with the instant since when."""
    query = select(StepRow.case_id, StepRow.step, StepRow.system, StepRow.failing_since).where(
        StepRow.case_id.in_(case_ids), StepRow.failing_since.is_not(None)
    )
    by_case: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for row in session.execute(query):
        by_case[row.case_id][f"{row.step} {row.system}".strip()] = row.failing_since
    return by_case


def refused_of(session: Session, case_ids: Sequence[str]) -> defaultdict[str, set[str]]:
    """Return the names of the steps that their system refuses, of some cases, by case."""
    by_case: defaultdict[str, set[str]] = defaultdict(set)
    if case_ids:
        query = select(StepRow.case_id, StepRow.step, StepRow.system)
        for row in session.execute(
            query.where(StepRow.case_id.in_(case_ids), StepRow.fault == StepFault.REFUSED.value)
        ):
            by_case[row.case_id].add(f"{row.step} {row.system}".strip())
    return by_case


def _unsent(session: Session, case_ids: Sequence[str]) -> defaultdict[str, dict[str, datetime]]:
    """Return the letters that were written and not sent, by case, besides the acknowledgement."""
    query = select(LetterRow.case_id, LetterRow.template_id, LetterRow.written_at).where(
        LetterRow.case_id.in_(case_ids), LetterRow.sent_at.is_(None), LetterRow.template_id != _ACKNOWLEDGEMENT
    )
    by_case: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for row in session.execute(query):
        by_case[row.case_id][row.template_id] = row.written_at
    return by_case


def _entries(
    session: Session, raised: list[RaisedLine], rules: Mapping[str, str], now: datetime
) -> Iterator[dict[str, object]]:
    """Return the ledger's entries of the raised alerts, linked within each case, whose rows are locked."""
    ends = ends_of(session, sorted({line["case_id"] for line in raised}))
    for line in raised:
        case_id = line["case_id"]
        end = ends.get(case_id) or new_end(session)
        made = link(
            end.head,
            case_id,
            CaseEvent.ALERT_RAISED,
            at=now,
            actor=MACHINE,
            details={"alert": line["kind"], "about_on": line["about_on"].isoformat(), "tell": line["tell"]}
            | end.clock_note(now),
            made_with=made_with(rules[case_id]),
        )
        ends[case_id] = end.after(made, now)
        yield row_of(case_id, made)
