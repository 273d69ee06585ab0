"""Several workers, limits, the polling as the net, and what a worker leaves to others when it ends."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Cancelling, Pending, Running, Suspended

from deployments.worker.executing import Execution, beat, hand_back
from deployments.worker.worker_type import ResidentWorker
from flows.starting import BULK_QUEUE
from tests.e2e.deployments.worker import flows
from tests.e2e.deployments.worker.flows import begun, release, seen, until
from tests.e2e.deployments.worker.rig import NEVER, Working, becomes, polling_every, read, set_state, taken

pytestmark = pytest.mark.apart


# Each under a type of its own, since Prefect finds workers by it.
class Deaf(ResidentWorker):
    """One to which news never come."""

    type = "rightsflow-deaf"

    async def news(self, pool_id):
        for _ in ():
            yield None


@contextmanager
def only_one_at_a_time(pool):
    """The pool's own limit, of one run."""
    with get_client(sync_client=True) as client:
        client.update_work_pool(pool, WorkPoolUpdate(concurrency_limit=1))
        try:
            yield
        finally:
            client.request("PATCH", "/work_pools/{name}", path_params={"name": pool}, json={"concurrency_limit": None})


# -- polling, limits, several of them --------------------------------------------------------------------------------


@pytest.mark.slow
def test_runs_are_found_by_polling_where_events_do_not_come(order, name):
    with polling_every(0.2), Working(kind=Deaf) as working:
        run_id = order(flows.held, name=name)
        begun(name)
        set_state(run_id, Cancelling())
        assert until(lambda: working.worker._executions[run_id].why)
        release(name)
        becomes(run_id, "Cancelled")


def test_a_run_that_is_cancelled_too_late_to_stop_is_cancelled_all_the_same(order, name):
    """No one tells the worker, and the server takes no other end from the run."""
    run_id = order(flows.held, name=name, steps=1)
    with polling_every(NEVER), Working(kind=Deaf):
        begun(name)
        set_state(run_id, Cancelling())
        release(name)
        becomes(run_id, "Cancelled")


@pytest.mark.slow
def test_not_more_runs_at_once_than_the_limit_and_the_next_as_soon_as_one_ends(order, name):
    with polling_every(NEVER), Working(limit=1) as working:
        ids = [order(flows.held, name=f"{name}{number}", steps=1) for number in range(2)]
        first, second = (0, 1) if until(lambda: seen(f"{name}0") or seen(f"{name}1")) and seen(f"{name}0") else (1, 0)
        assert until(lambda: len(working.worker._executions) == 1)
        assert working.worker.limiter.available_tokens == 0
        assert read(ids[second]).state.is_scheduled()
        release(f"{name}{first}")
        begun(f"{name}{second}")
        release(f"{name}{second}")
        becomes(ids[second], "Done")


@pytest.mark.slow
def test_a_run_that_a_limit_of_the_pool_held_back_goes_on_as_soon_as_one_ends(order, name, pool):
    """The server does not say that it waits, and nothing tells of it afterwards."""
    with polling_every(NEVER), only_one_at_a_time(pool), Working():
        ids = [order(flows.held, name=f"{name}{number}", steps=1) for number in range(2)]
        first = 0 if until(lambda: seen(f"{name}0") or seen(f"{name}1")) and seen(f"{name}0") else 1
        assert read(ids[1 - first]).state.is_scheduled()
        release(f"{name}{first}")
        begun(f"{name}{1 - first}")
        release(f"{name}{1 - first}")
        for run_id in ids:
            becomes(run_id, "Done")


