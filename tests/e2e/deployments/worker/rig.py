"""A resident worker in a thread of the tests' process, and what a test asks the server about its runs."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from contextlib import contextmanager
from uuid import uuid4

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.deployments.runner import RunnerDeployment
from prefect.settings import PREFECT_WORKER_QUERY_SECONDS, temporary_settings
from prefect.types.entrypoint import EntrypointType

from deployments.worker.worker_type import ResidentWorker
from tests.e2e.deployments.worker import flows

POOL = "resident-tests"
NEVER = 3600
PATIENCE_SECONDS = 60


class Working:
    """A worker at work; ending it is what the command line does on a signal."""

    def __init__(self, limit=None, pool=POOL, kind=ResidentWorker):
        self.worker = None
        self._kind = kind
        self._limit, self._pool = limit, pool
        self._ready, self._task, self._loop = threading.Event(), None, None
        self._thread = threading.Thread(target=contextvars.copy_context().run, args=(asyncio.run, self._work()))

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_):
        self.end()
        self.wait()

    @property
    def is_idle(self):
        """Whether nothing is executed, claimed or holds a place."""
        worker = self.worker
        return not (worker._executions or worker.claimed or worker.limiter.borrowed_tokens)

    async def _work(self):
        self.worker = self._kind(self._pool, limit=self._limit, name=f"worker {uuid4().hex[:6]}")
        self.worker.known_flow = small_flow
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            await self.worker.start(printer=lambda _: self._ready.set())
        except asyncio.CancelledError:
            return
        finally:
            self._ready.set()

    def end(self):
        """Let it end; gives back at once."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)

    def wait(self):
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the worker did not end"


@contextmanager
def polling_every(seconds):
    with temporary_settings({PREFECT_WORKER_QUERY_SECONDS: seconds}):
        yield


def taken(run_id):
    """What stands beside a run's state each time that a worker took it."""
    with get_client(sync_client=True) as client:
        return [state.message for state in client.read_flow_run_states(run_id) if state.is_pending()]


def small_flow(flow, deployment):
    """The flow of this package's tests that has a name, as the worker looks for one in its catalogue."""
    named = {one.name: one for one in vars(flows).values() if isinstance(one, Flow)}
    return named.get(flow) if deployment else None


def deploy(flow, pool=POOL):
    """A deployment of one of the small flows; gives its id. What it says of where the flow is counts for nothing."""
    made = RunnerDeployment.from_flow(
        flow, name=flow.name, work_pool_name=pool, entrypoint_type=EntrypointType.MODULE_PATH
    )
    made.entrypoint = "nowhere.to.be.found"
    return made.apply()


def read(run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run_id)


def task_runs(run_id):
    """The steps of a run that the server knows."""
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    with get_client(sync_client=True) as client:
        return client.read_task_runs(flow_run_filter=wanted)


def graph(run_id):
    """The steps of a run as the UI draws them: id, label, state, and the ids of what each follows."""
    with get_client(sync_client=True) as client:
        answer = client.request("GET", "/flow_runs/{id}/graph-v2", path_params={"id": run_id}).json()
    nodes = [node for _, node in answer["nodes"]]
    return [
        (node["id"], node["label"], node["state_type"], [parent["id"] for parent in node["parents"]]) for node in nodes
    ]


def set_state(run_id, state):
    with get_client(sync_client=True) as client:
        return client.set_flow_run_state(run_id, state, force=True)


def becomes(run_id, *names):
    """Wait until a run is in one of these states; gives the run."""
    waiting = threading.Event()
    for _ in range(PATIENCE_SECONDS * 10):
        run = read(run_id)
        if run.state.name in names:
            return run
        waiting.wait(0.1)
    raise AssertionError(f"waited in vain for {names}: {run.state.name} {run.state.message}")
