"""The worker's process: which pool it serves and how it is told so."""

from __future__ import annotations

from typing import ClassVar

import pytest

from deployments.catalogue import PoolType
from deployments.cli.running import up
from deployments.local import worker as module
from deployments.local.worker import LocalWorker
from rightsflow.errors import BadInput


class Child:
    """A process that is not there."""

    made: ClassVar[list] = []

    def __init__(self, command, environment, log):
        self.command, self.environment, self.is_running, self.stops = list(command), environment, True, 0
        self.pid = 1000 + len(self.made)
        self.made.append(self)

    def stop(self):
        self.is_running, self.stops = False, self.stops + 1


@pytest.fixture
def children(monkeypatch):
    monkeypatch.setattr(Child, "made", [])
    monkeypatch.setattr(module, "Child", Child)
    return Child.made


def local_worker(tmp_path, pool_type):
    return LocalWorker("http://127.0.0.1:1/api", pool_type, tmp_path / "worker.log", {"RIGHTSFLOW_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("pool_type", "pool", "seconds"),
    [(PoolType.PROCESS, "rightsflow", "1"), (PoolType.RESIDENT, "rightsflow-resident", "10")],
)
def test_it_serves_the_pool_of_its_type(tmp_path, children, pool_type, pool, seconds):
    local_worker(tmp_path, pool_type).start()
    (child,) = children
    assert child.command[1:] == [
        *("-m", "prefect", "worker", "start", "--pool", pool, "--type", pool_type.value, "--limit", "6"),
    ]
    assert child.environment["PREFECT_WORKER_QUERY_SECONDS"] == seconds
    assert child.environment["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert child.environment["RIGHTSFLOW_HOME"] == str(tmp_path)


def test_one_that_died_is_stopped_with_what_it_left(tmp_path, children):
    worker = local_worker(tmp_path, PoolType.PROCESS)
    worker.start()
    children[0].is_running = False
    assert not worker.is_running
    worker.start()
    assert worker.pid == children[1].pid
    worker.stop()
    assert [child.stops for child in children] == [1, 1]
    assert worker.pid is None


@pytest.mark.parametrize("pool_type", [PoolType.DOCKER, PoolType.KUBERNETES])
def test_up_starts_no_worker_that_needs_another_package(pool_type):
    with pytest.raises(BadInput, match=f"prefect worker start --pool rightsflow-{pool_type}"):
        up(port=0, pool_type=pool_type)
