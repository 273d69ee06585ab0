"""The gates of a deployment's run: suspended with a form, resumed with the answer, which then leaves Prefect."""

from __future__ import annotations

import json

import pytest
from prefect.states import Failed, Running, Scheduled

from flows.access import access_request
from flows.erasure import erasure_request
from flows.suspended import resume_all
from rightsflow.app import current_app
from rightsflow.cases.gates.gates import order_search
from rightsflow.cases.sending.sent import record_sent
from rightsflow.domain.gates.decisions import Gate, IdentityMethod
from rightsflow.domain.vocabulary.states import CaseState
from tasks.prefect_io import server_shapes
from tests.e2e.flows.whole_cases import (
    ACCESS_ABOVE_ALL,
    ERASURE_ABOVE_ALL,
    FLOWS,
    answered_at_the_identity_gate,
    at_the_approval_gate,
    letters,
    suspended,
)
from tests.support.canary import Scanner
from tests.support.desk import DAY, due, events_of
from tests.support.flow_runs import artifact, gate_key, inputs_of, order_run, resume, set_state, work_on
from tests.support.identity import as_form

REFUSED = {
    "result": "refuse the request",
    "refusal_code": "R8 the representative has no authority",
    "refusal_details": "What proof is needed: a written authority",
}

REASON = "Anna Quillfeather asked twice; call +49 30 23125 001."
SCANNER = Scanner({"name": "Quillfeather", "phone": "23125 001"})


def decided(bench, case_id, gate):
    with bench.file(case_id) as file:
        return file.decisions.at(gate)


@pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
def test_the_forms_answers_go_into_the_case_file_and_leave_prefect(bench, deployments, right):
    case_id, run_id = answered_at_the_identity_gate(bench, deployments, right, REASON)
    identity = decided(bench, case_id, Gate.IDENTITY)
    assert (identity.by, identity.method, identity.reason) == ("Ida Identity", IdentityMethod.CALL_BACK, REASON)
    resume(run_id, decision="approve", reason=REASON, decided_by="Dana Decider")
    assert work_on(FLOWS[right], run_id).name == "Answered"
    assert decided(bench, case_id, Gate.APPROVAL).by == "Dana Decider"
    kept = inputs_of(run_id)
    assert {"suspended-identity-0-schema", "suspended-approval-0-schema"} <= set(kept)
    assert not [key for key in kept if key.endswith("-response")]
    assert not SCANNER.scan(repr(kept).encode(), "inputs")


@pytest.mark.apart
def test_only_a_run_that_was_suspended_is_asked_to_forget_answers(bench, deployments, monkeypatch):
    forgotten, forget = [], server_shapes.delete_flow_run_input
    monkeypatch.setattr(server_shapes, "delete_flow_run_input", lambda key: forgotten.append(key) or forget(key))
    case_id, run_id = at_the_approval_gate(bench, deployments, "access")
    assert forgotten == []
    resume(run_id, decision="approve", decided_by="Dana Decider")
    assert work_on(access_request, run_id).name == "Answered"
    assert f"suspended-approval-0-{case_id.lower()}-response" in forgotten


def test_a_rejected_answer_is_asked_again_with_the_objection_and_leaves_prefect_too(bench, deployments):
    case_id, run_id = at_the_approval_gate(bench, deployments, "erasure")
    resume(run_id, decision="approve", reason=REASON, decided_by="olga opener")
    state = work_on(erasure_request, run_id)
    assert (state.name, gate_key(state)) == ("Suspended", "approval-1")
    text = inputs_of(run_id)["suspended-approval-1-description"]
    assert "Your last answer was not accepted:** The person who opened the case cannot decide on it" in text
    assert not SCANNER.scan(text.encode(), "description")
    resume(run_id, decision="refuse", decided_by="Dana Decider")
    assert gate_key(work_on(erasure_request, run_id)) == "approval-2"
    assert "needs its reason" in inputs_of(run_id)["suspended-approval-2-description"]
    assert decided(bench, case_id, Gate.APPROVAL) is None
    assert sum(system.calls["erase"] for system in bench.systems.values()) == 0
    resume(run_id, decision="approve", decided_by="Dana Decider")
    assert work_on(erasure_request, run_id).name == "Answered"
    assert not [key for key in inputs_of(run_id) if key.endswith("-response")]


