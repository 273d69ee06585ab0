"""The plan of an erasure: by the rules, by approvers' notes on its records, and by decisions on items to correct.

The notes are sealed, since grounds may name a person, and count only for the plan that was read: a changed plan is read
again. A later note on a record replaces an earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting, said
from rightsflow.cases.facts.persons import other_cases
from rightsflow.cases.work.rectification.items import without_room
from rightsflow.documents.letters.rules import claims_too_much
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision, read_record_decisions
from rightsflow.domain.erasure.dates import PROVISION, blocked_until
from rightsflow.domain.erasure.linked_records import has_links, linked_with
from rightsflow.domain.erasure.plan import plan_erasure
from rightsflow.domain.erasure.plan_groups import grouped, with_standard
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.gates.record_decision_rules import assign, refuse_loosened, refuse_names
from rightsflow.domain.rectification.corrections import Ruling, RulingKind, concerned, read_rulings, refuse_unknown
from rightsflow.domain.vocabulary.records import DocumentClass, KindAt, OutcomeKind, RecordRef
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import counted, number_ranges
from rightsflow.store import CaseFile

NOTHING_NOTED: Final[Mapping[str, RecordDecision]] = MappingProxyType({})


def decide_by_rules(
    findings: Sequence[Finding],
    file: CaseFile,
    app: App,
    *,
    include_unclear: bool,
    noted: Mapping[str, RecordDecision] = NOTHING_NOTED,
) -> list[Planned]:
    """Plan each record by the rules, in the same order, and with regard to the records that it is linked with.

    Args:
        findings: The records.
        file: Their case file, open.
        app: What it works with.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
        noted: What is noted on the case's records besides, by their numbers.
    """
    linked = linked_with(findings, file.findings.all()) if has_links(app.capabilities) else []
    rules = plan_rules(file, app, include_unclear=include_unclear)
    return plan_erasure([*findings, *with_notes(linked, noted)], rules)[: len(findings)]


def replanned(file: CaseFile, app: App, noted: Mapping[str, RecordDecision]) -> dict[int, Planned]:
    """Return the plan that an approval makes of the records on which something is noted, and of those linked with them.

    Args:
        file: The case file, open.
        app: What it works with.
        noted: What is noted, by the records' numbers.
    """
    if not noted:
        return {}
    findings = file.findings.all()
    affected = [finding for finding in findings if str(finding.number) in noted]
    if affected and has_links(app.capabilities):
        affected += linked_with(affected, findings)
    decided = with_notes(affected, noted)
    planned = decide_by_rules(decided, file, app, include_unclear=False, noted=noted)
    return {finding.number: plan for finding, plan in zip(decided, planned, strict=True)}


def plan_rules(file: CaseFile, app: App, *, include_unclear: bool = False) -> PlanRules:
    """Return the rules for a plan that is made now.

    Args:
        file: The case file, open.
        app: What it works with.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
    """
    controller = app.settings.controller
    blocked_to = blocked_until(controller.country, app.today)
    rules = PlanRules(
        country=controller.country,
        law=controller.law,
        today=app.today,
        include_unclear=include_unclear,
        capabilities=app.capabilities,
        sector=controller.sector,
        financial_year=controller.bookkeeping_year,
        oss=controller.oss,
        classes={name: section.document_classes for name, section in app.systems.items()},
        holds=file.legal_holds.scopes(),
        blocked_until=blocked_to,
        blocked_before=_blocked_before(file, app) if blocked_to else {},
        right=file.right,
        ground=file.ground,
        corrected=concerned(file.corrections.all()) if file.right is Right.RECTIFICATION else frozenset(),
        without_room=without_room(file),
        needed_by_orders=file.findings.needed_by_orders() if file.right in ERASING else frozenset(),
        needed=app.settings.retention.needed_by_class,
        uses={name: section.uses for name, section in app.systems.items()},
        given=frozenset(item.kind for item in file.identifiers.known()),
    )
    return replace(rules, completes=rules.completed_by(file.findings.referred_to(_completed(app))))


def _completed(app: App) -> set[KindAt]:
    """Return the kinds of documents that another record completes, or may complete."""
    return {
        KindAt(system, kind.name)
        for system, capabilities in app.capabilities.items()
        for kind in capabilities.kinds
        if kind.document is not DocumentClass.NONE and not {*kind.completed_by.values()} <= {False}
    }


def _blocked_before(file: CaseFile, app: App) -> dict[RecordRef, date]:
    """Return until when other cases of the same person have records blocked already."""
    blocked: dict[RecordRef, date] = {}
    for other in other_cases(file).same:
        for finding in file.beside(other).findings.all():
            is_blocked = finding.outcome is OutcomeKind.RESTRICTED and finding.legal_basis == PROVISION
            if is_blocked and finding.until is not None and finding.until >= app.today:
                blocked[finding.ref] = min(finding.until, blocked.get(finding.ref, finding.until))
    return blocked


def renew_questions(file: CaseFile, app: App) -> None:
    """Plan anew what was left to a person: the configuration may state a class by now that was missing before.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    asked = [finding for finding in file.findings.all() if finding.question is not None]
    if asked:
        file.findings.plan(decide_by_rules(asked, file, app, include_unclear=False))


