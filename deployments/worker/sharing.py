"""The choice of the waiting runs that a worker takes, so that all workers have some of the batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from prefect.client.schemas.objects import FlowRun

from flows.options import BATCH_TAG

FOR_OTHERS: Final = timedelta(seconds=2)
"""For how long a worker that has a batch leaves another one to those that have none."""


def chosen(waiting: Sequence[FlowRun], at_work: Iterable[FlowRun], now: datetime) -> list[FlowRun]:
    """Return the waiting runs that a worker takes: a single batch, and another where no worker has taken it.

    Args:
        waiting: The runs, the most urgent first.
        at_work: The runs that the worker executes.
        now: This instant (aware).
    """
    taken: list[FlowRun] = []
    has_one = any(BATCH_TAG in run.tags for run in at_work)
    for run in waiting:
        if BATCH_TAG in run.tags:
            if has_one and run.expected_start_time is not None and now - run.expected_start_time < FOR_OTHERS:
                continue
            has_one = True
        taken.append(run)
    return taken
