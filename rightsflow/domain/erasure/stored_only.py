"""Marking of records that a law or a claim exempts from erasure: stored only, if their system can mark that. Pure.

The exception of Art. 17(3) GDPR covers the keeping and no other use (Art. 5(1)(b), 18(2)). What is in use, such as the
account of a running contract, is not marked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned, Question
from rightsflow.domain.case.record_decisions import ANSWERS
from rightsflow.domain.erasure.decided import CANNOT_RESTRICT
from rightsflow.domain.erasure.legal_hold import RELEASED
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING

_UNMARKED: Final = frozenset({Fact.SHARED, Fact.MENTION, Fact.LEGAL_HOLD, Fact.LOCKED})
"""Records that other people are in too, or that their system lets no one alter."""


def restrict_what_stays(finding: Finding, planned: Planned, rules: PlanRules) -> Planned:
    """Return the plan of a record that a law or a claim keeps, with its mark; what was settled before keeps its own.

    Args:
        finding: The record.
        planned: What keeps it.
        rules: What the plan depends on besides.
    """
    is_settled = planned.question in {None, Question.HOLD}
    is_kept = planned.method is None and is_settled and planned.expected is OutcomeKind.RETAINED
    is_decided = finding.decided is not None and finding.decided.act not in ANSWERS
    is_ours = finding.attribution is Attribution.SUBJECT and not finding.facts & _UNMARKED
    if not is_kept or is_decided or not is_ours or rules.right not in ERASING:
        return planned
    if finding.acted_at is not None:
        return replace(planned, expected=finding.outcome) if finding.outcome is OutcomeKind.RESTRICTED else planned
    if Method.RESTRICT in rules.methods(finding):
        return replace(planned, method=Method.RESTRICT, expected=OutcomeKind.RESTRICTED)
    is_held = planned.ends_when == RELEASED
    return replace(planned, reason=f"{planned.reason} {CANNOT_RESTRICT}") if is_held else planned


def without_mark(planned: Planned) -> Planned:
    """Return the plan of a record that is kept as it is now, with no call to its system.

    Args:
        planned: The plan.
    """
    if planned.method is not Method.RESTRICT:
        return replace(planned, question=None)
    return replace(planned, method=None, expected=OutcomeKind.RETAINED, question=None)
