"""Runs of which the worker was told and that it did not find are looked for again, and not for ever."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Pending, Running, Scheduled, Suspended

from deployments.worker.wake import Missed

RUN, OTHER = uuid4(), uuid4()
WAITS, NOT_STORED, TAKEN, WORKED_ON = Scheduled(), Suspended(timeout_seconds=60), Pending(), Running()


class Over(Exception):
    """Ends a look that has no end."""


def looked(*answers, told=(RUN,), taken=(), found=()):
    """When the worker is woken, and the runs it asks for, where the server answers so, one time after another."""
    woken, asked, left = [], [], list(answers)

    async def read(run_ids):
        asked.append(set(run_ids))
        state = left.pop(0)
        if isinstance(state, Exception):
            raise state
        return [FlowRun(id=one, flow_id=uuid4(), state=state) for one in run_ids if state is not None]

    async def sleep(seconds):
        assert seconds > 0
        if not left:
            raise Over

    async def run():
        missed = Missed(taken, read, sleep)
        for one in told:
            missed.told(one)
        missed.ask_again()
        for one in found:
            missed.found(one)
        async with asyncio.timeout(0.2):
            await missed.look(lambda: woken.append(len(asked)))

    with pytest.raises((Over, TimeoutError)):
        asyncio.run(run())
    return woken, asked


@pytest.mark.apart
def test_one_that_waits_by_now_wakes_once():
    assert looked(WAITS) == ([1], [{RUN}])

    assert looked(NOT_STORED, NOT_STORED, WAITS) == ([3], [{RUN}] * 3)

    assert looked(*[NOT_STORED] * 9) == ([], [{RUN}] * 5)

    assert looked(OSError(), told=(RUN,)) == ([], [{RUN}])


@pytest.mark.apart
def test_what_the_worker_has_or_another_took_or_has_ended_is_not_asked_for():
    assert looked(told=(RUN,), taken=(RUN,)) == ([], [])
    assert looked(WAITS, told=(RUN, OTHER, None), taken=(OTHER,)) == ([1], [{RUN}])

    assert looked(told=(RUN,), found=(RUN,)) == ([], [])
    assert looked(WAITS, told=(RUN, OTHER), found=(OTHER,)) == ([1], [{RUN}])

    for state in (TAKEN, WORKED_ON, None):
        assert looked(state) == ([], [{RUN}])


def test_what_the_worker_took_meanwhile_is_not_asked_for():
    has, woken = set(), []

    async def read(run_ids):
        raise AssertionError(f"it asked for {run_ids}")

    async def sleep(_seconds):
        if RUN in has:
            raise Over
        has.add(RUN)

    async def run():
        missed = Missed(has, read, sleep)
        missed.told(RUN)
        missed.ask_again()
        missed.told(OTHER)
        has.add(OTHER)
        missed.ask_again()
        async with asyncio.timeout(0.2):
            await missed.look(lambda: woken.append(1))

    with pytest.raises((Over, TimeoutError)):
        asyncio.run(run())
    assert woken == []
