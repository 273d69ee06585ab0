"""Runs of bare Prefect, beside which a case is measured: what its server and worker take for steps that do nothing."""

from __future__ import annotations

import time
from statistics import median

from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.types.entrypoint import EntrypointType

from benchmarks.cases import bare
from benchmarks.cases.stack import Meter
from deployments.pool_types import DEFAULT_POOL_TYPE


def bare_seconds(meter: Meter, runs: int) -> tuple[float, float]:
    """Seconds and CPU seconds of a run of bare Prefect with as many empty steps, one after the other."""
    made = RunnerDeployment.from_flow(
        bare.bare, name="bare", work_pool_name=DEFAULT_POOL_TYPE.pool, entrypoint_type=EntrypointType.MODULE_PATH
    )
    made.entrypoint = "benchmarks.cases.bare.bare"
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
