"""The rule which work on a case waits for a person: over all states of a case, and over a team's lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.accounts import ALLOWED, Permission, Role, permissions
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.conversation import UnreadNote
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.errors import StepFault
from rightsflow.domain.processors.answers import Instruction, RecordedAnswer
from rightsflow.domain.processors.terms import (
    Action,
    Doubt,
    InstructionStanding,
    ProcessorAnswer,
    ProcessorChannel,
    ProcessorRole,
)
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.work_list import CaseFacts, Present, ToDoKind, is_mine, work_of

CASE = "DSR-2026-7K3M9Q"
TODAY = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
TEAM = {"olga": Role.OFFICER, "dana": Role.APPROVER, "ines": Role.DPO, "axel": Role.AUDITOR}
DAYS = st.integers(-40, 60).map(lambda days: TODAY + timedelta(days=days))
TIMES = st.integers(0, 200).map(lambda hours: NOW - timedelta(hours=hours))


@dataclass(frozen=True)
class Task:
    number: int
    kind: TaskKind
    due_on: date
    is_shown: bool
    approved_by: str
    owner: str
    system: str = "helpdesk"
    what: str = "Do it."


@dataclass(frozen=True)
class Failed:
    step: str
    system: str
    fault: StepFault
    error: str = "The system says no."
    failing_since: datetime = NOW


@st.composite
def instructions(draw) -> Instruction:
    answered = draw(st.sampled_from([None, *ProcessorAnswer]))
    answer = answered and RecordedAnswer(
        number=1,
        answer=answered,
        on=TODAY,
        doubts=draw(st.sampled_from([(), (Doubt.NO_PROOF,)])),
        recorded_at=NOW,
        recorded_by="Olga",
    )
    return Instruction(
        case_id=CASE,
        number=1,
        processor="callhouse",
        name="Callhouse",
        role=draw(st.sampled_from(ProcessorRole)),
        channel=draw(st.sampled_from(ProcessorChannel)),
        action=Action.ERASE,
        kinds=("email",),
        expected=1,
        due_on=draw(DAYS),
        asked_at=draw(TIMES),
        sent_at=draw(st.sampled_from([None, NOW])),
        answers=(answer,) if answer else (),
    )


@st.composite
def cases(draw) -> CaseFacts:
    """Any state of a case, with any parts."""
    owners = st.sampled_from([*TEAM, "case_owner"])
    tasks = st.builds(
        Task,
        number=st.integers(1, 9),
        kind=st.sampled_from(TaskKind),
        due_on=DAYS,
        is_shown=st.booleans(),
        approved_by=st.sampled_from(["", "Dana"]),
        owner=owners,
    )
    failed = st.builds(
        Failed, step=st.just("erase"), system=st.sampled_from(["helpdesk", "calls"]), fault=st.sampled_from(StepFault)
    )
    questions = st.sampled_from([ClockEventKind.IDENTITY_REQUESTED, ClockEventKind.CLARIFICATION_REQUESTED])
    state = draw(st.sampled_from(CaseState))
    return CaseFacts(
        case_id=CASE,
        right=draw(st.sampled_from(Right)),
        state=state,
        state_since=NOW,
        is_closed=state.ends_unanswered or (state.is_settled and draw(st.booleans())),
        owner=draw(owners),
        questions=[(item, NOW) for item in draw(st.lists(questions, unique=True))],
        letters=[(item.value, NOW) for item in draw(st.lists(st.sampled_from(LetterId), unique=True, max_size=4))],
        tasks=draw(st.lists(tasks, max_size=3)),
        instructions=[item for item in draw(st.lists(instructions(), max_size=2)) if item.is_open],
        failed=draw(st.lists(failed, max_size=2)),
        alerts=[("Too late.", NOW)] * draw(st.integers(0, 1)),
        stopped=draw(st.frozensets(st.sampled_from(["helpdesk", "*", CASE, "shop"]))),
        follow_up_on=draw(st.none() | DAYS),
        notes=[UnreadNote(number=1, person=draw(owners), by="Olga", at=NOW)] * draw(st.integers(0, 1)),
    )


PRESENT = st.builds(Present, today=st.just(TODAY), now=st.just(NOW), has_mail=st.booleans())


@given(cases(), PRESENT)
def test_what_only_a_person_can_do_is_work(case, present):
    kinds = {(work.kind, work.key) for work in work_of(case, present)}
    names = {kind for kind, _ in kinds}
    for step in case.failed:
        assert step.fault is StepFault.SILENT or names & {ToDoKind.REFUSAL, ToDoKind.FAULT}
    for item in case.instructions:
        by_hand = item.channel is ProcessorChannel.MANUAL or (
            item.channel is ProcessorChannel.EMAIL and not present.has_mail
        )
        if item.standing is InstructionStanding.UNSENT and by_hand:
            assert (ToDoKind.INSTRUCTION, "1") in kinds
        if item.standing is InstructionStanding.QUESTIONED:
            assert (ToDoKind.ANSWER, "1") in kinds
    if case.state is CaseState.AWAITING_APPROVAL:
        assert ToDoKind.APPROVAL in names
    if case.state is CaseState.IDENTITY_PENDING:
        assert names & {ToDoKind.IDENTITY, ToDoKind.REPLY}
    if not case.is_closed:
        assert all((ToDoKind.LETTER, letter) in kinds for letter, _ in case.letters if letter in ANSWERS)
    assert all((ToDoKind.NOTE, f"1 {note.person}") in kinds for note in case.notes)
    for task in case.tasks:
        if task.kind.is_by_hand and task.due_on <= TODAY:
            assert (ToDoKind.TASK, str(task.number)) in kinds
        if task.kind.needs_approval and task.is_shown and not task.approved_by:
            assert (ToDoKind.TASK, str(task.number)) in kinds


@given(cases(), PRESENT)
def test_all_work_is_in_the_list_of_a_person_who_may_do_it_and_of_no_other(case, present):
    may = {key: permissions([role]) for key, role in TEAM.items()}

    def owner_may(owner: str, needs: Permission) -> bool:
        return owner not in may or needs in may[owner]

    for work in work_of(case, present):
        assert any(work.needs in allowed for allowed in ALLOWED.values())
        mine = [
            key
            for key, allowed in may.items()
            if is_mine(work, permissions=allowed, answers_for={key}, owner_may=owner_may)
        ]
        assert all(work.needs in may[key] for key in mine)
        # An owner without a sign-in stands for the team, whose list has everything.
        assert mine or work.owner not in may


@given(cases(), PRESENT)
def test_what_goes_on_by_itself_is_no_work(case, present):
    for work in work_of(case, present):
        if work.kind in {ToDoKind.REFUSAL, ToDoKind.FAULT}:
            assert any(step.fault.needs_person for step in case.failed)
        if work.task is not None:
            assert work.task.kind.asks
            assert not work.task.approved_by or not work.task.kind.needs_approval
