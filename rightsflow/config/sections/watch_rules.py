"""The sections about time: when alerts are raised, and how long the parts of a case take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from rightsflow.config.sections.section import Strict
from rightsflow.domain.alerts.ladder import Audience, DueSoon, Ladder
from rightsflow.domain.errors import BadInput
from rightsflow.domain.forecast import Expectation, Part


class WatchRules(Strict):
    """The ladder of alerts.

    Args:
        due_soon: The alerts before the date to work to, the earliest first.
        missed: The people notified each day after the target date, and after the statutory deadline.
        at_risk: The people notified when the forecast passes the target date.
        extension_notice_days: The number of days before the last day for an extension's notice, or for a refusal of an
            extended case, at which the owner is reminded.
        extension_notice: The people reminded.
        gate_working_days: The number of whole working days without a decision after which a gate is reported.
        gate: The people notified of a gate.
        acknowledgement_working_days: The number of whole working days after which a missing acknowledgement is
            reported.
        acknowledgement: The people notified of a missing acknowledgement.
        letter_working_days: The number of whole working days after which an unsent letter is reported.
        letter: The people notified of an unsent letter.
        step_hours: The number of hours after which a failing step is reported.
        step: The people notified of a failing step.
        task: The people notified of an overdue manual task, besides the task's owner, who is always notified.
        processor_days: The number of days before a processor's proof is due at which the owner is asked to remind it.
        processor: The people notified of that, of an unsent instruction, of an answer to be checked, and of a late
            answer.
        processor_overdue: The people notified once the proof is overdue, and again each week after that.
        remind_hours: The number of hours after which an unacknowledged alert is sent again; 0 for never.
    """

    due_soon: tuple[DueSoon, ...] = Ladder().due_soon
    missed: tuple[Audience, ...] = Ladder().missed
    at_risk: tuple[Audience, ...] = Ladder().at_risk
    extension_notice_days: int = Ladder().extension_notice_days
    extension_notice: tuple[Audience, ...] = Ladder().extension_notice
    gate_working_days: int = Ladder().gate_working_days
    gate: tuple[Audience, ...] = Ladder().gate
    acknowledgement_working_days: int = Ladder().acknowledgement_working_days
    acknowledgement: tuple[Audience, ...] = Ladder().acknowledgement
    letter_working_days: int = Ladder().letter_working_days
    letter: tuple[Audience, ...] = Ladder().letter
    step_hours: int = Ladder().step_hours
    step: tuple[Audience, ...] = Ladder().step
    task: tuple[Audience, ...] = Ladder().task
    processor_days: int = Ladder().processor_days
    processor: tuple[Audience, ...] = Ladder().processor
    processor_overdue: tuple[Audience, ...] = Ladder().processor_overdue
    remind_hours: int = Ladder().remind_hours

    @model_validator(mode="after")
    def _climbs(self) -> WatchRules:
        try:
            _ = self.ladder
        except BadInput as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def ladder(self) -> Ladder:
        """The ladder these rules make."""
        return Ladder(**{name: getattr(self, name) for name in type(self).model_fields})


_Days = Annotated[float, Field(gt=0, le=366)]


class PartDays(Strict):
    """The duration of one part of a case, in days.

    Args:
        typical: Half of the cases take no longer.
        at_most: Nine in ten take no longer.
    """

    typical: _Days
    at_most: _Days

    @model_validator(mode="after")
    def _grows(self) -> PartDays:
        try:
            _ = self.expectation
        except BadInput as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def expectation(self) -> Expectation:
        """The same for the forecast."""
        return Expectation(timedelta(days=self.typical), timedelta(days=self.at_most))


class Expectations(Strict):
    """The durations of a case's parts, for the forecast while too few cases were measured.

    Args:
        identity: The identity gate, the person's own time to answer included.
        search: Finding the records, at each system.
        preparation: Copying and masking, at each system, then the package; of an erasure, its plan.
        approval: The gate before the plan is carried out or the package released.
        execution: Erasing and verifying, at each system.
        processor: Waiting for a processor that is not in the register any more. Of those that are, their record
            counts, and what was agreed while they have given few answers.
        answer: Writing the answer.
    """

    identity: PartDays = PartDays(typical=3, at_most=10)
    search: PartDays = PartDays(typical=0.02, at_most=0.25)
    preparation: PartDays = PartDays(typical=0.02, at_most=0.25)
    approval: PartDays = PartDays(typical=1, at_most=3)
    execution: PartDays = PartDays(typical=0.05, at_most=0.5)
    processor: PartDays = PartDays(typical=5, at_most=10)
    answer: PartDays = PartDays(typical=0.01, at_most=0.1)

    @property
    def by_part(self) -> Mapping[Part, Expectation]:
        """The expectation of each part."""
        return {part: getattr(self, part.value).expectation for part in Part}
