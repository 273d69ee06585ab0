"""Records that are decided on together, since one is found only through the other, or blocks its erasure. Pure.

A recording whose call is erased cannot be found again: no search leads to it, and no one could erase it when its time
comes. So the entry through which alone a record is found stays as long as that record; where an entry that is no
record of the person leads to it too, it does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.connector import Capabilities, RecordKind
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind

ERASED_BY_HAND: Final = "it has been erased by hand"
"""End of the retention of a record that no interface of its system erases."""
KEPT_WITH_ANOTHER: Final = (
    "Another entry that stays is found only through this one, so that it stays as long as that entry."
)
_IN_PART: Final = frozenset({Method.MUTE, Method.BLANK, Method.RESTRICT, Method.RECTIFY})


def has_links(systems: Mapping[str, Capabilities]) -> bool:
    """Return whether records of any system are found through others, or block their erasure.

    Args:
        systems: What each configured system's connector declares.
    """
    return any(kind.found_through or kind.blocked_by for known in systems.values() for kind in known.kinds)


def linked_with(chosen: Collection[Finding], findings: Sequence[Finding]) -> list[Finding]:
    """Return the records directly above or below some records, without these themselves.

    Args:
        chosen: The records.
        findings: All records of the case.
    """
    keys, above = {finding.key for finding in chosen}, {finding.via for finding in chosen if finding.via}
    return [
        finding
        for finding in findings
        if finding.key not in keys and (finding.key in above or (finding.via and finding.via in keys))
    ]


def decide_together(
    findings: Sequence[Finding], planned: Sequence[Planned], systems: Mapping[str, Capabilities]
) -> list[Planned]:
    """Return the plan in which no record that stays becomes unreachable, and foreseeable refusals are named.

    Args:
        findings: The records; links to others that are not among them are passed over.
        planned: The plan of each alone, in the same order.
        systems: What each configured system's connector declares.
    """
    below = defaultdict[str, list[int]](list)
    for place, finding in enumerate(findings):
        if finding.via:
            below[finding.via].append(place)
    if not below:
        return list(planned)
    return [
        _together(finding, plan, [(findings[at], planned[at]) for at in below.get(finding.key, ())], systems)
        for finding, plan in zip(findings, planned, strict=True)
    ]


def _together(
    finding: Finding, plan: Planned, below: Sequence[tuple[Finding, Planned]], systems: Mapping[str, Capabilities]
) -> Planned:
    if plan.method is not Method.ERASE or not below:
        return plan
    staying = [(item, kept) for item, kept in below if _stays(kept)]
    alone = [(item, kept) for item, kept in staying if Fact.NAMED_ELSEWHERE not in item.facts]
    if leading := [kept for item, kept in alone if finding.ref.kind in _kind_of(item, systems).found_through]:
        return _kept_with(plan, leading)
    blocked_by = _kind_of(finding, systems).blocked_by
    if any(blocked_by.get(item.ref.kind) in item.facts for item, _ in staying):
        return replace(plan, note=f"{plan.note} {_kind_of(finding, systems).blocked_note}".lstrip())
    return plan


def _kind_of(finding: Finding, systems: Mapping[str, Capabilities]) -> RecordKind:
    return systems[finding.ref.system].kind(finding.ref.kind)


def _stays(plan: Planned) -> bool:
    """Return whether a record stays on a ground that is settled, and not only until a person erases it by hand."""
    is_there = plan.method is None or plan.method in _IN_PART
    return is_there and plan.question is None and plan.expected not in _GONE and plan.ends_when != ERASED_BY_HAND


_GONE: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED, OutcomeKind.NOT_HELD})


def _kept_with(plan: Planned, kept: Sequence[Planned]) -> Planned:
    days = [item.until for item in kept]
    return replace(
        plan,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=KEPT_WITH_ANOTHER,
        legal_basis=_joined(item.legal_basis for item in kept),
        until=max((day for day in days if day), default=None) if all(days) else None,
        ends_when=_joined((item.ends_when for item in kept), " and "),
        question=None,
    )


def _joined(texts: Iterable[str], between: str = "; ") -> str:
    return between.join(dict.fromkeys(filter(None, texts)))
