"""Inputs of the forecast: the parts of a case's course, and their measured and expected durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import exp, log
from statistics import NormalDist
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
        """The 1st to the 99th, in seconds, of the lognormal distribution with that median and 90 % quantile.

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
