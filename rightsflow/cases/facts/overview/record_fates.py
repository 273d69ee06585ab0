"""The fates of records: of a single record, and of all records of a case in sum, as the database counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Fate, Finding, RecordStanding, fate_after
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.gates.package_changes import is_taken_in
from rightsflow.domain.vocabulary.records import OutcomeKind, PresenceState
from rightsflow.domain.vocabulary.rights import Right

Sum = tuple[str, str, str]
"""A system, a category, and what became of the records, or is to become of them."""


def fate_of(finding: Finding, right: Right) -> Fate:
    """Return the fate of one record of the case file.

    Args:
        finding: The record.
        right: What was asked for.
    """
    copies = finding.copies
    return _fate(
        RecordStanding(
            system=finding.ref.system,
            category=finding.category,
            attribution=finding.attribution,
            outcome=finding.outcome,
            planned=finding.planned,
            has_method=finding.method is not None,
            is_seen=finding.verified is PresenceState.PRESENT,
            is_left_out=finding.decided is not None and finding.decided.act is RecordAct.LEAVE_OUT,
            is_taken_in=is_taken_in(finding),
            copied=None if copies is None else bool(copies.documents or copies.files),
        ),
        right,
    )


def sums_of(counted: Iterable[tuple[RecordStanding, int]], right: Right) -> Counter[Sum]:
    """Return the number of records by present or planned fate.

    Args:
        counted: The records of a case, with how many stand alike.
        right: What was asked for.
    """
    sums: Counter[Sum] = Counter()
    for item, count in counted:
        sums[item.system, item.category, fate_word(_fate(item, right), item.planned)] += count
    return sums


def fate_word(fate: Fate, planned: OutcomeKind | None) -> str:
    """Return the present or planned fate of a record, in words.

    Args:
        fate: What became of it.
        planned: What is planned, if anything is.
    """
    return f"planned: {planned.value}" if fate is Fate.FOUND and planned else fate.value


def _fate(record_standing: RecordStanding, right: Right) -> Fate:
    if record_standing.outcome is None:
        return _fate_of_copy(record_standing) if right is Right.ACCESS else Fate.FOUND
    unclear = record_standing.attribution is Attribution.UNCLEAR and not record_standing.has_method
    return fate_after(record_standing.outcome, unclear=unclear, seen=record_standing.is_seen)


def _fate_of_copy(record_standing: RecordStanding) -> Fate:
    if record_standing.is_left_out:
        return Fate.LEFT_OUT
    if record_standing.attribution is Attribution.UNCLEAR and not record_standing.is_taken_in:
        return Fate.UNCLEAR
    if record_standing.copied is None:
        return Fate.FOUND
    return Fate.COPIED if record_standing.copied else Fate.GONE


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackageFile:
    """The bytes of a recording or an attachment.

    Args:
        record: The number of its record.
        name: Its name as the person gets it.
        media_type: What the system says that it is; not to be trusted.
        size: How many bytes it has.
        open: Starts to read it.
    """

    record: int
    name: str
    media_type: str
    size: int
    open: Callable[[], Iterator[bytes]]
