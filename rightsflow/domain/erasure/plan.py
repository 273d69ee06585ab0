"""The erasure plan: for every record what is done with it, or why it is kept (Art. 17(1) and (3) GDPR).

Pure. The rules are asked in order and the first that speaks decides; a record that none of them keeps is erased, or
redacted where other people's data stand in it. What a person decided on a record alone never loosens a hold, a lock or
a retention that the law orders: it keeps more, or it erases what the plan may erase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Final

from rightsflow.domain.case.findings import Finding, Planned, Question
from rightsflow.domain.case.holds import REASON, RELEASED
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.erasure import dates
from rightsflow.domain.erasure.linked_records import ERASED_BY_HAND, decide_together
from rightsflow.domain.erasure.partial_erasure import blank_unneeded, mute_what_stays
from rightsflow.domain.erasure.plan_by_decision import keep_as_decided, restrict_what_stays
from rightsflow.domain.erasure.plan_by_request import (
    leave_as_decided,
    leave_unattributed,
    leave_unconcerned,
    rectify_as_asked,
    restrict_as_asked,
)
from rightsflow.domain.erasure.plan_rules import GROUNDS, Completed, PlanRules, Use
from rightsflow.domain.erasure.retention import retain_until
from rightsflow.domain.erasure.retention_duties import Retention
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, Method, OutcomeKind
from rightsflow.domain.vocabulary.rights import ERASING

ORDER_ENDS: Final = "the order is fulfilled or cancelled"
"""End of the retention of an open order, and of the records to which it refers."""
NEEDED_BY_ORDER: Final = (
    "An open order of the person refers to it, so that it stays until the order is fulfilled or cancelled. Recipients "
    "of its system are told of the erasure only afterwards."
)
"""Note to the approver on a record that an open order needs."""
HELD_BY_OWN: Final = (
    "Other entries of the person refer to it, and some of this system stay: while one of those stays that refer to it, "
    "the system keeps it too, and the answer says so."
)
"""Note to the approver on a record to which other entries of the person refer."""
_GOES: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.NOT_HELD})
_Rule = Callable[[Finding, PlanRules], Planned | None]


def plan_erasure(findings: Sequence[Finding], rules: PlanRules) -> list[Planned]:
    """Decide for every record; the result has one entry per finding, in the same order."""
    alone = [_decide(finding, rules) for finding in findings]
    planned = decide_together(findings, alone, rules.capabilities) if rules.right in ERASING else alone
    staying = {item.ref.system for item in planned if item.expected not in _GOES}
    return [_held(finding, item, staying) for finding, item in zip(findings, planned, strict=True)]


def storage_end(finding: Finding, rules: PlanRules) -> Planned | None:
    """Return until when a law, a hold, a lock or a contract has a record kept (Art. 15(1)(d) GDPR).

    ``None`` where no rule gives an end: the criterion of its system is all that is known.

    Args:
        finding: The record.
        rules: What the plan of an erasure would depend on.
    """
    planned = next(filter(None, (rule(finding, rules) for rule in _KEEPING)), None)
    return planned if planned is None or planned.question in {None, Question.HOLD} else None


def _held(finding: Finding, planned: Planned, staying: AbstractSet[str]) -> Planned:
    """Note that a record to erase may stay while other entries of the person refer to it."""
    is_held = Fact.REFERRED_BY_OWN in finding.facts and finding.ref.system in staying
    if not is_held or planned.expected is not OutcomeKind.ERASED:
        return planned
    return replace(planned, note=f"{planned.note} {HELD_BY_OWN}".lstrip())


def _decide(finding: Finding, rules: PlanRules) -> Planned:
    by_rule, rule = _decide_by_rule(finding, rules)
    notes = [by_rule.note, _note(finding, rules)]
    if by_rule.method is not None and by_rule.method.removes:
        notes += [_unblocked(finding, rules), *_incomplete(finding, rules)]
    by_rule = replace(by_rule, note=" ".join(filter(None, notes)))
    planned = keep_as_decided(finding, by_rule, rules) or by_rule
    planned = mute_what_stays(finding, planned, rules, is_ordered=_is_ordered(finding, rules))
    planned = blank_unneeded(finding, planned, rules) if _is_by_law_alone(finding, planned, rules) else planned
    return restrict_what_stays(finding, planned, rules) if rule in _STORED_ONLY else planned


def _is_by_law_alone(finding: Finding, planned: Planned, rules: PlanRules) -> bool:
    """Return whether only the laws on books and tax keep a record, with no open question about them."""
    if planned.method is not None or planned.expected is not OutcomeKind.RETAINED:
        return False
    duty = _duty(finding, rules)
    return duty is not None and duty.question is None and duty == replace(planned, note="")


def _is_ordered(finding: Finding, rules: PlanRules) -> bool:
    """Return whether a law orders a record to be kept as a recording, which no program may then alter."""
    if DocumentClass.RECORDING not in (rules.classes_of(finding) or ()):
        return False
    return _duty_of(DocumentClass.RECORDING, finding, rules) is not None


def _decide_by_rule(finding: Finding, rules: PlanRules) -> tuple[Planned, _Rule]:
    """Return the plan by the first rule that applies, and the rule."""
    for rule in _RULES:
        planned = rule(finding, rules)
        if planned is not None:
            return planned, rule
    return _erase(finding, rules), _erase


def _held_by_the_system(finding: Finding, rules: PlanRules) -> Planned | None:
    if Fact.LEGAL_HOLD in finding.facts:
        return _retained(
            finding,
            "The record is under a legal hold.",
            f"Art. 17(3)(e) {rules.law.name}",
            ends_when="the hold is released",
        )
    if Fact.LOCKED in finding.facts and (finding.locked_until is None or finding.locked_until >= rules.today):
        return _retained(
            finding,
            "The storage keeps the record unalterable until its lock ends.",
            f"No exception; the erasure is due (Art. 17(1) {rules.law.name}) once the lock has ended",
            finding.locked_until,
            ends_when="" if finding.locked_until else "the lock is lifted",
        )
    return None


def _legal_hold(finding: Finding, rules: PlanRules) -> Planned | None:
    """Keep a record for a claim; if no hold names its category, a person decides on the need (Art. 17(3)(e) GDPR)."""
    covering = [hold for hold in rules.holds if hold.covers(finding.ref.system, finding.category)]
    is_open, decided = not any(hold.category for hold in covering), finding.decided.act if finding.decided else None
    if not covering or (is_open and decided is RecordAct.NOT_NEEDED):
        return None
    duty = _duty(finding, rules)
    kept = duty if duty is not None and duty.question is None else None
    held = _retained(
        finding,
        REASON,
        f"Art. 17(3)(e) {rules.law.name}" + (f"; {kept.legal_basis}" if kept else ""),
        kept.until if kept else None,
        ends_when=RELEASED,
    )
    is_asked = is_open and decided is not RecordAct.NEEDED and rules.right in ERASING and finding.acted_at is None
    return replace(held, question=Question.HOLD, note=_use_of(finding, rules)) if is_asked else held


def _use_of(finding: Finding, rules: PlanRules) -> str:
    """Return the argument that no claim needs a record: a use of the record that the request ends."""
    uses = rules.uses.get(finding.ref.system, {})
    use = next((item for item in Use if finding.ref.kind in (uses.get(item) or ())), None)
    return f"It is kept for {use} alone: if the claim needs it, make sure that this use has stopped." if use else ""


def _claim(finding: Finding, rules: PlanRules) -> Planned | None:
    if Fact.OPEN_DISPUTE not in finding.facts:
        return None
    duty = _duty(finding, rules)
    return _retained(
        finding,
        "A disputed payment is being decided; the record is needed for the claim.",
        f"Art. 17(3)(e) {rules.law.name}",
        duty.until if duty else None,
        ends_when="the dispute is settled",
    )


def _running_contract(finding: Finding, rules: PlanRules) -> Planned | None:
    if Fact.OPEN_INVOICE in finding.facts:
        # Once it is settled the duty to keep the voucher goes on: the later end counts.
        duty = _duty(finding, rules)
        kept = duty if duty is not None and duty.question is None else None
        settled, law = "the invoice is settled", f"Art. 6(1)(b) and 17(3)(e) {rules.law.name}"
        voucher = (
            f", and as a voucher{' until the date given' if kept.until else ', which bears no date'}" if kept else ""
        )
        reason = f"An invoice is still open; the record is needed until it is settled{voucher}."
        basis = f"{law}; {kept.legal_basis}" if kept else law
        ends_when = settled if kept is None or kept.until else f"{kept.ends_when}, and {settled}"
        return _retained(finding, reason, basis, kept.until if kept else None, ends_when=ends_when)
    if Fact.OPEN_ORDER in finding.facts:
        return _retained(
            finding,
            "An order of yours is not fulfilled yet and needs the record; cancel it, or ask again once it is.",
            f"Art. 6(1)(b) {rules.law.name} (no ground of Art. 17(1) applies)",
            ends_when=ORDER_ENDS,
        )
    if Fact.ACTIVE_CONTRACT in finding.facts:
        return _retained(
            finding,
            "A contract is running that needs the record; end the contract and ask again.",
            f"Art. 6(1)(b) {rules.law.name} (no ground of Art. 17(1) applies)",
            ends_when="the contract ends",
        )
    return None


def _needed_by_order(finding: Finding, rules: PlanRules) -> Planned | None:
    """Keep a record to which an open order refers: without the account's address there is no delivery."""
    if finding.ref not in rules.needed_by_orders:
        return None
    kept = _retained(
        finding,
        "An order of yours that is not fulfilled yet refers to it and needs it, for the delivery for example.",
        f"Art. 6(1)(b) {rules.law.name} (no ground of Art. 17(1) applies)",
        ends_when=ORDER_ENDS,
    )
    return replace(kept, note=NEEDED_BY_ORDER)


