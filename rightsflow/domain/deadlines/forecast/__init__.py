"""The forecast: when the answer to a case is to be expected, from how long the parts of past cases took. Pure.

    >>> Forecaster(history, expectations).forecast(parts_ahead(trail, now, systems), now).late_at

It is an expectation and no date of the law; that is :mod:`rightsflow.domain.deadlines`'s alone.
"""

from rightsflow.domain.deadlines.forecast.parts import FEWEST_CASES, Ahead, Course, Duration, Expectation, History, Part
from rightsflow.domain.deadlines.forecast.reckoning import Forecast, Forecaster
from rightsflow.domain.deadlines.forecast.trail import StepTrail, Trail, measure, parts_ahead

__all__ = [
    "FEWEST_CASES",
    "Ahead",
    "Course",
    "Duration",
    "Expectation",
    "Forecast",
    "Forecaster",
    "History",
    "Part",
    "StepTrail",
    "Trail",
    "measure",
    "parts_ahead",
]
