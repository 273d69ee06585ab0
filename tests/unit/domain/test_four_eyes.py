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


def test_a_decision_is_one_persons_and_said_by_whom() -> None:
    assert decider_of(approval(" Dana   Decider "), opened_by="Olga Opener") == "Dana Decider"
    # A decision says by whom.
    for by in ("", " ", "\t"):
        with pytest.raises(BadInput, match="name is missing"):
            decider_of(approval(by), opened_by="Olga Opener")
    # A gate is decided once.
    refuse_second_decision(Gate.APPROVAL, is_decided=False)
    with pytest.raises(Conflict, match="approval gate of this case was decided already"):
        refuse_second_decision(Gate.APPROVAL, is_decided=True)
    # An approval waits for its turn.
    for state in list(CaseState):
        refuse_early_approval(Gate.IDENTITY, state, "DSR-2026-AAAAAA")
        if state in {CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS}:
            with pytest.raises(Conflict, match=f"the case is {state.value}"):
                refuse_early_approval(Gate.APPROVAL, state, "DSR-2026-AAAAAA")
        else:
            refuse_early_approval(Gate.APPROVAL, state, "DSR-2026-AAAAAA")


def test_who_opened_or_prepared_does_not_approve() -> None:
    # The opener does not approve but may check identity.
    for by in ("Olga Opener", "OLGA  opener"):
        with pytest.raises(Conflict, match="four eyes"):
            decider_of(approval(by), opened_by="Olga Opener")
        assert decider_of(approval(by, Gate.IDENTITY), opened_by="Olga Opener")
    # A refusal as excessive is seconded by another person.
    for by in ("Paul Proposer", "olga opener"):
        refuse_own_proposal("Dana Decider", proposed_by="Paul Proposer", opened_by="Olga Opener")
        with pytest.raises(Conflict, match="second person"):
            refuse_own_proposal(by, proposed_by="Paul Proposer", opened_by="Olga Opener")
    # A brake is released by one who was not concerned.
    refuse_own_release("Rita", involved=("Olga Opener", ""), case_id="DSR-2026-AAAAAA")
    with pytest.raises(Conflict, match="DSR-2026-AAAAAA or approved its plan"):
        refuse_own_release("OLGA opener", involved=("Olga Opener", "Dana"), case_id="DSR-2026-AAAAAA")