def _duty(finding: Finding, rules: PlanRules) -> Planned | None:
    """Return the duty of the laws on books and tax for a record, or the question to answer first."""
    classes = rules.classes_of(finding)
    if classes is None:
        return _asked(finding, Question.NO_CLASS, "No document class is stated for this kind of record.")
    duties = [_duty_of(class_, finding, rules) for class_ in sorted(classes - {DocumentClass.NONE})]
    completing = [
        _completing(complete, finding, rules) for complete in rules.completes.get(finding.ref, ()) if complete.is_stated
    ]
    return max(filter(None, (*duties, *completing)), key=_weight, default=None)


def _completing(completed: Completed, finding: Finding, rules: PlanRules) -> Planned | None:
    """Keep the data that a retained document lacks, such as an invoice's name and address, for the same period."""
    duty = _duty_of(completed.document, replace(finding, occurred_on=completed.occurred_on), rules)
    if duty is None or duty.question is not None:
        return None
    reason = f"The law obliges us to keep {completed.document.words}, and a part of what they have to say is only here."
    return replace(duty, reason=reason)


def _weight(planned: Planned) -> tuple[bool, bool, date]:
    """Return the sort key of a duty: an open question comes first, then a duty without an end, then the longest."""
    return planned.question is not None, planned.until is None, planned.until or date.max


