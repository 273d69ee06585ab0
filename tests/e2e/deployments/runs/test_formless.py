"""Runs that wait for a decision and have lost their form, as a killed worker or database leaves them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client

from deployments.runs.reconcile import Reconciler
from deployments.runs.sweep_limits import SweepLimits
from flows.access import access_request
from rightsflow.domain.gates.decisions import Gate
from tests.support.bench import running_bench
from tests.support.flow_runs import gate_key, inputs_of, order_run, resume, work_on
from tests.support.identity import as_form

pytestmark = pytest.mark.apart

SCHEMA, TEXT = "suspended-identity-0-schema", "suspended-identity-0-description"


AT_ONCE = SweepLimits(form=timedelta(0))
"""No time passes until a form counts as one that should be there; the server sets states' times itself."""


@pytest.fixture
def waiting(bench, deployments):
    """A case whose run waits at the identity gate; its id and the run's."""
    case_id = bench.open("access")
    run = order_run(deployments["access-request"], case_id=case_id)
    assert gate_key(work_on(access_request, run.id)) == "identity-0"
    yield case_id, run.id
    with get_client(sync_client=True) as client:
        client.delete_flow_run(run.id)


def lose(run_id, case_id, *parts):
    with get_client(sync_client=True) as client:
        for part in parts:
            client.delete_flow_run_input(run_id, f"suspended-identity-0-{case_id.lower()}-{part}")


@pytest.mark.parametrize(
    "lost", [("schema", "description"), pytest.param(("description",), marks=pytest.mark.slow)], ids=len
)
def test_the_form_is_there_again_and_its_answer_is_taken(bench, waiting, lost):
    case_id, run_id = waiting
    text = inputs_of(run_id)[TEXT]
    lose(run_id, case_id, *lost)
    Reconciler(bench.runtime.store, AT_ONCE).sweep()
    kept = inputs_of(run_id)
    assert kept.keys() == {SCHEMA, TEXT}
    assert kept[TEXT] == text
    assert resume(run_id, **as_form(bench.moment[0])).status.value == "ACCEPT"
    assert gate_key(work_on(access_request, run_id)) == "approval-0"
    with bench.file(case_id) as file:
        assert file.decisions.at(Gate.IDENTITY).by == "Ida Identity"


def test_a_run_that_is_just_being_suspended_is_left_alone_until_the_next_look(bench, waiting):
    case_id, run_id = waiting
    lose(run_id, case_id, "schema", "description")
    store, reconciler = bench.runtime.store, Reconciler(bench.runtime.store, AT_ONCE)
    assert store.take_lease(case_id, "somebody")
    reconciler.sweep()
    assert inputs_of(run_id) == {}
    store.release_lease(case_id, "somebody")
    reconciler.sweep()
    assert inputs_of(run_id).keys() == {SCHEMA, TEXT}


def test_a_run_of_another_home_is_left_alone(waiting, tmp_path_factory):
    case_id, run_id = waiting
    lose(run_id, case_id, "schema", "description")
    with running_bench(tmp_path_factory.mktemp("another"), is_known_outside=True) as another:
        Reconciler(another.runtime.store, AT_ONCE).sweep()
    assert inputs_of(run_id) == {}
