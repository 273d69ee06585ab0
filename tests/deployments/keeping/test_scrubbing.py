"""What people typed about a run and no flow has read leaves Prefect by the keeper, and is kept where it is needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prefect.states import Cancelled

from deployments.keeping.scrubbing import Scrubber
from flows.fields import SEALED, SEALED_PARAMETERS
from flows.intake import open_request
from tests.canary import Scanner
from tests.flows.server import post_run, read_run, work_on

TYPED = "Wanda Förmlich, wanda.foermlich@example.com"
SCANNER = Scanner({"name": "Förmlich", "e-mail": "wanda.foermlich"})
EMAIL = "wanda.foermlich@example.com"
FORM = {
    "right": "access",
    "received_on": "2026-03-04",
    "opened_by": "Olga Opener",
    "email": EMAIL,
}


@pytest.fixture
def scrubber(bench, monkeypatch):
    monkeypatch.setattr("deployments.keeping.scrubbing._READING", timedelta(0))
    return Scrubber(bench.runtime.store)


@pytest.fixture
def ordered(deployments, client):
    made = []

    def order(flow, **body):
        run = post_run(deployments[flow], **body)
        made.append(run.id)
        return run

    yield order
    for run_id in made:
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
        assert file.opened_by == "Olga Opener"
    assert bench.runtime.store.read_typed(str(run.id)) == {"emial": TYPED}


def test_a_form_that_may_be_read_at_this_moment_is_left_to_its_flow(bench, ordered):
    run = ordered("open-request", parameters=FORM)
    Scrubber(bench.runtime.store).sweep()
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


def test_it_comes_round_to_all_runs(ordered, scrubber, monkeypatch):
    monkeypatch.setattr("deployments.keeping.scrubbing._NEWEST", 1)
    monkeypatch.setattr("deployments.keeping.scrubbing._AT_ONCE", 2)
    runs = [ordered("access-request", parameters={"case_id": TYPED}) for _ in range(6)]
    for _ in range(20):
        scrubber.sweep()
    assert {read_run(run.id).parameters["case_id"] for run in runs} == {SEALED}
