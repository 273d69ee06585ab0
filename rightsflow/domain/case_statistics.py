"""The figures that a manager asks for first: open work, answers in time, and the time to each stage. Pure.

No personal data: rights, states, days. A case counts as answered on time if it was closed on or before its statutory
deadline, which contains suspension and extension. Withdrawn and stopped cases are neither on time nor late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from typing import Final

from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

MONTHS: Final = 12
"""The number of months that the statistics reach back, the present one included."""
_MOST: Final = 0.9
FEWEST_MEASURED: Final = 5
"""The fewest cases whose minutes are shown together: fewer might show what one person did."""


class Stage(StrEnum):
    """A stage that is measured from the day of receipt."""

    IDENTITY = "identity confirmed"
    SEARCH = "systems searched"
    APPROVAL = "decided at the gate"
    ANSWER = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCase:
    """A case as far as it is counted.

    Args:
        right: What was asked for.
        state: Its state.
        received_on: The day of receipt, in the controller's zone.
        closed_on: The day on which it was closed; ``None`` while it is open.
        due_on: The statutory deadline.
        stages: The day on which it reached each stage, as far as it did.
        desk_seconds: The time that people spent on it at the desk, as far as that was measured.
    """

    right: Right
    state: CaseState
    received_on: date
    closed_on: date | None
    due_on: date
    stages: Mapping[Stage, date]
    desk_seconds: int = 0

    @property
    def is_answered(self) -> bool:
        """True if it was closed by an answer."""
        return self.closed_on is not None and not self.state.ends_unanswered

    @property
    def is_on_time(self) -> bool:
        """True if the answer went out on or before the statutory deadline."""
        return self.is_answered and self.closed_on is not None and self.closed_on <= self.due_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The figures of a month.

    Args:
        first: Its first day.
        received: Requests received in it.
        on_time: Answers that went out in it on time.
        late: Answers that went out in it late.
        unanswered: Cases withdrawn or stopped in it.
    """

    first: date
    received: int
    on_time: int
    late: int
    unanswered: int

    @property
    def answered(self) -> int:
        """Answers that went out in the month."""
        return self.on_time + self.late

    @property
    def rate(self) -> float | None:
        """The part of the answers that was on time, from 0 to 1; ``None`` if none went out."""
        return self.on_time / self.answered if self.answered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """The days from receipt to a stage.

    Args:
        right: The right; ``None`` for all.
        stage: The stage.
        cases: How many cases reached it.
        median_days: Half of them within so many days.
        most_days: Nine of ten within so many days.
    """

    right: Right | None
    stage: Stage
    cases: int
    median_days: float
    most_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskMinutes:
    """The minutes that an answered case took at the desk: an estimate, of groups of cases alone.

    Args:
        right: The right; ``None`` for all.
        first: The first day of the month in which the cases were closed.
        cases: How many cases were measured, at least :data:`FEWEST_MEASURED`.
        median: Half of them took at most so many minutes.
    """

    right: Right | None
    first: date
    cases: int
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of one day.

    Args:
        open_cases: How many cases are open, by state and right.
        overdue: How many of them are past the statutory deadline, by right.
        months: The months, the oldest first.
        stage_times: The times of the cases that were answered in these months, for all rights and for each.
        minutes: The minutes of the cases that were answered in each month, for all rights and for each.
    """

    open_cases: Mapping[tuple[CaseState, Right], int]
    overdue: Mapping[Right, int]
    months: Sequence[Month]
    stage_times: Sequence[StageTime]
    minutes: Sequence[DeskMinutes]


def first_days(today: date, months: int = MONTHS) -> list[date]:
    """Return the first days of the last months, the oldest first.

    Args:
        today: The present day.
        months: How many, the present one included.
    """
    days = [today.replace(day=1)]
    while len(days) < months:
        days.insert(0, (days[0] - timedelta(days=1)).replace(day=1))
    return days


def monthly(cases: Iterable[CountedCase], today: date) -> list[Month]:
    """Count cases by month.

    Args:
        cases: The cases that were received or closed in the last months.
        today: The present day.
    """
    received, on_time, late, unanswered = Counter[date](), Counter[date](), Counter[date](), Counter[date]()
    for case in cases:
        received[case.received_on.replace(day=1)] += 1
        if case.closed_on is not None:
            month = case.closed_on.replace(day=1)
            counted = on_time if case.is_on_time else late if case.is_answered else unanswered
            counted[month] += 1
    return [
        Month(first=day, received=received[day], on_time=on_time[day], late=late[day], unanswered=unanswered[day])
        for day in first_days(today)
    ]


def stage_times(cases: Iterable[CountedCase], since: date) -> list[StageTime]:
    """Measure the days to each stage, for all rights together and for each right.

    Args:
        cases: Cases; only those that were answered count.
        since: The first day on which they were closed.
    """
    days: dict[tuple[Right | None, Stage], list[int]] = {}
    for case in cases:
        if not case.is_answered or case.closed_on is None or case.closed_on < since:
            continue
        for stage, reached_on in case.stages.items():
            lasted = max(0, (reached_on - case.received_on).days)
            for right in (None, case.right):
                days.setdefault((right, stage), []).append(lasted)
    measured = ((right, stage) for right in (None, *Right) for stage in Stage if (right, stage) in days)
    return [_time(right, stage, days[right, stage]) for right, stage in measured]


def desk_minutes(cases: Iterable[CountedCase], today: date) -> list[DeskMinutes]:
    """Return the minutes per case by month and right; a group that might show what one person did is left out.

    Args:
        cases: Cases; only those count that were answered and measured.
        today: The present day.
    """
    months, seconds = first_days(today), dict[tuple[date, Right | None], list[int]]()
    for case in cases:
        if case.is_answered and case.closed_on is not None and case.desk_seconds:
            for right in (None, case.right):
                seconds.setdefault((case.closed_on.replace(day=1), right), []).append(case.desk_seconds)
    groups = ((month, right, seconds.get((month, right), [])) for month in months for right in (None, *Right))
    return [
        DeskMinutes(right=right, first=month, cases=len(group), median=round(median(group) / 60, 1))
        for month, right, group in groups
        if len(group) >= FEWEST_MEASURED
    ]


def _time(right: Right | None, stage: Stage, days: list[int]) -> StageTime:
    days.sort()
    return StageTime(
        right=right,
        stage=stage,
        cases=len(days),
        median_days=median(days),
        most_days=days[ceil(_MOST * len(days)) - 1],
    )
