"""Gates of a case: arrival, the decision and its effects, single records, approval of a plan, release of a package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.deadlines.clock import end_question, proof_asked
from rightsflow.cases.facts.opened_texts import openers
from rightsflow.cases.facts.people import read_in, refuse_entrusted_account, refuse_false_name, said
from rightsflow.cases.facts.persons import doubt_of_no, other_cases
from rightsflow.cases.facts.systems import concerned_systems, in_order
from rightsflow.cases.work.access.package_review import digest_of, noted, refuse_changed
from rightsflow.cases.work.erasure.plan import (
    CHANGED,
    bound_with,
    decide_by_rules,
    decisions_of,
    notes_on,
    plan_rules,
    renew_questions,
)
from rightsflow.cases.work.purge import note_settled
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.erasure.linked_records import has_links, linked_with
from rightsflow.domain.erasure.plan_rules import Use
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, NewSearch, Verdict, refuse_new_search
from rightsflow.domain.gates.four_eyes import (
    refuse_early_approval,
    refuse_own_masks,
    refuse_own_proposal,
)
from rightsflow.domain.gates.identity import StatedCheck, StatedMandate, read_check, read_mandate, refuse_unproven
from rightsflow.domain.gates.linked_copies import with_parts
from rightsflow.domain.gates.package_changes import (
    is_given,
    refuse_open_masks,
    refuse_open_taking_in,
    refuse_own_taking_in,
)
from rightsflow.domain.gates.record_decision_rules import (
    assign,
    refuse_empty_copy,
    refuse_loosened,
    refuse_names,
    refuse_open_questions,
)
from rightsflow.domain.gates.refusals import Reason, check_refusal, refuse_false_lack_of_ground
from rightsflow.domain.letter_rules import PACKAGE_LETTER, refuse_unopened
from rightsflow.domain.rectification.changes import EMAIL, PHONE
from rightsflow.domain.rectification.corrections import refuse_undecided, wanted
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import COVER


def _take_record_decisions(file: CaseFile, decision: Decision, app: App) -> None:
    """Take what was decided on single records into the case file and the plan, before the decision itself is."""
    if decision.verdict is not Verdict.APPROVED:
        if decision.records:
            raise BadInput("A request that is refused has no decisions on single records; leave them out.")
        return
    findings, rules = file.findings.all(), plan_rules(file, app)
    stated = {finding.ref for finding in findings if decision.records and rules.stated_class(finding) is not None}
    chosen = assign(decision.records, findings, file.right, app.today, stated)
    refuse_names(chosen.values(), file.identifiers.known())
    if file.right is Right.ACCESS:
        chosen = with_parts(chosen, findings, app.profiles)
        refuse_empty_copy(findings, chosen)
        _refuse_prepared(file, findings, decision)
        file.findings.decide(chosen, by=decision.by)
        return
    if file.right is Right.RECTIFICATION and not file.found_nothing:
        refuse_undecided(file.corrections.all())
        _refuse_beside_erasure(file)
    file.findings.decide(chosen, by=decision.by)
    _plan_again(file, decision, app)


def _refuse_beside_erasure(file: CaseFile) -> None:
    """Refuse that an address or number is corrected by which another request of the person knows what it erases.

    That one would take a record that no longer holds it for gone, and say so.
    """
    if not any(item.field in {EMAIL, PHONE} for item in wanted(file.corrections.all())):
        return
    apart = other_cases(file).apart
    if others := [text for text in file.identifiers.open_beside(ERASING) if text not in apart]:
        raise Conflict(
            f"{', '.join(others)}, which erases, is open for who has the same address or number, and may know them by "
            "what is corrected here; let it end first, or find out that it is another person's (rightsflow "
            "case other-person)."
        )


def _refuse_prepared(file: CaseFile, findings: Sequence[Finding], decision: Decision) -> None:
    """Refuse a release whose package lacks what was decided on it, or by one who decided that (four eyes)."""
    choices = file.masks.all()
    known = (
        {file.masks.hashes.of_record(finding.ref) for finding in findings if is_given(finding)} if choices else set()
    )
    refuse_open_masks(choice for choice in choices if choice.record in known)
    refuse_own_masks(decision.by, changed_by=file.masks.changed_by())
    refuse_open_taking_in(findings)
    refuse_own_taking_in(decision.by, taken_in_by=file.findings.taken_in.deciders())


def _plan_again(file: CaseFile, decision: Decision, app: App) -> None:
    """Plan anew what a decision concerns; the rest of the plan stays as it was shown."""
    findings = file.findings.all()
    concerned = [finding for finding in findings if finding.decided is not None or _is_taken(finding, decision)]
    if has_links(app.capabilities):
        concerned += linked_with(concerned, findings)
    planned = decide_by_rules(concerned, file, app, include_unclear=decision.include_unclear)
    refuse_loosened(concerned, planned)
    file.findings.plan(planned)
    refuse_open_questions(file.findings.all(), app.settings.controller.country)


def _is_taken(finding: Finding, decision: Decision) -> bool:
    return decision.include_unclear and finding.attribution is Attribution.UNCLEAR


_BY_THE_PERSON = StatedMandate()


def order_search(app: App, case_id: str, *, reason: str, by: str) -> None:
    """Let a case be searched again that waits for the decision on an erasure's plan, or on "nothing held".

    Args:
        app: What it works with.
        case_id: The case.
        reason: Why, for example that a mapping was corrected.
        by: Who wants it.

    Raises:
        BadInput: The reason is missing, or the name.
        Conflict: The case waits for no such decision.
    """
    with app.store.case_file(case_id) as file:
        order_search_in(file, NewSearch(reason=reason, by=by), app)


def order_search_in(file: CaseFile, search: NewSearch, app: App) -> None:
    """Let a case be searched again whose file is open; as :func:`order_search`.

    Args:
        file: The case file.
        search: Why, and who wants it.
        app: What it works with.

    Raises:
        BadInput: The reason is missing, or the name.
        Conflict: The case waits for no such decision.
    """
    by, reason = said(search.by), " ".join(search.reason.split())
    refuse_false_name(file, by, app)
    refuse_new_search(file.case_id, file.right, file.state, reason, found_nothing=file.found_nothing)
    file.order_search(NewSearch(reason=reason, by=by))


def record_decision(app: App, case_id: str, decision: Decision, *, read: str | None = None) -> None:
    """Write a decision into the case file.

    Args:
        app: What it works with.
        case_id: The case.
        decision: The decision.
        read: What ``read_before`` gave when the person was shown what they decide on; ``None`` where that is not known.

    Raises:
        BadInput: The decision is not usable.
        Conflict: The gate is decided already, the person may not decide on it, or what they read has changed since.
    """
    with app.store.case_file(case_id) as file:
        if read is not None and read != read_in(file):
            raise Conflict("What you decide on has changed since you opened the page; read it again, then decide.")
        decide(file, decision, app)


def decide(file: CaseFile, decision: Decision, app: App) -> None:
    """Write a decision into a case file that is open; as :func:`record_decision`.

    Args:
        file: The case file.
        decision: The decision.
        app: What it works with.

    Raises:
        BadInput: The decision is not usable.
        Conflict: The gate is decided already, or the person may not decide on it.
    """
    # One line, so that the letter can quote it as it stands.
    decision = replace(decision, reason=" ".join(decision.reason.split()))
    for guard in _GUARDS:
        guard(file, decision, app)
    if _is_proposal(file, decision):
        file.decisions.record(replace(decision, gate=Gate.DOSSIER))
        file.ledger.append(CaseEvent.REFUSAL_PROPOSED, actor=decision.by, gate=decision.gate.value, code=decision.code)
        return
    if decision.gate is Gate.APPROVAL:
        decision = replace(decision, noted=refuse_entrusted_account(file, decision.by, app))
        _take_record_decisions(file, decision, app)
    file.decide(decision)
    note_settled(file, app)
    if decision.gate is Gate.IDENTITY and decision.verdict is Verdict.CONFIRMED:
        end_question(file, app, ClockEventKind.IDENTITY_REQUESTED, at=decision.proof_at, by=decision.by)


def waits_for_identity(app: App, case_id: str) -> bool:
    """Return True if the case has not passed its identity gate yet."""
    with app.store.case_file(case_id) as file:
        return file.state in {CaseState.RECEIVED, CaseState.IDENTITY_PENDING}


def confirmation(
    app: App, stated: StatedCheck, *, by: str, note: str = "", mandate: StatedMandate = _BY_THE_PERSON
) -> Decision:
    """Return the decision that identity is confirmed, from the statement of a person.

    Args:
        app: What it works with.
        stated: The check, as typed.
        by: Who checked.
        note: What else is to be said of it; encrypted.
        mandate: Who asks for the person, as typed; nothing by default.

    Raises:
        BadInput: Something is missing or cannot be read.
    """
    settings = app.settings
    method, check = read_check(stated, settings.controller.zone, tuple(settings.systems))
    check = replace(check, representative=read_mandate(mandate, app.today))
    return Decision(
        gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=by, reason=note.strip(), method=method, check=check
    )


def _is_proposal(file: CaseFile, decision: Decision) -> bool:
    """Return True if a refusal is the first as unfounded or excessive, which another person has to confirm."""
    is_excessive = decision.verdict is Verdict.REFUSED and decision.code == Reason.UNFOUNDED_OR_EXCESSIVE
    return is_excessive and file.decisions.at(Gate.DOSSIER) is None


def _used_alone(file: CaseFile, app: App) -> dict[Use, set[str]]:
    """Return the systems whose records of the person serve one use alone, as their sections state."""
    mine = [finding.ref for finding in file.findings.all() if finding.attribution is Attribution.SUBJECT]
    used: dict[Use, set[str]] = {use: set() for use in Use}
    for ref in mine:
        section = app.systems.get(ref.system)
        for use, kinds in section.uses.items() if section else ():
            if ref.kind in (kinds or ()):
                used[use].add(ref.system)
    return used


def _refuse_decided_gate(file: CaseFile, decision: Decision, _app: App) -> None:
    """Refuse to decide a gate twice."""
    file.decisions.refuse_second(decision.gate)


def _refuse_early(file: CaseFile, decision: Decision, _app: App) -> None:
    """Refuse an approval before there is anything to decide on."""
    refuse_early_approval(decision.gate, file.state, file.case_id)


def _refuse_name(file: CaseFile, decision: Decision, app: App) -> None:
    """Refuse a decision under a false name."""
    refuse_false_name(file, decision.by, app)


def _refuse_unproved_identity(file: CaseFile, decision: Decision, app: App) -> None:
    """Refuse to confirm an identity without a check that proves something of this request."""
    if decision.verdict is Verdict.CONFIRMED:
        zone = app.settings.controller.zone
        refuse_unproven(decision, received_at=file.received_at, now=app.now(), zone=zone)


def _refuse_incomplete_reason(file: CaseFile, decision: Decision, app: App) -> None:
    """Refuse a refusal whose reason is incomplete, does not fit, or comes too early."""
    if decision.verdict is not Verdict.REFUSED:
        return
    reason = check_refusal(
        decision,
        file.decisions.at(Gate.DOSSIER),
        right=file.right,
        asked=proof_asked(file, app),
        today=app.today,
        nothing_held=file.found_nothing,
        whose_is_open=doubt_of_no(file, app.today) is not None,
    )
    refuse_false_lack_of_ground(reason, file.right, _used_alone(file, app))


def _refuse_same_person(file: CaseFile, decision: Decision, _app: App) -> None:
    """Refuse that one person both proposes and confirms a refusal as unfounded or excessive (four eyes)."""
    proposal = file.decisions.at(Gate.DOSSIER)
    is_excessive = decision.verdict is Verdict.REFUSED and decision.code == Reason.UNFOUNDED_OR_EXCESSIVE
    if is_excessive and proposal is not None:
        refuse_own_proposal(decision.by, proposed_by=proposal.by, opened_by=file.opened_by)


def _refuse_doubtful_no(file: CaseFile, decision: Decision, app: App) -> None:
    """Refuse to approve that nothing is held while another case raises a doubt."""
    if decision.verdict is Verdict.APPROVED and file.found_nothing and (doubt := doubt_of_no(file, app.today)):
        raise doubt


def _refuse_beside_change(file: CaseFile, decision: Decision, _app: App) -> None:
    """Refuse an approval while a change of the person's details waits: it may concern what is decided on."""
    if decision.verdict is Verdict.APPROVED and file.person_changes.waiting:
        raise Conflict(
            "A change of the person's details waits for a second person; approve or decline it on the page about the "
            "person first."
        )


