"""Safeguards of an erasure: its binding to the approved plan, and the automatic pause at unusual amounts. Pure.

The usual amount is the largest of the last cases, and the largest of the last days, without accepted exceptions. While
there is little to compare with, fixed floors apply.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.records import OutcomeKind

_LEFT = frozenset(
    {
        OutcomeKind.RESIDUE,
        OutcomeKind.RETAINED,
        OutcomeKind.NOT_CONCERNED,
        OutcomeKind.RECTIFIED,
        OutcomeKind.UNRECTIFIED,
        OutcomeKind.RESTRICTED,
        OutcomeKind.PSEUDONYMISED,
        OutcomeKind.FAILED,
    }
)
"""Outcomes after which data of the person are still there."""


class PlannedLine(NamedTuple):
    """The plan for one record, as an approval is bound to it.

    Args:
        record: The record's keyed hash.
        method: How it is erased; empty where nothing is done at the system.
        outcome: The outcome that is planned; empty if none is.
        until: The last day it is kept.
        has_question: Whether something is left to a person.
    """

    record: str
    method: str
    outcome: str
    until: date | None
    has_question: bool = False


def plan_digest(lines: Iterable[PlannedLine]) -> str:
    """Return a digest of the plan for each record, to which an approval is bound; empty without a plan."""
    texts = [f"{line.record} {line.method} {line.outcome} {line.until}" for line in lines if line.outcome]
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest() if texts else ""


def refuse_unbound(lines: Iterable[PlannedLine]) -> None:
    """Refuse to carry out a plan that no one can have approved as a whole.

    Args:
        lines: What is planned for each record of the case.

    Raises:
        Conflict: A record has no plan, or a question about one is open.
    """
    planned = list(lines)
    if any(not line.outcome for line in planned):
        raise Conflict("The case holds records that were not in the approved plan; it cannot be carried out.")
    if any(line.has_question for line in planned):
        raise Conflict("The plan leaves a question about records open; decide on them at the approval gate.")


def leaves_data(outcome: OutcomeKind | None, *, refused: bool) -> bool:
    """Return whether data of the person are still there after an outcome.

    Args:
        outcome: What became of the record; ``None`` while nothing did.
        refused: Whether its system refused to do what was asked.
    """
    return outcome is not None and (outcome in _LEFT or refused)


ALL: Final = "*"
"""The name under which a brake holds at every system; no system can be called so."""


class Per(StrEnum):
    """The scope of a limit."""

    CASE = "case"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeRule:
    """The amount from which erasure is paused.

    Args:
        factor: How many times the usual amount is accepted.
        case_floor: Up to so many records a case is never stopped.
        day_floor: Up to so many records in a day no case is stopped for the day's total.
        cases: Of how many of the last cases the largest is the usual one.
        days: Of how many of the last days the largest is the usual one.
    """

    factor: float = 5.0
    case_floor: int = 200
    day_floor: int = 2000
    cases: int = 50
    days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Numbers of records at one system: to be erased or redacted, or erased or redacted before.

    Args:
        case: What the case's plan has.
        largest_case: The largest of the last cases; 0 for none.
        day: What the other cases of the day have.
        largest_day: The largest of the last days; 0 for none.
        accepted_case: The largest amount of this case that a person has accepted; 0 for nothing.
        accepted_day: What a person has accepted of this day already; 0 for nothing.
    """

    case: int
    largest_case: int = 0
    day: int = 0
    largest_day: int = 0
    accepted_case: int = 0
    accepted_day: int = 0

    @property
    def is_accepted(self) -> bool:
        """True if a person has accepted the case's amount: it is then neither too much nor usual."""
        return self.case <= self.accepted_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """An amount above a limit.

    Args:
        per: Of a case or of a day.
        records: How many records it would be.
        limit: How many are accepted without a person.
    """

    per: Per
    records: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """A brake that is set.

    Args:
        system: The system, :data:`ALL`, or the id of the case that it holds alone, at every system.
        by: Who set it.
        since: When (aware).
        case_id: The case that triggered it; empty for one that a person set.
        excess: What was too much; ``None`` for one that a person set.
    """

    system: str
    by: str
    since: datetime
    case_id: str = ""
    excess: Excess | None = None


def find_excess(amounts: Amounts, rule: BrakeRule) -> Excess | None:
    """Return the excess of a case's plan at its system, or ``None``; the case's own limit is checked first.

    Args:
        amounts: The case's amount and what is usual.
        rule: From which amount on erasing stops.
    """
    if amounts.is_accepted:
        return None
    per_case = max(rule.case_floor, int(rule.factor * amounts.largest_case))
    if amounts.case > per_case:
        return Excess(per=Per.CASE, records=amounts.case, limit=per_case)
    per_day = max(rule.day_floor, int(rule.factor * max(amounts.largest_day, amounts.accepted_day)))
    if amounts.day + amounts.case > per_day:
        return Excess(per=Per.DAY, records=amounts.day + amounts.case, limit=per_day)
    return None
