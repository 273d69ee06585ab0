"""The sections about amounts: how long things are kept, how much runs at once, from which amount on erasing stops."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rightsflow.config.sections.section import Strict
from rightsflow.domain.erasure.brakes import BrakeRule


class KeepingSettings(Strict):
    """How long what belongs to a closed case is kept.

    Args:
        evidence_months: For how many months after the answer the evidence is kept, from there to the end of the year;
            by default what :func:`rightsflow.domain.erasure.retention.evidence_until` has for the controller's country.
        copies_days: For how many days after its delivery the access package is kept.
    """

    evidence_months: Annotated[int, Field(ge=1, le=600)] | None = None
    copies_days: Annotated[int, Field(ge=0, le=30)] = 30


class Imports(Strict):
    """Many requests at once.

    Args:
        folder: Where files to be imported lie for the form *import-requests*: a folder, or an ``fsspec`` location such
            as ``s3://bucket/imports`` that workers on other machines reach too; by default ``imports`` in the home.
        runs_waiting: How many runs of imported cases wait in Prefect at a time, about four for each run that the
            workers execute at a time. The others wait in the case store, where a more urgent one can overtake them.
    """

    folder: str = ""
    runs_waiting: Annotated[int, Field(ge=1, le=1000)] = 24


Key = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
"""How a system or a person is called in the file."""

_AtLeastOne = Annotated[int, Field(ge=1, strict=True)]


class SystemBrake(Strict):
    """What is given for one system differently; what is not given is as for all.

    Args:
        factor: How many times the usual amount is accepted.
        case_floor: Up to so many records a case is never stopped.
        day_floor: Up to so many records in a day no case is stopped for the day's total.
    """

    factor: Annotated[float, Field(ge=1, le=1000)] | None = None
    case_floor: _AtLeastOne | None = None
    day_floor: _AtLeastOne | None = None


class BrakeSettings(Strict):
    """From which amount on erasing at a system stops by itself until a second person releases it.

    Args:
        factor: How many times the usual amount is accepted, of a case and of a day.
        case_floor: Up to so many records to be erased or redacted at a system a case is never stopped.
        day_floor: Up to so many records in a day at a system no case is stopped for the day's total.
        cases: Of how many of the last cases the largest is the usual one.
        days: Of how many of the last days the largest is the usual one.
        systems: What holds for one system instead.
    """

    factor: Annotated[float, Field(ge=1, le=1000)] = BrakeRule().factor
    case_floor: _AtLeastOne = BrakeRule().case_floor
    day_floor: _AtLeastOne = BrakeRule().day_floor
    cases: _AtLeastOne = BrakeRule().cases
    days: _AtLeastOne = BrakeRule().days
    systems: dict[Key, SystemBrake] = Field(default_factory=dict)

    def rule(self, system: str) -> BrakeRule:
        """The rule for one system.

        Args:
            system: The system's name.
        """
        own = self.systems.get(system, SystemBrake()).model_dump(exclude_none=True)
        return BrakeRule(**(self.model_dump(exclude={"systems"}) | own))
