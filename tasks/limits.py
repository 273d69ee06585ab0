"""Hold the steps at one system to a few at a time, over all workers, by Prefect's global concurrency limits.

A slot is not given back to Prefect after each step: the step of this process that has waited longest for the system
takes it over, and only a slot that nobody wants for a moment goes back. That spares two calls to the server for each
step, which cost more than many steps. A slot that was held for long goes back all the same, so that other workers get
their turn.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache, partial
from typing import Final

from prefect.concurrency.sync import concurrency

PREFIX: Final = "rightsflow-"
IDLE_SECONDS: Final = 2.0
"""For how long a slot waits for this process's next step."""
HELD_SECONDS: Final = 15.0
"""After which time a slot goes back even if the next step waits for it."""
OTHERS_SECONDS: Final = 1.0
"""For how long other workers may take a slot that went back, before this process asks for one again."""
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
    slot = slots.take(longest)
    try:
        yield
    finally:
        slots.put_back(slot)


class _Slot:
    """One of Prefect's slots, held by a thread of its own until it is released."""

    def __init__(self) -> None:
        self.acquired_at = time.monotonic()
        self._released, self._thread = threading.Event(), threading.current_thread()

    @property
    def is_due_back(self) -> bool:
        return time.monotonic() - self.acquired_at > HELD_SECONDS

    def hold(self) -> None:
        self._released.wait()

    def release(self) -> None:
        self._released.set()
        self._thread.join()


class _Turn(Future[_Slot]):
    """A step that waits for a slot, for so many seconds at most."""

    def __init__(self, longest: float | None) -> None:
        super().__init__()
        self.longest = longest


class _Slots:
    """The slots of one system that this process holds, and its steps that wait for one.

    Prefect is asked for as many as there are steps that wait. What it gives, and what another step puts back, goes to
    the one that has waited longest, whoever asked.
    """

    def __init__(self, system: str) -> None:
        self._limit = f"{PREFIX}{system}"
        self._idle: list[tuple[float, _Slot]] = []
        self._waiting: deque[_Turn] = deque()
        self._asked = 0
        self._lock = threading.RLock()
        self._is_watched = False

    def take(self, longest: float | None) -> _Slot:
        with self._lock:
            if self._idle:
                return self._idle.pop()[1]
            self._waiting.append(turn := _Turn(longest))
            self._ask()
        try:
            return turn.result(longest)
        except BaseException as error:
            with self._lock:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                    raise
            # It was served at the last moment.
            if isinstance(error, TimeoutError):
                return turn.result()
            if turn.exception() is None:
                # The step was stopped: nobody else would ever give the slot back.
                self.put_back(turn.result())
            raise

    def put_back(self, slot: _Slot) -> None:
        if not slot.is_due_back:
            self._serve(slot)
            return
        slot.release()
        with self._lock:
            if self._waiting:
                # Those who asked before sleep until Prefect told them to ask again.
                self._asked += 1
                _timer(OTHERS_SECONDS, partial(contextvars.copy_context().run, self._hold, None))

    def _ask(self) -> None:
        """Ask Prefect for one more slot, unless as many are asked for as steps wait."""
        if self._asked < len(self._waiting):
            self._asked += 1
            # Prefect's settings, and with them the server's address, go with the context.
            asking = (contextvars.copy_context().run, self._hold, self._waiting[-1])
            threading.Thread(target=asking[0], args=asking[1:], daemon=True, name=self._limit).start()

    def _hold(self, turn: _Turn | None) -> None:
        """Ask, and hold what is given until it is released.

        Args:
            turn: The step for which it is asked, and no longer than that waits; ``None`` for whoever waits.
        """
        slot, longest = None, turn.longest if turn else None
        try:
            with concurrency(
                self._limit, occupy=1, timeout_seconds=longest, lease_duration=LEASE_SECONDS, strict=False
            ):
                slot = _Slot()
                with self._lock:
                    self._asked -= 1
                self._serve(slot)
                slot.hold()
        except BaseException as fault:  # noqa: BLE001 - raised again where a slot was wanted
            if slot is None:
                self._fail(fault, turn)

    def _serve(self, slot: _Slot) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set_result(slot)
                return
            self._idle.append((time.monotonic(), slot))
            self._watch()

    def _fail(self, fault: BaseException, turn: _Turn | None) -> None:
        with self._lock:
            self._asked -= 1
            if turn is not None and turn in self._waiting:
                self._waiting.remove(turn)
                turn.set_exception(fault)
            # The step was served by another, or nobody's in particular was asked for: those who came later still wait.
            self._ask()

    def _watch(self) -> None:
        if self._idle and not self._is_watched:
            self._is_watched = True
            _timer(IDLE_SECONDS / 2, self._release_idle)

    def _release_idle(self) -> None:
        before = time.monotonic() - IDLE_SECONDS
        with self._lock:
            over = [slot for since, slot in self._idle if since <= before]
            self._idle = [one for one in self._idle if one[0] > before]
            self._is_watched = False
            self._watch()
        for slot in over:
            slot.release()


def _timer(seconds: float, function: Callable[[], object]) -> None:
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


@cache
def _slots_of(system: str) -> _Slots:
    return _Slots(system)
