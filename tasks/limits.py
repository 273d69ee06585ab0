"""Hold the steps at one system to a few at a time, over all workers, by Prefect's global concurrency limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.concurrency.sync import concurrency

PREFIX = "rightsflow-"


@contextmanager
def one_of_few(system: str, longest: float | None = None) -> Iterator[None]:
    """Wait for one of the system's slots; where no limit is defined, go on at once.

    Args:
        system: The system's name in the configuration.
        longest: For how many seconds at most it is waited; ``None``: as long as it takes.

    Raises:
        TimeoutError: It took longer.
    """
    with concurrency(f"{PREFIX}{system}", occupy=1, timeout_seconds=longest, strict=False):
        yield
