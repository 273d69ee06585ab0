"""The clock of the law: due dates as a pure function of what happened.

    >>> due_dates(ClockInput(received_at=…, zone=ZoneInfo("Europe/Berlin"), country="DE")).due_on

No other code computes a date of the law. Time is an argument; nothing here reads a clock, a file or the network.
"""

from rightsflow.domain.deadlines.due import due_dates
from rightsflow.domain.deadlines.explain import explain
from rightsflow.domain.deadlines.model import (
    ClockInput,
    DeadlineType,
    DueDates,
    ExtensionState,
    Regime,
    SuspensionState,
)
from rightsflow.domain.deadlines.periods import Period, parse_period
from rightsflow.domain.deadlines.receipt import received_on
from rightsflow.domain.deadlines.standing import standing_since
from rightsflow.domain.deadlines.working_days import HOLIDAYS_VERSION

__all__ = [
    "HOLIDAYS_VERSION",
    "ClockInput",
    "DeadlineType",
    "DueDates",
    "ExtensionState",
    "Period",
    "Regime",
    "SuspensionState",
    "due_dates",
    "explain",
    "parse_period",
    "received_on",
    "standing_since",
]
