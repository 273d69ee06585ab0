"""As many empty steps as a case has, as a flow of bare Prefect; ``python -m benchmarks.cases.bare`` is its worker."""

from __future__ import annotations

import asyncio

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait

from deployments.worker.worker_type import ResidentWorker
from tasks.prefect_io.kinds import AnyFlow

POOL = "bare"
WAVES = (3, 1, 3, 1, 3, 3, 1, 1)
"""The steps of an access case in three systems, as they run side by side."""


@task(cache_policy=NO_CACHE, persist_result=False)
def nothing() -> None:
    return


@flow(name="bare", persist_result=False)
def bare() -> None:
    before = []
    for many in WAVES:
        before = [nothing.submit(wait_for=before) for _ in range(many)]
        wait(before)


class BareWorker(ResidentWorker):
    """Our worker with only this flow in its catalogue."""

    @staticmethod
    def known_flow(flow: str, deployment: str) -> AnyFlow | None:
        return bare if flow == deployment == "bare" else None


if __name__ == "__main__":
    asyncio.run(BareWorker(POOL).start())
