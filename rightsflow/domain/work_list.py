"""The work on cases that waits for people: from the state of a case to its work, each with the permission it needs.

The list of work, a case's page, its sheet, the board and the figures ask :func:`work_of`. What goes on by itself is
no work: a system that does not answer is tried again, and mail goes out with the next round. Pure; nothing here is
personal data of a subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from rightsflow.domain.accounts import Permission
from rightsflow.domain.case.holds import LegalHold
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.conversation import UnreadNote
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.erasure.safeguards import ALL
from rightsflow.domain.errors import StepFault
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.terms import InstructionStanding, ProcessorChannel
from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER, ANSWERS, UNTIL_THE_ANSWER_IS_SENT, WRITTEN_ANEW
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState


class ToDoKind(StrEnum):
    """A kind of work that waits for a person, in the order of the list."""

    REFUSAL = "refusals of systems"
    FAULT = "faults to look into"
    IDENTITY = "identity to check"
    APPROVAL = "decisions to make"
    LETTER = "letters to send"
    INSTRUCTION = "instructions to send"
    ANSWER = "answers to check"
    REMINDER = "processors to remind"
    TASK = "tasks"
    HOLD = "legal holds to approve"
    BRAKE = "deletion paused"
    SECOND_LOOK = "second looks overdue"
    ALERT = "alerts"
    REPLY = "replies to come"
    NOTE = "notes to read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """One piece of work that waits for a person.

    Args:
        kind: The kind.
        case_id: The case; empty of a legal hold.
        owner: The key of the person or role responsible for it.
        needs: The permission that it needs.
        says: What to do, in one sentence.
        key: The letter, the step, or the number of the task, instruction or hold; empty where the case has one only.
        due_on: Its own last day, in the controller's zone, or ``None``.
        since: Since when it waits (aware), or ``None`` where that is not noted.
        task: Its task, of such work.
    """

    kind: ToDoKind
    case_id: str
    owner: str
    needs: Permission
    says: str
    key: str = ""
    due_on: date | None = None
    since: datetime | None = None
    task: OpenTask | None = None


class OpenTask(Protocol):
    """A task of a case that is not done."""

    @property
    def number(self) -> int:
        """Its number within the case."""
        ...

    @property
    def kind(self) -> TaskKind:
        """Its kind."""
        ...

    @property
    def system(self) -> str:
        """The system."""
        ...

    @property
    def what(self) -> str:
        """What to do."""
        ...

    @property
    def due_on(self) -> date:
        """Its day, in the controller's zone."""
        ...

    @property
    def owner(self) -> str:
        """The key of the person or role responsible for it."""
        ...

    @property
    def is_shown(self) -> bool:
        """True if the follow-up has looked at its records afresh."""
        ...

    @property
    def approved_by(self) -> str:
        """The person who approved it; empty if no one did."""
        ...


