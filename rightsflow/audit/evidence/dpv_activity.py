"""Records of the exercise of a right in the Data Privacy Vocabulary: a step, its acting party and its matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto

from rightsflow.audit.evidence.dpv_terms import Cause


class About(Enum):
    """The matter of the case that an activity belongs to."""

    RECEIPT = auto()
    IDENTITY = auto()
    CLARIFICATION = auto()
    EXTENSION = auto()
    APPROVAL = auto()
    WORK = auto()
    """Work at a system; its status is that of a part of the request."""
    RECIPIENTS = auto()
    """Telling those who received the data (Art. 19 GDPR)."""
    CONFIRMATION = auto()
    """Their answers."""
    ANSWER = auto()


class ActingParty(Enum):
    """The acting party; people are not named."""

    SUBJECT = auto()
    CONTROLLER = auto()
    PROCESSOR = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A step of the exercise of a right.

    Args:
        at: When (aware).
        about: Which matter it belongs to.
        status: The status of the request, or of a part of it; empty for what was completed and changed none.
        actor: Who acted.
        causes: Why, where that has to be said.
        basis: The provision, in the words of the rule.
        reason: The reason, in the words of the rule.
        method: How identity was checked.
        due_on: The last day of the law from then on.
        system: The system it was done at.
        processing: What was done to the data.
        data: How many records of each category.
        counts: Further counts, by their names in our own namespace.
        until: The last day on which the data are kept.
        ends_when: What ends the keeping where no day is known.
        package: The SHA-256 of what was handed out.
        text: What there is no term for, in words.
    """

    at: datetime
    about: About
    status: str = ""
    actor: ActingParty = ActingParty.CONTROLLER
    causes: tuple[Cause, ...] = ()
    basis: str = ""
    reason: str = ""
    method: str = ""
    due_on: date | None = None
    system: str = ""
    processing: str = ""
    data: Mapping[str, int] = field(default_factory=dict, hash=False)
    counts: Mapping[str, int] = field(default_factory=dict, hash=False)
    until: date | None = None
    ends_when: str = ""
    package: str = ""
    text: str = ""