def _duty_of(document: DocumentClass, finding: Finding, rules: PlanRules) -> Planned | None:
    try:
        retention = _retention(document, finding.occurred_on or rules.today, rules)
    except BadInput:
        return _asked(
            finding,
            Question.NO_RULE,
            f"{document.words.capitalize()} may have to be kept, and no rule for {rules.country} is known.",
        )
    if retention is None:
        return None
    exception = f"Art. 17(3)(b) {rules.law.name}"
    if finding.occurred_on is None:
        # No one can say that its period has ended, and an erased voucher does not come back.
        return _retained(
            finding,
            f"The law obliges us to keep {document.words}; this one bears no date from which its period could be told.",
            exception,
            ends_when="its date is established and the period has ended",
        )
    if retention.until < rules.today:
        return None
    return _retained(
        finding,
        f"The law obliges us to keep {document.words} until the date given.",
        f"{exception}, {retention.provision}",
        retention.until,
        ends_when=f"longer while {retention.extends_while}" if retention.extends_while else "",
    )


def _retention(document: DocumentClass, occurred_on: date, rules: PlanRules) -> Retention | None:
    return retain_until(rules.country, document, occurred_on, sector=rules.sector, financial_year=rules.financial_year)


def _asked(finding: Finding, question: Question, reason: str) -> Planned | None:
    """Return a question for a person, unless the person's decision on this record has answered it."""
    if finding.decided is not None and finding.decided.act is RecordAct.ERASE:
        return None
    return replace(
        _retained(finding, reason, "", ends_when="a person has decided"),
        question=question,
    )


def _note(finding: Finding, rules: PlanRules) -> str:
    """Return the points for the approver to check before relying on a period or leaving a record unchanged."""
    if left_out := rules.left_out(finding):
        return left_out.note
    notes: dict[str, None] = {}
    for document in sorted(rules.classes_of(finding) or ()):
        with suppress(BadInput):
            retention = _retention(document, finding.occurred_on or rules.today, rules)
            notes |= dict.fromkeys(_remarks(retention, rules.today)) if retention else {}
    return " ".join(notes)


