"""The facts of all cases in which something may wait for a person, for the rule of :mod:`rightsflow.domain.work_list`.

Read part by part along the indexes of what is open, so that it costs what is open. No key is needed: nothing here is
sealed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from rightsflow.domain.conversation import UnreadNote
from rightsflow.domain.deadlines.clock_events import ANSWER_TO, ClockEventKind, unanswered
from rightsflow.domain.errors import StepFault
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER, WRITTEN_ANEW
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import SETTLED, AlertStage, CaseState, StepState
from rightsflow.domain.work_list import CaseFacts
from rightsflow.store.case.case_tasks import CaseTask, read_task
from rightsflow.store.case.instruction_rows import open_instructions_in
from rightsflow.store.case.messages import unread_of
from rightsflow.store.database import Database
from rightsflow.store.queries.case_list import COLUMNS, CaseColumns
from rightsflow.store.tables import (
    AlertRow,
    BrakeRow,
    CaseRow,
    CaseTaskRow,
    ClockEventRow,
    LetterRow,
    MessageRow,
    StepRow,
)

_AT_ONCE: Final = 500
"""The number of cases that one query names."""
_GATES: Final = (CaseState.IDENTITY_PENDING.value, CaseState.AWAITING_APPROVAL.value)
_STANDING: Final = sorted(stage.value for stage in AlertStage if stage is not AlertStage.ENDED)
_RIGHTS: Final = {right.value: right for right in Right}
_STATES: Final = {state.value: state for state in CaseState}
_COLUMNS: Final = (*COLUMNS, CaseRow.state_since, CaseRow.follow_up_on)
_AFTER: Final = or_(
    LetterRow.template_id.in_(sorted(AFTER_THE_ANSWER)),
    *(LetterRow.template_id.startswith(f"{item.value}.") for item in sorted(WRITTEN_ANEW)),
)
_LETTERS: Final = (
    select(LetterRow.case_id, LetterRow.template_id, LetterRow.written_at)
    .join(CaseRow, CaseRow.id == LetterRow.case_id)
    .where(LetterRow.sent_at.is_(None), LetterRow.overtaken.is_(False), or_(CaseRow.closed_at.is_(None), _AFTER))
    .order_by(LetterRow.id)
)
"""More than waits at most: of a closed case what may go out after its answer. The rule decides."""
_FAILED: Final = select(
    StepRow.case_id, StepRow.step, StepRow.system, StepRow.error, StepRow.fault, StepRow.failing_since
)

_UNREAD: Final = (
    select(MessageRow.case_id, MessageRow.number, MessageRow.by, MessageRow.at, MessageRow.unread_by)
    .where(MessageRow.unread_by != "")
    .order_by(MessageRow.id)
)


class FailedAttempt(NamedTuple):
    """A step whose last attempt failed."""

    step: str
    system: str
    error: str
    fault: StepFault | None
    failing_since: datetime | None


def read_work_facts(
    database: Database, today: date, case_ids: Collection[str] | None = None
) -> list[tuple[CaseFacts, CaseColumns]]:
    """Return the facts of each case in which something may wait, with its columns of a list, soonest first.

    Args:
        database: The case store's database.
        today: The present day in the controller's zone.
        case_ids: The cases that are looked at; all by default.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        return work_facts_in(session, today, case_ids)


def work_facts_in(
    session: Session, today: date, case_ids: Collection[str] | None = None
) -> list[tuple[CaseFacts, CaseColumns]]:
    """Return the same in an open transaction.

    Args:
        session: The transaction.
        today: The present day in the controller's zone.
        case_ids: The cases that are looked at; all by default.
    """
    parts = _Parts(session, case_ids)
    rows = list(_cases(session, today, parts.case_ids(), case_ids))
    rows.sort(key=lambda row: (row.work_to_on, row.id))
    return [(parts.facts(row), row) for row in rows]


def _among(column: InstrumentedAttribute[str], case_ids: Collection[str] | None) -> ColumnElement[bool]:
    """Return the condition that a row is of one of some cases."""
    return true() if case_ids is None else column.in_(sorted(case_ids))


