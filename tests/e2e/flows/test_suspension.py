"""The gates of a deployment's run: suspended, decided in the case file, and resumed by the decision."""

from __future__ import annotations

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from flows.access import access_request
from flows.erasure import erasure_request
from flows.runs import outcome_of
from flows.suspended import resume_all
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import order_search
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from tests.e2e.flows.whole_cases import (
    ERASURE_ABOVE_ALL,
    FLOWS,
    at_the_approval_gate,
    decide_and_go_on,
    letters,
    suspended,
)
from tests.support.canary import Scanner
from tests.support.flow_runs import gate_key, inputs_of, order_run, read_run, work_on

REASON = "Anna Quillfeather asked twice; call +49 30 23125 001."
SCANNER = Scanner({"name": "Quillfeather", "phone": "23125 001"})


def decided(bench, case_id, gate):
    with bench.file(case_id) as file:
        return file.decisions.at(gate)


@pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
def test_a_case_goes_from_gate_to_gate_to_its_answer(bench, deployments, right):
    case_id, run_id = suspended(bench, deployments, right)
    bench.confirm_identity(case_id)
    assert resume_all(case_id, Gate.IDENTITY)
    state = work_on(FLOWS[right], run_id)
    assert (state.name, gate_key(state)) == ("Suspended", "approval-0")
    bench.approve(case_id)
    assert resume_all(case_id, Gate.APPROVAL)
    state = work_on(FLOWS[right], run_id)
    assert (state.name, outcome_of(state)) == ("Completed", "Answered")
    assert "answered" in read_run(run_id).tags, "by which answered runs are found in Prefect"
    assert inputs_of(run_id) == {}, "no form was ever there"


@pytest.mark.apart
def test_a_suspended_run_says_where_it_is_decided_and_resuming_in_prefect_decides_nothing(bench, deployments):
    case_id, run_id = at_the_approval_gate(bench, deployments, "erasure")
    said = read_run(run_id).state.message
    assert said == f"The plan awaits a decision by `rightsflow decide {case_id}`; `rightsflow show` has all"
    assert not SCANNER.scan(read_run(run_id).model_dump_json().encode(), "the run")
    for number, answer in enumerate(({}, {"decision": "approve", "decided_by": "Mickey Mouse"}), 1):
        with get_client(sync_client=True) as client:
            client.request(
                "POST",
                "/flow_runs/{id}/resume",
                path_params={"id": run_id},
                json={"run_input": answer} if answer else {},
            )
        state = work_on(erasure_request, run_id)
        assert (state.name, gate_key(state)) == ("Suspended", f"approval-{number}")
    assert decided(bench, case_id, Gate.APPROVAL) is None
    assert sum(system.calls["erase"] for system in bench.systems.values()) == 0


@pytest.mark.apart
def test_a_run_that_begins_anew_at_an_open_gate_is_suspended_again_and_no_other_decision_resumes_it(bench, deployments):
    case_id, run_id = suspended(bench, deployments, "access")
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run_id, Scheduled(name="AwaitingRetry"), force=True)
    assert work_on(access_request, run_id).name == "Suspended"
    assert decided(bench, case_id, Gate.IDENTITY) is None

    assert not resume_all(case_id, Gate.APPROVAL)
    assert read_run(run_id).state.is_paused()


@pytest.mark.apart
def test_a_refusal_ends_the_case_with_its_reason(bench, deployments):
    case_id, run_id = at_the_approval_gate(bench, deployments, "access")
    refusal = Decision(
        gate=Gate.APPROVAL,
        verdict=Verdict.REFUSED,
        by="Dana Decider",
        reason=REASON,
        code="R6",
        details={"Provision": "§ 29 BDSG"},
    )
    state = decide_and_go_on(case_id, run_id, access_request, refusal)
    assert outcome_of(state) == "Refused"
    assert REASON in " ".join(letters(bench, case_id)["L7"].split())
    assert not SCANNER.scan(read_run(run_id).model_dump_json().encode(), "the run")


class TestNothingHeld:
    """The gate before the clear no."""

    def waiting(self, bench, deployments, right="access"):
        case_id = bench.open(right, email="nobody.here@example.net")
        bench.confirm_identity(case_id)
        run = order_run(deployments[f"{right}-request"], case_id=case_id)
        state = work_on(FLOWS[right], run.id)
        assert gate_key(state) == "approval-0"
        assert state.message.startswith("The answer that nothing is held awaits a decision")
        return case_id, run.id

    @pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
    @pytest.mark.apart
    def test_an_approval_sends_the_clear_no(self, bench, deployments, right):
        case_id, run_id = self.waiting(bench, deployments, right)
        bench.approve(case_id)
        assert resume_all(case_id, Gate.APPROVAL)
        assert outcome_of(work_on(FLOWS[right], run_id)) == "Nothing held"

    @pytest.mark.apart
    def test_a_new_search_asks_again(self, bench, deployments):
        case_id, run_id = self.waiting(bench, deployments)
        order_search(current_app(), case_id, reason="The index was rebuilt.", by="Dana Decider")
        assert resume_all(case_id, Gate.APPROVAL)
        assert gate_key(work_on(access_request, run_id)) == "approval-1"
        assert {system.calls["locate"] for system in bench.systems.values()} == {2}
        bench.approve(case_id)
        assert resume_all(case_id, Gate.APPROVAL)
        assert outcome_of(work_on(access_request, run_id)) == "Nothing held"
