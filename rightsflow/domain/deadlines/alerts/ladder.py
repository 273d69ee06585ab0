"""The ladder of alerts as data: which rungs there are, when each is due, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput


class RungKind(StrEnum):
    """The subject of an alert; also the last word of its event ``rightsflow.case.…``."""

    AT_RISK = "at-risk"
    """The forecast passes the date to work to."""
    DUE_SOON = "due-soon"
    """So many days are left to the date to work to."""
    TARGET_MISSED = "target-missed"
    """The date to work to has passed, the law's last day has not."""
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
        due_soon: The rungs before the date to work to, the earliest first.
        missed: Who is told each day after the date to work to, and after the law's last day.
        at_risk: Who is told when the forecast passes the date to work to.
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
        for name in (field.name for field in fields(self) if isinstance(field.default, int)):
            if getattr(self, name) < 0:
                raise BadInput(f"watch.{name} is below 0; give 0 or more.")

    @property
    def reminder(self) -> timedelta | None:
        """Time after which an alert is sent once more, or ``None`` for never."""
        return timedelta(hours=self.remind_hours) if self.remind_hours else None