_FIELD: Final = "plan-note/"
CHANGED: Final = "What you decide on has changed since you opened the page; read it again, then decide."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PlanNote:
    """A decision that is noted on records of a plan.

    Args:
        number: Its number among the notes of the case.
        by: Who noted it.
        records: The numbers of the records for which it counts now.
        decision: What is decided on them.
    """

    number: int
    by: str
    records: tuple[int, ...]
    decision: RecordDecision

    @property
    def which(self) -> str:
        """The numbers of its records in short, such as ``3-7, 12``."""
        return number_ranges(self.records)


def note_decision(app: App, case_id: str, numbers: Collection[int], what: str, *, read: str, by: str) -> int:
    """Note a decision on records of a plan; returns on how many.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        what: The decision, as the lines of all gates have it behind their colon.
        read: The plan that was read, as ``CaseFile.what_is_approved`` gives it.
        by: Who decides.

    Raises:
        BadInput: A number or the decision cannot be used, or the law does not leave it to a person.
        Conflict: The plan has changed, waits for no approval, or the person opened the case (four eyes).
    """
    if not numbers:
        raise BadInput("Choose the records that this is about.")
    line = f"{number_ranges(numbers)}: {what}"
    decided = read_record_decisions([line])
    with app.store.case_file(case_id) as file:
        _refuse_changed(file, read, by)
        _refuse_unfit(file, app, decided)
        _keep(file, {"plan": read, "by": said(by), "line": line, "back": 0})
    return len(decided)


def take_note_back(app: App, case_id: str, number: int, *, read: str, by: str) -> None:
    """Take a note back; what the plan says of its records counts again, or an earlier note.

    Args:
        app: What it works with.
        case_id: The case.
        number: The note's number.
        read: The plan that was read.
        by: Who takes it back.

    Raises:
        BadInput: There is no such note.
        Conflict: The plan has changed, or waits for no approval.
    """
    with app.store.case_file(case_id) as file:
        _refuse_changed(file, read, by)
        if number not in {plan_note.number for plan_note in notes_on(file)}:
            raise BadInput("That note was taken back already, or a later one counts for its records.")
        _keep(file, {"plan": read, "by": said(by), "line": "", "back": number})


def notes_on(file: CaseFile, plan: str = "") -> list[PlanNote]:
    """Return the notes that count for the present plan, oldest first.

    Args:
        file: The case file, open.
        plan: What its approval is bound by; read where it is not given.
    """
    entries = [json.loads(text) for text in file.outbox.secrets_below(_FIELD)]
    plan = plan or (file.what_is_approved() if entries else "")
    back = {entry["back"] for entry in entries}
    made: list[tuple[int, str, dict[str, RecordDecision]]] = [
        (number, entry["by"], read_record_decisions([entry["line"]]))
        for number, entry in enumerate(entries, start=1)
        if entry["line"] and entry["plan"] == plan and number not in back
    ]
    last = {which: number for number, _, decided in made for which in decided}
    notes = (
        PlanNote(
            number=number,
            by=by,
            records=tuple(int(which) for which in decided if last[which] == number),
            decision=next(iter(decided.values())),
        )
        for number, by, decided in made
    )
    return [note for note in notes if note.records]


def digest_of(notes: Sequence[PlanNote]) -> str:
    """Return the digest that binds an approval to the notes read with the plan; empty for none.

    Args:
        notes: The notes.
    """
    texts = [f"{note.number} {note.records}" for note in notes]
    return sha256("\n".join(texts).encode()).hexdigest() if texts else ""


def bound_with(file: CaseFile, notes: Sequence[PlanNote]) -> str:
    """Return the digest that binds an approval besides the plan: the notes and, of a rectification, the items' rulings.

    Args:
        file: The case file, open.
        notes: The notes.
    """
    return digest_of(notes) + (file.corrections.digest() if file.right is Right.RECTIFICATION else "")


def decisions_of(notes: Sequence[PlanNote]) -> dict[str, RecordDecision]:
    """Return the notes as decisions on single records, by their numbers.

    Args:
        notes: The notes.
    """
    return {str(number): note.decision for note in notes for number in note.records}


def numbers_in(app: App, case_id: str, group: str) -> list[int]:
    """Return the numbers of all records of a group of the plan.

    Args:
        app: What it works with.
        case_id: The case.
        group: The group's key.

    Raises:
        BadInput: There is no such case or group.
    """
    with app.store.case_file(case_id) as file:
        group_of_plan = next((item for item in with_standard(grouped(file.planned.alike())) if item.key == group), None)
    if group_of_plan is None:
        raise BadInput("There are no such records in the plan any more; open its page again.")
    return list(group_of_plan.numbers)


