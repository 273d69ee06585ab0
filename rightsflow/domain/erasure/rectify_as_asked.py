"""Plan rule for records in a rectification request (Art. 16 GDPR). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.rectification.change import FieldOf, in_words
from rightsflow.domain.rectification.outcomes import NO_SUCH_FIELD
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import listed

BY_HAND: Final = "No program of ours corrects it; a person looks whether it holds what is to be corrected."
NOTHING_TO_DO: Final = "Nothing of what you asked to be corrected was accepted for it."
HELD_UNALTERED: Final = "A legal claim needs it as it is, so that it stays unaltered until that has ended."
NO_ROOM: Final = (
    "Its system has no room for the new value as it is written, such as for one of its letters; a person looks "
    "what can be done there."
)
ROOM_FOR_REST: Final = (
    "{system} has no room for the new value of: {fields}. That stays for a person, the rest is corrected. Where the "
    "system is given room, search anew before you decide."
)
"""Note to the approver on a record that can be corrected only in part."""
_VOUCHER: Final = (
    "It is a voucher, which is not altered once it is issued; a person looks whether a corrected one has to be issued."
)
_LOCKED: Final = "Its system keeps it unalterable; a person looks whether a corrected copy is needed."
_SHARED: Final = "Another person's data stand in the same record; a person looks at it."
_WHY_NOT: Final = (
    (frozenset({Fact.LEGAL_HOLD, Fact.OPEN_DISPUTE}), HELD_UNALTERED),
    (frozenset({Fact.LOCKED}), _LOCKED),
    (frozenset({Fact.ACCOUNTING}), _VOUCHER),
    (frozenset({Fact.SHARED, Fact.MENTION}), _SHARED),
)
"""Reasons that keep the software from altering a record, by the connector's facts."""


def rectify_as_asked(finding: Finding, rules: PlanRules) -> Planned | None:
    """Plan the accepted corrections in a record that is the person's alone and has the field; else state why not.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    if rules.right is not Right.RECTIFICATION:
        return None
    if not rules.corrected:
        return _left(finding, NOTHING_TO_DO)
    fields = rules.capabilities[finding.ref.system].kind(finding.ref.kind).fields & rules.corrected
    if not fields:
        return _without_the_field(finding, rules)
    if reason := _why_unaltered(finding, rules):
        return _unrectified(finding, f"Not corrected: {_named(fields)}. {reason}")
    return _as_there_is_room(finding, fields, rules)


def _as_there_is_room(finding: Finding, fields: frozenset[str], rules: PlanRules) -> Planned:
    """Plan the correction of the fields that have room for the right value."""
    full = rules.without_room.get(finding.ref.system, frozenset())
    refused = frozenset(field for field in fields if FieldOf(finding.ref.kind, field) in full)
    if not refused:
        return Planned(ref=finding.ref, method=Method.RECTIFY, expected=OutcomeKind.RECTIFIED)
    if refused == fields:
        return _unrectified(finding, f"Not corrected: {_named(fields)}. {NO_ROOM}")
    note = ROOM_FOR_REST.format(fields=_named(refused), system=finding.ref.system)
    return Planned(ref=finding.ref, method=Method.RECTIFY, expected=OutcomeKind.UNRECTIFIED, note=note)


def _named(fields: Iterable[str]) -> str:
    return listed(sorted(map(in_words, fields)))


def _without_the_field(finding: Finding, rules: PlanRules) -> Planned:
    capabilities = rules.capabilities[finding.ref.system]
    if fixed := capabilities.kind(finding.ref.kind).fixed:
        return _left(finding, fixed)
    elsewhere = any(kind.fields & rules.corrected for kind in capabilities.kinds)
    return _left(finding, NO_SUCH_FIELD) if elsewhere else _unrectified(finding, BY_HAND)


def _why_unaltered(finding: Finding, rules: PlanRules) -> str:
    """Return the reason that keeps the software from altering a record; empty for none."""
    if any(hold.covers(finding.ref.system, finding.category) for hold in rules.holds):
        return HELD_UNALTERED
    return next((reason for facts, reason in _WHY_NOT if finding.facts & facts), "")


def _left(finding: Finding, reason: str) -> Planned:
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.NOT_CONCERNED, reason=reason)


def _unrectified(finding: Finding, reason: str) -> Planned:
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.UNRECTIFIED, reason=reason)
