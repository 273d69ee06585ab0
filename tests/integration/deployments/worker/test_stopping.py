"""Executions are stopped whose runs the server has in another state, and not those that were resumed since."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelled, Cancelling, Pending, Running, Scheduled, Suspended

from deployments.worker.executing import ExecutionStopper, Stop

RUN, OTHER = uuid4(), uuid4()


class Going:
    """An execution, of which it is noted how it was stopped; what it does not hear it is to be told again."""

    def __init__(self, deaf=0) -> None:
        self.stopped, self._deaf = [], deaf

    def stop(self, how):
        self.stopped.append(how)
        return len(self.stopped) > self._deaf


def looked(state, told, meanwhile=lambda executions: None, going=Going, seconds=0.4):
    """How the execution of a run was stopped that the server has in a state, and for which runs it was asked."""
    executions, asked, seen = {RUN: going()}, [], Going()

    async def read(run_ids):
        asked.extend(run_ids)
        return [FlowRun(id=one, flow_id=uuid4(), state=state) for one in run_ids]

    async def run():
        stopping, seen.stopped = ExecutionStopper(executions, read), executions[RUN].stopped
        stopping.told(told)
        meanwhile(executions)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await stopping.look_when_told()

    asyncio.run(run())
    return seen.stopped, asked


@pytest.mark.parametrize(
    ("state", "stopped"),
    [
        (Cancelling(), [Stop.CANCELLED]),
        (Cancelled(), [Stop.CANCELLED]),
        (Suspended(timeout_seconds=9), [Stop.GONE]),
        (Scheduled(), [Stop.GONE]),
        (Running(), []),
        (Pending(), []),
    ],
    ids=str,
)
def test_it_is_stopped_by_what_the_server_has(state, stopped):
    assert looked(state, RUN) == (stopped, [RUN])


@pytest.mark.parametrize("told", [OTHER, None])
def test_what_is_not_executed_here_is_not_asked_for(told):
    assert looked(Cancelled(), told) == ([], [])


@pytest.mark.apart
def test_what_ended_or_was_resumed_meanwhile_is_not_asked_for():
    assert looked(Cancelled(), RUN, lambda executions: executions.clear()) == ([], [])
    assert looked(Scheduled(), RUN, lambda executions: executions.update({RUN: Going()})) == ([], [])


@pytest.mark.apart
def test_one_that_is_just_beginning_is_told_again():
    """Prefect knows no request of a run that it has not begun."""
    stopped, asked = looked(Cancelling(), RUN, going=lambda: Going(deaf=1), seconds=0.7)
    assert (stopped, asked) == ([Stop.CANCELLED] * 2, [RUN] * 2)
