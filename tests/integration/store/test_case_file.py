"""The case file: its state moves with its ledger, and decisions do what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.store import Store
from tests.support.casework import opened

IDENTITY = Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida", reason="call back")
APPROVAL = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
REFUSAL = Decision(gate=Gate.APPROVAL, verdict=Verdict.REFUSED, by="Dana Decider", reason="excessive", code="R3")


def awaiting_approval(store: Store) -> str:
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.decide(IDENTITY)
        file.advance(CaseAction.SUBMIT_FOR_APPROVAL)
    return case_id


def events(store: Store, case_id: str) -> list[str]:
    with store.case_file(case_id) as file:
        return [entry.event for entry in file.ledger.entries()]


def test_the_whole_way_to_an_answer(store, clock):
    case_id = awaiting_approval(store)
    clock.pass_time(timedelta(hours=1))
    with store.case_file(case_id) as file:
        file.decide(APPROVAL)
        assert file.state is CaseState.EXECUTING
        file.advance(CaseAction.ANSWER)
    with store.case_file(case_id) as file:
        assert file.state is CaseState.ANSWERED
        assert not file.is_closed, "it is answered when the answer goes out, not when it is written"
        file.close(clock.moment)
        assert file.closed_at == clock.moment
    assert events(store, case_id) == [
        "CaseOpened",
        "DecisionRecorded",
        "IdentityConfirmed",
        "ApprovalAwaited",
        "DecisionRecorded",
        "Approved",
        "CaseAnswered",
    ]


def test_a_refusal_closes_the_case_and_names_who_and_with_which_code(store):
    case_id = awaiting_approval(store)
    with store.case_file(case_id) as file:
        file.decide(REFUSAL)
    with store.case_file(case_id) as file:
        assert file.state is CaseState.REFUSED
        recorded, refused = list(file.ledger.entries())[-2:]
    assert (recorded.actor, refused.actor) == ("Dana Decider", "Dana Decider")
    reason = recorded.details["reason"]
    expected = {"gate": "approval", "verdict": "refused", "code": "R3", "method": "", "plan": "", "reason": reason}
    assert recorded.details == expected | {"opener": "name typed, not signed in"}
    assert len(reason) == 64, "bound by a keyed hash"
    assert "excessive" not in str(recorded.details), "a reason may name the person"


def test_an_access_is_approved_by_the_hash_of_the_last_package(store):
    case_id = awaiting_approval(store)
    with store.case_file(case_id) as file:
        for package in ("a" * 64, "b" * 64):
            file.ledger.append("StepDone", step="assemble", system="", package=package)
        file.ledger.append("StepDone", step="redact", system="helpdesk", package="c" * 64)
    with store.case_file(case_id) as file:
        file.decide(APPROVAL)
        said = [one.details for one in file.ledger.entries() if one.event == "DecisionRecorded"]
    assert [one["plan"] for one in said] == ["", "b" * 64]


def test_what_is_refused_leaves_no_trace(store):
    case_id = opened(store)
    with pytest.raises(Conflict), store.case_file(case_id) as file:
        file.advance(CaseAction.ANSWER)
    assert events(store, case_id) == ["CaseOpened"]

    for decision, error in (
        (APPROVAL, Conflict),
        (Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=" "), BadInput),
        (Decision(gate=Gate.APPROVAL, verdict=Verdict.REFUSED, by="olga opener"), Conflict),
        (Decision(gate=Gate.DOSSIER, verdict=Verdict.APPROVED, by="Ida"), BadInput),
    ):
        case_id = opened(store)
        with pytest.raises(error), store.case_file(case_id) as file:
            file.decide(decision)
        with store.case_file(case_id) as file:
            assert file.state is CaseState.RECEIVED
            assert file.decisions.at(decision.gate) is None
        assert events(store, case_id) == ["CaseOpened"]

    case_id = awaiting_approval(store)
    with store.case_file(case_id) as file:
        file.decide(APPROVAL)
    with pytest.raises(Conflict), store.case_file(case_id) as file:
        file.decide(REFUSAL)
    with store.case_file(case_id) as file:
        decision = file.decisions.at(Gate.APPROVAL)
        assert decision is not None
        assert decision.verdict is Verdict.APPROVED
        assert file.state is CaseState.EXECUTING
