"""A refusal says why, with all that its reason needs, and only after what it rests on has happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_refusal
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import REASONS, Reason
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.bench import CANARIES
from tests.support.canary import Scanner
from tests.support.desk import DOUBT
from tests.support.kept_cases import staged
from tests.support.looks import state
from tests.support.steps import searched

DOSSIER = {
    "Circumstances": "Eleven requests in four weeks, each withdrawn against payment.",
    "Intention and what shows it": "The person offers to withdraw for 500 EUR in each letter.",
    "Why a fee or a part would not do": "The person declined both.",
}


def refusal(code, details=None, *, gate=Gate.APPROVAL, by="Dana Decider", reason="It is refused."):
    return Decision(gate=gate, verdict=Verdict.REFUSED, by=by, reason=reason, code=code, details=details or {})


@staged
def at_the_approval(bench, right="erasure"):
    case_id = searched(bench, right)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def before_identity(bench):
    case_id = bench.open("access")
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    return case_id


def letter(bench, case_id):
    with bench.file(case_id) as file:
        return next(" ".join(one.body.split()) for one in file.outbox.letters() if one.template_id == "L7")


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_no_code_is_ever_assumed_and_the_rights_of_others_or_lack_of_proof_never_refuse_the_whole(bench, right):
    """Before, a refusal without a code went out as R3 or R5, whose sentences no person had chosen."""
    case_id = at_the_approval(bench, right)
    with pytest.raises(BadInput, match="reason code of the refusal is missing"):
        record_decision(current_app(), case_id, refusal(""))
    assert state(bench, case_id) is CaseState.AWAITING_APPROVAL
    with pytest.raises(BadInput, match="limit the copy, never the whole answer"):
        record_decision(current_app(), case_id, refusal("R5", {"What was left out": "calls"}))
    with pytest.raises(BadInput, match="identity was confirmed before"):
        record_decision(current_app(), case_id, refusal("R1"))


@pytest.mark.parametrize("code", [one for one in Reason if REASONS[one][1] and one not in {"R1", "R2", "R5", "R10"}])
def test_each_code_needs_its_details_and_the_letter_says_them(bench, code):
    """Before, the letter said "Legal basis: as stated in the reasons above"."""
    case_id = at_the_approval(bench)
    with pytest.raises(BadInput, match=f"A refusal with {code} has to say besides"):
        record_decision(current_app(), case_id, refusal(code))
    details = {label: f"detail number {at}" for at, label in enumerate(REASONS[code][1])}
    record_decision(current_app(), case_id, refusal(code, details))
    write_refusal(current_app(), case_id)
    for label, text in details.items():
        assert f"{label}: {text}" in letter(bench, case_id)


def test_lack_of_proof_is_a_reason_only_once_proof_was_asked_for(bench):
    case_id = before_identity(bench)
    with pytest.raises(Conflict, match="has not been asked for proof"):
        record_decision(current_app(), case_id, refusal("R1", gate=Gate.IDENTITY))
    ask_identity(current_app(), case_id, doubt=DOUBT, by="Olga Opener")
    with pytest.raises(Conflict, match="has not been asked for proof"):
        record_decision(current_app(), case_id, refusal("R1", gate=Gate.IDENTITY))
    record_sent(current_app(), case_id, "L2", by="Olga Opener")
    with pytest.raises(Conflict, match="given until Sat 04 Apr 2026"):
        record_decision(current_app(), case_id, refusal("R1", gate=Gate.IDENTITY))
    bench.pass_time(timedelta(days=31))
    record_decision(current_app(), case_id, refusal("R1", gate=Gate.IDENTITY))
    write_refusal(current_app(), case_id)
    said = letter(bench, case_id)
    assert "What we asked you for and when: our letter of 5 March 2026" in said
    assert "with time until 4 April 2026" in said


def test_an_excessive_request_is_refused_by_two_people_with_a_dossier(bench):
    case_id = at_the_approval(bench, "access")
    with pytest.raises(BadInput, match="Circumstances; Intention and what shows it"):
        record_decision(current_app(), case_id, refusal("R2"))
    record_decision(current_app(), case_id, refusal("R2", DOSSIER, by="Dana Decider"))
    assert state(bench, case_id) is CaseState.AWAITING_APPROVAL
    assert reach_gate(current_app(), case_id, Gate.APPROVAL).verdict is None
    for by in ("dana  DECIDER", "Olga Opener"):
        with pytest.raises(Conflict, match="decided by a second person"):
            record_decision(current_app(), case_id, refusal("R2", by=by))
    record_decision(current_app(), case_id, refusal("R2", by="Ines Second"))
    assert state(bench, case_id) is CaseState.REFUSED
    write_refusal(current_app(), case_id)
    said = letter(bench, case_id)
    for text in DOSSIER.values():
        assert text in said


def test_details_are_kept_encrypted_and_stay_out_of_the_ledger(bench):
    case_id = at_the_approval(bench)
    record_decision(
        current_app(), case_id, refusal("R6", {"Provision": f"§ 29 BDSG, {CANARIES[-1]}"}, reason=CANARIES[-2])
    )
    with bench.file(case_id) as file:
        assert file.decisions.at(Gate.APPROVAL).details == {"Provision": f"§ 29 BDSG, {CANARIES[-1]}"}
        said = repr([entry.details for entry in file.ledger.entries()])
    assert not Scanner({value: value for value in CANARIES}).scan(said.encode(), "ledger")


def test_a_proposed_refusal_is_shown_to_the_second_person_whom_it_does_not_bind(bench):
    case_id = at_the_approval(bench)
    record_decision(current_app(), case_id, refusal("R2", DOSSIER))
    text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
    assert "Dana Decider proposes to refuse the request as manifestly unfounded or excessive (R2)" in text
    assert "500 EUR" not in text
    bench.approve(case_id, by="Ines Second")
    assert state(bench, case_id) is CaseState.EXECUTING