def with_notes(findings: Sequence[Finding], decisions: Mapping[str, RecordDecision]) -> list[Finding]:
    """Return records as they would be decided on by the approval.

    Args:
        findings: The records.
        decisions: What is noted on them, by their numbers.
    """
    return [replace(finding, decided=decisions.get(str(finding.number), finding.decided)) for finding in findings]


def refuse_changed_plan(file: CaseFile, read: str) -> None:
    """Refuse what is done on a plan that is another one than was read.

    Args:
        file: The case file, open.
        read: The plan that was read, as ``CaseFile.what_is_approved`` gives it.

    Raises:
        Conflict: It is, or it waits for no approval.
    """
    if not file.right.has_plan or file.state is not CaseState.AWAITING_APPROVAL:
        raise Conflict(f"{file.case_id} has no plan that waits for its approval; it is {file.state.value}.")
    if read != file.what_is_approved():
        raise Conflict(CHANGED)


def _refuse_changed(file: CaseFile, read: str, by: str) -> None:
    refuse_changed_plan(file, read)
    refuse_opener(by, opened_by=file.opened_by)


def _refuse_unfit(file: CaseFile, app: App, decided: Mapping[str, RecordDecision]) -> None:
    findings, rules = file.findings.all(), plan_rules(file, app)
    stated = {finding.ref for finding in findings if rules.stated_class(finding) is not None}
    chosen = assign(decided, findings, file.right, app.today, stated)
    refuse_names(chosen.values(), file.identifiers.known())
    concerned = with_notes([finding for finding in findings if str(finding.number) in decided], decided)
    _refuse_unclear_at_once(concerned)
    # What was noted before counts as well: of two records that hang together, one is decided on first.
    noted = {**decisions_of(notes_on(file)), **decided}
    refuse_loosened(concerned, decide_by_rules(concerned, file, app, include_unclear=False, noted=noted))


def _refuse_unclear_at_once(findings: Sequence[Finding]) -> None:
    """Refuse to erase unclear records in bulk: each record's owner is decided on its own evidence."""
    unclear = [
        finding
        for finding in findings
        if finding.attribution is Attribution.UNCLEAR and finding.decided and finding.decided.act is RecordAct.ERASE
    ]
    if unclear and len(findings) > 1:
        raise BadInput(
            f"It is unclear whose record {unclear[0].number} is; look at it, and decide on it alone, on its evidence."
        )


def _keep(file: CaseFile, entry: Mapping[str, object]) -> None:
    number = len(file.outbox.secrets_below(_FIELD)) + 1
    file.outbox.keep_secret(f"{_FIELD}{number:06d}", json.dumps(entry, ensure_ascii=False))


def decide_corrections(app: App, case_id: str, lines: Iterable[str], *, by: str) -> str:
    """Decide on items of a rectification; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        lines: The decisions, one to the line, such as ``1: accept`` or ``2: refuse | reason``.
        by: Who decides.

    Raises:
        BadInput: A line cannot be used; nothing is changed.
        Conflict: The case waits for no decision on its items.
    """
    rulings = read_rulings(lines)
    rule_on(app, case_id, rulings, by=by)
    count = counted(len(rulings), "item is", "items are")
    return f"{count} decided; the plan follows that. The approval is still to come."


def rule_on(app: App, case_id: str, rulings: Mapping[int, Ruling], *, by: str, read: str | None = None) -> None:
    """Keep decisions on items, and plan anew what they concern.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        rulings: The decisions, by the items' numbers.
        by: Who decides.
        read: What :func:`items_read` gave when the items were shown; ``None`` where that is not known.

    Raises:
        BadInput: A number is none of an item.
        Conflict: The case waits for no decision on its items, or they were decided otherwise meanwhile.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        _refuse_out_of_turn(file)
        if read is not None and read != file.corrections.digest():
            raise Conflict("What you decide on has changed since you opened the page; read it again, then decide.")
        _refuse_untold(rulings)
        refuse_unknown(rulings, [correction.item for correction in file.corrections.all()])
        file.corrections.decide(rulings, by=who)
        file.findings.plan(decide_by_rules(file.findings.all(), file, app, include_unclear=False))


def _refuse_untold(rulings: Mapping[int, Ruling]) -> None:
    """Refuse the reason of a refusal that the answer could not say; found at its end, no one could decide anew."""
    if any(claims_too_much(ruling.text) for ruling in rulings.values() if ruling.kind is RulingKind.REFUSED):
        raise BadInput("A reason says that all data are gone, which no letter of ours says; name what it is about.")


def _refuse_out_of_turn(file: CaseFile) -> None:
    if file.right is not Right.RECTIFICATION:
        raise Conflict(f"{file.case_id} asks for no rectification, so that it has no items to decide on.")
    if file.state is not CaseState.AWAITING_APPROVAL or file.found_nothing:
        raise Conflict(
            f"{file.case_id} waits for no decision on its items (it is {file.state.value}); look at "
            f"`rightsflow show {file.case_id}`."
        )
