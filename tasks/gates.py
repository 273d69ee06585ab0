"""What the gates show and what becomes of a decision, whichever way it was made."""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow.case import CaseAction, CaseState
from rightsflow.errors import BadInput, Conflict
from rightsflow.gates import Decision, Gate, Verdict
from rightsflow.request import Right
from rightsflow.store import CaseFile
from tasks.runtime import open_store

_ACTIONS = {
    (Gate.IDENTITY, Verdict.CONFIRMED): CaseAction.CONFIRM_IDENTITY,
    (Gate.IDENTITY, Verdict.REFUSED): CaseAction.REFUSE,
    (Gate.APPROVAL, Verdict.APPROVED): CaseAction.APPROVE,
    (Gate.APPROVAL, Verdict.REFUSED): CaseAction.REFUSE,
}
_BEFORE_APPROVAL = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS})
_REJECTED = "GateAnswerRejected"


@dataclass(frozen=True, slots=True)
class GateView:
    """Where a gate stands.

    Args:
        right: What the case is about.
        verdict: What was decided, or ``None``.
        rejected: How many answers were not accepted so far; each gets a form of its own.
        objection: Why the last answer was not accepted; empty if none was.
    """

    right: Right
    verdict: Verdict | None
    rejected: int
    objection: str


def reach_gate(case_id: str, gate: Gate) -> GateView:
    """Note that the case waits at a gate and say where the gate stands."""
    with open_store().case_file(case_id) as file:
        decision = file.decisions.at(gate)
        if decision is None and gate is Gate.IDENTITY and file.state is CaseState.RECEIVED:
            file.advance(CaseAction.ASK_IDENTITY)
        if decision is None and gate is Gate.APPROVAL and file.state is CaseState.IN_PROGRESS:
            file.advance(CaseAction.SUBMIT_FOR_APPROVAL)
        objections = [
            str(entry.details["objection"])
            for entry in file.journal.entries()
            if entry.event == _REJECTED and entry.details["gate"] == gate.value
        ]
        right = file.right
    verdict = decision.verdict if decision else None
    return GateView(right, verdict, len(objections), objections[-1] if objections else "")


def record_decision(case_id: str, decision: Decision) -> None:
    """Write a decision into the case file.

    Raises:
        BadInput: The decision is not usable.
        Conflict: The gate is decided already, or the person may not decide on it.
    """
    with open_store().case_file(case_id) as file:
        if decision.verdict is Verdict.REFUSED and not decision.reason.strip():
            raise BadInput("A refusal needs its reason (Art. 12(4) GDPR); give it.")
        _refuse_out_of_turn(file, decision.gate)
        file.decide(decision, _ACTIONS[decision.gate, decision.verdict])


def _refuse_out_of_turn(file: CaseFile, gate: Gate) -> None:
    """Decide each gate once, and only when there is something to decide on."""
    if file.decisions.at(gate) is not None:
        raise Conflict(f"The {gate.value} gate of this case was decided already; look at `rightsflow show`.")
    if gate is Gate.APPROVAL and file.state in _BEFORE_APPROVAL:
        raise Conflict(
            f"There is nothing to decide on yet: the case is {file.state.value}; its flow has to come to the approval "
            f"gate first, see `rightsflow show {file.case_id}`."
        )


def record_answer(case_id: str, decision: Decision) -> bool:
    """Write a form's answer into the case file, or note why it was not accepted; returns whether it was."""
    try:
        record_decision(case_id, decision)
    except (BadInput, Conflict) as error:
        with open_store().case_file(case_id) as file:
            file.journal.append(_REJECTED, gate=decision.gate.value, objection=str(error))
        return False
    return True
