"""Plan rules that keep records: a person's decision, storage only, and a change of the rules after the answer. Pure.

The exception of Art. 17(3) GDPR covers the keeping and no other use (Art. 5(1)(b), 18(2)), so retained records are
marked where their system can, but those in use, such as the account of a running contract. The rules change with the
settings and with the law; the answer to the person does not change by itself: a person decides.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import Final, Protocol

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned, Question
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.case.record_decisions import ANSWERS, NAMED_IN_DECISION, RecordAct, RecordDecision
from rightsflow.domain.erasure import dates
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING

KEPT_AS_DECIDED: Final = "It was decided for this record alone that we keep it."
KEPT_BESIDES: Final = "It was decided besides, for this record alone, that we keep it."
RESTRICTED_AS_DECIDED: Final = "It was decided for this record alone that we only store it and use it for nothing else."
RESTRICTED_BESIDES: Final = "It was decided besides, for this record alone, that we use it for nothing else until then."
CANNOT_RESTRICT: Final = "Its system has no way to mark that, so that a person sees to it there by hand."
"""Reason for a restriction that no interface carries out; the record is recognised by these words."""
_KEEPING = frozenset({RecordAct.KEEP, RecordAct.RESTRICT})


_IN_WORDS: Final = (KEPT_AS_DECIDED, KEPT_BESIDES, RESTRICTED_AS_DECIDED, RESTRICTED_BESIDES)


def without_what_is_over(finding: Finding) -> Finding:
    """Drop a retention that has ended from a record without a decision on it, so that its reason stays true.

    Args:
        finding: The record.
    """
    decided = finding.decided
    is_over = decided is not None and decided.act in _KEEPING and not any(word in finding.reason for word in _IN_WORDS)
    return replace(finding, decided=None) if is_over else finding


class _Settled(Protocol):
    @property
    def outcome(self) -> OutcomeKind | None: ...
    @property
    def reason(self) -> str: ...


def is_marked(record: _Settled) -> bool:
    """Return whether a record bears our mark that it is stored only, which a restored back-up removes.

    Args:
        record: The record, with its outcome.
    """
    return record.outcome is OutcomeKind.RESTRICTED


def is_corrected(record: _Settled) -> bool:
    """Return whether a record was corrected, so that an earlier back-up has the wrong value.

    Args:
        record: The record, with its outcome.
    """
    return record.outcome is OutcomeKind.RECTIFIED


def is_lifted(finding: Finding) -> bool:
    """Return whether a record exists whose restriction was lifted, so that an earlier back-up has an outdated mark.

    Args:
        finding: The record.
    """
    return finding.lifted_at is not None and finding.outcome is OutcomeKind.RETAINED


def is_stored_only(record: _Settled) -> bool:
    """Return whether a record is stored and not used otherwise: it is marked, or a person sees to it without a mark.

    Args:
        record: The record, with its outcome and the reason of that.
    """
    by_hand = record.outcome is OutcomeKind.RETAINED and CANNOT_RESTRICT in record.reason
    return is_marked(record) or by_hand


def keep_as_decided(finding: Finding, by_rule: Planned, rules: PlanRules) -> Planned | None:
    """Keep a record that a person decided to keep or to restrict; ``None`` where no one did, or that is over.

    Args:
        finding: The record.
        by_rule: What the rules make of it.
        rules: What the plan depends on besides.
    """
    decided = finding.decided
    if decided is None or decided.act not in _KEEPING or _is_over(decided, rules):
        return None
    kept = _kept_as_decided(decided, by_rule, rules)
    return _restricted(kept, finding, rules) if decided.act is RecordAct.RESTRICT else kept


def _is_over(decided: RecordDecision, rules: PlanRules) -> bool:
    """Return whether the last day of a person's decision to keep a record has passed."""
    return decided.until is not None and decided.until < rules.today


def _restricted(kept: Planned, finding: Finding, rules: PlanRules) -> Planned:
    """Mark a record that is kept, so that it is used for nothing else; where its system cannot, a person is told."""
    if Method.RESTRICT in rules.methods(finding):
        return replace(kept, method=Method.RESTRICT, expected=OutcomeKind.RESTRICTED)
    return replace(kept, reason=f"{kept.reason} {CANNOT_RESTRICT}")


def _kept_as_decided(decided: RecordDecision, by_rule: Planned, rules: PlanRules) -> Planned:
    """Keep a record on a person's ground, and as long as any rule keeps it."""
    bases, ends, days = [decided.cited(rules.law)], [NAMED_IN_DECISION] if decided.ends_when else [], [decided.until]
    restricts = decided.act is RecordAct.RESTRICT
    reason = RESTRICTED_AS_DECIDED if restricts else KEPT_AS_DECIDED
    if by_rule.method is None and by_rule.question is None:
        bases.insert(0, by_rule.legal_basis)
        ends.insert(0, by_rule.ends_when)
        days.append(by_rule.until)
        reason = f"{by_rule.reason} {RESTRICTED_BESIDES if restricts else KEPT_BESIDES}"
    return Planned(
        ref=by_rule.ref,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=reason,
        legal_basis="; ".join(filter(None, bases)),
        until=max(filter(None, days), default=None),
        ends_when=" and ".join(filter(None, ends)),
        note=by_rule.note,
    )


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
    ends_otherwise = finding.legal_basis == dates.PROVISION or RELEASED in finding.ends_when
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
