"""The preparation of a worker before its first run."""

from __future__ import annotations

import gc
import importlib


def prepare() -> None:
    """Import what every run needs, and let the collector pass by what stays anyhow."""
    importlib.import_module("deployments.catalogue")
    gc.collect()
    gc.freeze()
    # Python's own 700 lets an erasure of thousands of records be searched for garbage, whole, again and again.
    gc.set_threshold(7_000)
