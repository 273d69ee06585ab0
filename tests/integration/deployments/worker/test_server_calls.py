"""That a worker asked for runs is noted now and then, and at once where a work queue was not asked before."""

from __future__ import annotations

import asyncio

from deployments.worker.internals.server_calls import NOTED_SECONDS, Notes


async def mark_work_queues_ready():
    """By its name that of Prefect's."""


async def mark_deployments_ready():
    """By its name that of Prefect's."""


async def delete_flow_run_logs():
    """By its name that of Prefect's."""


def test_a_note_is_taken_again_after_a_while_and_everything_else_each_time():
    at, taken = [0.0], []

    def add(function, when, key):
        async def schedule(**given):
            taken.append((at[0], function.__name__, key, given))

        return schedule

    add_sparingly = Notes(lambda: at[0]).sparing(add)

    def call(function, key, **given):
        asyncio.run(add_sparingly(function, key=key)(**given))
        return len(taken)

    assert call(mark_deployments_ready, "a pool") == 1
    assert call(mark_work_queues_ready, "queues of a pool", ready_work_queue_ids=[]) == 2
    at[0] = NOTED_SECONDS - 1
    assert call(mark_deployments_ready, "a pool") == 2
    assert call(mark_work_queues_ready, "queues of a pool", ready_work_queue_ids=[]) == 2
    assert call(mark_work_queues_ready, "queues of a pool", ready_work_queue_ids=["new"]) == 3
    assert call(mark_deployments_ready, "another pool") == 4
    assert [call(delete_flow_run_logs, "a run") for _ in range(2)] == [5, 6]
    at[0] = NOTED_SECONDS
    assert call(mark_deployments_ready, "a pool") == 7
    assert call(mark_work_queues_ready, "queues of a pool", ready_work_queue_ids=[]) == 7, "it was noted as it was new"