class FailedStep(Protocol):
    """A step whose last attempt failed."""

    @property
    def step(self) -> str:
        """Its name."""
        ...

    @property
    def system(self) -> str:
        """The system."""
        ...

    @property
    def error(self) -> str:
        """The reason, in one sentence."""
        ...

    @property
    def fault(self) -> StepFault | None:
        """The sort of fault; ``None`` if nothing failed."""
        ...

    @property
    def failing_since(self) -> datetime | None:
        """Since when it fails (aware)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The facts of a case from which its work follows.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Its state.
        state_since: Since when (aware).
        is_closed: Whether its answer was sent, or it ended without one.
        owner: The key of the person or role responsible for it.
        questions: The questions to the person without an answer, each with when it went out (aware).
        letters: The letters that were written and not sent, each with when (aware); overtaken ones are not among them.
        tasks: The open tasks.
        instructions: The instructions to processors that are open.
        failed: The steps whose last attempt failed.
        alerts: The texts of the alerts that no one has acknowledged, each with when it was raised (aware).
        stopped: The names under which deletion is paused: systems, cases, or all.
        follow_up_on: The day from which the follow-up has to look at it, or ``None``.
        notes: The notes that colleagues whom they name have not read.
    """

    case_id: str
    right: Right
    state: CaseState
    state_since: datetime
    is_closed: bool
    owner: str
    questions: Sequence[tuple[ClockEventKind, datetime]] = ()
    letters: Sequence[tuple[str, datetime]] = ()
    tasks: Sequence[OpenTask] = ()
    instructions: Sequence[Instruction] = ()
    failed: Sequence[FailedStep] = ()
    alerts: Sequence[tuple[str, datetime]] = ()
    stopped: Collection[str] = ()
    follow_up_on: date | None = None
    notes: Sequence[UnreadNote] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The moment, and what goes out by itself.

    Args:
        today: The present day in the controller's zone.
        now: The present instant (aware).
        has_mail: Whether there is a mail server for letters and instructions.
    """

    today: date
    now: datetime
    has_mail: bool


def work_of(facts: CaseFacts, present: Present) -> list[ToDo]:
    """Return the work on a case that waits for people, in the order of the list.

    Args:
        facts: The case.
        present: The moment.
    """
    return [work for source in _SOURCES for work in source(facts, present)]


def work_on_hold(hold: LegalHold) -> ToDo | None:
    """Return the work that a legal hold waits for; ``None`` once a second person has approved it.

    Args:
        hold: A hold that is in force.
    """
    if hold.approved_by:
        return None
    return ToDo(
        kind=ToDoKind.HOLD,
        case_id="",
        owner=hold.owner,
        needs=Permission.HOLD_EVIDENCE,
        says=f"Approve legal hold {hold.number} on {hold.scope.words}, as a second person.",
        key=str(hold.number),
        due_on=hold.review_on,
    )


def is_mine(
    work: ToDo,
    *,
    permissions: Collection[Permission],
    answers_for: Collection[str],
    owner_may: Callable[[str, Permission], bool],
) -> bool:
    """Return whether work is in a person's own list.

    It is where they may do it and answer for its owner today, or where its owner is not allowed to do it.

    Args:
        work: The work.
        permissions: The person's permissions.
        answers_for: The keys for which the person answers today.
        owner_may: Says of the owner's key whether its work of a permission can be left to whom answers for it.
    """
    return work.needs in permissions and (work.owner in answers_for or not owner_may(work.owner, work.needs))


def waits_to_be_sent(letter: str, state: CaseState, *, is_closed: bool) -> bool:
    """Return whether a letter that was written and not sent still has to go out.

    Once a case is settled these are its answer, what that promised, and the acknowledgement until the answer is out.

    Args:
        letter: As the case knows it, such as ``L15.2``.
        state: The state of its case.
        is_closed: Whether the case is closed.
    """
    kind, _, number = letter.partition(".")
    if kind in AFTER_THE_ANSWER or (number and kind in WRITTEN_ANEW):
        return True
    return not is_closed and (not state.is_settled or letter in UNTIL_THE_ANSWER_IS_SENT)


_FROM: Final = MappingProxyType(
    dict.fromkeys(
        (TaskKind.MANUAL, TaskKind.OTHER_CASE, TaskKind.UNREADABLE, TaskKind.COMPLAINT, TaskKind.LATER),
        timedelta(days=31),
    )
)
"""How long before its day a task that can be done at any time waits for a person."""
_SOON: Final = timedelta(days=7)
"""How long before its day any other task does: before, what it is about is still kept."""
_BY_ITSELF: Final = timedelta(days=1)
"""How long a message of ours may take to go out by itself; afterwards a person looks into it."""
_LATE: Final = timedelta(days=2)
"""How many days after its day a look of the follow-up is overdue."""


def task_waits(task: OpenTask, today: date) -> bool:
    """Return whether an open task waits for a person now; the follow-up does the others.

    Args:
        task: The task.
        today: The present day in the controller's zone.
    """
    if task.kind.needs_approval:
        return not task.approved_by and (task.is_shown or today > task.due_on)
    return task.kind.asks and today >= task.due_on - _FROM.get(task.kind, _SOON)


def task_needs(kind: TaskKind) -> Permission:
    """Return the permission that a task needs.

    Args:
        kind: Its kind.
    """
    if kind.needs_approval:
        return Permission.APPROVE
    return _OTHER_NEEDS.get(kind, Permission.HANDLE_CASES)


_OTHER_NEEDS: Final = MappingProxyType(
    {
        TaskKind.REVIEW: Permission.HOLD_EVIDENCE,
        TaskKind.OTHER_CASE: Permission.REVEAL,
        TaskKind.DETAILS: Permission.APPROVE,
    }
)


_MARKS: Final = re.compile(r" \((?:system|operation|status|request) [^()]*\)$")
"""The end of an error's text that helps to find the call in logs."""


