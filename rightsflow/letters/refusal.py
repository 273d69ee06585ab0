"""L7, the refusal (Art. 12(4) GDPR), with what each reason has to say besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

from rightsflow.letters.variables import Contestable, Text, Texts


class Reason(StrEnum):
    """Why a request is refused."""

    NOT_IDENTIFIED = "R1"
    UNFOUNDED_OR_EXCESSIVE = "R2"
    NO_GROUND = "R3"
    EXCEPTION = "R4"
    RIGHTS_OF_OTHERS = "R5"
    NATIONAL_RESTRICTION = "R6"
    NOT_CONTROLLER = "R7"
    NO_AUTHORITY = "R8"
    LAW_NOT_APPLICABLE = "R9"


REASONS: Mapping[Reason, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        Reason.NOT_IDENTIFIED: (
            "we could not confirm that the person concerned made the request (Art. 11(2) and 12(6) {law})",
            ("What we asked you for and when",),
        ),
        Reason.UNFOUNDED_OR_EXCESSIVE: ("the request is manifestly unfounded or excessive (Art. 12(5)(b) {law})", ()),
        Reason.NO_GROUND: (
            "none of the grounds for erasure applies (Art. 17(1) {law})",
            ("Purpose that goes on", "Legal basis"),
        ),
        Reason.EXCEPTION: (
            "the law excepts these data from erasure (Art. 17(3) {law})",
            ("Exception and provision", "Data that are kept", "Kept until"),
        ),
        Reason.RIGHTS_OF_OTHERS: (
            "a copy of this part would harm the rights of others (Art. 15(4) {law})",
            ("What was left out",),
        ),
        Reason.NATIONAL_RESTRICTION: ("national law restricts the right", ("Provision",)),
        Reason.NOT_CONTROLLER: (
            "we are not the controller of these data (Art. 4(7) {law})",
            ("Who is the controller", "What we did with your request"),
        ),
        Reason.NO_AUTHORITY: (
            "we have no proof that you may act for the person concerned",
            ("What proof is needed",),
        ),
        Reason.LAW_NOT_APPLICABLE: ("the law you rely on does not apply here", ("Law that we checked",)),
    }
)
"""The sentence of each reason, with ``{law}`` for the GDPR or the UK GDPR, and the labels of what else must be said."""

_APPROVALS_NEEDED = 2


class Refusal(Contestable):
    """L7. A decision of people; the software only makes sure that nothing is missing.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        reason: Why it is refused.
        facts: The concrete facts behind it; the burden of proof is the controller's.
        details: What the reason has to say besides, by the labels of ``REASONS``.
        approvals: How many people decided; two for R2.
        due_on: The last day for it, which no extension moves (Art. 12(4) GDPR); ``None`` if it is not to be checked.
        incident_raised: Whether the lateness was raised as an incident; a late refusal does not render without.
    """

    right: Literal["access", "erasure"]
    received_on: date
    reason: Reason
    facts: Texts
    details: Mapping[str, Text] = Field(default_factory=dict)
    approvals: int = Field(default=1, ge=1)
    due_on: date | None = None
    incident_raised: bool = False

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return REASONS[self.reason][0].format(law=self.law)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [label for label in REASONS[self.reason][1] if label not in self.details]
        if missing:
            raise ValueError(f"reason {self.reason.value} needs the detail {missing[0]!r}")
        if self.reason is Reason.UNFOUNDED_OR_EXCESSIVE and self.approvals < _APPROVALS_NEEDED:
            raise ValueError("a refusal as unfounded or excessive needs the approval of two people")
        return self
