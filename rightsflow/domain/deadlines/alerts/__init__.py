"""The deadline watch: what a case's people have to be told, and when it has to be looked at next. Pure.

    >>> look(case, now, ladder, calendar).due

Storing what was raised, and sending it, is the case store's and the tasks' affair.
"""

from rightsflow.domain.deadlines.alerts.facts import Calendar, WatchedCase
from rightsflow.domain.deadlines.alerts.ladder import OUTLIVES_THE_ANSWER, Audience, DueSoon, Ladder, RungKind
from rightsflow.domain.deadlines.alerts.rungs import DEADLINE_LINE, Rung, WatchLook, look

__all__ = [
    "DEADLINE_LINE",
    "OUTLIVES_THE_ANSWER",
    "Audience",
    "Calendar",
    "DueSoon",
    "Ladder",
    "Rung",
    "RungKind",
    "WatchLook",
    "WatchedCase",
    "look",
]
