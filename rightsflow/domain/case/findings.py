"""A finding: a located record, its owner, its plan, its copies and its outcome, counted in one place for all readers.

A ticket's attachments are counted beside the record and never as records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.record_decisions import NAMED_IN_DECISION, RecordDecision
from rightsflow.domain.doubts import MayBeDoubtful
from rightsflow.domain.request import NOT_ASKED_FOR
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    DocumentClass,
    Fact,
    LeftToPerson,
    Method,
    OutcomeKind,
    Part,
    PresenceState,
    RecordRef,
)
from rightsflow.domain.vocabulary.states import CaseState

COPYING_STEPS: Final = (StepName.EXTRACT, StepName.REDACT, StepName.ASSEMBLE)
"""The steps that make working copies."""
_WHY_GONE: Final = {
    CaseState.ANSWERED: "delivered-and-over",
    CaseState.REFUSED: "refused",
    CaseState.WITHDRAWN: "withdrawn",
    CaseState.STOPPED: "stopped",
    CaseState.NOTHING_HELD: "nothing held",
}


def why_copies_go(state: CaseState) -> str:
    """Return why the working copies of a settled case are removed, in the ledger's words."""
    return _WHY_GONE[state]


@dataclass(frozen=True, slots=True)
class Copies:
    """The number of copies made of one record for an access package.

    Args:
        documents: Its data in structured form.
        files: Streams of bytes.
    """

    documents: int = 0
    files: int = 0

    @property
    def attachments(self) -> int:
        """The files beside the record; a record that is nothing but a file is that file."""
        return self.files if self.documents else max(self.files - 1, 0)


@dataclass(slots=True)
class Tally:
    """A running count of the copies of each record in a stream, and of the data that its system left out."""

    copies: dict[RecordRef, Copies] = field(default_factory=dict)
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def left_out(self) -> list[dict[str, str | int]]:
        """Data left out by kind of record, in the ledger's form."""
        return [{"kind": kind, "what": what, "count": count} for (kind, what), count in sorted(self.withheld.items())]

    def watch(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Give the parts on, and count them."""
        for part in parts:
            before = self.copies.get(part.record, Copies())
            is_file = isinstance(part, Blob)
            self.copies[part.record] = Copies(before.documents + (not is_file), before.files + is_file)
            if isinstance(part, Document):
                self.withheld.update({(part.record.kind, what): count for what, count in part.withheld.items()})
            yield part


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
    seen; ``lifted_at`` is when its restriction was lifted; ``left`` is what the connector left of it to a person;
    ``key`` is the record's keyed hash, ``via`` that of the record through which it was found.
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
    key: str = ""
    via: str = ""

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


class RecordStanding(NamedTuple):
    """The state of a record.

    Args:
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        attribution: Whose it is.
        outcome: What became of it; ``None`` while nothing did.
        planned: What is planned, if anything is.
        has_method: Whether something is done with it at its system.
        is_seen: Whether a fresh read still showed it.
        is_left_out: Whether a person decided that it is not copied.
        is_taken_in: Whether a person decided that it is copied although it is in doubt.
        copied: Whether anything was copied of it; ``None`` while it was not read for that.
    """

    system: str
    category: str
    attribution: Attribution
    outcome: OutcomeKind | None
    planned: OutcomeKind | None
    has_method: bool
    is_seen: bool
    is_left_out: bool
    is_taken_in: bool
    copied: bool | None


class Fate(StrEnum):
    """The outcome of a record, for the person who asked."""

    FOUND = "found"
    """It was found, and nothing has been done with it yet."""
    COPIED = "in the package"
    GONE = "gone before it was copied"
    LEFT_OUT = "left out"
    """A person decided that it is not copied, and why."""
    UNCLEAR = "unclear"
    """It could not be attributed to the person, and was left out or not touched."""
    ERASED = "erased"
    REDACTED = "redacted"
    RESIDUE = "residue"
    """A part that leads back to the person could not be removed."""
    PSEUDONYMISED = "pseudonymised"
    RESTRICTED = "restricted"
    RETAINED = "retained"
    RECTIFIED = "rectified"
    UNRECTIFIED = "not rectified"
    """Something of it should have been corrected and could not be."""
    NOT_CONCERNED = "not concerned"
    """It stays as it is: the request is about other records."""
    NOT_HELD = "not held"
    DELEGATED = "delegated"
    FAILED = "failed"
    STILL_SEEN = "still seen after the erasure"
    """The system said that it is gone, and a fresh read still showed it."""

    @property
    def is_kept(self) -> bool:
        """True if the person's data are still there, by decision or by the system's refusal."""
        return self in _KEPT

    @property
    def is_gone(self) -> bool:
        """True if nothing of the person is left in the record."""
        return self in {Fate.ERASED, Fate.REDACTED}


_KEPT = frozenset({Fate.RESIDUE, Fate.RETAINED, Fate.RESTRICTED, Fate.PSEUDONYMISED, Fate.UNCLEAR})


def fate_after(outcome: OutcomeKind, *, unclear: bool, seen: bool) -> Fate:
    """Return the fate of a record that has an outcome.

    Args:
        outcome: The outcome as it was recorded.
        unclear: Whether it could not be attributed, and was not touched for that.
        seen: Whether a fresh read still showed data of the person there.
    """
    if unclear and outcome is not OutcomeKind.NOT_CONCERNED:
        return Fate.UNCLEAR
    fate = Fate(outcome.value)
    if fate.is_gone and seen:
        return Fate.STILL_SEEN
    return fate


def grounds(fate: Fate, legal_basis: str, until: date | None, ends_when: str, law: str) -> tuple[str, str]:
    """Return the provision for keeping a record and the end of the retention; nothing is kept without both.

    Args:
        fate: What became of it.
        legal_basis: The provision of the plan or of the outcome; empty where the system refused without one.
        until: The last day it is kept, where one is known.
        ends_when: What ends the keeping, where no day is known.
        law: The law's name.
    """
    if fate not in {Fate.RETAINED, Fate.RESIDUE}:
        return legal_basis, ends_when
    basis = legal_basis or f"No exception; the erasure is due (Art. 17(1) {law}) as soon as the system allows it"
    return basis, ends_when or ("" if until else "the system allows it")


class Counted(Protocol):
    """A record to count, with its fate."""

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        ...

    @property
    def category(self) -> str:
        """Category in the words of the record of processing."""
        ...

    @property
    def fate(self) -> Fate | None:
        """Fate of the record; ``None`` where none is stated."""
        ...

    @property
    def attachments(self) -> int:
        """Number of the record's attachments."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The records of one system and category that had the same fate.

    Args:
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        fate: What became of it.
        records: How many records.
        attachments: How many files hang on them.
    """

    system: str
    category: str
    fate: Fate
    records: int
    attachments: int


def holdings(records: Iterable[Counted]) -> tuple[Held, ...]:
    """Count records by system, category and fate, in that order.

    Args:
        records: The records; one of which nothing is said is passed over.
    """
    counted: Counter[tuple[str, str, Fate]] = Counter()
    attachments: Counter[tuple[str, str, Fate]] = Counter()
    for record in records:
        if record.fate is not None:
            key = (record.system, record.category, record.fate)
            counted[key] += 1
            attachments[key] += record.attachments
    return tuple(
        Held(
            system=system, category=category, fate=fate, records=count, attachments=attachments[system, category, fate]
        )
        for (system, category, fate), count in sorted(counted.items(), key=lambda item: _order(item[0]))
    )


def _order(key: tuple[str, str, Fate]) -> tuple[str, str, int]:
    system, category, fate = key
    return system, category, list(Fate).index(fate)