def refuse_unopened_package(file: CaseFile) -> None:
    """Refuse to release a package whose letter no one has opened since the package was made.

    Args:
        file: The case file, open.

    Raises:
        Conflict: No one has.
    """
    if file.right is Right.ACCESS and not file.found_nothing and file.outbox.secret(COVER):
        refuse_unopened(PACKAGE_LETTER, is_opened=bool(openers(file, PACKAGE_LETTER, file.what_is_approved())))


def _refuse_unopened(file: CaseFile, decision: Decision, _app: App) -> None:
    """Refuse an approval whose texts no person has opened; a policy of the controller decides without this."""
    if decision.gate is Gate.APPROVAL and decision.verdict is Verdict.APPROVED:
        refuse_unopened_package(file)


_GUARDS: Final[tuple[Callable[[CaseFile, Decision, App], None], ...]] = (
    _refuse_decided_gate,
    _refuse_early,
    _refuse_name,
    _refuse_unproved_identity,
    _refuse_incomplete_reason,
    _refuse_same_person,
    _refuse_doubtful_no,
    _refuse_beside_change,
    _refuse_unopened,
)
"""The rules for a decision, asked in this order: each raises ``BadInput`` or ``Conflict`` where it is broken."""


def approve_plan(app: App, case_id: str, *, read: str, noted: str, by: str) -> None:
    """Approve a plan with what is noted on its records.

    Args:
        app: What it works with.
        case_id: The case.
        read: The plan that was read.
        noted: What :func:`bound_with` gave of the notes that were read with it.
        by: Who approves.

    Raises:
        BadInput: A question of the plan is open, or a noted decision is not possible any more.
        Conflict: Plan or notes have changed, or the person may not decide.
    """
    with app.store.case_file(case_id) as file:
        bound = file.what_is_approved()
        notes = notes_on(file, bound)
        if read != bound or noted != bound_with(file, notes):
            raise Conflict(CHANGED)
        decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by, records=decisions_of(notes))
        decide(file, decision, app)


