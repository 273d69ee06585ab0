"""Read the configuration again when it has changed: a worker stays, and each of its runs is to see what holds now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rightsflow.config.environment import Environment

_LONGEST_SECONDS: Final = 300.0
"""After which time it is read again anyhow: secrets may lie in files and blocks that no one watches."""


class Freshness:
    """The freshness of the configuration and key that were read.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._read_at = 0.0

    def is_over(self) -> bool:
        """Return True if the configuration or the key has changed since the last call, or was read too long ago."""
        with self._lock:
            seen, now = tuple(map(_mark, _files())), self._clock()
            if seen == self._seen and now - self._read_at < _LONGEST_SECONDS:
                return False
            is_first = not self._seen
            self._seen, self._read_at = seen, now
            return not is_first


_freshness = Freshness()


def renew(freshness: Freshness = _freshness, forget: Callable[[], None] | None = None) -> None:
    """Let the runtime be built anew at its next use, if what it was built from has changed.

    Args:
        freshness: Says whether it has.
        forget: Forgets the runtime; :func:`rightsflow.app.forget` by default.
    """
    if freshness.is_over():
        # Late: Prefect's server loads the worker's module too, and has no use for this.
        from rightsflow import app as composition  # noqa: PLC0415

        (forget or composition.forget)()


def _files() -> list[Path]:
    environment = Environment()
    kind, _, place = environment.master_key_reference.partition(":")
    return [environment.config_path, *([Path(place)] if kind == "file" else [])]


def _mark(file: Path) -> object:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