@pytest.mark.apart
def test_what_was_typed_right_at_a_gate_is_filled_in_again_and_free_text_is_not(bench, deployments):
    """All facts of the check had to be typed again after one mistake. The decision itself has no preset."""
    case_id, run_id = suspended(bench, deployments, "access")
    answer = as_form(bench.moment[0], note=REASON, what_was_done=REASON) | {"decided_by": " "}
    resume(run_id, **answer)
    assert gate_key(work_on(access_request, run_id)) == "identity-1"
    schema = inputs_of(run_id)["suspended-identity-1-schema"]
    preset = {name: one.get("default") for name, one in json.loads(schema)["properties"].items() if one.get("default")}
    same = ("method", "checked_at", "checked_against", "held_by", "on_file_since")
    assert preset == {name: answer[name] for name in same}
    assert not SCANNER.scan(schema.encode(), "the form")
    assert "**Not accepted** at the identity gate" in artifact(case_id)
    resume(run_id, **answer | {"decided_by": "Ida Identity"})
    assert gate_key(work_on(access_request, run_id)) == "approval-0"
    assert "Not accepted" not in artifact(case_id)


@pytest.mark.slow
def test_a_bad_line_on_a_record_is_asked_again_and_a_good_one_decides(bench, deployments):
    """Found: the form knew the whole plan only; no record could be kept for a claim."""
    case_id, run_id = at_the_approval_gate(bench, deployments, "erasure")
    with bench.file(case_id) as file:
        number = next(one.number for one in file.findings.all() if one.ref.ref == "t1")
    assert "**The records by number**" in inputs_of(run_id)["suspended-approval-0-description"]
    resume(run_id, decision="approve", decided_by="Dana Decider", records=f"{number}: keep | {REASON}")
    assert gate_key(work_on(erasure_request, run_id)) == "approval-1"
    text = inputs_of(run_id)["suspended-approval-1-description"]
    assert "Line 1 keeps a record; give its ground, its provision and its end" in text
    assert not SCANNER.scan(text.encode(), "description")
    assert decided(bench, case_id, Gate.APPROVAL) is None
    line = f"{number}: keep | {REASON} | Art. 17(3)(e) | ends when the claim is settled"
    resume(run_id, decision="approve", decided_by="Dana Decider", records=line)
    assert work_on(erasure_request, run_id).name == "Answered"
    assert {record.key for record in bench.systems["helpdesk"].records()} >= {"t1"}
    assert REASON.rstrip(".") in " ".join(letters(bench, case_id)["L11"].split())
    assert not SCANNER.scan(repr(inputs_of(run_id)).encode(), "inputs")


@pytest.mark.apart
def test_what_is_left_out_at_the_release_is_in_no_package_that_is_handed_over(bench, deployments):
    case_id, run_id = at_the_approval_gate(bench, deployments, "access")
    with bench.file(case_id) as file:
        number = next(one.number for one in file.findings.all() if one.ref.ref == "t2")
        shown = [entry.details["package"] for entry in file.ledger.entries() if "package" in entry.details]
    resume(run_id, decision="approve", decided_by="Dana Decider", records=f"{number}: leave out | rights of others")
    assert work_on(access_request, run_id).name == "Answered"
    with bench.file(case_id) as file:
        made = [entry.details["package"] for entry in file.ledger.entries() if "package" in entry.details]
        copies = {one.ref.ref: one.copies for one in file.findings.all()}
    assert len(made) == len(shown) + 1, "it was assembled again before the answer"
    assert copies["t2"] is None
    assert copies["t1"].documents == 1
    assert not SCANNER.scan(repr(inputs_of(run_id)).encode(), "inputs")


