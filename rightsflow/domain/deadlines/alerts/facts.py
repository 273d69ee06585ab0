"""Facts that the watch uses: a case's dates, its state and its failures. No personal data of the subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.working_days import Place
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
        work_to_on: The day to work to.
        notice_due_on: The last day for the notice of an extension, where the law has one.
        no_pause_due_on: The last day without the suspension, where there was one.
        suspended_since: Since when the clock is suspended (aware), or ``None`` while it runs.
        extended: Whether the period was extended.
        at_risk: Whether the forecast passes the day to work to.
        acknowledged: Whether the acknowledgement has gone out.
        unsent_since: The letters that have not gone out, such as ``"L6"``, each with when it was written;
            the acknowledgement is not among them.
        closed: Whether its answer went out, or the request was withdrawn.
        failing_since: The steps that fail, such as ``"erase helpdesk"``, each with the instant of its first failure
            since it last went through.
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
