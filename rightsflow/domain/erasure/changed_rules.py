"""Effect of today's rules on a record that an answer called retained: erase it, or shorten or extend its period. Pure.

The rules change with the settings (a document class, a sector, a financial year) and with the law. What the person was
told does not change by itself: a person decides.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.erasure import blocking
from rightsflow.domain.erasure.legal_hold import RELEASED
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.vocabulary.records import Method, OutcomeKind

_KEPT: Final = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})
_REMOVING: Final = frozenset({Method.ERASE, Method.REDACT})
_BY_LAW: Final = "Art. 17(3)(b)"


class RuleChange(Enum):
    """The difference of today's rules from the answer about a record."""

    GOES = auto()
    """Nothing keeps it any more."""
    EARLIER = auto()
    """It is kept until an earlier day."""
    LATER = auto()
    """It has to be kept until a later day, or a person has to say until when."""


def is_stated(finding: Finding, rules: PlanRules) -> bool:
    """Return whether the person was told, by rules that may have changed since, until when a record is kept.

    What a legal hold keeps, what is blocked by law, what its system did not erase, and what is no one's for sure have
    ends of their own.

    Args:
        finding: The record.
        rules: Today's rules.
    """
    is_ours = finding.attribution is Attribution.SUBJECT and finding.outcome in _KEPT
    by_its_system = finding.refused or finding.method in _REMOVING
    ends_otherwise = finding.legal_basis == blocking.PROVISION or RELEASED in finding.ends_when
    is_due = finding.until is not None and finding.until < rules.today
    return is_ours and not by_its_system and not ends_otherwise and not is_due


def rule_change(finding: Finding, planned: Planned) -> RuleChange | None:
    """Return the difference of today's plan from the answer about a record; ``None`` if there is none.

    Args:
        finding: The record, as it is kept.
        planned: What is planned with it today.
    """
    if planned.method in _REMOVING:
        return RuleChange.GOES
    if is_longer_by_rule(finding, planned):
        return RuleChange.LATER
    is_earlier = planned.until is not None and (finding.until is None or planned.until < finding.until)
    return RuleChange.EARLIER if is_earlier and RELEASED not in planned.ends_when else None


def is_longer_by_rule(finding: Finding, planned: Planned) -> bool:
    """Return whether only a rule of retention keeps a record for longer than stated, or its question is open.

    A new dispute, contract or hold is a fact of its own, which a person has noted at its system or here.

    Args:
        finding: The record, as it is kept.
        planned: What is planned with it today.
    """
    if planned.method in _REMOVING or finding.until is None:
        return False
    by_rule = planned.question is not None or planned.legal_basis.startswith(_BY_LAW)
    return by_rule and (planned.until is None or planned.until > finding.until)
