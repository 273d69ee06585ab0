"""L7, the refusal (Art. 12(4) GDPR), with what each reason has to say besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.variables import Contestable, Text, Texts
from rightsflow.domain.gates.refusals import REASONS, Reason, sentence_of
from rightsflow.domain.vocabulary.rights import Right

_APPROVALS_NEEDED = 2


class Refusal(Contestable):
    """L7. A decision of people; the software only makes sure that nothing is missing.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        reason: Why it is refused.
        facts: The concrete facts behind it; the burden of proof is the controller's.
        details: What the reason has to say besides, by the labels of ``rightsflow.domain.gates.refusals.REASONS``.
        approvals: How many people decided; two for R2.
        due_on: The last day for it, which no extension moves (Art. 12(4) GDPR); ``None`` if it is not to be checked.
        is_from_person: Whether identity is clear, so that it is known that the person or their representative asked.
        suppression: What the suppression list holds of the person all the same, in words; empty if nothing.
        incident_raised: Whether the lateness was raised as an incident; a late refusal does not render without.
    """

    right: Right
    received_on: date
    reason: Reason
    facts: Texts
    details: Mapping[str, Text] = Field(default_factory=dict)
    approvals: int = Field(default=1, ge=1)
    due_on: date | None = None
    incident_raised: bool = False
    is_from_person: bool = True
    suppression: str = ""

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return sentence_of(self.reason, self.right, self.law)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [label for label in REASONS[self.reason][1] if label not in self.details]
        if missing:
            raise ValueError(f"reason {self.reason.value} needs the detail {missing[0]!r}")
        if self.reason is Reason.UNFOUNDED_OR_EXCESSIVE and self.approvals < _APPROVALS_NEEDED:
            raise ValueError("a refusal as unfounded or excessive needs the approval of two people")
        return self
