"""What people typed about a run and no flow has read leaves Prefect by the keeper, and is kept where it is needed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from prefect.client.schemas.actions import ArtifactCreate, DeploymentUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Scheduled

from deployments.runs.scrubbing import Scrubber
from flows.fields import SEALED, SEALED_PARAMETERS
from flows.intake import open_request
from rightsflow.domain.actors import NO_ONE_SIGNED_IN
from tests.support.bench import SETTINGS
from tests.support.canary import Scanner
from tests.support.flow_runs import inputs_of, post_run, read_run, work_on

TYPED = "Wanda Förmlich, wanda.foermlich@example.com"
SCANNER = Scanner({"name": "Förmlich", "e-mail": "wanda.foermlich"})
EMAIL = "wanda.foermlich@example.com"
FORM = {
    "right": "access",
    "received_on": "2026-03-04",
    "email": EMAIL,
}


@pytest.fixture
def scrubber(bench):
    return Scrubber(bench.runtime.store, SETTINGS, reading=timedelta(0), full_every=1)


@pytest.fixture
def ordered(deployments, client):
    made = []

    def order(flow, **body):
        run = post_run(deployments[flow], **body)
        made.append(run.id)
        return run

    yield order
    for run_id in made:
        with suppress(ObjectNotFound):
            client.delete_flow_run(run_id)


def assert_clean(run_id):
    assert not SCANNER.scan(read_run(run_id).model_dump_json().encode(), "the run")


def test_a_form_that_no_worker_takes_goes_to_the_vault_and_is_read_from_there(bench, ordered, scrubber):
    run = ordered("open-request", parameters=FORM | {"emial": TYPED})
    scrubber.sweep()
    assert read_run(run.id).parameters == SEALED_PARAMETERS
    assert_clean(run.id)
    assert work_on(open_request, run.id).name == "Opened"
    (case,) = bench.runtime.store.summaries()
    with bench.file(case.case_id) as file:
        assert {one.value for one in file.identifiers.known()} == {EMAIL}
        assert file.opened_by == NO_ONE_SIGNED_IN
    assert bench.runtime.store.intakes.read_typed(str(run.id)) == {"emial": TYPED}


def test_a_form_that_may_be_read_at_this_moment_is_left_to_its_flow(bench, ordered):
    run = ordered("open-request", parameters=FORM)
    Scrubber(bench.runtime.store, SETTINGS).sweep()
    assert read_run(run.id).parameters == FORM


def test_a_form_that_was_cancelled_before_it_was_read_is_scrubbed(ordered, scrubber, client):
    run = ordered("open-request", parameters=FORM)
    client.set_flow_run_state(run.id, Cancelled(), force=True)
    scrubber.sweep()
    assert read_run(run.id).parameters == SEALED_PARAMETERS


def test_what_is_typed_where_a_case_belongs_goes(ordered, scrubber):
    run = ordered("access-request", parameters={"case_id": TYPED, TYPED: TYPED})
    scrubber.sweep()
    assert read_run(run.id).parameters == {"case_id": SEALED}


@pytest.mark.apart
def test_it_comes_round_to_all_runs(ordered, bench):
    scrubber = Scrubber(bench.runtime.store, SETTINGS, reading=timedelta(0), newest=1, at_once=2, full_every=1)
    runs = [ordered("access-request", parameters={"case_id": TYPED}) for _ in range(6)]
    for _ in range(20):
        scrubber.sweep()
    assert {read_run(run.id).parameters["case_id"] for run in runs} == {SEALED}


def test_what_was_just_made_is_seen_at_each_sweep_and_the_rest_at_every_fourth(ordered, bench, client):
    scrubber = Scrubber(bench.runtime.store, SETTINGS, reading=timedelta(0), just_made=2)
    older = ordered("access-request", parameters={"case_id": TYPED})
    for _ in range(2):
        ordered("access-request", parameters={"case_id": CASE})
    scrubber.sweep()
    assert read_run(older.id).parameters == {"case_id": SEALED}
    client.update_flow_run(older.id, parameters={"case_id": TYPED})
    new = ordered("access-request", parameters={"case_id": TYPED})
    scrubber.sweep()
    assert read_run(new.id).parameters == {"case_id": SEALED}
    for _ in range(3):
        scrubber.sweep()
    assert read_run(older.id).parameters == {"case_id": SEALED}


CASE = "DSR-2026-AAAAAA"


def test_name_tags_and_what_else_can_be_overwritten_is(ordered, scrubber, client):
    """All of it stood in Prefect's database and its pages for good."""
    policy = {"pause_keys": [TYPED], "retries": 0}
    run = ordered("access-request", parameters={"case_id": CASE}, name=TYPED, tags=[TYPED], empirical_policy=policy)
    client.update_flow_run(run.id, flow_version=TYPED, infrastructure_pid=TYPED, job_variables={TYPED: TYPED})
    scrubber.sweep()
    left = read_run(run.id)
    assert (left.name, left.tags) == (CASE, ["rightsflow"])
    assert_clean(run.id)


