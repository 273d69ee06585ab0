"""The ladder of alerts as data, and the facts of a case that its rungs use. No personal data of the subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.working_days import Place
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedTask:
    """An open task of a case as the watch sees it.

    Args:
        number: Its number within the case.
        system: The system's name in the configuration.
        due_on: The day on which it is to be done, in the controller's zone.
        owner: The key of the person or role responsible for it.
        words: How it is done.
        waits_for_person: Whether its owner has to do something on its day.
    """

    number: int
    system: str
    due_on: date
    owner: str
    words: str = "to be done by hand"
    waits_for_person: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedInstruction:
    """An instruction to a processor as the watch sees it: while something has still to come, or its answer came late.

    Args:
        number: Its number within the case.
        name: The processor's name.
        due_on: The day by which it has to be proved, in the controller's zone.
        asked_at: When it was written (aware).
        is_sent: Whether it went out.
        questioned_at: Since when an answer has to be checked (aware), or ``None``.
        is_notice: Whether it only tells a recipient, and is over once it went out.
        is_task: Whether it asks a colleague, and no company.
        is_open: Whether something has still to come of it.
        late_at: When its last answer was recorded (aware), if that came after its day.
    """

    number: int
    name: str
    due_on: date
    asked_at: datetime
    is_sent: bool
    questioned_at: datetime | None = None
    is_notice: bool = False
    is_task: bool = False
    is_open: bool = True
    late_at: datetime | None = None

    @property
    def called(self) -> str:
        """Name of the instruction in an alert."""
        return f"Task {self.number} for {self.name}" if self.is_task else f"Instruction {self.number} to {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedCase:
    """A case as the watch sees it.

    Args:
        case_id: Its id.
        state: Where it stands.
        state_since: Since when (aware).
        opened_at: When it was opened (aware).
        due_on: The last day of the law, in the controller's zone; while the clock is suspended, that day without the
            suspension.
        work_to_on: The target date.
        notice_due_on: The last day for the notice of an extension, where the law has one.
        no_pause_due_on: The last day without the suspension, where there was one.
        suspended_since: Since when the clock is suspended (aware), or ``None`` while it runs.
        extended: Whether the period was extended.
        at_risk: Whether the forecast passes the target date.
        acknowledged: Whether the acknowledgement has gone out.
        unsent_since: The letters that have not gone out, such as ``"L6"``, each with when it was written;
            the acknowledgement is not among them.
        closed: Whether its answer went out, or the request was withdrawn.
        failing_since: The steps that fail, such as ``"erase helpdesk"``, each with the instant of its first failure
            since it last went through.
        refused: Those of them that their system refuses.
        tasks: The open tasks by hand; they outlive the answer.
        instructions: What processors have still to prove; that outlives the answer too.
    """

    case_id: str
    state: CaseState
    state_since: datetime
    opened_at: datetime
    due_on: date
    work_to_on: date
    notice_due_on: date | None = None
    no_pause_due_on: date | None = None
    suspended_since: datetime | None = None
    extended: bool = False
    at_risk: bool = False
    acknowledged: bool = False
    closed: bool = False
    unsent_since: Mapping[str, datetime] = field(default_factory=dict)
    failing_since: Mapping[str, datetime] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    tasks: tuple[WatchedTask, ...] = ()
    instructions: tuple[WatchedInstruction, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The controller's place and time zone, in which days are counted.

    Args:
        zone: Fixes when a day begins and ends.
        place: Whose working days count.
    """

    zone: ZoneInfo
    place: Place


class RungKind(StrEnum):
    """The subject of an alert; also the last word of its event ``rightsflow.case.…``."""

    AT_RISK = "at-risk"
    """The forecast passes the target date."""
    DUE_SOON = "due-soon"
    """So many days are left to the target date."""
    TARGET_MISSED = "target-missed"
    """The target date has passed, the law's last day has not."""
    OVERDUE = "overdue"
    """The law's last day has passed."""
    EXTENSION_NOTICE_DUE = "extension-notice-due"
    """An extension seems needed, and the last day for its notice comes near."""
    REFUSAL_DUE = "refusal-due"
    """The period was extended, but the last day for a refusal, which no extension moves, comes near."""
    LETTER_UNSENT = "letter-unsent"
    """A letter was written and has not gone out."""
    GATE_WAITING = "gate-waiting"
    """No one has decided at a gate for too long."""
    ACKNOWLEDGEMENT_MISSING = "acknowledgement-missing"
    """The acknowledgement has not gone out."""
    STEP_FAILING = "step-failing"
    """A step at a system has kept failing for too long."""
    TASK_DUE = "task-due"
    """The day of a task that waits for a person has come."""
    TASK_OVERDUE = "task-overdue"
    """The day of a task has passed, and it is not noted as done."""
    INSTRUCTION_UNSENT = "instruction-unsent"
    """An instruction to a processor was written and has not gone out."""
    PROCESSOR_DUE = "processor-due"
    """The day by which a processor has to prove what it did comes near."""
    PROCESSOR_OVERDUE = "processor-overdue"
    """The processor's day has passed without proof."""
    PROCESSOR_ANSWER_DOUBTFUL = "processor-answer-doubtful"
    """A processor's answer has to be checked."""
    PROCESSOR_ANSWERED_LATE = "processor-answered-late"
    """A processor has answered after its day; what follows from that can be done now."""


