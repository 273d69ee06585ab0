"""What a plan does with a record when the person asked for a rectification (Art. 16 GDPR). Pure."""

from __future__ import annotations

from typing import Final

from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.records import Fact, Method, OutcomeKind
from rightsflow.domain.rectification.change import in_words
from rightsflow.domain.rectification.outcomes import NO_SUCH_FIELD
from rightsflow.domain.request import Right
from rightsflow.domain.wording import listed

BY_HAND: Final = "No program of ours corrects it; a person looks whether it holds what is to be corrected."
NOTHING_TO_DO: Final = "Nothing of what you asked to be corrected was accepted for it."
HELD_UNALTERED: Final = "A legal claim needs it as it is, so that it stays unaltered until that has ended."
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
"""What keeps the software from altering a record, by what its connector told of it."""


def rectify_as_asked(finding: Finding, rules: PlanRules) -> Planned | None:
    """Correct what was accepted, in a record that is the person's alone and has the field; else say why not.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    if rules.right is not Right.RECTIFICATION:
        return None
    if not rules.corrected:
        return _left(finding, NOTHING_TO_DO)
    if not rules.capabilities[finding.ref.system].kind(finding.ref.kind).fields & rules.corrected:
        return _without_the_field(finding, rules)
    if reason := _why_unaltered(finding, rules):
        fields = rules.capabilities[finding.ref.system].kind(finding.ref.kind).fields & rules.corrected
        named = listed(sorted(map(in_words, fields)))
        return _unrectified(finding, f"Not corrected: {named}. {reason}")
    return Planned(ref=finding.ref, method=Method.RECTIFY, expected=OutcomeKind.RECTIFIED)


def _without_the_field(finding: Finding, rules: PlanRules) -> Planned:
    capabilities = rules.capabilities[finding.ref.system]
    if fixed := capabilities.kind(finding.ref.kind).fixed:
        return _left(finding, fixed)
    elsewhere = any(one.fields & rules.corrected for one in capabilities.kinds)
    return _left(finding, NO_SUCH_FIELD) if elsewhere else _unrectified(finding, BY_HAND)


def _why_unaltered(finding: Finding, rules: PlanRules) -> str:
    """What keeps the software from altering a record; empty for nothing."""
    if any(one.covers(finding.ref.system, finding.category) for one in rules.holds):
        return HELD_UNALTERED
    return next((reason for facts, reason in _WHY_NOT if finding.facts & facts), "")


def _left(finding: Finding, reason: str) -> Planned:
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.NOT_CONCERNED, reason=reason)


def _unrectified(finding: Finding, reason: str) -> Planned:
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.UNRECTIFIED, reason=reason)
