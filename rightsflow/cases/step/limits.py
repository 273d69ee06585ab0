"""Hold the steps at one system to a few at a time, over all workers, by the lines of the case store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.step.leases import GIVING_BACK
from rightsflow.config.sections.system_settings import STEPS_AT_ONCE
from rightsflow.store.coordination.system_limits import Slot

LOOK_SECONDS: Final = 0.1
"""The interval at which this process's first waiting step checks if another process freed its slot."""


@contextmanager
def one_of_few(app: App, system: str, case_id: str, longest: float | None = None) -> Iterator[None]:
    """Wait for one of the system's slots, and hold it.

    Args:
        app: What it works with.
        system: The system's name in the configuration.
        case_id: The case of the step.
        longest: For how many seconds at most it is waited; ``None``: as long as it takes.

    Raises:
        TimeoutError: It took longer.
        Transient: The case store does not answer.
    """
    place = app.store.slots.join(system, case_id, most_at_once(app, system))
    try:
        wait_until_served(app, place, longest)
        yield
    finally:
        give_back(app, place)


def most_at_once(app: App, system: str) -> int:
    """Return the number of steps that may work at a system at the same time.

    Args:
        app: What it works with.
        system: The system's name in the configuration.
    """
    return app.settings.steps_at_once.get(system, STEPS_AT_ONCE)


def wait_until_served(app: App, place: Slot, longest: float | None = None) -> None:
    """Wait until the step at a place may work.

    Args:
        app: What it works with.
        place: The place.
        longest: For how many seconds at most; ``None``: as long as it takes.

    Raises:
        TimeoutError: It took longer.
        Transient: The case store does not answer.
    """
    if place.is_served:
        return
    slots, most = app.store.slots, most_at_once(app, place.system)
    _waiting_for(place.system).wait(place.number, lambda: slots.is_served(place.system, place.number, most), longest)


def give_back(app: App, place: Slot) -> None:
    """Give a place back whose step's end was not noted; its result must not be lost where that fails.

    Args:
        app: What it works with.
        place: The place.
    """
    GIVING_BACK.give_back(f"a slot of {place.system}", lambda: app.store.slots.leave(place.number))
    note_given_back(place)


def note_given_back(place: Slot) -> None:
    """Let the next of this process's steps look, since a place was given back.

    Args:
        place: The place.
    """
    _waiting_for(place.system).wake_first()


class _Waiting:
    """The steps of this process that wait for one system.

    None is served before the one that came first, so that only that one looks.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._woken: dict[int, threading.Event] = {}

    def wait(self, number: int, is_served: Callable[[], bool], longest: float | None) -> None:
        """Wait until a place is served.

        Args:
            number: The place.
            is_served: Looks whether it is.
            longest: For how many seconds at most.

        Raises:
            TimeoutError: It took longer.
        """
        until = time.perf_counter() + (threading.TIMEOUT_MAX if longest is None else longest)
        woken = threading.Event()
        with self._lock:
            self._woken[number] = woken
        try:
            while not ((is_first := self._is_first(number)) and is_served()):
                left = until - time.perf_counter()
                if left <= 0:
                    raise TimeoutError
                woken.wait(min(left, LOOK_SECONDS) if is_first else left)
                woken.clear()
        finally:
            with self._lock:
                del self._woken[number]
            self.wake_first()

    def wake_first(self) -> None:
        """Let the one that came first look."""
        with self._lock:
            if self._woken:
                self._woken[min(self._woken)].set()

    def _is_first(self, number: int) -> bool:
        with self._lock:
            return number == min(self._woken)


@cache
def _waiting_for(_system: str) -> _Waiting:
    return _Waiting()
