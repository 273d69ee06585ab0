"""A record that a person decided to keep: why, until when, and whether it is marked for storage only. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.record_decisions import NAMED_IN_DECISION, RecordAct, RecordDecision
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.vocabulary.records import Method, OutcomeKind

KEPT_AS_DECIDED: Final = "It was decided for this record alone that we keep it."
KEPT_BESIDES: Final = "It was decided besides, for this record alone, that we keep it."
RESTRICTED_AS_DECIDED: Final = "It was decided for this record alone that we only store it and use it for nothing else."
RESTRICTED_BESIDES: Final = "It was decided besides, for this record alone, that we use it for nothing else until then."
CANNOT_RESTRICT: Final = "Its system has no way to mark that, so that a person sees to it there by hand."
"""Reason for a restriction that no interface carries out; the record is recognised by these words."""
_KEEPING = frozenset({RecordAct.KEEP, RecordAct.RESTRICT})


_IN_WORDS: Final = (KEPT_AS_DECIDED, KEPT_BESIDES, RESTRICTED_AS_DECIDED, RESTRICTED_BESIDES)


def without_what_is_over(finding: Finding) -> Finding:
    """A record without a decision to keep or restrict it that keeps it no more: its reason does not say so.

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