def test_a_refusal_by_form_ends_the_case_with_its_reason(bench, deployments):
    case_id, run_id = at_the_approval_gate(bench, deployments, "access")
    resume(
        run_id,
        decision="refuse",
        refusal_code="R6 national law restricts the right",
        refusal_details="Provision: § 29 BDSG",
        reason=REASON,
        decided_by="Dana Decider",
    )
    assert work_on(access_request, run_id).name == "Refused"
    assert REASON in " ".join(letters(bench, case_id)["L7"].split())
    assert not SCANNER.scan(repr(inputs_of(run_id)).encode(), "inputs")


def test_an_incomplete_answer_does_not_resume_the_run(bench, deployments):
    case_id, run_id = suspended(bench, deployments, "access")
    refused = resume(run_id, result="perhaps", decided_by="Ida Identity")
    assert refused.status.value == "REJECT"
    assert decided(bench, case_id, Gate.IDENTITY) is None


@pytest.mark.slow
def test_a_decision_made_elsewhere_counts_and_the_forms_answer_does_not(bench, deployments):
    """``rightsflow identity`` decides in the case file and lets the run go on with a form that is never read."""
    case_id, run_id = suspended(bench, deployments, "access")
    bench.confirm_identity(case_id)
    resume(run_id, **REFUSED, note=REASON, decided_by="recorded in the case file")
    assert gate_key(work_on(access_request, run_id)) == "approval-0"
    with bench.file(case_id) as file:
        assert file.state is CaseState.AWAITING_APPROVAL
        assert file.decisions.at(Gate.IDENTITY).by == "Ida"
    assert not [key for key in inputs_of(run_id) if key.endswith("-response")]


@pytest.mark.slow
def test_an_answer_that_a_run_left_when_it_failed_is_forgotten_when_it_begins_anew(bench, deployments):
    """Prefect then no longer knows where the run was suspended."""
    case_id, run_id = suspended(bench, deployments, "access")
    resume(run_id, **REFUSED, note=REASON, decided_by="Ida Identity")
    for state in (Running(), Failed(), Scheduled()):
        set_state(run_id, state)
    bench.confirm_identity(case_id)
    assert gate_key(work_on(access_request, run_id)) == "approval-0"
    assert not [key for key in inputs_of(run_id) if key.endswith("-response")]


def test_the_form_shows_what_is_decided_on_and_nothing_of_the_person(bench, deployments):
    _, run_id = at_the_approval_gate(bench, deployments, "erasure")
    kept = inputs_of(run_id)
    assert "**The plan for 6 records:**" in kept["suspended-approval-0-description"]
    assert "An approved erasure cannot be undone." in kept["suspended-approval-0-description"]
    assert not SCANNER.scan(repr(kept).encode(), "inputs")


@pytest.mark.parametrize("right", ACCESS_ABOVE_ALL)
def test_the_person_is_asked_for_proof_and_the_same_run_waits_for_it(bench, deployments, right):
    case_id, run_id = suspended(bench, deployments, right)
    doubt = "The request came from an address of Anna Quillfeather that was not used before."
    resume(run_id, result="ask the person for proof", note=doubt, decided_by="Ida Identity")
    state = work_on(FLOWS[right], run_id)
    assert (state.name, gate_key(state)) == ("Suspended", "identity-1")
    kept = inputs_of(run_id)
    assert "not accepted" not in kept["suspended-identity-1-description"]
    assert not [key for key in kept if key.endswith("-response")], "the doubt leaves Prefect at once"
    assert not SCANNER.scan(repr(kept).encode(), "inputs")
    assert doubt in " ".join(letters(bench, case_id)["L2"].split())
    assert decided(bench, case_id, Gate.IDENTITY) is None
    record_sent(current_app(), case_id, "L2", by="Ida Identity")
    bench.pass_time(8 * DAY)
    resume(run_id, **as_form(bench.moment[0], note=REASON, proof_arrived_on="2026-03-09"))
    assert gate_key(work_on(FLOWS[right], run_id)) == "approval-0"
    assert events_of(bench, case_id)["IDENTITY_CONFIRMED"].isoformat() == "2026-03-09T22:59:59+00:00"
    assert due(bench, case_id) == "2026-04-09"
    assert decided(bench, case_id, Gate.IDENTITY).by == "Ida Identity"
    assert not [key for key in inputs_of(run_id) if key.endswith("-response")]