def _remarks(retention: Retention, today: date) -> Iterator[str]:
    if retention.until < today and retention.extends_while:
        yield (
            f"The period of {retention.provision} ended on {retention.until:%d %b %Y}, but it goes on while "
            f"{retention.extends_while}; look before you approve."
        )
    if retention.to_check:
        yield f"{retention.provision} was not compared with the statute book; look it up before you rely on it."


def _rights_of_others(finding: Finding, rules: PlanRules) -> Planned | None:
    if not finding.facts & {Fact.SHARED, Fact.MENTION}:
        return None
    if Method.REDACT in rules.methods(finding):
        return Planned(
            ref=finding.ref,
            method=Method.REDACT,
            expected=OutcomeKind.REDACTED,
            reason="Another person's data stand in the same record; only yours are removed from it.",
        )
    return _retained(
        finding,
        "Another person's data cannot be separated from yours in this record.",
        f"Rights of others; Art. 18(1) {rules.law.name} by analogy",
        ends_when="the other person's data may go as well",
    )


def _block(finding: Finding, rules: PlanRules) -> Planned | None:
    """Block a record to be erased, once, if the law has blocking: a record retained or blocked before is destroyed."""
    if rules.blocked_until is None or finding.acted_at is not None:
        return None
    if Method.RESTRICT not in rules.methods(finding):
        return None
    return Planned(
        ref=finding.ref,
        method=Method.RESTRICT,
        expected=OutcomeKind.RESTRICTED,
        reason=dates.REASON,
        legal_basis=dates.PROVISION,
        # What is blocked already is destroyed as that ends.
        until=min(rules.blocked_until, rules.blocked_before.get(finding.ref, rules.blocked_until)),
    )


def _unblocked(finding: Finding, rules: PlanRules) -> str:
    """Return the note on a record that is erased although it should have been blocked first."""
    return dates.CANNOT_BLOCK if rules.blocked_until and finding.acted_at is None else ""


def _incomplete(finding: Finding, rules: PlanRules) -> Iterator[str]:
    """Ask whether a retained document lacks the data to be erased, if the configuration does not state it."""
    unstated = (complete for complete in rules.completes.get(finding.ref, ()) if not complete.is_stated)
    for words in sorted({complete.document.words for complete in unstated if _completing(complete, finding, rules)}):
        yield (
            f"{words.capitalize()} that are kept refer to it: if they do not hold name and address themselves, keep it "
            "as well (`completes` of the reference settles that)."
        )


_RULES: tuple[_Rule, ...] = (
    leave_unconcerned,
    leave_as_decided,
    leave_unattributed,
    rectify_as_asked,
    restrict_as_asked,
    _legal_hold,
    _held_by_the_system,
    _claim,
    _running_contract,
    _needed_by_order,
    _duty,
    _rights_of_others,
    _block,
)


_KEEPING: Final = (_legal_hold, _held_by_the_system, _claim, _running_contract, _needed_by_order, _duty)
"""The rules that have a record kept for a time, whatever is asked."""
_STORED_ONLY: Final = (_legal_hold, _claim, _duty)
"""The rules that keep a record for a law or a claim alone, so that it is used for nothing else."""


def _erase(finding: Finding, rules: PlanRules) -> Planned:
    methods = rules.methods(finding)
    reason, provision = GROUNDS.get(rules.right, ("", ""))
    for method, expected in ((Method.ERASE, OutcomeKind.ERASED), (Method.REDACT, OutcomeKind.REDACTED)):
        if method in methods:
            basis = f"{provision} {rules.law.name}" if provision else ""
            return Planned(ref=finding.ref, method=method, expected=expected, reason=reason, legal_basis=basis)
    return erased_by_hand(finding, rules)


def erased_by_hand(finding: Finding, rules: PlanRules) -> Planned:
    """Return the plan of a record that a person has to erase at its system.

    Args:
        finding: The record.
        rules: What the plan depends on besides.
    """
    return _retained(
        finding,
        "The system offers no interface to erase this record; a person has to erase it there.",
        f"No exception; the erasure is due (Art. 17(1) {rules.law.name})",
        ends_when=ERASED_BY_HAND,
    )


def _retained(
    finding: Finding, reason: str, legal_basis: str, until: date | None = None, *, ends_when: str = ""
) -> Planned:
    return Planned(
        ref=finding.ref,
        method=None,
        expected=OutcomeKind.RETAINED,
        reason=reason,
        legal_basis=legal_basis,
        until=until,
        ends_when=ends_when,
    )
