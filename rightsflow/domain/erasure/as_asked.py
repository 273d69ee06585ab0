"""Plan rules for a limited request: leave records outside the request, mark records to be stored only. Pure."""

from __future__ import annotations

from dataclasses import replace

from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.erasure import restriction
from rightsflow.domain.erasure.decided import CANNOT_RESTRICT
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.narrowing import NOT_ASKED_FOR, OUTSIDE
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import Right


def leave_unconcerned(finding: Finding, rules: PlanRules) -> Planned | None:
    """Leave a record outside the request unchanged, unless a person decided otherwise.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    left_out = rules.left_out(finding)
    if left_out is None or (finding.decided is not None and finding.decided.act is RecordAct.ERASE):
        return None
    return Planned(ref=finding.ref, method=None, expected=OutcomeKind.NOT_CONCERNED, reason=left_out.reason)


def leave_as_decided(finding: Finding, rules: PlanRules) -> Planned | None:
    """Leave a record unchanged that a person placed outside the request.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    if finding.decided is None or finding.decided.act is not RecordAct.LEAVE_OUT:
        return None
    is_outside = finding.decided.ground == NOT_ASKED_FOR
    return Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.NOT_CONCERNED,
        reason=OUTSIDE if is_outside else restriction.LEFT_AS_DECIDED,
        legal_basis=finding.decided.cited(rules.law),
    )


def restrict_as_asked(finding: Finding, rules: PlanRules) -> Planned | None:
    """Mark a record to be stored only, as requested; without an interface, a person sees to it (Art. 18(1) GDPR).

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    ground = rules.ground
    if rules.right is not Right.RESTRICTION or ground is None:
        return None
    kept = Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=restriction.AS_ASKED,
        legal_basis=f"{ground.provision} {rules.law.name}",
        ends_when=ground.ends_when,
    )
    if finding.facts & {Fact.SHARED, Fact.MENTION}:
        return replace(kept, reason=f"{restriction.SHARED} {CANNOT_RESTRICT}")
    if Method.RESTRICT not in rules.methods(finding):
        return replace(kept, reason=f"{kept.reason} {CANNOT_RESTRICT}")
    return replace(kept, method=Method.RESTRICT, expected=OutcomeKind.RESTRICTED)
