"""The worker's process: which pool it serves and how it is told so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from prefect.client.schemas.objects import WorkerStatus

from deployments.catalogue import PoolType
from deployments.cli.running import up
from deployments.local.access import Access
from deployments.local.worker_process import LocalWorker
from rightsflow.domain.errors import BadInput


class Child:
    """A process that is not there."""

    def __init__(self, command, environment, pid):
        self.command, self.environment, self.is_running, self.stops = list(command), environment, True, 0
        self.pid = pid

    def stop(self):
        self.is_running, self.stops = False, self.stops + 1


class Outside:
    """What a worker meets outside: processes that it starts, the server's answers, and time, which a question takes."""

    def __init__(self):
        self.children, self.answers, self.moment = [], [], 0.0

    def launch(self, command, environment, *_, **__):
        self.children.append(Child(command, environment, 1000 + len(self.children)))
        return self.children[-1]

    def pause(self, seconds):
        self.moment += 20 * seconds


@pytest.fixture
def outside():
    return Outside()


@pytest.fixture
def children(outside):
    return outside.children


ACCESS = Access("http://127.0.0.1:1/api", "officer:no-secret-of-anybody")


@pytest.fixture
def local_worker(tmp_path, outside):
    def make(pool_type):
        return LocalWorker(
            ACCESS,
            pool_type,
            tmp_path / "worker.log",
            {"RIGHTSFLOW_HOME": str(tmp_path)},
            launch=outside.launch,
            connect=lambda: Server(outside.answers),
            clock=lambda: outside.moment,
            pause=outside.pause,
        )

    return make


@pytest.mark.parametrize(
    ("pool_type", "pool", "seconds"),
    [(PoolType.PROCESS, "rightsflow", "1"), (PoolType.RESIDENT, "rightsflow-resident", "10")],
)
def test_it_serves_the_pool_of_its_type(tmp_path, children, local_worker, pool_type, pool, seconds):
    local_worker(pool_type).start()
    (child,) = children
    assert child.command[1:9] == ["-m", "prefect", "worker", "start", "--pool", pool, "--type", pool_type.value]
    assert child.command[-2:] == ["--limit", "6"]
    assert child.environment["PREFECT_WORKER_QUERY_SECONDS"] == seconds
    assert child.environment["PREFECT_API_URL"] == ACCESS.api_url
    assert child.environment["PREFECT_API_AUTH_STRING"] == ACCESS.secret
    assert ACCESS.secret not in " ".join(child.command)
    assert child.environment["RIGHTSFLOW_HOME"] == str(tmp_path)


def test_one_that_died_is_stopped_with_what_it_left(children, local_worker):
    worker = local_worker(PoolType.PROCESS)
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

    def __init__(self, answers):
        self.answers = answers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def read_workers_for_work_pool(self, pool):
        assert pool == "rightsflow-resident"
        answer = self.answers.pop(0)
        return [SimpleNamespace(name=name, status=status) for name, status in answer.items()]


def test_it_is_ready_when_the_server_has_heard_of_this_very_process(children, local_worker, outside):
    worker = local_worker(PoolType.RESIDENT)
    worker.start()
    name = children[0].command[children[0].command.index("--name") + 1]
    others = {"one that died": WorkerStatus.ONLINE}
    outside.answers += [{}, others, others | {name: WorkerStatus.OFFLINE}, {name: WorkerStatus.ONLINE}]
    assert worker.wait_until_ready()


def test_one_that_ends_or_does_not_come_is_not_waited_for_for_ever(children, local_worker, outside):
    worker = local_worker(PoolType.RESIDENT)
    worker.start()
    outside.answers += [{}] * 12
    assert not worker.wait_until_ready()
    children[0].is_running = False
    outside.answers.clear()
    assert not worker.wait_until_ready()


def test_each_process_has_a_name_of_its_own(children, local_worker):
    worker = local_worker(PoolType.RESIDENT)
    worker.start()
    worker.start()
    first, second = (child.command[child.command.index("--name") + 1] for child in children)
    assert first != second
    assert not {"/", "%"} & {*first, *second}


@pytest.mark.parametrize("pool_type", [PoolType.DOCKER, PoolType.KUBERNETES])
def test_up_starts_no_worker_that_needs_another_package(pool_type):
    with pytest.raises(BadInput, match=f"prefect worker start --pool rightsflow-{pool_type}"):
        up(SimpleNamespace(find_object=lambda _: None), port=0, pool_type=pool_type)
