"""Answers of processors to an instruction: proved, open or to be checked; links to answer by; reminders. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.processors.files import HandedOverFile
from rightsflow.domain.processors.terms import (
    Action,
    Doubt,
    InstructionStanding,
    ProcessorAnswer,
    ProcessorChannel,
    ProcessorRole,
    ProofKind,
)

MOST_RECORDS: Final = 10_000_000
"""More than this in a number of records is a typing error."""
MOST_TO_LIFT: Final = timedelta(days=90)
"""Longest extension for a processor to end a restriction: no statutory date depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAnswer:
    """An answer of a processor as a person records it.

    Args:
        answer: What it says.
        on: The day on which it answered, in the controller's zone.
        records: How many records it erased; ``None`` where it gave no number.
        note: Its reason, or who answered; for the answer "cannot" the reason is told to the person.
        until: The new day that it asks for.
        sub_processors: To whom it handed it on.
    """

    answer: ProcessorAnswer
    on: date
    records: int | None = None
    note: str = ""
    until: date | None = None
    sub_processors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """An answer that the case file holds.

    Args:
        number: Its number within the instruction.
        answer: What it says.
        on: The day on which the processor answered, in the controller's zone.
        records: How many records it erased; ``None`` where it gave no number.
        until: The new day that it asked for.
        sub_processors: To whom it handed it on.
        proof_sha256: The SHA-256 of its proof, in hexadecimal; empty for none.
        documents: The files that it brought, of one that was asked to hand over what it holds.
        doubts: Why it has to be checked.
        is_late: Whether it came after the agreed day.
        recorded_at: When it was recorded (aware).
        recorded_by: Who recorded it.
        checked_by: Who checked what was doubtful; empty while no one has.
    """

    number: int
    answer: ProcessorAnswer
    on: date
    records: int | None = None
    until: date | None = None
    sub_processors: tuple[str, ...] = ()
    proof_sha256: str = ""
    documents: tuple[HandedOverFile, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    is_late: bool = False
    recorded_at: datetime
    recorded_by: str
    checked_by: str = ""

    @property
    def is_questioned(self) -> bool:
        """True if a person has to check the answer."""
        return bool(self.doubts) and not self.checked_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An instruction of a case, without what it says of the person.

    Args:
        case_id: The case.
        number: Its number within the case.
        processor: The processor's key in the register.
        name: Its name.
        role: What it is to the controller.
        channel: How it is reached.
        action: What it is asked to do.
        kinds: The kinds of identifier that it is told; empty where none is known by which it finds records.
        expected: How many of the person's records were found where it works.
        due_on: The day by which it has to prove it, in the controller's zone.
        asked_at: When the instruction was written (aware).
        sent_at: When it went out (aware), or ``None``.
        is_promised: Whether the answer to the person named it as open.
        reminded_on: When it was reminded last by mail, in the controller's zone, or ``None``.
        reminders: How often it was.
        task: The number of the task after which it was written, such as one to lift a restriction; 0 for what the
            request asks.
        is_called_off: Whether nothing is wanted any more, since the person has taken the request back.
        answers: Its answers, oldest first.
    """

    case_id: str
    number: int
    processor: str
    name: str
    role: ProcessorRole
    channel: ProcessorChannel
    action: Action
    kinds: tuple[str, ...]
    expected: int
    due_on: date
    asked_at: datetime
    sent_at: datetime | None = None
    is_promised: bool = False
    reminded_on: date | None = None
    reminders: int = 0
    task: int = 0
    is_called_off: bool = False
    answers: tuple[RecordedAnswer, ...] = ()

    @property
    def standing(self) -> InstructionStanding:
        """Status of the instruction."""
        if self.is_called_off:
            return InstructionStanding.CALLED_OFF
        if not self.has_text:
            return InstructionStanding.NOT_ASKED
        if self.is_notice:
            return self._standing_of_notice
        last = self.last
        if last is None or last.answer in {
            ProcessorAnswer.MORE_TIME,
            ProcessorAnswer.HANDED_ON,
            ProcessorAnswer.TAKEN_BACK,
        }:
            return InstructionStanding.WAITING if self.sent_at else InstructionStanding.UNSENT
        if last.is_questioned:
            return InstructionStanding.QUESTIONED
        return InstructionStanding.CANNOT if last.answer is ProcessorAnswer.CANNOT else InstructionStanding.CONFIRMED

    @property
    def _standing_of_notice(self) -> InstructionStanding:
        if self.sent_at:
            return InstructionStanding.TOLD
        return InstructionStanding.NOT_TOLD if self.last else InstructionStanding.UNSENT

    @property
    def called(self) -> str:
        """Processor's name, with the subject of a later notice."""
        is_later = self.task or self.action is Action.CALL_OFF
        return f"{self.name} ({_TOLD_LATER.get(self.action, 'told later')})" if is_later else self.name

    @property
    def is_notice(self) -> bool:
        """True if the instruction only notifies, and nothing has to be proved to us."""
        return self.action in {Action.TAKE_NOTE, Action.CALL_OFF}

    @property
    def has_text(self) -> bool:
        """True if there is a text to send: a call-off names no one, every other instruction has to name the person."""
        return bool(self.kinds) or self.action is Action.CALL_OFF

    @property
    def documents(self) -> tuple[HandedOverFile, ...]:
        """The files that all its answers brought."""
        return tuple(document for answer in self.answers for document in answer.documents)

    @property
    def goes_later(self) -> bool:
        """True if the last answer goes to the person with a letter of its own."""
        return self.last is not None and Doubt.LATE in self.last.doubts

    @property
    def is_waited_for(self) -> bool:
        """True if the answer to the person names the instruction as open, so that a second letter follows."""
        return self.has_to_be_proved and not self.task

    @property
    def has_to_be_proved(self) -> bool:
        """True if proof is still owed."""
        return self.is_open and not self.is_notice

    @property
    def last(self) -> RecordedAnswer | None:
        """Its last answer."""
        return self.answers[-1] if self.answers else None

    @property
    def is_open(self) -> bool:
        """True if an answer or a check is outstanding."""
        return self.standing.is_open


_TOLD_LATER: Final = {
    Action.LIFT: "end of the restriction",
    Action.RECTIFY: "corrected by hand",
    Action.CALL_OFF: "nothing more to do",
}


def check_answer(
    instruction: Instruction,
    stated: StatedAnswer,
    proof: Sequence[ProofKind],
    *,
    has_proof: bool,
    sent_on: date | None,
    work_to_on: date,
    today: date,
    documents: int = 0,
) -> tuple[Doubt, ...]:
    """See whether an answer can be recorded, and why it has to be checked.

    Args:
        instruction: What it answers.
        stated: The answer.
        proof: What the register asks for as proof.
        has_proof: Whether a document came with it.
        sent_on: The day on which the instruction went out, in the controller's zone; ``None`` if it did not.
        work_to_on: The case's target date.
        today: The present day in the controller's zone.
        documents: How many files came with it that are the person's records.

    Raises:
        BadInput: Something is missing or impossible.
        Conflict: The instruction has not gone out, or there is nothing to take back.
    """
    if instruction.is_called_off:
        raise Conflict("The request has ended; nothing more is wanted, and no answer is recorded.")
    _refuse_odd(instruction, stated, sent_on, today)
    _refuse_documents(instruction, stated, documents)
    if stated.answer is ProcessorAnswer.MORE_TIME:
        _refuse_late_day(stated.until, latest_day(instruction, work_to_on, today), today)
    elif stated.until is not None:
        raise BadInput("A new day goes with the answer more time; leave it out, or record that it needs more time.")
    if stated.answer is ProcessorAnswer.CANNOT and not stated.note.strip():
        raise BadInput("The reason is missing; say why the processor cannot do it, in words for the person.")
    if stated.answer is ProcessorAnswer.HANDED_ON:
        _refuse_handing_on(instruction, stated)
    return tuple(_doubts(instruction, stated, proof, has_proof=has_proof)) if stated.answer.claims else ()


def latest_day(instruction: Instruction, work_to_on: date, today: date) -> date:
    """Return the last possible day for an instruction, however much time the processor requests.

    Args:
        instruction: The instruction.
        work_to_on: The case's target date, which has passed where a restriction is lifted.
        today: The present day in the controller's zone.
    """
    return today + MOST_TO_LIFT if instruction.task else work_to_on


def says_zero(instruction: Instruction, stated: StatedAnswer) -> bool:
    """Return whether an answer states that nothing was there, although records were found in the processor's systems.

    Args:
        instruction: What it answers.
        stated: The answer.
    """
    is_zero = stated.answer is ProcessorAnswer.NOTHING_HELD or stated.records == 0
    # Of an access request it hands over what it holds besides: what was found in our systems, we give ourselves.
    return bool(instruction.expected) and is_zero and instruction.action is Action.ERASE


def _refuse_odd(instruction: Instruction, stated: StatedAnswer, sent_on: date | None, today: date) -> None:
    if sent_on is None:
        raise Conflict(
            f"Instruction {instruction.number} has not gone out; record that it was sent before you record an answer."
        )
    if instruction.is_notice:
        raise Conflict(f"{instruction.name} answers for itself; it was told, and has nothing to prove.")
    if stated.on > today:
        raise BadInput("The processor cannot have answered in the future; check the day.")
    if stated.on < sent_on:
        raise BadInput(f"Instruction {instruction.number} went out on {sent_on}, after that day; check the day.")
    if stated.records is not None and not 0 <= stated.records <= MOST_RECORDS:
        raise BadInput(f"The number of records is not valid; give 0 to {MOST_RECORDS:,}.")
    if stated.records and stated.answer is not ProcessorAnswer.DONE:
        raise BadInput("A number of records goes with the answer done; leave it out, or record that it is done.")
    if stated.answer is ProcessorAnswer.TAKEN_BACK and instruction.last is None:
        raise Conflict(f"Instruction {instruction.number} has no answer that could be taken back.")


def _refuse_documents(instruction: Instruction, stated: StatedAnswer, documents: int) -> None:
    hands_over = instruction.action is Action.HAND_OVER and stated.answer is ProcessorAnswer.DONE
    if hands_over and not documents:
        raise BadInput("The records are missing; give the files that were handed over.")
    if documents and not hands_over:
        raise BadInput("Files with records go with the answer done to an access request; leave them out.")


def _refuse_handing_on(instruction: Instruction, stated: StatedAnswer) -> None:
    if instruction.role.is_colleague:
        raise BadInput("A task is handed on to no company; wait for the colleague's answer, or give them more time.")
    if not stated.sub_processors:
        raise BadInput("The sub-processors are missing; name those to whom it was handed on.")


def _refuse_late_day(until: date | None, before: date, today: date) -> None:
    if until is None:
        raise BadInput("The new day is missing; give the day by which the processor wants to be done.")
    if not today <= until < before:
        raise BadInput(
            f"The new day has to lie before {before:%a %d %b %Y}; more time does not move the case's own dates."
        )


def _doubts(
    instruction: Instruction, stated: StatedAnswer, proof: Sequence[ProofKind], *, has_proof: bool
) -> list[Doubt]:
    doubts = []
    if says_zero(instruction, stated):
        doubts.append(Doubt.ZERO)
    if any(_contradicts(answer, stated) for answer in instruction.answers):
        doubts.append(Doubt.CONTRADICTS)
    if instruction.action is Action.HAND_OVER:
        return doubts
    lacks_count = ProofKind.COUNTS in proof and stated.answer is ProcessorAnswer.DONE and stated.records is None
    if lacks_count or (ProofKind.FILE in proof and not has_proof):
        doubts.append(Doubt.NO_PROOF)
    return doubts


def _contradicts(before: RecordedAnswer, now: StatedAnswer) -> bool:
    """Return whether two answers cannot both be true; a handed-on task or a request for time contradicts nothing."""
    if before.answer.claims:
        return (before.answer, before.records or 0) != (now.answer, now.records or 0)
    return before.answer is ProcessorAnswer.CANNOT


LINK_TOKEN_BYTES: Final = 32
"""Length of a link's token: 256 random bits."""
LINK_LASTS: Final = timedelta(days=14)
"""Shortest validity of a link, and its validity after the processor's deadline for proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLink:
    """A link that was made for an instruction.

    Args:
        number: The instruction's number within the case.
        digest: The keyed hash of its token.
        ends_at: Until when it can be used (aware).
        is_used: Whether it was.
    """

    number: int
    digest: str
    ends_at: datetime
    is_used: bool = False

    def is_live(self, now: datetime) -> bool:
        """Return whether the link can still be used.

        Args:
            now: The present instant (aware).
        """
        return not self.is_used and now < self.ends_at


def link_ends_at(due_on: date, now: datetime) -> datetime:
    """Return the end of a new link's validity: some weeks after the processor's day, unless that is past.

    Args:
        due_on: The day by which the processor has to prove what it did.
        now: The present instant (aware).
    """
    return now + max(due_on - now.date(), timedelta()) + LINK_LASTS


def doubts_of_own_words(stated: StatedAnswer) -> tuple[Doubt, ...]:
    """Return the doubts of an answer that none of our people has read: words that a letter would quote.

    Args:
        stated: The answer.
    """
    return (Doubt.OWN_WORDS,) if stated.answer is ProcessorAnswer.CANNOT else ()


_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


class Reminder(StrEnum):
    """The stage of a reminder."""

    BEFORE = "before its day"
    LATE = "after its day"
    ESCALATED = "to its management"


def reminder_due(due_on: date, reminded_on: date | None, today: date, days_before: int) -> Reminder | None:
    """Return the reminder that is due, if the processor was not reminded since it became due.

    Some days before its day; on the day after it; and each week from then on, to its management too.

    Args:
        due_on: The day by which it has to prove it, in the controller's zone.
        reminded_on: When it was reminded last, or ``None``.
        today: The present day.
        days_before: How many days before its day it is reminded.
    """
    since, which = _stage(due_on, today, days_before)
    if since is None or (reminded_on is not None and reminded_on >= since):
        return None
    return which


def _stage(due_on: date, today: date, days_before: int) -> tuple[date | None, Reminder]:
    if today <= due_on:
        begin = due_on - timedelta(days=days_before)
        return (begin if today >= begin else None), Reminder.BEFORE
    late_since = due_on + _DAY
    weeks = (today - late_since) // _WEEK
    return late_since + weeks * _WEEK, Reminder.ESCALATED if weeks else Reminder.LATE
