"""Effect, subject and binding of a decision at a gate. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState

_ACTIONS: Final = {
    (Gate.IDENTITY, Verdict.CONFIRMED): CaseAction.CONFIRM_IDENTITY,
    (Gate.IDENTITY, Verdict.REFUSED): CaseAction.REFUSE,
    (Gate.APPROVAL, Verdict.APPROVED): CaseAction.APPROVE,
    (Gate.APPROVAL, Verdict.REFUSED): CaseAction.REFUSE,
}

ABOUT_NOTHING_HELD: Final = "nothing held"
"""Subject of a decision at the approval gate when the search found nothing."""


def action_of(decision: Decision) -> CaseAction:
    """Return the effect of a decision on the case.

    Args:
        decision: The decision.

    Raises:
        BadInput: Its verdict is none that is given at its gate.
    """
    action = _ACTIONS.get((decision.gate, decision.verdict))
    if action is None:
        raise BadInput(f"At the {decision.gate.value} gate nothing can be {decision.verdict.value}.")
    return action


def waits_on_nothing_held(state: CaseState, *, found_nothing: bool) -> bool:
    """Return whether a case waits for the decision on the answer that nothing is held.

    Args:
        state: Where the case stands.
        found_nothing: Whether the search found nothing.
    """
    return state is CaseState.AWAITING_APPROVAL and found_nothing


def refuse_new_search(case_id: str, right: Right, state: CaseState, reason: str, *, found_nothing: bool) -> None:
    """Refuse a new search unless the case waits for the decision on its plan, or on "nothing held".

    Args:
        case_id: The case.
        right: What was asked for: a plan is sent back, a package that was made is not.
        state: Where the case stands.
        reason: Why a new search is wanted.
        found_nothing: Whether the search found nothing.

    Raises:
        BadInput: The reason is missing.
        Conflict: The case waits for no such decision.
    """
    if not reason:
        raise BadInput("The reason for a new search is missing; say what changed or what looks wrong.")
    is_plan = state is CaseState.AWAITING_APPROVAL and right.has_plan
    if not is_plan and not waits_on_nothing_held(state, found_nothing=found_nothing):
        raise Conflict(
            'Only a case that waits for the decision on its plan, or on "nothing held", can be '
            f"searched again; look at `rightsflow show {case_id}`."
        )


def what_it_is_about(gate: Gate, *, found_nothing: bool) -> dict[str, str]:
    """Return the subject of a decision other than the case's records, in the ledger's form.

    Args:
        gate: Where it is made.
        found_nothing: Whether the search found nothing.
    """
    return {"about": ABOUT_NOTHING_HELD} if gate is Gate.APPROVAL and found_nothing else {}


def package_approved(steps_done: Iterable[Mapping[str, object]], *, found_nothing: bool) -> str:
    """The hash that the release of an access package is bound by: of the last one that was assembled; empty for none.

    Args:
        steps_done: The details of the ledger's entries of steps that were done, oldest first.
        found_nothing: Whether the last search found nothing; a package that was made before it is not decided on.
    """
    if found_nothing:
        return ""
    packages = [str(item.get("package", "")) for item in steps_done if item.get("step") == StepName.ASSEMBLE]
    return packages[-1] if packages else ""


def found_nothing(counts: Mapping[str, object] | None) -> bool:
    """Return whether a completed search found no record that is, or may be, the person's.

    Args:
        counts: What the end of the search counted; ``None`` if it has not ended.
    """
    return counts is not None and not any(counts.get(key) for key in ("learnt", "subject", "unclear", "taken_in"))
