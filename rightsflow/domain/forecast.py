"""The forecast of a case's answer, from how long the parts of past cases took. Pure, and no date of the law.

    >>> Forecaster(history, expectations).forecast(parts_ahead(trail, now, systems), now).late_at

The sum of the parts is resampled: 1,000 times each part gets one of its possible durations, and the sums are sorted. An
exact convolution needs one grid for all parts, and theirs reach from seconds to weeks; and a stage of several systems
takes as long as its slowest, which is no convolution. Each part's durations are not drawn at random but are its 1,000
evenly spaced quantiles in an order that its name fixes (a Latin hypercube with fixed seeds). So every forecast can be
repeated to the second, in any process; and forecasts can be compared: where every duration of a history is longer, or
a part more is ahead, or a part has lasted longer, the finish is never earlier.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from math import cbrt, exp, log
from operator import add
from random import Random
from statistics import NormalDist
from types import MappingProxyType
from typing import TypeAlias

from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.rights import Right

FEWEST_CASES = 20
"""From how many cases on a part's measured durations are trusted; with fewer its 90 % quantile is guesswork."""

_PERCENTILES = 100
_NORMAL = NormalDist()
_NINE_IN_TEN = _NORMAL.inv_cdf(0.9)


class Part(StrEnum):
    """The parts of a case, in the order of its course."""

    IDENTITY = "identity"
    """The identity gate, from the opening to the decision; the person's own time to answer belongs to it."""
    SEARCH = "search"
    """Finding the records, at each system."""
    PREPARATION = "preparation"
    """Copying and masking at each system, then assembling the package; of an erasure, its plan."""
    APPROVAL = "approval"
    """The gate before the plan is carried out or the package released."""
    EXECUTION = "execution"
    """Erasing and verifying, at each system."""
    PROCESSOR = "processor"
    """Waiting for a processor, beside the execution."""
    ANSWER = "answer"
    """Writing the answer and sending it."""


@dataclass(frozen=True, slots=True)
class Duration:
    """The duration of one part of one case.

    Args:
        part: The part.
        system: The system, or the processor; empty for what is done once per case.
        seconds: How long.
    """

    part: Part
    system: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected duration of a part before enough cases were measured.

    Args:
        typical: Half of the cases take no longer.
        at_most: Nine in ten take no longer.

    Raises:
        BadInput: The two are not positive, or the wrong way round.
    """

    typical: timedelta
    at_most: timedelta

    def __post_init__(self) -> None:
        """Refuse what cannot be a duration."""
        if not timedelta(0) < self.typical <= self.at_most:
            raise BadInput("typical has to be above 0 and at_most no less than typical.")

    def percentiles(self) -> tuple[float, ...]:
        """Return the 1st to 99th percentile, in seconds, of a lognormal distribution by its median and 90 % quantile.

        Waiting times are positive and skewed to the right, which two numbers describe best as a lognormal one.
        """
        typical = self.typical.total_seconds()
        spread = log(self.at_most / self.typical) / _NINE_IN_TEN
        return tuple(typical * exp(spread * _NORMAL.inv_cdf(place / _PERCENTILES)) for place in range(1, _PERCENTILES))


@dataclass(frozen=True, slots=True)
class History:
    """The measured durations of the closed cases for one right.

    Args:
        right: The right.
        seconds: By part and system, how long the part took in each case, in any order.
    """

    right: Right
    seconds: Mapping[tuple[Part, str], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A part that a case has not finished.

    Args:
        part: The part.
        system: The system, or the processor; empty for what is done once per case.
        lasted: How long the case has been in it already.
    """

    part: Part
    system: str = ""
    lasted: timedelta = timedelta(0)


Course: TypeAlias = tuple[tuple[Ahead, ...], ...]
"""The remaining course of a case: stages one after the other, the parts of each in parallel."""


