"""A card's security number in a recording: it must not be kept (PCI DSS 3.3.1), whatever keeps the recording. Pure.

What is erased goes with it. What stays is muted at its system for good in the seconds that the system marks (Art.
17(1)(d) GDPR), unless the law orders that it is kept unaltered, a hold or a lock keeps it as it is, or the system
cannot: then a person decides. Nothing but what is marked is ever silenced.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned, WorkedRecord
from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import Fact, Method, Outcome, OutcomeKind

MUTED: Final = "The part in which a card's security number was recorded is muted for good in the system."
NOT_MUTED: Final = "A card's security number was recorded in a part of it, which was not muted:"
"""Beginning of the reason of a record that still has the number; the record is recognised by these words."""
ORDERED: Final = f"{NOT_MUTED} the law orders that the recording is kept unaltered, so that a person decides."
HELD: Final = f"{NOT_MUTED} the recording is held as it is, so that a person decides."
CANNOT: Final = f"{NOT_MUTED} a person has to do that by hand."
_OTHERS: Final = frozenset({Attribution.UNCLEAR, Attribution.ANOTHER})
_INTERVAL: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)-(\d{1,6}(?:\.\d{1,3})?)(?:@(\d{1,2}))?")
_MOST_INTERVALS: Final = 20


def read_intervals(text: str) -> tuple[Interval, ...]:
    """The parts of a recording that a system marks: seconds from its beginning, such as ``12.5-18.25 40-43@1``.

    Args:
        text: As it is marked, separated by spaces; ``@1`` names a channel, otherwise all of them are meant.

    Raises:
        BadInput: It is not readable.
    """
    found = [_INTERVAL.fullmatch(part) for part in text.split()]
    if not found or len(found) > _MOST_INTERVALS or not all(found):
        raise BadInput(
            f"The marked seconds are not readable; mark them like 12.5-18.25 40-43@1, at most {_MOST_INTERVALS}."
        )
    return tuple(
        Interval(start=_milliseconds(part[1]), end=_milliseconds(part[2]), channel=int(part[3] or 0))
        for part in found
        if part is not None
    )


def _milliseconds(seconds: str) -> int:
    whole, _, part = seconds.partition(".")
    return int(whole) * 1000 + int(f"{part:0<3}")


def mute_what_stays(finding: Finding, planned: Planned, rules: PlanRules, *, is_ordered: bool) -> Planned:
    """Return the plan with the treatment of a card's security number in a retained record.

    Args:
        finding: The record.
        planned: What is planned for it.
        rules: What the plan depends on besides.
        is_ordered: Whether a law orders that the recording is kept, which lets no one alter it.
    """
    if Fact.CARD_CODE not in finding.facts or finding.attribution in _OTHERS or _goes_or_is_not_meant(planned):
        return planned
    if is_ordered:
        return _left(planned, ORDERED)
    if _is_held(finding, planned, rules):
        return _left(planned, HELD)
    if Method.MUTE not in rules.methods(finding):
        return _left(planned, CANNOT)
    return replace(planned, method=Method.MUTE, reason=f"{planned.reason} {MUTED}", note=_noted(planned, _TO_LISTEN))


_TO_LISTEN: Final = "Seconds of it are muted for good, as its system marks them; listen to them before you approve."


def _goes_or_is_not_meant(planned: Planned) -> bool:
    is_removed = planned.method is not None and planned.method.removes
    return is_removed or planned.expected is OutcomeKind.NOT_CONCERNED or planned.question is not None


def _is_held(finding: Finding, planned: Planned, rules: PlanRules) -> bool:
    """Return whether a hold, a lock or a restriction keeps the record unchanged."""
    is_covered = any(hold.covers(finding.ref.system, finding.category) for hold in rules.holds)
    return is_covered or bool(finding.facts & {Fact.LEGAL_HOLD, Fact.LOCKED}) or planned.method is Method.RESTRICT


def _left(planned: Planned, reason: str) -> Planned:
    return replace(planned, reason=f"{planned.reason} {reason}", note=_noted(planned, reason))


def _noted(planned: Planned, more: str) -> str:
    return " ".join(filter(None, (planned.note, more)))


def is_muted(finding: Finding) -> bool:
    """Return whether a record is kept muted, so that a back-up would bring it back unmuted.

    Args:
        finding: The record.
    """
    return finding.method is Method.MUTE and finding.outcome is OutcomeKind.RETAINED and not finding.refused


def left_to_person(planned: Planned) -> Planned:
    """A plan that mutes nothing: after the answer a person does that, as a task of the case.

    Args:
        planned: The plan.
    """
    if planned.method is not Method.MUTE:
        return planned
    return replace(planned, method=None, reason=planned.reason.replace(MUTED, CANNOT))


def with_reason_kept(finding: WorkedRecord, outcome: Outcome) -> Outcome:
    """The outcome of a muting, where it was refused with the reason for which the record is kept.

    Args:
        finding: The record, as it was planned.
        outcome: What its system did.
    """
    if finding.method is not Method.MUTE or outcome.kind is not OutcomeKind.RETAINED or not outcome.reason:
        return outcome
    return replace(outcome, reason=finding.reason.replace(MUTED, outcome.reason))
