"""Rules for a person's lines at the approval gate: their effect on records, and the lines refused. Pure.

Numbers are those of the sheet and of the gate. A refused line changes nothing; the sentence quotes no data.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned, Question
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.case.record_decisions import ANSWERS, RIGHTS_OF_OTHERS, RecordAct, RecordDecision
from rightsflow.domain.erasure.linked_records import KEPT_WITH_ANOTHER
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.package_changes import is_given, refuse_other_grounds
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.people import folded
from rightsflow.domain.vocabulary.records import Fact, RecordRef
from rightsflow.domain.vocabulary.rights import Right

_ON_A_PLAN: Final = frozenset({RecordAct.ERASE, RecordAct.KEEP, RecordAct.RESTRICT, *ANSWERS})
_ON_WHAT_STAYS: Final = frozenset({RecordAct.LEAVE_OUT})
_ON_A_PACKAGE: Final = frozenset({RecordAct.LEAVE_OUT})


def acts_on(right: Right) -> frozenset[RecordAct]:
    """Return the acts that a person can decide on a single record.

    Args:
        right: What was asked for.
    """
    if right in {Right.RESTRICTION, Right.RECTIFICATION}:
        return _ON_WHAT_STAYS
    return _ON_A_PLAN if right.has_plan else _ON_A_PACKAGE


def assign(
    decisions: Mapping[str, RecordDecision],
    findings: Sequence[Finding],
    right: Right,
    today: date,
    stated: Container[RecordRef] = (),
) -> dict[RecordRef, RecordDecision]:
    """Assign each decision to its records; a decision by number precedes one by system and kind.

    A class of document for a whole kind is for those of its records whose class the configuration leaves open.

    Args:
        decisions: By number, or by system and kind.
        findings: The case's records.
        right: What was asked for.
        today: The present day in the controller's time zone.
        stated: The records whose class of document is stated already.

    Raises:
        BadInput: A number or a kind does not occur, or the act is not possible for that right.
    """
    by_number = {str(finding.number): [finding] for finding in findings}
    chosen: dict[RecordRef, RecordDecision] = {}
    for which, decision in sorted(decisions.items(), key=lambda item: item[0][:1].isdigit()):
        _refuse_unfit(decision, right, today)
        these = by_number.get(which.lstrip("0")) if which[:1].isdigit() else _of_kind(which, findings)
        if not these:
            raise BadInput(_unknown(which, len(findings)))
        if not which[:1].isdigit():
            _refuse_doubtful(decision, these)
        fitting = [entry for entry in these if decision.document is None or entry.ref not in stated]
        if not fitting:
            raise BadInput(
                "The decisions on records name a document class where the configuration states it; change it there, or "
                "leave the line out."
            )
        chosen |= {entry.ref: decision for entry in fitting}
    return chosen


def _of_kind(which: str, findings: Iterable[Finding]) -> list[Finding]:
    return [
        finding for finding in findings if f"{finding.ref.system} {finding.ref.kind}".casefold() == which.casefold()
    ]


def _refuse_doubtful(decision: RecordDecision, findings: Iterable[Finding]) -> None:
    """Refuse a decision by kind on a record that may be another person's: it needs a decision on its own evidence."""
    doubtful = [finding for finding in findings if finding.names_person]
    if doubtful and decision.act is RecordAct.ERASE:
        raise BadInput(
            f"It is unclear whose record {doubtful[0].number} is; look at it, and decide on it by its number alone."
        )


def _unknown(which: str, count: int) -> str:
    if which[:1].isdigit():
        return f"A number of the decisions on records does not occur in this case; its records are 1 to {count}."
    return (
        "A system with a kind that the decisions on records name does not occur in this case; write both as the sheet "
        "does, such as helpdesk ticket."
    )


def _refuse_unfit(decision: RecordDecision, right: Right, today: date) -> None:
    acts = acts_on(right)
    if decision.act not in acts:
        allowed = ", ".join(sorted(act.value for act in acts))
        raise BadInput(f"{decision.act.value.capitalize()} does not fit this {right.value} request; use {allowed}.")
    if right.has_plan and decision.act is RecordAct.LEAVE_OUT and decision.provision == RIGHTS_OF_OTHERS:
        raise BadInput("Say by which provision the request leaves the record as it is, such as Art. 18(1).")
    if right is Right.ACCESS and decision.act is RecordAct.LEAVE_OUT:
        refuse_other_grounds(decision)
    if decision.until is not None and decision.until < today:
        raise BadInput("A record is kept until a day that is over; give one to come, or erase it.")