def test_it_looks_after_an_end_only_where_the_pool_or_a_queue_has_a_limit(pool):
    def may_be_held():
        with polling_every(NEVER), Working() as working:
            assert until(working.worker._known.is_set)
            return working.worker._may_be_held

    assert not may_be_held()
    with only_one_at_a_time(pool):
        assert may_be_held()
    with get_client(sync_client=True) as client:
        (queue,) = [one for one in client.read_work_queues(work_pool_name=pool) if one.name == BULK_QUEUE]
        path = {"pool": pool, "name": queue.name}
        client.request("PATCH", "/work_pools/{pool}/queues/{name}", path_params=path, json={"concurrency_limit": 1})
        try:
            assert may_be_held()
        finally:
            none = {"concurrency_limit": None}
            client.request("PATCH", "/work_pools/{pool}/queues/{name}", path_params=path, json=none)
    assert not may_be_held()


@pytest.mark.slow
def test_what_came_by_a_form_runs_before_the_load_that_waits(order, name):
    """One slot: while it is taken, the load comes first and the form last."""
    with polling_every(NEVER), Working(limit=1):
        order(flows.held, name=f"{name}0", steps=1)
        begun(f"{name}0")
        load = [order(flows.held, queue=BULK_QUEUE, name=f"{name}load{number}", steps=1) for number in range(3)]
        form = order(flows.held, name=f"{name}form", steps=1)
        release(f"{name}0")
        begun(f"{name}form")
        assert all(read(run_id).state.is_scheduled() for run_id in load)
        for number in range(3):
            release(f"{name}load{number}")
        release(f"{name}form")
        for run_id in (form, *load):
            becomes(run_id, "Done")


@pytest.mark.slow
def test_two_workers_share_the_runs_and_none_is_executed_twice(order, name):
    with polling_every(NEVER), Working(limit=1) as one, Working(limit=1) as other:
        ids = [order(flows.held, name=f"{name}{number}", steps=1) for number in range(4)]
        for working in (one, other):
            assert until(lambda working=working: working.worker._executions)
        for number in range(4):
            release(f"{name}{number}")
        for run_id in ids:
            becomes(run_id, "Done")
    assert {message for run_id in ids for message in taken(run_id)} == {
        f"Taken by {working.worker.name}." for working in (one, other)
    }
    assert [seen(f"{name}{number}") for number in range(4)] == [[0]] * 4


def test_where_another_worker_was_faster_the_next_run_is_taken_at_once(order, name):
    """Nothing else wakes the worker: it looks once, at its start."""
    lost = []

    class TooLate(Deaf):
        type = "rightsflow-toolate"

        async def claim(self, run):
            if not lost:
                lost.append(run.id)
                await self.client.set_flow_run_state(run.id, Pending(), force=True)
            return await super().claim(run)

    ids = {order(flows.short, name=name) for _ in range(2)}
    with polling_every(NEVER), Working(limit=1, kind=TooLate):
        (taken,) = ids & set(until(lambda: lost))
        (left,) = ids - {taken}
        becomes(left, "Done")
    assert seen(name) == [0, 1, 2]
    set_state(taken, Cancelling())


def test_heartbeats_are_sent_for_all_runs_by_the_worker(order, name):
    sent = []

    class Beating(ResidentWorker):
        type = "rightsflow-beating"

        def beat_seconds(self):
            return 0.05

        def beat(self, flow_run):
            sent.append(flow_run.id)

    with polling_every(NEVER), Working(kind=Beating):
        run_id = order(flows.held, name=name, steps=1)
        assert until(lambda: sent.count(run_id) >= 2)
        release(name)
        becomes(run_id, "Done")


@pytest.mark.slow
def test_a_heartbeat_is_an_event_of_the_run(order, name):
    run = read(order(flows.short, name=name))
    beat(run)
    EventsWorker.drain_all(timeout=20)
    wanted = {
        "filter": {
            "resource": {"id": [f"prefect.flow-run.{run.id}"]},
            "event": {"name": ["prefect.flow-run.heartbeat"]},
        }
    }
    with get_client(sync_client=True) as client:
        (event,) = until(lambda: client.request("POST", "/events/filter", json=wanted).json()["events"])
    assert {one["prefect.resource.role"] for one in event["related"]} >= {"flow", "deployment"}
    set_state(run.id, Cancelling())


