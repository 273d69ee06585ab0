"""The limits of the keeper: its wait before it treats a run as cut short, and the size of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLimits:
    """The limits of the keeper's sweeps.

    Args:
        starting: How long a run may take from being claimed to holding its case's lease.
        beginning: The same for a run whose flow has begun: the lease is the first thing that it takes.
        suspended_at_once: How many runs that wait at a gate one sweep looks at; after a breach
            thousands wait for weeks.
        failures: How often in a row a run fails until it is left to a person: 200 are eight days.
    """

    starting: timedelta = timedelta(seconds=60)
    beginning: timedelta = timedelta(seconds=20)
    suspended_at_once: int = 1000
    failures: int = 200


LIMITS: Final = SweepLimits()
"""The limits of a keeper that serves people."""
