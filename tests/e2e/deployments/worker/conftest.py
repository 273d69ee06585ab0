"""Workers of this package's tests share one server and one pool; each test has its own names."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

from deployments.worker.worker_type import TYPE, ResidentWorker
from flows.starting import BULK_QUEUE
from tests.e2e.deployments.worker import flows
from tests.e2e.deployments.worker.rig import NEVER, POOL, Working, deploy, polling_every


@pytest.fixture(scope="session", autouse=True)
def _tests_go_on():
    """A worker that ends with a step under way ends its process, which here would be that of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResidentWorker, "_end_process", staticmethod(lambda: None))
        yield


@pytest.fixture(scope="session")
def pool(prefect_server):
    template = ResidentWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=POOL, type=TYPE, base_job_template=template))
        with suppress(ObjectAlreadyExists):
            client.create_work_queue(BULK_QUEUE, priority=100, work_pool_name=POOL)
    return POOL


@pytest.fixture(scope="session")
def order(pool):
    """Ask for a run of one of the small flows; gives its id."""
    deployed = {}

    def make(flow, queue=None, **parameters):
        if flow not in deployed:
            deployed[flow] = deploy(flow)
        with get_client(sync_client=True) as client:
            return client.create_flow_run_from_deployment(
                deployed[flow], parameters=parameters, work_queue_name=queue
            ).id

    return make


@pytest.fixture(scope="module")
def staying(pool):
    """A worker that never polls by itself: what it does, it was woken for."""
    with polling_every(NEVER), Working() as one:
        yield one


@pytest.fixture
def working(staying):
    """The worker, idle: a run of the test before is done for the server a moment before it is for the worker."""
    assert flows.until(lambda: staying.is_idle)
    return staying


@pytest.fixture
def name():
    """A name of the test's own; whatever it held is released at the end."""
    made = uuid4().hex
    yield made
    for key in [key for key in flows.GATES if key.startswith(made)]:
        flows.GATES.pop(key).set()