def _failures(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    for step in facts.failed:
        if step.fault is None or not step.fault.needs_person:
            continue
        is_refused = step.fault is StepFault.REFUSED
        name = f"{step.step} {step.system}".strip()
        yield ToDo(
            kind=ToDoKind.REFUSAL if is_refused else ToDoKind.FAULT,
            case_id=facts.case_id,
            owner=facts.owner,
            needs=Permission.HANDLE_CASES,
            says=f"{step.system or step.step}: {_MARKS.sub('', step.error)}",
            key=name,
            since=step.failing_since,
        )


def _gates(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    asked = {question for question, _ in facts.questions}
    if facts.state is CaseState.IDENTITY_PENDING and ClockEventKind.IDENTITY_REQUESTED not in asked:
        yield _work(facts, ToDoKind.IDENTITY, Permission.CHECK_IDENTITY, "Check the person's identity.")
    if facts.state is CaseState.AWAITING_APPROVAL:
        says = "Read and decide; the person who opened the request cannot."
        yield _work(facts, ToDoKind.APPROVAL, Permission.APPROVE, says)


def _work(facts: CaseFacts, kind: ToDoKind, needs: Permission, says: str) -> ToDo:
    return ToDo(kind=kind, case_id=facts.case_id, owner=facts.owner, needs=needs, says=says, since=facts.state_since)


def _letters(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    # Answers come first: until theirs is out, the person knows nothing.
    for letter, written_at in sorted(facts.letters, key=lambda item: item[0] not in ANSWERS):
        if waits_to_be_sent(letter, facts.state, is_closed=facts.is_closed):
            yield ToDo(
                kind=ToDoKind.LETTER,
                case_id=facts.case_id,
                owner=facts.owner,
                needs=Permission.SEND_LETTERS,
                says=f"Send letter {letter}, or note how it was sent.",
                key=letter,
                since=written_at,
            )


def _instructions(facts: CaseFacts, present: Present) -> Iterator[ToDo]:
    for instruction in facts.instructions:
        work = _instruction(instruction, present)
        if work is not None:
            kind, needs, says = work
            yield ToDo(
                kind=kind,
                case_id=facts.case_id,
                owner=facts.owner,
                needs=needs,
                says=says,
                key=str(instruction.number),
                due_on=instruction.due_on,
                since=instruction.last.recorded_at if instruction.last else instruction.asked_at,
            )


def _instruction(instruction: Instruction, present: Present) -> tuple[ToDoKind, Permission, str] | None:
    named = f"{instruction.role.asked_by} {instruction.number}"
    if instruction.standing is InstructionStanding.UNSENT and not _goes_by_itself(instruction, present):
        says = f"Send {named} to {instruction.name}, then note it as sent."
        return ToDoKind.INSTRUCTION, Permission.SEND_LETTERS, says
    if instruction.standing is InstructionStanding.QUESTIONED:
        says = f"Check the answer of {instruction.name} to {named}; it proves nothing until then."
        return ToDoKind.ANSWER, Permission.HANDLE_CASES, says
    if instruction.standing is InstructionStanding.WAITING and present.today > instruction.due_on:
        says = f"Remind {instruction.name} of {named}, or record its answer; it is overdue."
        return ToDoKind.REMINDER, Permission.HANDLE_CASES, says
    return None


def _goes_by_itself(instruction: Instruction, present: Present) -> bool:
    if instruction.channel is ProcessorChannel.MANUAL or present.now - instruction.asked_at > _BY_ITSELF:
        return False
    return instruction.channel is ProcessorChannel.OPENDSR or present.has_mail


def _tasks(facts: CaseFacts, present: Present) -> Iterator[ToDo]:
    for task in facts.tasks:
        if task_waits(task, present.today):
            yield ToDo(
                kind=ToDoKind.TASK,
                case_id=facts.case_id,
                owner=task.owner,
                needs=task_needs(task.kind),
                says=task.what,
                key=str(task.number),
                due_on=task.due_on,
                task=task,
            )


def _brakes(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    held = {facts.case_id, ALL, *(step.system for step in facts.failed)}.intersection(facts.stopped)
    if held and facts.state is CaseState.EXECUTING:
        where = "in this case" if facts.case_id in held else "at all systems" if ALL in held else f"at {min(held)}"
        yield ToDo(
            kind=ToDoKind.BRAKE,
            case_id=facts.case_id,
            owner=facts.owner,
            needs=Permission.SET_BRAKES,
            says=f"Deletion {where} is paused; it goes on once a person resumes it.",
            key=facts.case_id if facts.case_id in held else min(held),
        )


def _second_looks(facts: CaseFacts, present: Present) -> Iterator[ToDo]:
    if facts.follow_up_on is not None and present.today - facts.follow_up_on >= _LATE:
        yield ToDo(
            kind=ToDoKind.SECOND_LOOK,
            case_id=facts.case_id,
            owner=facts.owner,
            needs=Permission.HANDLE_CASES,
            says="Find out why the follow-up has not looked at this case; an administrator sees whether it runs.",
            due_on=facts.follow_up_on,
        )


def _alerts(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    for text, raised_at in facts.alerts:
        yield ToDo(
            kind=ToDoKind.ALERT,
            case_id=facts.case_id,
            owner=facts.owner,
            needs=Permission.HANDLE_CASES,
            says=text,
            since=raised_at,
        )


def _replies(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    for question, asked_at in () if facts.state.is_settled else facts.questions:
        is_proof = question is ClockEventKind.IDENTITY_REQUESTED
        yield ToDo(
            kind=ToDoKind.REPLY,
            case_id=facts.case_id,
            owner=facts.owner,
            needs=Permission.CHECK_IDENTITY if is_proof else Permission.HANDLE_CASES,
            says="Check the proof of identity once it arrives."
            if is_proof
            else "Record the person's answer once it arrives.",
            key=question.value,
            since=asked_at,
        )


def _notes(facts: CaseFacts, _present: Present) -> Iterator[ToDo]:
    for note in facts.notes:
        yield ToDo(
            kind=ToDoKind.NOTE,
            case_id=facts.case_id,
            owner=note.person,
            needs=Permission.REVEAL,
            says=f"Read note {note.number} of {note.by}.",
            key=f"{note.number} {note.person}",
            since=note.at,
        )


_SOURCES: Final[Sequence[Callable[[CaseFacts, Present], Iterator[ToDo]]]] = (
    _failures,
    _gates,
    _letters,
    _instructions,
    _tasks,
    _brakes,
    _second_looks,
    _alerts,
    _replies,
    _notes,
)
