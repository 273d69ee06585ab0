"""Waiting cases are started: those of many by a few batches behind everything else, others by a run of their own."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from prefect.client.schemas.objects import StateType
from prefect.states import Completed, Failed, Running

from deployments.pool_types import DEFAULT_POOL_TYPE
from deployments.runs import starting
from deployments.runs.starting import Starter
from flows.batches import BATCH_OF, IN_HAND
from flows.starting import BULK_QUEUE, RIGHTS_OF_BATCH, start_next, start_waiting
from flows.suspended import Wakes
from rightsflow.app import current_app
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.domain.vocabulary.rights import Right
from tests.e2e.deployments.runs.runs import bulk_runs
from tests.support.batches import imported

pytestmark = pytest.mark.apart

ACCESS, ERASURE = "access batch", "erasure batch"


def people(count, name="p"):
    return [f"{name}{number}@example.com" for number in range(count)]


def starter(bench, size=2, at_once=2, **options):
    return Starter(bench.runtime.store, size, at_once, **options)


def names(client):
    return sorted(run.name for run in bulk_runs(client))


def taken(bench, count):
    return bench.runtime.store.waiting.take(count, set(Right))


def test_as_many_batches_are_started_as_the_cases_need_and_no_more_than_may_be_under_way(bench, client):
    imported(bench, *people(3))
    some = starter(bench)
    assert some.start()
    assert names(client) == [ACCESS] * 2
    imported(bench, *people(4, "later"))
    for state in (Running(), Completed()):
        assert some.start()
        assert names(client) == [ACCESS] * 2, "no room"
        client.set_flow_run_state(bulk_runs(client)[0].id, state, force=True)
    assert some.start()
    assert names(client) == [ACCESS] * 3
    assert {(run.work_queue_name, tuple(run.parameters)) for run in bulk_runs(client)} == {(BULK_QUEUE, ())}
    taken(bench, 9)
    assert not some.start(), "all are in hand"


def test_the_batch_of_the_most_urgent_case_comes_first(bench, client):
    imported(bench, *people(2), day="2026-03-02")
    imported(bench, "urgent@example.com", right="erasure", day="2026-02-10")
    some = starter(bench, at_once=1)
    some.start()
    assert names(client) == [ERASURE]
    client.set_flow_run_state(bulk_runs(client)[0].id, Completed(), force=True)
    taken(bench, 1)
    some.start()
    assert names(client) == sorted([ACCESS, ERASURE])


def test_another_batch_comes_where_those_under_way_take_no_more(bench, client):
    """As where one has worked on as many as it may, and the last of them takes very long."""
    imported(bench, "one@example.com")
    some = starter(bench)
    some.start()
    client.set_flow_run_state(bulk_runs(client)[0].id, Running(), force=True)
    for _ in range(starting._PATIENCE - 1):
        some.start()
    assert names(client) == [ACCESS]
    some.start()
    some.start()
    assert names(client) == [ACCESS] * 2, "and not one more at each look"
    for _ in range(starting._PATIENCE):
        some.start()
    for run in bulk_runs(client):
        client.set_flow_run_state(run.id, Completed(), force=True)
    taken(bench, 1)
    assert not some.start()
    imported(bench, "later@example.com")
    start_waiting()
    some.start()
    assert names(client) == [ACCESS] * 3, "what was passed over before does not count once nothing waits"


def test_a_batch_is_started_at_once_where_none_of_its_kind_is_under_way(bench, client):
    """As after an import, and after a decision on a case of a batch."""
    start_waiting()
    assert names(client) == []
    imported(bench, *people(2))
    for _ in range(2):
        start_waiting()
        assert names(client) == [ACCESS]
    imported(bench, "other@example.com", right="erasure")
    start_waiting()
    assert names(client) == sorted([ACCESS, ERASURE])


def test_a_batch_that_takes_no_more_lets_one_go_on_with_what_waits(bench, client):
    assert not start_next("access-batch")
    imported(bench, *people(3))
    start_waiting()
    client.set_flow_run_state(bulk_runs(client)[0].id, Running(), force=True)
    assert not start_next("erasure-batch"), "no erasure waits"
    for _ in range(2):
        assert start_next("access-batch")
        assert names(client) == [ACCESS] * 2, "one goes on, and the worker has no use for a third"


def test_after_many_decisions_it_is_looked_now_and_then():
    at, looks = [0.0], []
    wakes = Wakes(lambda: at[0], lambda: looks.append(at[0]))
    for at[0] in (0.0, 0.1, 1.9, 2.0, 2.5):
        wakes.wake()
    assert looks == [0.0, 2.0]


def test_each_right_has_its_batch():
    assert {right: name for name, rights in RIGHTS_OF_BATCH.items() for right in rights} == {
        right: batch.name for right, batch in BATCH_OF.items()
    }


@pytest.fixture
def workers(request, client):
    """Some workers of the pool, as they show themselves to the server."""
    at_work = [f"worker {number}" for number in range(request.param)]
    for name in at_work:
        client.send_worker_heartbeat(DEFAULT_POOL_TYPE.pool, name)
    yield
    for name in at_work:
        client.request("DELETE", f"/work_pools/{DEFAULT_POOL_TYPE.pool}/workers/{name}").raise_for_status()


@pytest.mark.parametrize(
    ("workers", "at_once", "batches"), [(0, 4, 1), (1, 4, 1), (2, 4, 2), (3, 4, 2), (3, 1, 1)], indirect=["workers"]
)
@pytest.mark.usefixtures("workers")
def test_cases_of_one_batch_are_shared_out_among_the_workers(bench, client, at_once, batches):
    """As far as each gets as many as it takes at a time."""
    imported(bench, *people(2 * IN_HAND))
    some = starter(bench, size=50, at_once=at_once)
    some.start()
    some.start()
    assert names(client) == [ACCESS] * batches


def test_a_case_that_was_withdrawn_meanwhile_is_not_started(bench, client):
    (case_id,) = imported(bench, "one@example.com")
    withdraw(current_app(), case_id, by="Ida")
    assert not starter(bench).start()
    assert bulk_runs(client) == []


@pytest.fixture
def alone(bench, client):
    """A case with a run of its own that waits for its turn, and its run."""
    case_id = bench.open("access")

    def wait():
        with bench.file(case_id) as file:
            file.bulk.make_room("calls")
            file.bulk.wait_again(timedelta(0))

    def run():
        (found,) = [run for run in client.read_flow_runs() if run.name == case_id]
        return found

    wait()
    yield SimpleNamespace(case_id=case_id, wait=wait, run=run)
    client.delete_flow_run(run().id)


def test_one_that_made_room_is_started_again_once_its_run_has_ended(bench, client, alone):
    some = starter(bench)
    assert some.start()
    assert not some.start()
    run = alone.run()
    assert run.work_queue_name != BULK_QUEUE, "it goes before the load as it did"
    client.set_flow_run_state(run.id, Running(), force=True)
    alone.wait()
    assert some.start()
    assert alone.run().state.type is StateType.RUNNING
    client.set_flow_run_state(run.id, Failed(), force=True)
    assert some.start()
    assert alone.run().state.name == "AwaitingRetry"
    assert not some.start()


def test_what_a_person_starts_goes_before_the_load(bench, client, deployments):
    """As the server gives runs to a worker: those of the pool's own queue first, however late they came."""
    imported(bench, *people(4))
    starter(bench).start()
    form = client.create_flow_run_from_deployment(
        deployments["access-request"], parameters={"case_id": "DSR-2026-7K3M9Q"}
    )
    given = client.request(
        "POST", "/work_pools/{name}/get_scheduled_flow_runs", path_params={"name": DEFAULT_POOL_TYPE.pool}, json={}
    ).json()
    order = [one["flow_run"]["id"] for one in given]
    client.delete_flow_run(form.id)
    loaded = [str(run.id) for run in bulk_runs(client)]
    assert order.index(str(form.id)) < min(order.index(one) for one in loaded)