_DRAWS = 1000
_LEVELS = tuple((number + 0.5) / _DRAWS for number in range(_DRAWS))
_EXPECTED, _LATE = _DRAWS // 2, _DRAWS * 9 // 10
# Cases that were opened within the same minute share one reckoning.
_GRAIN = timedelta(minutes=1)
_FARTHEST = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected time of the answer to a case.

    Args:
        expected_at: As likely earlier as later (aware).
        late_at: Nine in ten such cases are answered by then (aware).
        basis: What it rests on: one sentence without personal data.
        measured: Whether it rests on measured durations alone.
    """

    expected_at: datetime
    late_at: datetime
    basis: str
    measured: bool


@dataclass(frozen=True, slots=True)
class _Reckoned:
    expected: timedelta
    late: timedelta
    basis: str
    measured: bool


class Forecaster:
    """Forecasts cases for one right. What they share is reckoned once, so keep it as long as the history holds.

    Args:
        history: What was measured.
        expectations: How long each part is expected to take while too few cases were measured.
        at_processors: How long the answer waits for each of those who are asked, by their keys.
    """

    def __init__(
        self,
        history: History,
        expectations: Mapping[Part, Expectation],
        at_processors: Mapping[str, Expectation] = MappingProxyType({}),
    ) -> None:
        self._history = history
        self._measured = {
            key: tuple(sorted(seconds)) for key, seconds in history.seconds.items() if len(seconds) >= FEWEST_CASES
        }
        self._expected = {part: expectation.percentiles() for part, expectation in expectations.items()}
        self._at_processors = {key: expectation.percentiles() for key, expectation in at_processors.items()}
        self._sums: dict[Course, list[float]] = {(): [0.0] * _DRAWS}
        self._reckoned: dict[Course, _Reckoned] = {}

    def forecast(self, course: Course, now: datetime) -> Forecast:
        """Forecast the time of the answer to a case.

        Args:
            course: What the case has ahead.
            now: The present instant (aware).
        """
        course = tuple(tuple(_coarse(ahead) for ahead in stage) for stage in course if stage)
        reckoned = self._reckoned.get(course) or self._reckon(course)
        return Forecast(now + reckoned.expected, now + reckoned.late, reckoned.basis, reckoned.measured)

    def _reckon(self, course: Course) -> _Reckoned:
        sums = sorted(self._sum(course))
        ahead = [item for stage in course for item in stage]
        guessed = [
            item for item in ahead if (item.part, item.system) not in self._measured and not self._is_agreed(item)
        ]
        reckoned = _Reckoned(
            expected=_duration(sums[_EXPECTED]),
            late=_duration(sums[_LATE]),
            basis=_basis(self._history, [item for item in ahead if not self._is_agreed(item)] or ahead, guessed),
            measured=not guessed,
        )
        if _is_shared(course):
            self._reckoned[course] = reckoned
        return reckoned

    def _is_agreed(self, ahead: Ahead) -> bool:
        """Return whether the processor's duration is known, from its record or from an agreement."""
        return ahead.part is Part.PROCESSOR and ahead.system in self._at_processors

    def _sum(self, course: Course) -> list[float]:
        """Return the total duration of a course, in each draw."""
        known = self._sums.get(course)
        if known is not None:
            return known
        columns = [self._column(ahead) for ahead in course[0]]
        slowest = columns[0] if len(columns) == 1 else map(max, *columns)
        sums = list(map(add, slowest, self._sum(course[1:])))
        if _is_shared(course):
            self._sums[course] = sums
        return sums

    def _column(self, ahead: Ahead) -> list[float]:
        """Return the remaining duration of a part, in each draw."""
        of_processor = self._at_processors.get(ahead.system) if ahead.part is Part.PROCESSOR else None
        samples = self._measured.get((ahead.part, ahead.system)) or of_processor or self._expected[ahead.part]
        quantiles = _remaining(samples, ahead.lasted.total_seconds())
        return [quantiles[place] for place in _order(ahead.part, ahead.system)]


def _remaining(samples: tuple[float, ...], lasted: float) -> list[float]:
    """Return evenly spaced quantiles of the remaining time of a part that has lasted so long, in seconds.

    Only what lasted as long counts. Between n such samples the quantiles are interpolated so that a further case is
    equally likely to fall into each of the n + 1 gaps (Weibull's plotting positions); the last gap has no end and falls
    off with the cube. So a part that outlasted everything known is expected to go on for a quarter of the time it has
    lasted already, and for hardly more than that time once again in nine cases of ten.

    Args:
        samples: How long it took in other cases, the shortest first.
        lasted: How long it has lasted.
    """
    nodes = (lasted, *samples[bisect_left(samples, lasted) :])
    gaps = len(nodes)
    quantiles = []
    for level in _LEVELS:
        place = level * gaps
        before = int(place)
        if before < gaps - 1:
            total = nodes[before] + (place - before) * (nodes[before + 1] - nodes[before])
        else:
            total = nodes[-1] / cbrt(gaps - place)
        quantiles.append(total - lasted)
    return quantiles


@cache
def _order(part: Part, system: str) -> tuple[int, ...]:
    """Return the order in which a part's quantiles are drawn: random, and always the same."""
    return tuple(Random(f"{part.value}/{system}").sample(range(_DRAWS), _DRAWS))  # noqa: S311 - nothing secret


def _coarse(ahead: Ahead) -> Ahead:
    return replace(ahead, lasted=ahead.lasted // _GRAIN * _GRAIN)


def _is_shared(course: Course) -> bool:
    """Return whether other cases can share the course: none of its parts has begun."""
    return not any(ahead.lasted for ahead in course[0])


def _duration(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, _FARTHEST.total_seconds()))


def _basis(history: History, ahead: list[Ahead], guessed: list[Ahead]) -> str:
    """Return the basis of a forecast in words; systems and processors have their names from the configuration."""
    if len(guessed) == len(ahead):
        most = max(_cases(history, item) for item in guessed)
        return f"{'only ' if most else ''}{_closed(history, most)} so far; typical durations from the configuration"
    measured = f"measured on {_closed(history, min(_cases(history, item) for item in ahead if item not in guessed))}"
    if not guessed:
        return measured
    parts = ", ".join(dict.fromkeys(_name(item) for item in guessed))
    return f"{measured}; typical durations from the configuration for {parts}"


def _cases(history: History, ahead: Ahead) -> int:
    return len(history.seconds.get((ahead.part, ahead.system), ()))


def _closed(history: History, cases: int) -> str:
    return f"{cases or 'no'} closed {history.right.value} case{'' if cases == 1 else 's'}"


def _name(ahead: Ahead) -> str:
    return f"{ahead.part.value} at {ahead.system}" if ahead.system else ahead.part.value
