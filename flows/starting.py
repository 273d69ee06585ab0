"""Start a case's own run, once: a run of its right's deployment, named by the case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment

from rightsflow.request import Right

BULK_QUEUE: Final = "bulk"
"""The work queue of cases that are one of many; every other run goes before its runs."""


def start_case(case_id: str, right: Right, systems: Iterable[str], *, queue: str | None = None) -> FlowRun:
    """Start a case's run, or find the one that was started before.

    Args:
        case_id: The case.
        right: What it is about.
        systems: The systems that will be searched.
        queue: The work queue; the pool's own by default.
    """
    flow_name = f"{right.value}-request"
    started = run_deployment(
        f"{flow_name}/{flow_name}",
        parameters={"case_id": case_id},
        flow_run_name=case_id,
        tags=[right.value, *systems],
        idempotency_key=case_id,
        work_queue_name=queue,
        timeout=0,
        as_subflow=False,
    )
    return cast("FlowRun", started)