def refuse_names(decisions: Iterable[RecordDecision], known: Identifiers) -> None:
    """Refuse a provision that contains an identifier of the person: the ledger stores it in clear.

    Args:
        decisions: What was decided.
        known: The person's identifiers.

    Raises:
        BadInput: One does.
    """
    cited = " ".join({folded(decision.provision) for decision in decisions})
    if any(folded(identifier.value) in cited for identifier in known):
        raise BadInput("A provision of the decisions on records holds data of the person; give the provision alone.")


def refuse_loosened(findings: Iterable[Finding], planned: Iterable[Planned]) -> None:
    """Refuse to erase records kept by a hold, a lock, the law or others' rights, and to restrict others' records.

    Args:
        findings: The records that were decided on.
        planned: What the plan makes of each, in the same order.

    Raises:
        BadInput: A record that is to be erased cannot be, or one that is to be restricted is another person's too.
    """
    for finding, plan in zip(findings, planned, strict=True):
        _refuse_restricting_others(finding)
        if finding.decided is not None and finding.decided.act is RecordAct.NOT_NEEDED and plan.ends_when == RELEASED:
            raise BadInput(f"A legal hold names the category of record {finding.number}; release or narrow the hold.")
        if finding.decided is not None and finding.decided.act is RecordAct.ERASE and plan.method is None:
            raise BadInput(f"Record {finding.number} cannot be erased by a decision: {_why(finding, plan)}")


def _refuse_restricting_others(finding: Finding) -> None:
    if finding.decided is None or finding.decided.act is not RecordAct.RESTRICT:
        return
    if finding.attribution is not Attribution.SUBJECT:
        raise BadInput(f"Record {finding.number} cannot be restricted: it is unclear whose it is; keep it.")
    if finding.facts & {Fact.SHARED, Fact.MENTION}:
        raise BadInput(f"Record {finding.number} cannot be restricted: it is another person's too; keep or redact it.")


def refuse_open_questions(findings: Sequence[Finding], country: str) -> None:
    """Refuse a plan that leaves something to a person who has not said it.

    Args:
        findings: The case's records, with what is planned.
        country: The controller's country.

    Raises:
        BadInput: A record has no document class, or the country no rule for it.
    """
    if open_kinds := _kinds_asked(findings, Question.NO_CLASS):
        first = open_kinds.partition(",")[0]
        raise BadInput(
            f"No document class is stated for {open_kinds}: state it in the decisions on records, such as {first}: "
            "class none or class trade letter, or under document_classes in the configuration."
        )
    if open_kinds := _kinds_asked(findings, Question.NO_RULE):
        first = open_kinds.partition(",")[0]
        raise BadInput(
            f"No rule of retention for {country} is known, so decide on {open_kinds}: such as {first}: keep | ground | "
            "provision | until a day, or erase."
        )
    if open_kinds := _kinds_asked(findings, Question.HOLD):
        first = open_kinds.partition(",")[0]
        raise BadInput(
            f"The legal hold names no category, so say whether its claim needs {open_kinds}: such as {first}: needed, "
            f"or {first}: not needed."
        )


def _kinds_asked(findings: Iterable[Finding], question: Question) -> str:
    return ", ".join(
        sorted({f"{finding.ref.system} {finding.ref.kind}" for finding in findings if finding.question is question})
    )


def _why(finding: Finding, plan: Planned) -> str:
    if plan.reason == KEPT_WITH_ANOTHER:
        return f"{plan.reason} Decide on that entry first."
    if finding.attribution is not Attribution.SUBJECT:
        return "it names another person."
    until = f" It is kept until {plan.until:%d %b %Y}." if plan.until else ""
    return f"{plan.reason}{until}"


def refuse_empty_copy(findings: Iterable[Finding], left_out: Mapping[RecordRef, RecordDecision]) -> None:
    """Refuse to leave everything out: that would be a refusal, which has its own reasons and its own letter.

    Args:
        findings: The case's records.
        left_out: What is left out.

    Raises:
        BadInput: Nothing of the person would be left in the package.
    """
    given = [finding for finding in findings if is_given(finding)]
    if left_out and all(finding.ref in left_out for finding in given):
        raise BadInput("Every record would be left out; refuse the request with its reason code instead.")
