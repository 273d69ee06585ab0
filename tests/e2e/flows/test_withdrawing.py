"""A withdrawn request's run ends as that, wherever it was: at a gate, between two steps, or not yet started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from prefect.states import StateType

from flows.access import access_request
from flows.erasure import erasure_request
from flows.purging import purge_expired
from flows.runs import outcome_of
from flows.suspended import resume_all
from rightsflow.app import current_app, installed
from rightsflow.cases.course.withdrawal import stop_case, withdraw
from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.desk import DAY, facts
from tests.support.flow_runs import artifact, gate_key, order_run, read_run, work_on
from tests.support.instead import Instead

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


def copies(bench, case_id):
    return list(Path(bench.runtime.work_location, case_id).rglob("*"))


def state_of(bench, case_id):
    with bench.file(case_id) as file:
        return file.state


@pytest.mark.apart
@pytest.mark.parametrize(
    ("right", "gate"), [("access", "approval"), pytest.param("erasure", "identity", marks=pytest.mark.apart)]
)
def test_a_run_that_waits_at_a_gate_is_let_go_on_and_ends(bench, deployments, right, gate):
    case_id, run_id = suspended(bench, deployments, right, gate)
    withdraw(current_app(), case_id, by="Dana Decider", reason=TYPED)
    assert resume_all(case_id)
    assert read_run(run_id).state.type is StateType.SCHEDULED
    end = work_on(FLOWS[right], run_id)
    assert outcome_of(end) == "Withdrawn"
    assert state_of(bench, case_id) is CaseState.WITHDRAWN
    assert "Nothing: the request was withdrawn." in artifact(case_id)
    assert not copies(bench, case_id)


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
        assert outcome_of(work_on(access_request, run.id)) == "Withdrawn"
    assert not copies(bench, case_id)


def test_a_run_that_comes_after_it_ends_at_once(bench, deployments):
    case_id = bench.open("erasure")
    withdraw(current_app(), case_id, by="Ida")
    before = facts(bench, case_id)
    assert outcome_of(erasure_request(case_id, return_state=True)) == "Withdrawn"
    assert facts(bench, case_id) == before


@pytest.mark.apart
def test_the_purge_says_what_it_did(bench, deployments):
    case_id = bench.open("access")
    withdraw(current_app(), case_id, by="Ida")
    bench.pass_time(5 * 366 * DAY)
    run = order_run(deployments["purge-expired"])
    state = work_on(purge_expired, run.id)
    assert state.message == "Cases purged: 1."
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


@pytest.mark.apart
def test_a_run_of_a_case_that_is_stopped_ends_as_that(bench, deployments):
    case_id, run_id = suspended(bench, deployments, "access", "identity")
    stop_case(current_app(), case_id, StopReason.OPENED_IN_ERROR, TYPED, by="Dana Decider")
    assert resume_all(case_id)
    assert outcome_of(work_on(access_request, run_id)) == "Stopped"
    assert "Nothing: the case was opened in error, and is stopped." in artifact(case_id)
    assert state_of(bench, case_id) is CaseState.STOPPED
