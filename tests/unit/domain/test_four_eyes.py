"""Who may decide what, and when."""

from __future__ import annotations

import pytest

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.four_eyes import (
    decider_of,
    refuse_early_approval,
    refuse_own_proposal,
    refuse_own_release,
    refuse_second_decision,
)
from rightsflow.domain.vocabulary.states import CaseState


def approval(by: str, gate: Gate = Gate.APPROVAL) -> Decision:
    return Decision(gate=gate, verdict=Verdict.APPROVED, by=by)


def test_the_name_is_kept_with_single_spaces() -> None:
    assert decider_of(approval(" Dana   Decider "), opened_by="Olga Opener") == "Dana Decider"


@pytest.mark.parametrize("by", ["", " ", "\t"])
def test_a_decision_says_by_whom(by: str) -> None:
    with pytest.raises(BadInput, match="name is missing"):
        decider_of(approval(by), opened_by="Olga Opener")


@pytest.mark.parametrize("by", ["Olga Opener", "OLGA  opener"])
def test_the_opener_does_not_approve_but_may_check_identity(by: str) -> None:
    with pytest.raises(Conflict, match="four eyes"):
        decider_of(approval(by), opened_by="Olga Opener")
    assert decider_of(approval(by, Gate.IDENTITY), opened_by="Olga Opener")


def test_a_gate_is_decided_once() -> None:
    refuse_second_decision(Gate.APPROVAL, is_decided=False)
    with pytest.raises(Conflict, match="approval gate of this case was decided already"):
        refuse_second_decision(Gate.APPROVAL, is_decided=True)


@pytest.mark.parametrize("state", list(CaseState))
def test_an_approval_waits_for_its_turn(state: CaseState) -> None:
    refuse_early_approval(Gate.IDENTITY, state, "DSR-2026-AAAAAA")
    if state in {CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS}:
        with pytest.raises(Conflict, match=f"the case is {state.value}"):
            refuse_early_approval(Gate.APPROVAL, state, "DSR-2026-AAAAAA")
    else:
        refuse_early_approval(Gate.APPROVAL, state, "DSR-2026-AAAAAA")


@pytest.mark.parametrize("by", ["Paul Proposer", "olga opener"])
def test_a_refusal_as_excessive_is_seconded_by_another_person(by: str) -> None:
    refuse_own_proposal("Dana Decider", proposed_by="Paul Proposer", opened_by="Olga Opener")
    with pytest.raises(Conflict, match="second person"):
        refuse_own_proposal(by, proposed_by="Paul Proposer", opened_by="Olga Opener")


def test_a_brake_is_released_by_one_who_was_not_concerned() -> None:
    refuse_own_release("Rita", involved=("Olga Opener", ""), case_id="DSR-2026-AAAAAA")
    with pytest.raises(Conflict, match="DSR-2026-AAAAAA or approved its plan"):
        refuse_own_release("OLGA opener", involved=("Olga Opener", "Dana"), case_id="DSR-2026-AAAAAA")
