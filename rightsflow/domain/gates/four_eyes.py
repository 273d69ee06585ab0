"""Rules for who may decide, and when: each gate is decided once, in its turn, by a person whom no rule excludes. Pure.

Art. 5(2), 24 GDPR: that two people were concerned with an erasure or a refusal is what the controller shows for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from rightsflow.domain.actors import Proof, kept
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.states import CaseState

_BEFORE_APPROVAL = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS})


def decider_of(decision: Decision, *, opened_by: str) -> str:
    """The name of the person who decides, as it is kept.

    Args:
        decision: The decision.
        opened_by: Who opened the case.

    Raises:
        BadInput: It does not say by whom, or not in printable characters.
        Conflict: The person opened the case, and the gate is the approval (four eyes).
    """
    if not decision.by.strip():
        raise BadInput("Your name is missing; fill in who decides.")
    by = kept(decision.by, identifier(IdentifierKind.NAME, decision.by).value)
    if decision.gate is Gate.APPROVAL and same_person(by, opened_by):
        raise Conflict("The person who opened the case cannot decide on it; another person has to (four eyes).")
    return by


def opener_note(signed_in: str) -> dict[str, str]:
    """Return an approval's note on an opener whose name proves nothing; empty if the opener was signed in.

    What no one signed in opened (a command, an import, a ticket in Prefect) can be approved by any person who may
    approve, also by the one who typed another name there: the names cannot tell.

    Args:
        signed_in: How the opener was signed in, as the case's first entry says it; empty where the name was typed.
    """
    return {} if signed_in else {"opener": Proof.TYPED.value}


def refuse_second_decision(gate: Gate, *, is_decided: bool) -> None:
    """Refuse to decide a gate twice.

    Args:
        gate: The gate.
        is_decided: Whether it was decided.

    Raises:
        Conflict: It was.
    """
    if is_decided:
        raise Conflict(f"The {gate.value} gate of this case was decided already; look at `rightsflow show`.")


def refuse_early_approval(gate: Gate, state: CaseState, case_id: str) -> None:
    """Refuse an approval before there is anything to decide on.

    Args:
        gate: The gate.
        state: Where the case stands.
        case_id: The case.

    Raises:
        Conflict: The case has not reached the gate.
    """
    if gate is Gate.APPROVAL and state in _BEFORE_APPROVAL:
        raise Conflict(
            f"There is nothing to decide on yet: the case is {state.value}; its flow has to reach the approval "
            f"gate first, see `rightsflow show {case_id}`."
        )


def refuse_own_proposal(by: str, *, proposed_by: str, opened_by: str) -> None:
    """Refuse that a refusal as unfounded or excessive (Art. 12(5)(b) GDPR) is seconded by one who is concerned already.

    Args:
        by: Who decides.
        proposed_by: Who proposed the refusal.
        opened_by: Who opened the case.

    Raises:
        Conflict: It is one of these.
    """
    if same_person(proposed_by, by) or same_person(opened_by, by):
        raise Conflict(
            "A refusal as manifestly unfounded or excessive is decided by a second person, who neither proposed it nor "
            "opened the case (four eyes)."
        )


def refuse_own_masks(by: str, *, changed_by: Iterable[str]) -> None:
    """Refuse the release of a package by a person who changed its masks: the preparer does not decide alone.

    Args:
        by: Who releases it.
        changed_by: Who decided to show, to mask or to mute something.

    Raises:
        Conflict: It is one of these.
    """
    if any(same_person(by, text) for text in changed_by):
        raise Conflict("Who changed what is masked cannot release the package; another person has to (four eyes).")


def refuse_opener(by: str, *, opened_by: str) -> None:
    """Refuse that an erasure at the end of a retention is approved by the one who opened the case.

    Args:
        by: Who approves it.
        opened_by: Who opened the case.

    Raises:
        Conflict: It is the same person.
    """
    if same_person(by, opened_by):
        raise Conflict("The person who opened the case cannot approve this; another one has to (four eyes).")


def refuse_own_hold(by: str, *, placed_by: str, act: str) -> None:
    """Refuse that a legal hold is approved or released by the one who placed it.

    Args:
        by: Who does it.
        placed_by: Who placed it.
        act: ``approve`` or ``release``.

    Raises:
        Conflict: It is the same person.
    """
    if same_person(by, placed_by):
        raise Conflict(f"Who placed a hold cannot {act} it; another person has to (four eyes).")


def refuse_own_repair(by: str, *, proposed_by: str) -> None:
    """Refuse that the ledger's faults are accepted by the person who proposed it.

    Args:
        by: The person who accepts them.
        proposed_by: The person who proposed it.

    Raises:
        Conflict: It is the same person.
    """
    if same_person(by, proposed_by):
        raise Conflict("Another person than who proposed it has to accept the ledger's faults (four eyes).")


def refuse_own_release(by: str, *, involved: Iterable[str], case_id: str) -> None:
    """Refuse that a brake is released by one who opened or approved the case that triggered it.

    Args:
        by: Who releases it.
        involved: Who did either.
        case_id: The case.

    Raises:
        Conflict: It is one of these.
    """
    if any(same_person(by, text) for text in involved):
        raise Conflict(
            f"Who opened {case_id} or approved its plan cannot release the brake that it triggered; "
            "another person has to (four eyes)."
        )
