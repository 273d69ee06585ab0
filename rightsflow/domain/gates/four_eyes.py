"""Rules for who may decide, when, and on how many cases at once: in turn, once, by a person whom no rule excludes.

Art. 5(2), 24 GDPR: the controller shows with it that two people took part in an erasure or a refusal. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.people import Proof, kept, same_person
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

_BEFORE_APPROVAL = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS})


def decider_of(decision: Decision, *, opened_by: str) -> str:
    """Return the name of the person who decides, as it is kept.

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


MOST_AT_ONCE: Final = 500
"""Cases that one act can decide: as many as a person can still read beforehand."""


class GateSubject(StrEnum):
    """The subject of a decision at the approval gate."""

    PLAN = "the plan of an erasure"
    PACKAGE = "the release of a package"
    NOTHING_HELD = "the answer that nothing is held"

    @classmethod
    def of(cls, right: Right, *, found_nothing: bool) -> GateSubject:
        """Return the subject of the decision on a case.

        Args:
            right: What was asked for.
            found_nothing: Whether the search found nothing.
        """
        if found_nothing:
            return cls.NOTHING_HELD
        return cls.PLAN if right.has_plan else cls.PACKAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """The facts that show whether a case can be decided as one of many, without a review of its records.

    Args:
        state: Where it stands.
        about: What its decision is about.
        bound_to: What an approval would be bound by; empty where there is nothing yet.
        unclear: How many records no one could attribute.
        questions: How many records the plan leaves to a person.
        noted: On how many records a reader noted something.
    """

    state: CaseState
    about: GateSubject
    bound_to: str = ""
    unclear: int = 0
    questions: int = 0
    noted: int = 0

    @property
    def obstacle(self) -> str:
        """Reason why the case is decided separately; empty if there is none."""
        if self.state is not CaseState.AWAITING_APPROVAL:
            return f"It waits for no decision at this gate; it is {self.state.value}."
        if self.about is not GateSubject.NOTHING_HELD and not self.bound_to:
            return "There is nothing to decide on yet."
        if self.unclear:
            return f"{self.unclear} of its records are unclear; decide on them on its own page."
        if self.questions:
            return f"{self.questions} of its records have an open question; answer it on its own page."
        if self.noted:
            return f"On {self.noted} of its records something is noted; decide on its own page."
        return ""


def refuse_in_bulk(matter: Matter, about: GateSubject, bound_to: str) -> None:
    """Refuse to decide a case as one of many where it needs a look of its own, or is not as it was listed.

    Args:
        matter: The case.
        about: What the decision on the many is about.
        bound_to: What the case's approval was bound by when it was listed.

    Raises:
        Conflict: It does, or is not.
    """
    if matter.obstacle:
        raise Conflict(matter.obstacle)
    if matter.about is not about:
        raise Conflict(f"The decision on it is about {matter.about.value} by now.")
    if matter.bound_to != bound_to:
        raise Conflict("What is decided on has changed since the list was shown.")


def refuse_bulk_of(count: int) -> None:
    """Refuse to decide no case at once, or too many.

    Args:
        count: How many cases there are.

    Raises:
        BadInput: There are none, or too many.
    """
    if not 0 < count <= MOST_AT_ONCE:
        raise BadInput(f"Give at least one case and at most {MOST_AT_ONCE} at once.")
