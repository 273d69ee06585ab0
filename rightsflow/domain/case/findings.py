"""A finding: a located record, whose it is, what is planned with it and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.copies import Copies
from rightsflow.domain.case.record_decisions import NAMED_IN_DECISION, RecordDecision
from rightsflow.domain.doubts import MayBeDoubtful
from rightsflow.domain.narrowing import NOT_ASKED_FOR
from rightsflow.domain.vocabulary.records import (
    DocumentClass,
    Fact,
    LeftToPerson,
    Method,
    OutcomeKind,
    PresenceState,
    RecordRef,
)


class Question(StrEnum):
    """A question that the plan leaves to the person who decides at the approval gate."""

    NO_CLASS = "no document class stated"
    NO_RULE = "no rule of retention"
    HOLD = "does the claim need it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(MayBeDoubtful):
    """A located record as the rest of the software sees it.

    ``ref`` may be personal data. ``doubt`` is why it is unclear whose it is, ``None`` where it is
    not. ``copies`` is what was copied of it for an access
    package, or ``None`` while nothing was. ``decided`` is what a person decided on it alone; its ground may name the
    person, so ``reason`` and ``ends_when`` are without it, and ``full_reason`` and ``full_ends_when`` are for the
    person. ``document`` is the class that a rule of the configuration gives this record, ``question`` what the plan
    leaves to a person, ``note`` what the approver has to look at. ``language`` is what the system has on file for
    the person. ``looked_at`` is when it was last looked at after the answer, whatever was
    seen; ``lifted_at`` is when its restriction was lifted; ``left`` is what the connector left of it to a person.
    """

    number: int
    ref: RecordRef
    category: str
    attribution: Attribution
    facts: frozenset[Fact]
    occurred_on: date | None
    locked_until: date | None
    method: Method | None
    planned: OutcomeKind | None
    outcome: OutcomeKind | None
    reason: str
    legal_basis: str
    until: date | None
    ends_when: str
    refused: bool
    request_id: str
    acted_at: datetime | None
    verified: PresenceState | None
    verified_at: datetime | None
    verified_detail: str = ""
    looked_at: datetime | None = None
    lifted_at: datetime | None = None
    copies: Copies | None = None
    decided: RecordDecision | None = None
    document: DocumentClass | None = None
    question: Question | None = None
    note: str = ""
    language: str = ""
    left: frozenset[LeftToPerson] = frozenset()

    @property
    def full_reason(self) -> str:
        """The reason with the ground that a person gave."""
        ground = self.decided.ground if self.decided and self.decided.ground != NOT_ASKED_FOR else ""
        return f"{self.reason} The ground: {ground.rstrip('.')}." if ground else self.reason

    @property
    def full_ends_when(self) -> str:
        """End of the retention, in the words of the person who decided."""
        named = self.decided.ends_when if self.decided else ""
        return self.ends_when.replace(NAMED_IN_DECISION, named.rstrip(".")) if named else self.ends_when


class WorkedRecord(NamedTuple):
    """A record as the erasure and the later fresh read need it; thousands cost a third of what findings do.

    Args:
        ref: The record; may be personal data.
        method: How it is erased, or ``None`` where nothing is done at the system.
        outcome: What became of it, or ``None`` while nothing has.
        reason: Why, in one sentence for the person.
        acted_at: When that was (aware).
        verified: What a fresh read showed, if there was one.
        verified_at: When that was (aware).
    """

    ref: RecordRef
    method: Method | None
    outcome: OutcomeKind | None
    reason: str
    acted_at: datetime | None
    verified: PresenceState | None
    verified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plan for one record: a method, or an outcome that needs no call.

    Args:
        ref: The record.
        method: How it is erased, or ``None`` where nothing is done at the system.
        expected: The outcome that is planned.
        reason: Why, in one sentence for the person.
        legal_basis: The provision, where it is kept.
        until: The last day it is kept.
        ends_when: What ends the keeping, where no day can be named.
        question: What a person has to answer before the plan can be approved.
        note: What the person who approves has to look at, in words without personal data.
    """

    ref: RecordRef
    method: Method | None
    expected: OutcomeKind
    reason: str = ""
    legal_basis: str = ""
    until: date | None = None
    ends_when: str = ""
    question: Question | None = None
    note: str = ""