@pytest.mark.parametrize(
    ("answer", "objection"),
    [
        ({"note": " "}, "The reason for the doubt"),
        ({"note": "Your account of Anna Quillfeather looks odd."}, "confirms that the sender is known here"),
        ({"note": REASON, "decided_by": " "}, "Your name is missing"),
    ],
)
def test_a_question_that_cannot_be_asked_comes_back_with_the_objection(bench, deployments, answer, objection):
    case_id, run_id = suspended(bench, deployments, "access")
    resume(run_id, **({"result": "ask the person for proof", "decided_by": "Ida Identity"} | answer))
    assert gate_key(work_on(access_request, run_id)) == "identity-1"
    kept = inputs_of(run_id)
    assert objection in kept["suspended-identity-1-description"]
    assert not SCANNER.scan(repr(kept).encode(), "inputs")
    assert "L2" not in letters(bench, case_id)


class TestNothingHeld:
    """The gate before the clear no, with a form of its own."""

    def waiting(self, bench, deployments, right="access"):
        case_id = bench.open(right, email="nobody.here@example.net")
        bench.confirm_identity(case_id)
        run = order_run(deployments[f"{right}-request"], case_id=case_id)
        assert gate_key(work_on(FLOWS[right], run.id)) == "approval-0"
        return case_id, run.id

    def test_its_form_says_how_each_system_was_searched(self, bench, deployments):
        _, run_id = self.waiting(bench, deployments)
        kept = inputs_of(run_id)
        assert "**The search found nothing.**" in kept["suspended-approval-0-description"]
        choices = kept["suspended-approval-0-schema"]
        assert all(choice in choices for choice in (r"approve \"nothing held\"", "search again", "refuse"))
        assert "nobody.here" not in repr(kept)

    @pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
    @pytest.mark.apart
    def test_an_approval_sends_the_clear_no(self, bench, deployments, right):
        case_id, run_id = self.waiting(bench, deployments, right)
        resume(run_id, decision='approve "nothing held"', decided_by="Dana Decider")
        assert work_on(FLOWS[right], run_id).name == "Nothing held"
        assert decided(bench, case_id, Gate.APPROVAL).by == "Dana Decider"
        assert not [key for key in inputs_of(run_id) if key.endswith("-response")]

    def test_a_new_search_asks_again_by_another_form(self, bench, deployments):
        case_id, run_id = self.waiting(bench, deployments)
        resume(run_id, decision="search again", reason=REASON, decided_by="Dana Decider")
        assert gate_key(work_on(access_request, run_id)) == "approval-1"
        assert {system.calls["locate"] for system in bench.systems.values()} == {2}
        assert decided(bench, case_id, Gate.APPROVAL) is None
        assert not SCANNER.scan(repr(inputs_of(run_id)).encode(), "inputs")
        resume(run_id, decision='approve "nothing held"', decided_by="Dana Decider")
        assert work_on(access_request, run_id).name == "Nothing held"

    @pytest.mark.slow
    def test_a_new_search_without_a_reason_comes_back(self, bench, deployments):
        _, run_id = self.waiting(bench, deployments)
        resume(run_id, decision="search again", decided_by="Dana Decider")
        assert gate_key(work_on(access_request, run_id)) == "approval-1"
        assert "reason for a new search is missing" in inputs_of(run_id)["suspended-approval-1-description"]
        assert {system.calls["locate"] for system in bench.systems.values()} == {1}

    @pytest.mark.slow
    def test_a_decision_elsewhere_lets_the_run_go_on(self, bench, deployments):
        case_id, run_id = self.waiting(bench, deployments)
        order_search(current_app(), case_id, reason="The index was rebuilt.", by="Dana Decider")
        assert resume_all(case_id, Gate.APPROVAL)
        assert gate_key(work_on(access_request, run_id)) == "approval-1"
        bench.approve(case_id)
        assert resume_all(case_id, Gate.APPROVAL)
        assert work_on(access_request, run_id).name == "Nothing held"
        assert not [key for key in inputs_of(run_id) if key.endswith("-response")]
