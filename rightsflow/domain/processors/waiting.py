"""Expected waiting time for a processor's answer, for the forecast. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rightsflow.domain.deadlines.forecast import Expectation
from rightsflow.domain.processors.scorecard import Score

FEWEST_ANSWERS: Final = 5
"""Fewest answers from which a processor's record is better evidence than the agreement."""
_LEAST: Final = timedelta(hours=6)
"""Duration of an answer that comes on the same day."""


def waited_for(score: Score | None, agreed_days: int) -> Expectation:
    """Return the expected waiting time: the processor's record until now, and no longer than agreed.

    After the agreed day the answer goes without them, and names what is open.

    Args:
        score: Their record; ``None`` where there is none.
        agreed_days: Within how many days they have agreed to answer.
    """
    agreed = timedelta(days=agreed_days)
    if score is None or score.median_days is None or score.most_days is None:
        return Expectation(agreed, agreed)
    if score.proved + score.cannot < FEWEST_ANSWERS:
        return Expectation(agreed, agreed)
    typical = min(max(timedelta(days=score.median_days), _LEAST), agreed)
    return Expectation(typical, min(max(timedelta(days=score.most_days), typical), agreed))
