"""Of the cases that share an identifier with a request: which are the same person's, which the same request. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow.domain.request import Right


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case that knows its person by an identifier of a new request.

    Args:
        right: What was asked for.
        is_open: Whether its answer is not noted as sent.
        asked_with: Whether its request gave the identifier; one that was learnt later may be shared.
        contested: Whether another person uses the identifier as well.
        controller: On whose behalf it is handled; empty for a request of our own.
    """

    right: Right
    is_open: bool
    asked_with: bool
    contested: bool
    controller: str = ""

    @property
    def is_same_person(self) -> bool:
        """Whether it counts as an earlier case of the person."""
        return not self.contested

    def is_twin_of(self, right: Right) -> bool:
        """Whether a request for a right is the one that this case handles already.

        A rectification never is: each names values of its own, and carrying one out twice changes nothing.
        """
        return self.is_open and self.asked_with and self.right is right and right is not Right.RECTIFICATION
