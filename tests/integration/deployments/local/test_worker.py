"""The worker's process: which pool it serves and how it is told so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import ClassVar

import pytest
from prefect.client.schemas.objects import WorkerStatus

from deployments.catalogue import PoolType
from deployments.cli.running import up
from deployments.local import worker_process as module
from deployments.local.access import Access
from deployments.local.worker_process import LocalWorker
from rightsflow.domain.errors import BadInput


class Child:
    """A process that is not there."""

    made: ClassVar[list] = []

    def __init__(self, command, environment, log, *, note_file):
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


ACCESS = Access("http://127.0.0.1:1/api", "officer:no-secret-of-anybody")


def local_worker(tmp_path, pool_type):
    return LocalWorker(ACCESS, pool_type, tmp_path / "worker.log", {"RIGHTSFLOW_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("pool_type", "pool", "seconds"),
    [(PoolType.PROCESS, "rightsflow", "1"), (PoolType.RESIDENT, "rightsflow-resident", "10")],
)
def test_it_serves_the_pool_of_its_type(tmp_path, children, pool_type, pool, seconds):
    local_worker(tmp_path, pool_type).start()
    (child,) = children
    assert child.command[1:9] == ["-m", "prefect", "worker", "start", "--pool", pool, "--type", pool_type.value]
    assert child.command[-2:] == ["--limit", "6"]
    assert child.environment["PREFECT_WORKER_QUERY_SECONDS"] == seconds
    assert child.environment["PREFECT_API_URL"] == ACCESS.api_url
    assert child.environment["PREFECT_API_AUTH_STRING"] == ACCESS.secret
    assert ACCESS.secret not in " ".join(child.command)
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


class Server:
    """Says of each of the workers it was told of whether it is online, one answer a question."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def read_workers_for_work_pool(self, pool):
        assert pool == "rightsflow-resident"
        answer = self.answers.pop(0)()
        return [SimpleNamespace(name=name, status=status) for name, status in answer.items()]


@pytest.fixture
def asking(monkeypatch):
    """Let the server answer so, and time pass with each question."""
    moment = [0.0]

    def sleep(seconds):
        moment[0] += 20 * seconds

    def answer(*answers):
        monkeypatch.setattr(module, "get_client", lambda **_: Server(*answers))

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: moment[0], sleep=sleep))
    return answer


def test_it_is_ready_when_the_server_has_heard_of_this_very_process(tmp_path, children, asking):
    worker = local_worker(tmp_path, PoolType.RESIDENT)
    worker.start()
    name = children[0].command[children[0].command.index("--name") + 1]
    others = {"one that died": WorkerStatus.ONLINE}
    asking(dict, lambda: others, lambda: others | {name: WorkerStatus.OFFLINE}, lambda: {name: WorkerStatus.ONLINE})
    assert worker.wait_until_ready()


def test_one_that_ends_or_does_not_come_is_not_waited_for_for_ever(tmp_path, children, asking):
    worker = local_worker(tmp_path, PoolType.RESIDENT)
    worker.start()
    asking(*[dict] * 12)
    assert not worker.wait_until_ready()
    children[0].is_running = False
    asking()
    assert not worker.wait_until_ready()


def test_each_process_has_a_name_of_its_own(tmp_path, children):
    worker = local_worker(tmp_path, PoolType.RESIDENT)
    worker.start()
    worker.start()
    first, second = (child.command[child.command.index("--name") + 1] for child in children)
    assert first != second
    assert not {"/", "%"} & {*first, *second}


@pytest.mark.parametrize("pool_type", [PoolType.DOCKER, PoolType.KUBERNETES])
def test_up_starts_no_worker_that_needs_another_package(pool_type):
    with pytest.raises(BadInput, match=f"prefect worker start --pool rightsflow-{pool_type}"):
        up(port=0, pool_type=pool_type)
