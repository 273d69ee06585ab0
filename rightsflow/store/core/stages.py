"""The stages of an alert and the states of a step, as the store keeps them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

JOBS: Final = "job/"
"""What the names of the sealed values about systems' jobs begin with."""


class AlertStage(StrEnum):
    """The stage of an alert on its way to people."""

    RAISED = "raised"
    """Stored; the next attempt has to be prepared."""
    PREPARED = "prepared"
    """An attempt is noted; whether it was made is not known."""
    POSTED = "posted"
    """The attempt was sent; its arrival is not confirmed."""
    TOLD = "told"
    """Everybody has it."""
    ENDED = "ended"
    """The alert no longer counts: a later rung replaced it, its cause is gone, or the case closed."""


class StepState(StrEnum):
    """The state of a step."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
