"""The account of a case: the facts that its sheet, gates, letters, package and figures are made from.

Counted in one place, so that no two of them contradict each other. A record is a record: the files that hang on it (a
ticket's attachments) are counted beside it and never as records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rightsflow.attribution import Attribution
from rightsflow.findings import Finding
from rightsflow.records import OutcomeKind
from rightsflow.request import Right


class Fate(StrEnum):
    """What became of a record, for the person who asked."""

    FOUND = "found"
    """It was found, and nothing has been done with it yet."""
    COPIED = "in the package"
    GONE = "gone before it was copied"
    UNCLEAR = "unclear"
    """It could not be attributed to the person, and was left out or left alone."""
    ERASED = "erased"
    REDACTED = "redacted"
    PSEUDONYMISED = "pseudonymised"
    RESTRICTED = "restricted"
    RETAINED = "retained"
    NOT_HELD = "not held"
    DELEGATED = "delegated"
    FAILED = "failed"


_OF_OUTCOMES: Mapping[OutcomeKind, Fate] = {kind: Fate(kind.value) for kind in OutcomeKind}


def fate_of(finding: Finding, right: Right) -> Fate:
    """What became of one record.

    Args:
        finding: The record.
        right: What was asked for.
    """
    if finding.outcome is None:
        return _fate_of_copy(finding) if right is Right.ACCESS else Fate.FOUND
    if finding.attribution is Attribution.UNCLEAR and finding.method is None:
        return Fate.UNCLEAR
    if finding.refused and finding.outcome is OutcomeKind.REDACTED:
        # A part stayed: the person must not read that nothing of theirs is left there.
        return Fate.RETAINED
    return _OF_OUTCOMES[finding.outcome]


def _fate_of_copy(finding: Finding) -> Fate:
    if finding.attribution is Attribution.UNCLEAR:
        return Fate.UNCLEAR
    if finding.copies is None:
        return Fate.FOUND
    return Fate.COPIED if finding.copies.documents or finding.copies.files else Fate.GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one system holds in one category that had the same fate.

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


def holdings(findings: Iterable[Finding], right: Right) -> tuple[Held, ...]:
    """What became of a case's records, counted by system, category and fate, in that order.

    Args:
        findings: The case's records.
        right: What was asked for.
    """
    records: Counter[tuple[str, str, Fate]] = Counter()
    attachments: Counter[tuple[str, str, Fate]] = Counter()
    for one in findings:
        key = (one.ref.system, one.category, fate_of(one, right))
        records[key] += 1
        attachments[key] += one.copies.attachments if one.copies else 0
    return tuple(
        Held(
            system=system, category=category, fate=fate, records=count, attachments=attachments[system, category, fate]
        )
        for (system, category, fate), count in sorted(records.items(), key=lambda item: _order(item[0]))
    )


def _order(key: tuple[str, str, Fate]) -> tuple[str, str, int]:
    system, category, fate = key
    return system, category, list(Fate).index(fate)
