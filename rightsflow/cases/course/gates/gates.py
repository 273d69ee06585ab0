"""The effects of a decision at a gate, however the decision was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.single_records import take_record_decisions
from rightsflow.cases.facts.deadlines.case_clock import end_question, proof_asked
from rightsflow.cases.facts.people import read_in, refuse_entrusted_account, refuse_false_name, said
from rightsflow.cases.facts.persons.bonds import doubt_of_no
from rightsflow.cases.work.purging.purge import note_settled
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.erasure.plan_rules import Use
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, NewSearch, Verdict, refuse_new_search
from rightsflow.domain.gates.four_eyes import refuse_early_approval, refuse_own_proposal, refuse_second_decision
from rightsflow.domain.gates.identity import StatedCheck, StatedMandate, read_check, read_mandate, refuse_unproven
from rightsflow.domain.gates.refusals import Reason, check_refusal, refuse_false_lack_of_ground
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile

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
        take_record_decisions(file, decision, app)
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
    """The decision that identity is confirmed, from what a person stated.

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
    """The systems with records of the person that serve one use alone, as their sections state."""
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
    refuse_second_decision(decision.gate, is_decided=file.decisions.at(decision.gate) is not None)


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


_GUARDS: Final[tuple[Callable[[CaseFile, Decision, App], None], ...]] = (
    _refuse_decided_gate,
    _refuse_early,
    _refuse_name,
    _refuse_unproved_identity,
    _refuse_incomplete_reason,
    _refuse_same_person,
    _refuse_doubtful_no,
)
"""The rules for a decision, asked in this order: each raises ``BadInput`` or ``Conflict`` where it is broken."""
