"""Variables of L7, the refusal with the details of its reason (Art. 12(4) GDPR), and of L27, that a case was stopped.

The words are in ``templates/en/L7.txt.j2`` and ``L27.txt.j2``; the sentence of each reason is in
:mod:`rightsflow.domain.gates.refusals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Text, Texts
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


class AnsweredElsewhere(Frozen):
    """The case that answers the request in place of the one that is stopped.

    Args:
        case_id: The case.
        received_on: From which day it counts: the earlier receipt of the two.
        answered_on: When its answer went out; ``None`` while it is awaited.
        answer_by: The day by which the answer comes; ``None`` if that has passed, or is not known now.
        is_suspended: Whether its clock is suspended, since a question to the person is open.
    """

    case_id: Line
    received_on: date
    answered_on: date | None = None
    answer_by: date | None = None
    is_suspended: bool = False


class StopNotice(Contestable):
    """L27. The case ends without an answer: it was opened in error, or another case answers the same request.

    Args:
        right: What was understood to be asked for.
        received_on: When the request of this case came in.
        stopped_at: When it was stopped.
        request_file_until: Until when the file about it is kept.
        elsewhere: The case that answers the request; ``None`` where the case was opened in error.
        done_already: What had been done before, in full sentences.
    """

    right: Right
    received_on: date
    stopped_at: AwareDatetime
    request_file_until: date
    elsewhere: AnsweredElsewhere | None = None
    done_already: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _kept_after_the_stop(self) -> Self:
        if self.request_file_until < self.sender.day_of(self.stopped_at):
            raise ValueError("request_file_until lies before the stop")
        return self