OUTLIVES_THE_ANSWER: Final = frozenset(
    {
        RungKind.TASK_DUE,
        RungKind.TASK_OVERDUE,
        RungKind.INSTRUCTION_UNSENT,
        RungKind.PROCESSOR_DUE,
        RungKind.PROCESSOR_OVERDUE,
        RungKind.PROCESSOR_ANSWER_DOUBTFUL,
        RungKind.PROCESSOR_ANSWERED_LATE,
    }
)
"""Alerts that may still apply to a closed case: manual tasks, and proof that others still owe."""


class Audience(StrEnum):
    """The recipients of an alert: roles, which people of the day fill."""

    OWNER = "owner"
    DPO = "dpo"
    MANAGEMENT = "management"


_ALL = (Audience.OWNER, Audience.DPO, Audience.MANAGEMENT)


@dataclass(frozen=True, slots=True)
class DueSoon:
    """A rung before the target date.

    Args:
        days: How many calendar days before it.
        tell: Who is told.
    """

    days: int
    tell: tuple[Audience, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The times at which people are notified, and the recipients.

    Args:
        due_soon: The rungs before the target date, the earliest first.
        missed: Who is told each day after the target date, and after the law's last day.
        at_risk: Who is told when the forecast passes the target date.
        extension_notice_days: How many days before the last day for an extension's notice it is asked whether one is
            needed; as many days before the last day for a refusal it is named, where the period was extended.
        extension_notice: Who is asked.
        gate_working_days: After how many whole working days without a decision a gate is reported.
        gate: Who is told of it.
        acknowledgement_working_days: After how many whole working days a missing acknowledgement is reported.
        acknowledgement: Who is told of it.
        letter_working_days: After how many whole working days a letter that has not gone out is reported.
        letter: Who is told of it.
        step_hours: After how many hours of failing a step is reported.
        step: Who is told of it.
        task: Who is told of a task by hand that is overdue, besides the task's owner, who is told of each.
        processor_days: How many days before the day by which a processor has to prove what it did the owner is asked to
            remind it.
        processor: Who is told of that, of an instruction that has not gone out, of an answer to be checked, and of one
            that came late.
        processor_overdue: Who is told once the day has passed, and again each week after it.
        remind_hours: After how many hours an alert that no one acknowledged is sent once more; 0 for never.

    Raises:
        BadInput: The rungs do not come nearer to the date one after the other, or a number is negative.
    """

    due_soon: tuple[DueSoon, ...] = (
        DueSoon(14, (Audience.OWNER,)),
        DueSoon(7, (Audience.OWNER,)),
        DueSoon(3, (Audience.OWNER, Audience.DPO)),
        DueSoon(1, (Audience.DPO, Audience.MANAGEMENT)),
    )
    missed: tuple[Audience, ...] = _ALL
    at_risk: tuple[Audience, ...] = (Audience.OWNER,)
    extension_notice_days: int = 7
    extension_notice: tuple[Audience, ...] = (Audience.OWNER, Audience.DPO)
    gate_working_days: int = 2
    gate: tuple[Audience, ...] = (Audience.OWNER,)
    acknowledgement_working_days: int = 3
    acknowledgement: tuple[Audience, ...] = (Audience.OWNER,)
    letter_working_days: int = 1
    letter: tuple[Audience, ...] = (Audience.OWNER,)
    step_hours: int = 24
    step: tuple[Audience, ...] = (Audience.OWNER,)
    task: tuple[Audience, ...] = (Audience.OWNER,)
    processor_days: int = 3
    processor: tuple[Audience, ...] = (Audience.OWNER,)
    processor_overdue: tuple[Audience, ...] = (Audience.OWNER, Audience.MANAGEMENT)
    remind_hours: int = 24

    def __post_init__(self) -> None:
        """Refuse a ladder that cannot be climbed."""
        days = [rung.days for rung in self.due_soon]
        if days != sorted(set(days), reverse=True) or any(day < 0 for day in days):
            raise BadInput("watch.due_soon has to name each number of days once, the highest first, like 14, 7, 3, 1.")
        for name in (each.name for each in fields(self) if isinstance(each.default, int)):
            if getattr(self, name) < 0:
                raise BadInput(f"watch.{name} is below 0; give 0 or more.")

    @property
    def reminder(self) -> timedelta | None:
        """Time after which an alert is sent once more, or ``None`` for never."""
        return timedelta(hours=self.remind_hours) if self.remind_hours else None
