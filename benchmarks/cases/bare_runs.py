"""Runs of bare Prefect, beside which a case is measured: what its server and worker take for steps that do nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from statistics import median

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.types.entrypoint import EntrypointType

from benchmarks.cases import bare
from benchmarks.cases.stack import Meter
from deployments.worker import TYPE


def bare_seconds(meter: Meter, runs: int) -> tuple[float, float]:
    """Seconds and CPU seconds of a run of bare Prefect with as many empty steps, one after the other."""
    with _bare_worker() as worker:
        return _seconds(replace(meter, roles={**meter.roles, "bare worker": worker}), runs)


@contextmanager
def _bare_worker() -> Iterator[int]:
    """Start a second worker, which runs only the flows of its own catalogue; yield its process."""
    template = bare.BareWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=bare.POOL, type=TYPE, base_job_template=template))
    process = subprocess.Popen([sys.executable, "-m", bare.__name__])
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _seconds(meter: Meter, runs: int) -> tuple[float, float]:
    made = RunnerDeployment.from_flow(
        bare.bare, name="bare", work_pool_name=bare.POOL, entrypoint_type=EntrypointType.MODULE_PATH
    )
    deployment, took = made.apply(), []
    used = 0.0
    with get_client(sync_client=True) as client:
        for number in range(runs + 1):
            before = sum(meter.read().values())
            run = client.create_flow_run_from_deployment(deployment)
            while not (run := client.read_flow_run(run.id)).state.is_final():
                time.sleep(0.05)
            time.sleep(2)
            if number:
                used += sum(meter.read().values()) - before
                took.append(run.total_run_time.total_seconds())
    return median(took), used / runs