class _Parts:
    """What may wait, by case."""

    def __init__(self, session: Session, case_ids: Collection[str] | None = None) -> None:
        self.stopped = frozenset(session.scalars(select(BrakeRow.system).where(BrakeRow.released_at.is_(None))))
        self.letters: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for row in session.execute(_LETTERS.where(_among(LetterRow.case_id, case_ids))):
            self.letters[row.case_id].append((row.template_id, row.written_at))
        self.tasks: defaultdict[str, list[CaseTask]] = defaultdict(list)
        tasks = select(CaseTaskRow).where(CaseTaskRow.done_on.is_(None), _among(CaseTaskRow.case_id, case_ids))
        for task in session.scalars(tasks.order_by(CaseTaskRow.id)):
            self.tasks[task.case_id].append(read_task(task))
        self.instructions: defaultdict[str, list[Instruction]] = defaultdict(list)
        for instruction in open_instructions_in(session):
            if case_ids is None or instruction.case_id in case_ids:
                self.instructions[instruction.case_id].append(instruction)
        self.failed: defaultdict[str, list[FailedAttempt]] = defaultdict(list)
        is_failed = StepRow.fault != "", StepRow.state == StepState.FAILED.value, _among(StepRow.case_id, case_ids)
        for step in session.execute(_FAILED.where(*is_failed).order_by(StepRow.id)):
            attempt = FailedAttempt(step.step, step.system, step.error, StepFault(step.fault), step.failing_since)
            self.failed[step.case_id].append(attempt)
        self.alerts: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
        among = _among(AlertRow.case_id, case_ids)
        stands = AlertRow.stage.in_(_STANDING), AlertRow.acknowledged_at.is_(None), among
        alerts = select(AlertRow.case_id, AlertRow.text, AlertRow.raised_at).where(*stands).order_by(AlertRow.id)
        for alert in session.execute(alerts):
            self.alerts[alert.case_id].append((alert.text, alert.raised_at))
        self.notes: defaultdict[str, list[UnreadNote]] = defaultdict(list)
        for note in session.execute(_UNREAD.where(_among(MessageRow.case_id, case_ids))):
            self.notes[note.case_id] += unread_of(note)
        self.questions = _questions(session, case_ids)
        self._case_ids = case_ids

    def case_ids(self) -> set[str]:
        """Return the cases that have any."""
        named = {name for name in self.stopped if name.startswith("DSR-")}
        if self._case_ids is not None:
            named &= set(self._case_ids)
        parts = (self.letters, self.tasks, self.instructions, self.failed, self.alerts, self.notes, self.questions)
        return named.union(*parts)

    def facts(self, row: Row[*tuple[Any, ...]]) -> CaseFacts:
        """Return the facts of a case."""
        return CaseFacts(
            case_id=row.id,
            right=_RIGHTS[row.right],
            state=_STATES[row.state],
            state_since=row.state_since,
            is_closed=row.closed_at is not None,
            owner=row.owner,
            questions=self.questions.get(row.id, ()),
            letters=self.letters.get(row.id, ()),
            tasks=self.tasks.get(row.id, ()),
            instructions=self.instructions.get(row.id, ()),
            failed=self.failed.get(row.id, ()),
            alerts=self.alerts.get(row.id, ()),
            stopped=self.stopped,
            follow_up_on=row.follow_up_on,
            notes=self.notes.get(row.id, ()),
        )


def _questions(session: Session, case_ids: Collection[str] | None) -> dict[str, list[tuple[ClockEventKind, datetime]]]:
    """Return the questions to persons that have no answer, by case; the oldest first."""
    among = _among(CaseRow.id, case_ids)
    is_open = CaseRow.closed_at.is_(None), CaseRow.state.not_in(sorted(SETTLED)), among
    kinds = [kind.value for pair in ANSWER_TO.items() for kind in pair]
    query = select(ClockEventRow.case_id, ClockEventRow.kind, ClockEventRow.at).join(
        CaseRow, CaseRow.id == ClockEventRow.case_id
    )
    happened: defaultdict[str, dict[ClockEventKind, datetime]] = defaultdict(dict)
    for row in session.execute(query.where(*is_open, ClockEventRow.kind.in_(kinds)).order_by(ClockEventRow.at)):
        happened[row.case_id][ClockEventKind(row.kind)] = row.at
    found = {case_id: list(unanswered(events)) for case_id, events in happened.items()}
    return {case_id: questions for case_id, questions in found.items() if questions}


def _cases(
    session: Session, today: date, named: set[str], case_ids: Collection[str] | None
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the rows of the named cases, and of those that wait whatever their parts are."""
    at_gate = and_(CaseRow.closed_at.is_(None), CaseRow.state.in_(_GATES))
    executing = and_(CaseRow.closed_at.is_(None), CaseRow.state == CaseState.EXECUTING.value)
    query: Select[*tuple[Any, ...]] = select(*_COLUMNS)
    left = set(named)
    for rule in (at_gate, executing, CaseRow.follow_up_on < today - timedelta(days=1)):
        for row in session.execute(query.where(rule, _among(CaseRow.id, case_ids))):
            if row.id in left or row.id not in named:
                left.discard(row.id)
                named.add(row.id)
                yield row
    ids = sorted(left)
    for start in range(0, len(ids), _AT_ONCE):
        yield from session.execute(query.where(CaseRow.id.in_(ids[start : start + _AT_ONCE])))
