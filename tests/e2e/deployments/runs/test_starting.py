"""Waiting cases are started by urgency, a few at a time, behind everything else."""

from __future__ import annotations

from datetime import timedelta

from prefect.client.schemas.objects import StateType
from prefect.states import Completed, Failed, Running

from deployments.pool_types import DEFAULT_POOL_TYPE
from deployments.runs import starting
from deployments.runs.reconcile import Reconciler
from deployments.runs.starting import BULK_QUEUE, Starter
from rightsflow.cases.intake.importing import import_requests
from tasks.composition import current_app
from tests.e2e.deployments.runs.runs import bulk_runs
from tests.support.request_files import request_file

HEADER = "right,email,received"


def imported(bench, *days, name="p"):
    rows = [f"access,{name}{number}@example.com,{day}" for number, day in enumerate(days)]
    before = {case.case_id for case in bench.runtime.store.summaries()}
    assert import_requests(current_app(), request_file("\n".join([HEADER, *rows])), by="Olga").opened == len(days)
    new = [case for case in bench.runtime.store.summaries() if case.case_id not in before]
    return [case.case_id for case in sorted(new, key=lambda case: (case.work_to_on, case.received_at))]


def starter(bench, most, **options):
    return Starter(bench.runtime.store, most, **options)


def names(client):
    return {run.name for run in bulk_runs(client)}


def end(client, case_id, state):
    (run,) = [run for run in bulk_runs(client) if run.name == case_id]
    client.set_flow_run_state(run.id, state, force=True)
    return run.id


def test_few_wait_in_prefect_and_a_more_urgent_later_import_overtakes(bench, client):
    first = imported(bench, "2026-03-04", "2026-02-20", "2026-03-01", "2026-02-27")
    some = starter(bench, 2)
    assert some.start()
    assert names(client) == set(first[:2]), "the earliest first, whatever their order in the file"
    (urgent,) = imported(bench, "2026-02-10", name="urgent")
    assert some.start()
    assert names(client) == set(first[:2]), "no room"
    end(client, first[0], Running())
    assert some.start()
    assert names(client) == {*first[:2], urgent}
    end(client, first[1], Completed())
    end(client, urgent, Running())
    assert some.start()
    assert names(client) == {*first, urgent}
    assert not some.start(), "none waits any more"


def test_each_is_started_once_as_the_form_does_it(bench, client):
    (case_id,) = imported(bench, "2026-03-01")
    assert starter(bench, 5).start()
    # The process died before it could note that.
    with bench.runtime.store.case_file(case_id) as file:
        file._context.row.start_at = bench.runtime.now()
    assert starter(bench, 5).start()
    assert not starter(bench, 5).start()
    (run,) = bulk_runs(client)
    assert (run.name, run.parameters, run.work_queue_name) == (case_id, {"case_id": case_id}, BULK_QUEUE)
    assert {"access", "helpdesk"} <= set(run.tags)


def test_a_case_that_was_withdrawn_meanwhile_is_not_started(bench, client):
    from rightsflow.cases.withdrawal import withdraw

    (case_id,) = imported(bench, "2026-03-01")
    withdraw(current_app(), case_id, by="Ida")
    assert not starter(bench, 5).start()
    assert bulk_runs(client) == []


def test_a_run_that_made_room_is_started_again_once_it_has_ended(bench, client):
    (case_id,) = imported(bench, "2026-03-01")
    some = starter(bench, 5)
    some.start()
    run_id = end(client, case_id, Running())
    with bench.runtime.store.case_file(case_id) as file:
        file._context.row.start_at = bench.runtime.now()
    assert some.start()
    assert client.read_flow_run(run_id).state.type is StateType.RUNNING
    end(client, case_id, Failed())
    assert some.start()
    assert client.read_flow_run(run_id).state.name == "AwaitingRetry"
    assert not some.start()


def test_a_single_case_whose_run_is_gone_goes_before_the_load_as_it_did(bench, client):
    case_id = bench.open("access")
    with bench.file(case_id) as file:
        file.bulk.make_room("calls")
        file.bulk.wait_again(timedelta(0))
    assert starter(bench, 5).start()
    (run,) = [run for run in client.read_flow_runs() if run.name == case_id]
    assert run.work_queue_name != BULK_QUEUE
    client.delete_flow_run(run.id)


def test_what_came_by_a_form_goes_before_the_load(bench, client, deployments):
    """As the server gives runs to a worker: those of the pool's own queue first, however late they came."""
    imported(bench, "2026-03-01", "2026-03-02")
    starter(bench, 5).start()
    form = client.create_flow_run_from_deployment(deployments["access-request"], parameters={"case_id": "x"})
    given = client.request(
        "POST", "/work_pools/{name}/get_scheduled_flow_runs", path_params={"name": DEFAULT_POOL_TYPE.pool}, json={}
    ).json()
    order = [one["flow_run"]["id"] for one in given]
    client.delete_flow_run(form.id)
    loaded = [str(run.id) for run in bulk_runs(client)]
    assert order.index(str(form.id)) < min(order.index(one) for one in loaded)


def test_a_case_whose_run_failed_otherwise_is_started_again_later_each_time(bench, client):
    """As after an outage of the case store, in which nothing could be noted."""
    (case_id,) = imported(bench, "2026-03-01")
    some, reconciler = starter(bench, 5), Reconciler(bench.runtime.store)
    some.start()
    for pause in (15, 30, 60):
        run_id = end(client, case_id, Failed())
        assert not some.start(), "the control: nobody knows of it yet"
        reconciler.sweep()
        reconciler.sweep()
        bench.pass_time(timedelta(seconds=pause - 1))
        assert not some.start()
        bench.pass_time(timedelta(seconds=2))
        assert some.start()
        assert client.read_flow_run(run_id).state.name == "AwaitingRetry"


def test_a_run_that_failed_when_its_case_was_closed_goes_on_at_once_but_not_for_ever(bench, client):
    from rightsflow.cases.withdrawal import withdraw

    (case_id,) = imported(bench, "2026-03-01")
    starter(bench, 5).start()
    withdraw(current_app(), case_id, by="Ida")
    reconciler, became = Reconciler(bench.runtime.store), []
    for _ in range(6):
        run_id = end(client, case_id, Failed())
        reconciler.sweep()
        became.append(client.read_flow_run(run_id).state.name)
    assert became == ["AwaitingRetry"] * 5 + ["Failed"]


def test_a_more_urgent_case_that_comes_while_others_are_handed_over_overtakes(bench, client):
    first = imported(bench, "2026-03-01", "2026-03-02", "2026-03-03")
    urgent = []

    def start_case(case_id, *rest, **options):
        if not urgent:
            urgent.extend(imported(bench, "2026-02-10", name="urgent"))
        return starting.start_case(case_id, *rest, **options)

    starter(bench, 3, together=1, start=start_case).start()
    assert names(client) == {first[0], first[1], *urgent}


def test_a_case_that_waits_already_is_left_as_it_is_when_its_run_fails(bench, client):
    (waits,) = imported(bench, "2026-03-02")
    starter(bench, 5).start()
    run_id = end(client, waits, Failed())
    with bench.runtime.store.case_file(waits) as file:
        file._context.row.start_at = bench.runtime.now() + timedelta(hours=3)
    Reconciler(bench.runtime.store).sweep()
    bench.pass_time(timedelta(hours=2))
    assert not starter(bench, 5).start()
    assert client.read_flow_run(run_id).state.type is StateType.FAILED
