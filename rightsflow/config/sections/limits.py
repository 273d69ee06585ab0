"""The sections about amounts and times: retention, how much runs at once, when erasing pauses, alerts, durations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rightsflow.config.sections.section import FieldName, Strict
from rightsflow.domain.alerts.ladder import Audience, DueSoon, Ladder
from rightsflow.domain.erasure.dates import LOOK_DAYS
from rightsflow.domain.erasure.partial_erasure import NEEDED
from rightsflow.domain.erasure.safeguards import BrakeRule
from rightsflow.domain.errors import BadInput
from rightsflow.domain.forecast import Expectation, Part
from rightsflow.domain.vocabulary.records import DocumentClass


class KeepingSettings(Strict):
    """The retention of a closed case's own data.

    Args:
        evidence_months: The number of months after the answer for which the evidence is stored, extended to the end of
            that year; by default that of :func:`rightsflow.domain.erasure.retention.evidence_until` for the
            controller's country.
        copies_days: The number of days after its delivery for which the access package is stored.
        needed: The fields that a class of document needs while a law retains it, in place of the built-in list of the
            class: ``{ voucher = ["name", "address", "tax number"] }``. Other fields are blanked if a system can do so.
            Built in are, for vouchers: name, address, delivery address, tax number, customer number; for all other
            classes every field.
    """

    evidence_months: Annotated[int, Field(ge=1, le=600)] | None = None
    copies_days: Annotated[int, Field(ge=0, le=30)] = 30
    needed: dict[DocumentClass, tuple[FieldName, ...]] = Field(default_factory=dict)

    @property
    def needed_by_class(self) -> Mapping[DocumentClass, frozenset[str]]:
        """The fields that each class needs; of a class that is not named, everything."""
        return {**NEEDED, **{document: frozenset(fields) for document, fields in self.needed.items()}}


class FollowUpSettings(Strict):
    """The follow-up of an erasure after the answer: further checks of erased records, and the end of retentions.

    Args:
        approval: The approval of erasing a record on the day after its retention ends: ``ask`` a person
            (`rightsflow case approve-task`), or ``automatic`` by a written policy of the controller.
        policy: The name and version of that policy, as the evidence cites it; needed with ``automatic``.
        covers_conditions: ``true`` if the policy states that nothing prolongs a period (no open tax assessment, no
            proceeding), so that no person is asked about a period with such a condition.
        review_months: The longest time in months until records retained without a date (a dispute, a contract, a
            decision of a person) are reviewed and decided anew.
        verify_days: The numbers of days after an erasure at which the records are read again.
    """

    approval: Literal["ask", "automatic"] = "ask"
    policy: Annotated[str, Field(max_length=120)] = ""
    covers_conditions: bool = Field(default=False, strict=True)
    review_months: Annotated[int, Field(ge=1, le=12, strict=True)] = 12
    verify_days: Annotated[tuple[Annotated[int, Field(ge=1, le=366)], ...], Field(max_length=12)] = LOOK_DAYS

    @model_validator(mode="after")
    def _is_written_down(self) -> Self:
        if self.approval == "automatic" and not self.policy.strip():
            raise ValueError("name the written policy with its version in `policy`; it stands in the evidence")
        return self

    @property
    def is_automatic(self) -> bool:
        """True if a written policy replaces a person's approval."""
        return self.approval == "automatic"


class Imports(Strict):
    """Many requests at once.

    Args:
        folder: The place of files for the deployment *import-requests*: a folder, or an ``fsspec`` location such as
            ``s3://bucket/imports`` that workers on other machines can reach too; by default ``imports`` in the home.
        batch_size: The largest number of imported cases in one run.
        batches_at_once: The number of such runs in Prefect at a time, about two for each worker. The other cases wait
            in the case store, where a more urgent case can overtake them.
    """

    folder: str = ""
    batch_size: Annotated[int, Field(ge=1, le=1000)] = 50
    batches_at_once: Annotated[int, Field(ge=1, le=100)] = 2


Key = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
"""The key of a system or a person in the configuration file."""

_AtLeastOne = Annotated[int, Field(ge=1, strict=True)]


class SystemBrake(Strict):
    """A system's own limits; limits that are not given are those of all systems.

    Args:
        factor: The accepted multiple of the usual amount.
        case_floor: The number of records up to which a case is never stopped.
        day_floor: The number of records in a day up to which no case is stopped for the day's total.
    """

    factor: Annotated[float, Field(ge=1, le=1000)] | None = None
    case_floor: _AtLeastOne | None = None
    day_floor: _AtLeastOne | None = None


class BrakeSettings(Strict):
    """The amounts above which erasing at a system stops automatically until a second person releases it.

    Args:
        factor: The accepted multiple of the usual amount of a case and of a day.
        case_floor: The number of records to be erased or redacted at a system up to which a case is never stopped.
        day_floor: The number of records in a day at a system up to which no case is stopped for the day's total.
        cases: The number of the last cases of which the largest is the usual amount.
        days: The number of the last days of which the largest is the usual amount.
        systems: Different limits of single systems.
    """

    factor: Annotated[float, Field(ge=1, le=1000)] = BrakeRule().factor
    case_floor: _AtLeastOne = BrakeRule().case_floor
    day_floor: _AtLeastOne = BrakeRule().day_floor
    cases: _AtLeastOne = BrakeRule().cases
    days: _AtLeastOne = BrakeRule().days
    systems: dict[Key, SystemBrake] = Field(default_factory=dict)

    def rule(self, system: str) -> BrakeRule:
        """Return the rule for one system.

        Args:
            system: The system's name.
        """
        own = self.systems.get(system, SystemBrake()).model_dump(exclude_none=True)
        return BrakeRule(**(self.model_dump(exclude={"systems"}) | own))


class WatchRules(Strict):
    """The ladder of alerts.

    Args:
        due_soon: The alerts before the target date, the earliest first.
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
        """The duration as the forecast uses it."""
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