# -- ending ----------------------------------------------------------------------------------------------------------


def test_a_worker_that_ends_lets_the_step_finish_and_hands_the_run_to_another(order, name):
    with polling_every(NEVER):
        with Working() as first:
            run_id = order(flows.held, name=name)
            begun(name)
            first.end()
            assert until(lambda: first.worker._executions[run_id].why)
            release(name)
            first.wait()
        assert read(run_id).state.name == "AwaitingRetry"
        assert seen(name) == [0]
        release(name, 1)
        with Working():
            becomes(run_id, "Done")
    assert seen(name) == [0, 0, 1]


@pytest.mark.slow
def test_a_run_that_comes_to_its_end_meanwhile_is_ended_by_another_worker(order, name):
    """Prefect looks for a request to stop before it reports an end, too; flows are re-entrant."""
    with polling_every(NEVER):
        with Working() as working:
            run_id = order(flows.held_without_steps, name=name)
            begun(name)
            working.end()
            assert until(lambda: working.worker._executions[run_id].why)
            release(name)
            working.wait()
        assert read(run_id).state.name == "AwaitingRetry"
        with Working():
            becomes(run_id, "Done")


def test_a_run_whose_end_the_server_did_not_take_goes_on(order, name):
    """Where its database is started again the server answers 500, which Prefect's client does not try again."""
    lost = []

    class Unheard(Execution):
        def work(self, flow):
            state = super().work(flow)
            if not lost:
                lost.append(state.name)
                set_state(self.flow_run.id, Running())
                raise httpx.ConnectError("nothing listens")
            return state

    class Reporting(ResidentWorker):
        type = "rightsflow-reporting"
        execution = Unheard

    with polling_every(NEVER), Working(kind=Reporting):
        run_id = order(flows.short, name=name, steps=1)
        assert until(lambda: seen(name) == [0, 0])
        becomes(run_id, "Done")
    assert lost == ["Done"]


def test_a_run_whose_step_does_not_end_is_taken_up_when_its_case_is_free(order, name):
    ended = []

    class Impatient(ResidentWorker):
        type = "rightsflow-impatient"

        stop_seconds = 0.1

        def _end_process(self):
            ended.append(name)

    with polling_every(NEVER), Working(kind=Impatient) as working:
        run_id = order(flows.held, name=name)
        begun(name)
        working.end()
        working.wait()
    run = read(run_id)
    assert run.state.name == "AwaitingRetry"
    assert run.state.state_details.scheduled_time > datetime.now(UTC) + timedelta(seconds=30)
    assert ended == [name]
    set_state(run_id, Cancelling())


@pytest.mark.slow
def test_what_was_claimed_and_not_begun_is_handed_back(order, name):
    class Stuck(ResidentWorker):
        type = "rightsflow-stuck"

        async def run(self, *_, **__):
            await flows.for_ever()

    with polling_every(NEVER), Working(kind=Stuck) as working:
        run_id = order(flows.short, name=name)
        assert until(lambda: run_id in working.worker.claimed and read(run_id).state.is_pending())
    assert read(run_id).state.name == "AwaitingRetry"
    set_state(run_id, Cancelling())


@pytest.mark.parametrize("state", [Cancelling(), Suspended(timeout_seconds=60)], ids=lambda one: one.name)
def test_only_what_is_under_way_is_handed_back(order, name, state):
    run_id = order(flows.short, name=name)
    set_state(run_id, Pending())
    run = read(run_id)
    set_state(run_id, state)
    hand_back(run)
    assert read(run_id).state.name == state.name


def test_a_server_that_does_not_answer_is_no_reason_to_fail_at_the_end(order, name):
    run = read(order(flows.short, name=name))
    set_state(run.id, Cancelling())
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api", PREFECT_CLIENT_MAX_RETRIES: 0}):
        hand_back(run)
