"""A hundred runs leave nothing behind in the worker's process: neither memory nor threads."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from tests.e2e.deployments.worker import flows
from tests.e2e.deployments.worker.rig import NEVER, Working, becomes, polling_every

WARM, RUNS = 30, 100
MOST_GROWTH_MEGABYTES = 20


def resident_megabytes():
    gc.collect()
    (line,) = [line for line in Path("/proc/self/smaps_rollup").read_text().splitlines() if line.startswith("Rss:")]
    return int(line.split()[1]) / 1024


def execute(order, name, count):
    for run_id in [order(flows.short, name=name, steps=1) for _ in range(count)]:
        becomes(run_id, "Done")


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_memory_and_threads_stay_as_they_are(order, name, record_property):
    with polling_every(NEVER), Working() as working:
        execute(order, name, WARM)
        memory, threads = resident_megabytes(), threading.active_count()
        execute(order, name, RUNS)
        growth = resident_megabytes() - memory
        record_property("growth_megabytes", growth)
        assert growth < MOST_GROWTH_MEGABYTES
        assert threading.active_count() <= threads + 5
        assert flows.until(lambda: not working.worker.claimed)
        assert not working.worker._executions
