"""Call a system in a step: a few at a time, and not at all while it does not answer.

A case that is one of many yields its slot: instead of holding its worker's slot while it waits, its step fails at once
in words, the run does what it can at the other systems and ends, and the keeper starts it again. A case that a person
entered by hand waits as long as it takes. What either finds out about the system counts for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from rightsflow.cases.app import App
from rightsflow.cases.step.limits import wait_until_served
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.domain.circuit_breaker import Breaker
from rightsflow.domain.errors import Permanent, Refused, Transient, Unavailable

T = TypeVar("T")


@contextmanager
def calling(app: App, trial: Attempt[T]) -> Iterator[None]:
    """Call the step's system inside the block; that it answered is noted with the step's end, however that is.

    Args:
        app: What it works with.
        trial: The step's attempt, which has a place before the system.

    Raises:
        Unavailable: The system's circuit breaker is open, or the system is busy, and the case yields its slot.
    """
    system, breakers = trial.system, trial.app.store.breakers
    if trial.makes_room and (breaker := breakers.ask(system, trial.case_id)):
        raise Unavailable(_sentence(app, system, breaker), system=system)
    try:
        wait_until_served(trial.app, trial.place_there, app.slot_seconds if trial.makes_room else None)
    except TimeoutError:
        raise Unavailable(f"{system} is busy with other cases; it is tried again soon.", system=system) from None
    try:
        yield
    except Unavailable:
        # No call was made, which says nothing of the system.
        raise
    except Transient as error:
        # The case store's own fault says nothing of the system.
        if error.system in {"", system}:
            breakers.note_failure(system, timedelta(seconds=error.retry_after or 0))
        raise
    except (Permanent, Refused):
        trial.has_answered = True
        raise
    trial.has_answered = True


def _sentence(app: App, system: str, breaker: Breaker) -> str:
    again = f"; it is tried again at {_time(app, breaker.retry_at)}" if breaker.retry_at else ""
    return f"{system} has not answered since {_time(app, breaker.since)}{again}."


def _time(app: App, instant: datetime) -> str:
    return f"{instant.astimezone(app.settings.controller.zone):%d %b %H:%M:%S}"
