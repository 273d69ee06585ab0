"""Waiting for a real peer."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, within: float, what: str = "The peer is not ready.") -> None:
    """Check again and again until a condition holds.

    Args:
        condition: Says whether it holds.
        within: Seconds after which the wait is given up.
        what: What is wrong then.

    Raises:
        RuntimeError: It did not hold in time.
    """
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(what)
        time.sleep(0.05)
