"""Outcomes of records, decided and counted in one place for the case file and for the entries of the ledger.

A record is a record: its files (a ticket's attachments) are counted beside it and never as records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from rightsflow.domain.vocabulary.records import OutcomeKind


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
