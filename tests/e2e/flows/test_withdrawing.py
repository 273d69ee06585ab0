"""A withdrawn request's run ends as that, wherever it was: at a gate, between two steps, or not yet started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from prefect.states import StateType

from flows.access import access_request
from flows.desk import stop_case_of, withdraw_request
from flows.erasure import erasure_request
from flows.purging import purge_expired
from flows.scrubbing import SEALED
from rightsflow.app import current_app, installed
from rightsflow.cases.withdrawal import withdraw
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.desk import DAY, facts
from tests.support.flow_runs import artifact, gate_key, inputs_of, order_run, read_run, resume, work_on
from tests.support.instead import Instead

REFUSED = {
    "result": "refuse the request",
    "refusal_code": "R8 the representative has no authority",
    "refusal_details": "What proof is needed: a written authority",
}

FLOWS = {"access": access_request, "erasure": erasure_request}
TYPED = "Wanda Förmlich, +49 30 23125 777"


def suspended(bench, deployments, right, gate):
    """A case and its run, suspended at a gate."""
    case_id = bench.open(right)
    if gate == "approval":
        bench.confirm_identity(case_id)
    run = order_run(deployments[f"{right}-request"], case_id=case_id)
    assert gate_key(work_on(FLOWS[right], run.id)) == f"{gate}-0"
    return case_id, run.id


def fill_in(deployments, case_id, reason=TYPED):
    run = order_run(deployments["withdraw-request"], case_id=case_id, reason=reason, your_name="Dana Decider")
    work_on(withdraw_request, run.id)
    return read_run(run.id)


def copies(bench, case_id):
    return list(Path(bench.runtime.work_location, case_id).rglob("*"))


def state_of(bench, case_id):
    with bench.file(case_id) as file:
        return file.state


@pytest.mark.parametrize(
    ("right", "gate"), [("access", "approval"), pytest.param("erasure", "identity", marks=pytest.mark.apart)]
)
def test_a_run_that_waits_at_a_gate_is_let_go_on_and_ends(bench, deployments, right, gate):
    case_id, run_id = suspended(bench, deployments, right, gate)
    form = fill_in(deployments, case_id)
    assert (form.state.type, form.state.name) == (StateType.COMPLETED, "Withdrawn"), form.state.message
    assert form.parameters == {"case_id": case_id, "reason": SEALED, "your_name": SEALED}
    assert "Nothing: the request was withdrawn." in artifact(case_id)
    assert read_run(run_id).state.type is StateType.SCHEDULED
    end = work_on(FLOWS[right], run_id)
    assert (end.type, end.name) == (StateType.COMPLETED, "Withdrawn")
    assert state_of(bench, case_id) is CaseState.WITHDRAWN
    assert not [key for key in inputs_of(run_id) if key.endswith("-response")]
    assert not copies(bench, case_id)


@pytest.mark.slow
def test_an_answer_that_was_typed_before_is_taken_out_of_prefect(bench, deployments):
    case_id, run_id = suspended(bench, deployments, "access", "identity")
    resume(run_id, **REFUSED, note=TYPED, decided_by="Ida")
    withdraw(current_app(), case_id, by="Dana")
    assert TYPED in repr(inputs_of(run_id))
    assert work_on(access_request, run_id).name == "Withdrawn"
    assert TYPED not in repr(inputs_of(run_id))


@pytest.mark.apart
def test_a_run_that_searches_meanwhile_ends_with_what_it_copied_gone(bench, deployments):
    case_id = bench.open("access")
    bench.confirm_identity(case_id)
    helpdesk = bench.systems["helpdesk"]

    def extract(*arguments):
        parts = list(helpdesk.extract(*arguments))
        withdraw(current_app(), case_id, by="Ida")
        return iter(parts)

    run = order_run(deployments["access-request"], case_id=case_id)
    meanwhile = bench.runtime.connectors | {"helpdesk": Instead(helpdesk, extract=extract)}
    with installed(replace(bench.runtime, connectors=meanwhile)):
        assert work_on(access_request, run.id).name == "Withdrawn"
    assert not copies(bench, case_id)


def test_a_run_that_comes_after_it_ends_at_once(bench, deployments):
    case_id = bench.open("erasure")
    withdraw(current_app(), case_id, by="Ida")
    before = facts(bench, case_id)
    assert erasure_request(case_id, return_state=True).name == "Withdrawn"
    assert facts(bench, case_id) == before


def test_an_approved_erasure_is_not_withdrawn(bench, deployments):
    case_id, _ = suspended(bench, deployments, "erasure", "approval")
    bench.approve(case_id)
    form = fill_in(deployments, case_id)
    assert form.state.name == "Not accepted"
    assert "what is erased cannot be brought back" in form.state.message
    assert state_of(bench, case_id) is CaseState.EXECUTING


def test_the_purge_says_what_it_did(bench, deployments):
    case_id = bench.open("access")
    withdraw(current_app(), case_id, by="Ida")
    bench.pass_time(5 * 366 * DAY)
    run = order_run(deployments["purge-expired"])
    state = work_on(purge_expired, run.id)
    assert (state.name, state.message) == ("Purged", "Cases purged: 1.")
    assert case_id not in {one.case_id for one in bench.runtime.store.summaries(closed_too=True)}


def test_a_purge_that_fails_says_so(bench, deployments):
    def broken(*_args, **_options):
        raise ValueError(TYPED)

    store = bench.runtime.store
    faulty = replace(bench.runtime, store=Instead(store, purging=Instead(store.purging, undated=broken)))
    with installed(faulty):
        state = purge_expired(return_state=True)
    assert state.type is StateType.FAILED
    assert "ValueError in broken" in state.message
    assert TYPED not in state.message


def test_a_run_of_a_case_that_is_stopped_by_the_form_ends_as_that(bench, deployments):
    case_id, run_id = suspended(bench, deployments, "access", "identity")
    typed = {"case_id": case_id, "why": "opened in error", "how_known": TYPED, "your_name": "Dana Decider"}
    run = order_run(deployments["stop-case"], **typed)
    work_on(stop_case_of, run.id)
    form = read_run(run.id)
    assert (form.state.type, form.state.name) == (StateType.COMPLETED, "Stopped"), form.state.message
    assert form.parameters == typed | {"duplicate_of": "", "how_known": SEALED, "your_name": SEALED}
    assert "Nothing: the case was opened in error, and is stopped." in artifact(case_id)
    end = work_on(access_request, run_id)
    assert (end.type, end.name) == (StateType.COMPLETED, "Stopped")
    assert state_of(bench, case_id) is CaseState.STOPPED