LASTING = {
    "context": {"context": {TYPED: TYPED}},
    "labels": {"labels": {"note": TYPED}},
    "idempotency key": {"idempotency_key": "wanda.foermlich@example.com"},
    "work queue": {"work_queue_name": "wanda.foermlich@example.com"},
    "message of a state": {"state": {"type": "SCHEDULED", "message": TYPED}},
}


@pytest.mark.apart
@pytest.mark.parametrize("body", LASTING.values(), ids=LASTING)
def test_a_form_with_a_value_that_no_call_overwrites_goes_on_in_a_new_run(bench, ordered, scrubber, client, body):
    run = ordered("open-request", parameters=FORM, **body)
    scrubber.sweep()
    with pytest.raises(ObjectNotFound):
        client.read_flow_run(run.id)
    (other,) = [one for one in client.read_flow_runs() if one.idempotency_key == str(run.id)]
    assert (other.name, other.parameters) == ("open a request", SEALED_PARAMETERS)
    assert_clean(other.id)
    scrubber.sweep()
    client.set_flow_run_state(other.id, Scheduled(), force=True)
    assert work_on(open_request, other.id).name == "Opened"
    assert len(bench.runtime.store.summaries()) == 1
    assert not SCANNER.scan(repr([queue.name for queue in client.read_work_queues()]).encode(), "queues")
    client.delete_flow_run(other.id)


@pytest.mark.apart
@pytest.mark.parametrize("state", [None, Cancelled()], ids=["waits", "has ended"])
def test_a_case_with_a_value_that_no_call_overwrites_goes_on_in_a_new_run(bench, ordered, scrubber, client, state):
    case_id = bench.open("access", email="anna.quill@example.com")
    run = ordered("access-request", parameters={"case_id": case_id}, labels={TYPED: TYPED})
    if state:
        client.set_flow_run_state(run.id, state, force=True)
    scrubber.sweep()
    with pytest.raises(ObjectNotFound):
        client.read_flow_run(run.id)
    others = [one for one in client.read_flow_runs() if one.name == case_id]
    assert [one.parameters for one in others] == ([] if state else [{"case_id": case_id}])
    for one in others:
        client.delete_flow_run(one.id)


def test_inputs_and_artifacts_that_no_flow_of_ours_makes_are_removed(ordered, scrubber, client):
    run = ordered("access-request", parameters={"case_id": CASE})
    client.create_flow_run_input(run.id, key="note", value=TYPED)
    client.create_flow_run_input(run.id, key="suspended-identity-0-description", value="ours")
    client.create_artifact(ArtifactCreate(key="wanda", type="markdown", data=TYPED, flow_run_id=run.id))
    client.create_artifact(ArtifactCreate(key=CASE.lower(), type="markdown", data="ours", flow_run_id=run.id))
    # The server of the tests has runs of others, and a sweep looks at the inputs of ten.
    for _ in range(30):
        scrubber.sweep()
        if set(inputs_of(run.id)) == {"suspended-identity-0-description"}:
            break
    assert set(inputs_of(run.id)) == {"suspended-identity-0-description"}
    assert [one.key for one in client.read_artifacts() if one.flow_run_id == run.id] == [CASE.lower()]


def test_what_was_put_into_a_deployment_is_taken_out(deployments, scrubber, client):
    deployment_id = UUID(deployments["hand-over"])
    before = client.read_deployment(deployment_id)
    client.update_deployment(deployment_id, DeploymentUpdate(description=TYPED, parameters={"reason": TYPED}))
    scrubber.sweep()
    left = client.read_deployment(deployment_id)
    assert (left.description, left.parameters, left.schedules) == (before.description, {}, before.schedules)
    assert left.parameter_openapi_schema == before.parameter_openapi_schema


def test_runs_that_prefect_has_scheduled_keep_their_time(deployments, scrubber, client):
    """Each sweep put new ones in their place that began at once: what is due every hour ran every minute."""
    deployment_id = deployments["follow-up"]
    client.request("POST", "/deployments/{id}/schedule", path_params={"id": deployment_id}, json={"min_runs": 3})
    of_it = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    before = {run.id: run.expected_start_time for run in client.read_flow_runs(deployment_filter=of_it)}
    assert len(before) >= 3
    scrubber.sweep()
    assert {run.id: run.expected_start_time for run in client.read_flow_runs(deployment_filter=of_it)} == before
