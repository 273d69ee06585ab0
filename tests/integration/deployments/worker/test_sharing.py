"""Which of the runs that wait a worker takes: of batches one, so that another worker has one as well."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun

from deployments.worker.wake import FOR_OTHERS, chosen
from deployments.worker.worker_type import ResidentWorker
from flows.options import BATCH_TAG

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
A_MOMENT = timedelta(milliseconds=1)


def run(*tags, waits=timedelta(0)):
    return FlowRun(flow_id=uuid4(), tags=list(tags), expected_start_time=NOW - waits)


def test_of_two_batches_one_is_left_to_another_worker():
    first, case, second = run(BATCH_TAG), run("access"), run(BATCH_TAG)
    assert chosen([first, case, second], [], NOW) == [first, case]
    assert chosen([second], [first], NOW) == []
    assert chosen([second], [case], NOW) == [second]


@pytest.mark.parametrize(("waits", "is_taken"), [(FOR_OTHERS - A_MOMENT, False), (FOR_OTHERS, True)])
def test_what_no_other_worker_takes_is_taken_too(waits, is_taken):
    late = run(BATCH_TAG, waits=waits)
    assert chosen([late], [run(BATCH_TAG)], NOW) == [late] * is_taken


def test_a_batch_that_was_left_to_others_is_taken_as_soon_as_the_own_one_ends():
    async def looks_after_an_end(*waiting):
        worker = ResidentWorker("a pool")
        worker.choose([one.model_copy(update={"expected_start_time": datetime.now(UTC)}) for one in waiting])
        worker._wake_after_end(uuid4())
        return worker._woken.is_set()

    assert asyncio.run(looks_after_an_end(run(BATCH_TAG), run(BATCH_TAG)))
    assert not asyncio.run(looks_after_an_end(run(BATCH_TAG)))
