"""What the gates show and what becomes of a decision, whichever way it was made."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

_COMMON = frozenset({"R1", "R6", "R7", "R8", "R9"})
REFUSAL_CODES = {Right.ACCESS: _COMMON | {"R5"}, Right.ERASURE: _COMMON | {"R3", "R4"}}
"""The reasons for which each right can be refused. R2 (manifestly unfounded) needs two deciders and has no form yet."""


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
    # One line, so that the letter can quote it as it stands.
    decision = replace(decision, reason=" ".join(decision.reason.split()))
    with open_store().case_file(case_id) as file:
        if decision.verdict is Verdict.REFUSED:
            _check_refusal(decision, file.right)
        _refuse_out_of_turn(file, decision.gate)
        file.decide(decision, _ACTIONS[decision.gate, decision.verdict])


def waits_for_identity(case_id: str) -> bool:
    """Whether the case is still before its identity gate."""
    with open_store().case_file(case_id) as file:
        return file.state in {CaseState.RECEIVED, CaseState.IDENTITY_PENDING}


def _check_refusal(decision: Decision, right: Right) -> None:
    if not decision.reason:
        raise BadInput("A refusal needs its reason (Art. 12(4) GDPR); give it.")
    if decision.code and decision.code not in REFUSAL_CODES[right]:
        codes = ", ".join(sorted(REFUSAL_CODES[right]))
        raise BadInput(f"That reason code does not fit a refused {right.value} request; use one of {codes}.")


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
