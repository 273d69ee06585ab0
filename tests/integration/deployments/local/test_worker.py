"""The worker's process: which pool it serves and how it is told so."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from deployments.cli.commands.setup import up
from deployments.local.worker_process import LocalWorker, SetUpReport
from deployments.pool_types import PoolType
from deployments.server_access import Access
from rightsflow.domain.errors import BadInput


class Child:
    """A process that is not there."""

    def __init__(self, command, environment, pid):
        self.command, self.environment, self.is_running, self.stops = list(command), environment, True, 0
        self.gave_up = False
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

    def online(self, access, pool):
        """Says who is online, one answer a question."""
        assert (access, pool) == (ACCESS, "rightsflow-resident")
        return self.answers.pop(0)


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
            online=outside.online,
            store_figures=9464,
            clock=lambda: outside.moment,
            pause=outside.pause,
        )

    return make


@pytest.mark.parametrize(("pool_type", "seconds"), [(PoolType.PROCESS, "1"), (PoolType.RESIDENT, "10")])
def test_it_is_told_what_to_serve(tmp_path, children, local_worker, pool_type, seconds):
    local_worker(pool_type).start()
    (child,) = children
    module = ["-P", "-m", "rightsflow.entry", "deployments.local.keeping_worker"]
    assert child.command[1:7] == [*module, "--type", pool_type.value]
    alive = ["--alive", str(tmp_path / "worker.alive")]
    assert child.command[-6:] == ["--limit", "6", "--store-figures", "9464", *alive]
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


def test_it_sets_the_server_up_where_it_is_told_to_and_its_report_counts_once(tmp_path, children, local_worker):
    worker = local_worker(PoolType.RESIDENT)
    file = tmp_path / "worker.report"
    SetUpReport(fault="It is of an earlier one.").write(file)
    worker.start(set_up=True)
    assert children[0].command[-2:] == ["--set-up", str(file)]
    assert worker.take_report() is None
    SetUpReport(deployments={"open-from-ticket": "1"}, problems=["One channel is missing."]).write(file)
    assert worker.take_report() == SetUpReport(
        deployments={"open-from-ticket": "1"}, problems=["One channel is missing."]
    )
    assert worker.take_report() is None


def test_it_answers_as_long_as_it_shows_signs_of_life(tmp_path, local_worker):
    worker = local_worker(PoolType.RESIDENT)
    assert not worker.answers()
    (tmp_path / "worker.alive").touch()
    assert worker.answers()
    assert not worker.answers(), "that one was known already"
    os.utime(tmp_path / "worker.alive", (1.0, 1.0))
    assert worker.answers(), "also where a clock was set back"


def test_one_that_gave_up_is_known_and_each_process_has_a_name_of_its_own(children, local_worker):
    worker = local_worker(PoolType.RESIDENT)
    assert not worker.gave_up
    worker.start()
    assert not worker.gave_up
    children[0].gave_up = True
    assert worker.gave_up

    worker.start()
    first, second = (child.command[child.command.index("--name") + 1] for child in children)
    assert first != second
    assert not {"/", "%"} & {*first, *second}


def test_it_is_ready_when_the_server_has_heard_of_this_very_process_and_not_waited_for_for_ever(
    children, local_worker, outside
):
    worker = local_worker(PoolType.RESIDENT)
    worker.start()
    name = children[0].command[children[0].command.index("--name") + 1]
    outside.answers += [set(), {"one that died"}, {"one that died", name}]
    assert worker.wait_until_ready()

    outside.answers += [set()] * 12
    assert not worker.wait_until_ready()
    children[0].is_running = False
    outside.answers.clear()
    assert not worker.wait_until_ready()


@pytest.mark.parametrize("pool_type", [PoolType.DOCKER, PoolType.KUBERNETES])
def test_up_starts_no_worker_that_needs_another_package(pool_type):
    with pytest.raises(BadInput, match=f"prefect worker start --pool rightsflow-{pool_type}"):
        up(SimpleNamespace(find_object=lambda _: None), port=0, pool_type=pool_type)
