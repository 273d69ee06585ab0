"""Cases that can be decided together at the approval gate, and cases that need individual review. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

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
