"""What a worker does before its first run."""

from __future__ import annotations

import gc
import importlib

from deployments.worker.internals.event_sending import decide_once_on_logs, send_together


def prepare() -> None:
    """Import what every run needs, let the collector pass by what stays anyhow, and send events with less ado."""
    decide_once_on_logs()
    send_together()
    importlib.import_module("deployments.catalogue")
    gc.collect()
    gc.freeze()
    # Python's own 700 lets an erasure of thousands of records be searched for garbage, whole, again and again.
    gc.set_threshold(7_000)
