"""Hold the steps at one system to a few at a time, over all workers, by Prefect's global concurrency limits.

A slot is not given back to Prefect after each step: the next step of this process that waits for the system takes it
over, and only a slot that nobody wants for a moment goes back. That spares two calls to the server for each step, which
cost more than many steps. A slot that was held for long goes back all the same, so that other workers get their turn.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from prefect.concurrency.sync import concurrency

PREFIX: Final = "rightsflow-"
IDLE_SECONDS: Final = 2.0
"""For how long a slot waits for this process's next step."""
HELD_SECONDS: Final = 15.0
"""After which time a slot goes back even if the next step waits for it."""
LEASE_SECONDS: Final = 60.0
"""After which time Prefect takes a slot back whose process died; the shortest it allows."""


@contextmanager
def one_of_few(system: str, longest: float | None = None) -> Iterator[None]:
    """Wait for one of the system's slots; where no limit is defined, go on at once.

    Args:
        system: The system's name in the configuration.
        longest: For how many seconds at most it is waited; ``None``: as long as it takes.

    Raises:
        TimeoutError: It took longer.
    """
    slots = _slots_of(system)
    slot = slots.take() or _Slot.acquired(system, longest)
    try:
        yield
    finally:
        slots.put_back(slot)


class _Slot:
    """One of Prefect's slots, held by a thread of its own until it is released."""

    def __init__(self, system: str, longest: float | None) -> None:
        self.acquired_at = 0.0
        self._limit, self._longest = f"{PREFIX}{system}", longest
        self._known, self._released = threading.Event(), threading.Event()
        self._fault: BaseException | None = None
        # Prefect's settings, and with them the server's address, go with the context.
        holding = contextvars.copy_context()
        self._thread = threading.Thread(target=holding.run, args=(self._hold,), daemon=True, name=self._limit)

    @classmethod
    def acquired(cls, system: str, longest: float | None) -> _Slot:
        slot = cls(system, longest)
        slot._thread.start()
        slot._known.wait()
        if slot._fault is not None:
            raise slot._fault
        return slot

    @property
    def is_due_back(self) -> bool:
        return time.monotonic() - self.acquired_at > HELD_SECONDS

    def release(self) -> None:
        self._released.set()
        self._thread.join()

    def _hold(self) -> None:
        try:
            with concurrency(
                self._limit, occupy=1, timeout_seconds=self._longest, lease_duration=LEASE_SECONDS, strict=False
            ):
                self.acquired_at = time.monotonic()
                self._known.set()
                self._released.wait()
        except BaseException as fault:  # noqa: BLE001 - raised again where the slot was wanted
            self._fault = fault
        finally:
            self._known.set()


class _Slots:
    """The slots of one system that this process holds and no step uses at the moment."""

    def __init__(self) -> None:
        self._idle: list[tuple[float, _Slot]] = []
        self._lock = threading.Lock()
        self._is_watched = False

    def take(self) -> _Slot | None:
        with self._lock:
            return self._idle.pop()[1] if self._idle else None

    def put_back(self, slot: _Slot) -> None:
        if slot.is_due_back:
            slot.release()
            return
        with self._lock:
            self._idle.append((time.monotonic(), slot))
            self._watch()

    def _watch(self) -> None:
        if self._idle and not self._is_watched:
            self._is_watched = True
            timer = threading.Timer(IDLE_SECONDS / 2, self._release_idle)
            timer.daemon = True
            timer.start()

    def _release_idle(self) -> None:
        before = time.monotonic() - IDLE_SECONDS
        with self._lock:
            over = [slot for since, slot in self._idle if since <= before]
            self._idle = [one for one in self._idle if one[0] > before]
            self._is_watched = False
            self._watch()
        for slot in over:
            slot.release()


@cache
def _slots_of(_system: str) -> _Slots:
    return _Slots()