def release_package(app: App, case_id: str, *, package: str, noted_before: str, by: str) -> None:
    """Release a package as it was read, without what is noted to be left out.

    Args:
        app: What it works with.
        case_id: The case.
        package: The SHA-256 of the package that was read.
        noted_before: What :func:`digest_of` gave of the notes that were read with it.
        by: Who releases.

    Raises:
        BadInput: A note cannot be decided so any more.
        Conflict: Package or notes have changed since, or the person may not decide on it.
    """
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        notes = noted(file)
        if digest_of(notes) != noted_before:
            raise Conflict("What is left out has changed since you opened this page; read it again, then release.")
        decide(file, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by, records=notes), app)


@dataclass(frozen=True, slots=True)
class GateView:
    """A case's status at a gate.

    Args:
        case_id: The case.
        gate: The gate.
        right: What the case is about.
        state: Where the case stands.
        verdict: What was decided, or ``None``.
        is_nothing_held: Whether the decision is about the answer that nothing is held.
        is_search_due: Whether the systems have to be searched before there is anything to decide on.
        concerned: The systems that the case concerns, in the order of the configuration.
        with_records: Those of them, and the processors, of which the case has records.
    """

    case_id: str
    gate: Gate
    right: Right
    state: CaseState
    verdict: Verdict | None
    is_nothing_held: bool
    is_search_due: bool
    concerned: tuple[str, ...]
    with_records: tuple[str, ...]

    @property
    def has_ended(self) -> bool:
        """True if the request was withdrawn or its case stopped, so that no decision is needed any more."""
        return self.state.ends_unanswered

    @property
    def is_open(self) -> bool:
        """True if a person has to decide at this gate now."""
        return self.verdict is None and not self.has_ended and not self.is_search_due


def reach_gate(app: App, case_id: str, gate: Gate) -> GateView:
    """Note that the case waits at a gate and say where it stands there.

    Args:
        app: What it works with.
        case_id: The case.
        gate: The gate.
    """
    with app.store.case_file(case_id) as file:
        return arrive(file, app, gate)


def arrive(file: CaseFile, app: App, gate: Gate) -> GateView:
    """Let an open case file arrive at its gate.

    Args:
        file: The case file.
        app: What it works with.
        gate: The gate.
    """
    decision = file.decisions.at(gate)
    is_search_due = gate.needs_search(file.state, is_searched=file.is_searched)
    action = gate.action_on_arrival(file.state, is_searched=file.is_searched)
    if decision is None and action is not None:
        file.advance(action)
    if decision is None and gate is Gate.APPROVAL and file.right.has_plan:
        renew_questions(file, app)
    return GateView(
        case_id=file.case_id,
        gate=gate,
        right=file.right,
        state=file.state,
        verdict=decision.verdict if decision else None,
        is_nothing_held=gate is Gate.APPROVAL and file.found_nothing,
        is_search_due=is_search_due,
        concerned=tuple(concerned_systems(file, app)),
        with_records=tuple(in_order(app, file.findings.systems())),
    )
