"""Write the letters and settle the case. Each letter is written once, into the outbox, sealed.

The case is closed when its answer is noted as sent: see ``tasks.sending``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prefect import task

from rightsflow.case import CaseAction, CaseState
from rightsflow.errors import Conflict
from rightsflow.gates import Decision, Gate, Verdict
from rightsflow.letters import (
    AccessCover,
    Acknowledgement,
    ErasureConfirmation,
    Letter,
    LetterId,
    NothingHeld,
    PartialErasure,
    Refusal,
    erasure_letter_id,
    render,
)
from rightsflow.letters.wording import day
from rightsflow.refusals import ASKED, Reason
from rightsflow.request import Right
from rightsflow.store import CaseFile
from tasks.access import EXTRACTED, REDACTED
from tasks.attempt import attempt
from tasks.by_hand import note_tasks
from tasks.case_clock import proof_asked
from tasks.keeping import drop_folder, empty_copies, note_settled
from tasks.letter_facts import LetterFacts
from tasks.locating import doubt_of_nothing, may_skip_review
from tasks.options import STEP
from tasks.runtime import Runtime


def write_acknowledgement(file: CaseFile, current: Runtime) -> None:
    """L1: the request has arrived. Written at once, before identity is clear, so it confirms nothing.

    Args:
        file: The case file, open.
        current: The runtime.
    """
    facts = LetterFacts(file, current)
    variables = Acknowledgement(
        **facts.common(greeting=False),
        right=file.right.value,
        received_at=file.received_at,
        due_on=file.safe_due_on,
        operational_target_on=file.work_to_on,
    )
    put_letter(file, render(LetterId.ACKNOWLEDGEMENT, variables))


@task(name="write answer", task_run_name="write answer", **STEP)
def write_answer(case_id: str) -> None:
    """L9, L10 or L11: the answer; settles the case."""
    _write_and_settle(case_id, CaseAction.ANSWER, _answer)


@task(name="write answer", task_run_name="write nothing held", **STEP)
def write_nothing_held(case_id: str) -> None:
    """L8: a clear no; settles the case. Written only when every system was searched, and a person approved it.

    Without a person only where the controller's policy allows it and every system proved that its mappings find things.
    """
    _write_and_settle(case_id, CaseAction.REPORT_NOTHING_HELD, _nothing_held)


@task(name="write refusal", task_run_name="write refusal", **STEP)
def write_refusal(case_id: str) -> None:
    """L7: the refusal with its reason and the remedies; the decision has settled the case already."""
    _write_and_settle(case_id, None, _refusal)


def _write_and_settle(case_id: str, action: CaseAction | None, write: Callable[[CaseFile, Runtime], Letter]) -> None:
    with attempt(case_id, "answer") as trial:
        if trial.already_done:
            return
        with trial.runtime.store.case_file(case_id) as file:
            # Letter, state and step stand in one transaction: none without the others.
            put_letter(file, write(file, trial.runtime))
            if action is not None:
                file.advance(action)
                note_settled(file, trial.runtime)
            # Copies are for the answer only. They go before the step is done, so that a repeat finds what is left.
            removed = _remove_copies(file, trial.runtime)
            trial.counts["letters"] = 1
            trial.finish(file)
        if removed:
            drop_folder(case_id, trial.runtime)


def _remove_copies(file: CaseFile, current: Runtime) -> bool:
    """Remove the working copies, but for a package that has to be delivered; returns whether none are left here."""
    if file.state is not CaseState.ANSWERED:
        return empty_copies(file, current)
    for area in (EXTRACTED, REDACTED):
        current.workspace(file).purge(area)
    return False


def _answer(file: CaseFile, current: Runtime) -> Letter:
    return _access_cover(file, current) if file.right is Right.ACCESS else _erasure_answer(file, current)


def _access_cover(file: CaseFile, current: Runtime) -> Letter:
    facts = LetterFacts(file, current)
    variables = AccessCover(
        **facts.common(),
        received_on=facts.received_on,
        delivery="The package comes with this letter as one encrypted file.",
        passphrase_channel=current.settings.delivery.passphrase_channel,
        remedies=facts.remedies,
    )
    return render(LetterId.ACCESS_COVER, variables)


def _erasure_answer(file: CaseFile, current: Runtime) -> Letter:
    facts = LetterFacts(file, current)
    rows = facts.outcome_rows()
    letter_id = erasure_letter_id(rows)
    kind = PartialErasure if letter_id is LetterId.PARTIAL_ERASURE else ErasureConfirmation
    note_tasks(file, facts.account, current.capabilities)
    variables = kind(
        **facts.common(),
        received_on=facts.received_on,
        checked_on=facts.verified_on,
        rows=rows,
        evidence_until=facts.evidence_until,
        remedies=facts.remedies,
        residue=facts.residue(),
        erased_later=facts.erased_later(),
        consequences=_CONSEQUENCES if facts.has_erased else (),
    )
    return render(letter_id, variables)


_CONSEQUENCES = ("What was erased can no longer be looked up, by you or by us.",)


def _nothing_held(file: CaseFile, current: Runtime) -> Letter:
    facts = LetterFacts(file, current)
    if doubt := doubt_of_nothing(file, current):
        raise doubt
    _need_review(file, current)
    variables = NothingHeld(
        **facts.common(),
        received_on=facts.received_on,
        searched_on=facts.searched_on,
        searched=facts.searches(),
        cannot_find=facts.cannot_find(),
        request_file_until=facts.evidence_until,
        remedies=facts.remedies,
        not_searched=facts.not_searched(),
    )
    return render(LetterId.NOTHING_HELD, variables)


def _need_review(file: CaseFile, current: Runtime) -> None:
    """Refuse the clear no that no person approved; where the policy stands for the person, the ledger says so."""
    approval = file.decisions.at(Gate.APPROVAL)
    if approval is not None and approval.verdict is Verdict.APPROVED and file.state is CaseState.EXECUTING:
        return
    proven = may_skip_review(file, current)
    if file.state is not CaseState.IN_PROGRESS or not proven:
        raise Conflict('"Nothing held" goes out only after a complete search and a decision at the approval gate.')
    file.ledger.append("ReviewSkippedByPolicy", setting="review_nothing_held", systems=sorted(proven))


def _refusal(file: CaseFile, current: Runtime) -> Letter:
    facts = LetterFacts(file, current)
    decided = [file.decisions.at(gate) for gate in (Gate.IDENTITY, Gate.APPROVAL)]
    decision = next((one for one in decided if one and one.verdict is Verdict.REFUSED), None)
    if decision is None:
        raise Conflict("A refusal is written only after it was decided.")
    reason = Reason(decision.code)
    variables = Refusal(
        **facts.common(),
        right=file.right.value,
        received_on=facts.received_on,
        reason=reason,
        facts=(decision.reason,),
        details=_details(file, decision, current),
        approvals=1 + (file.decisions.at(Gate.DOSSIER) is not None),
        remedies=facts.remedies,
        due_on=None if file.suspended_since else facts.refusal_due_on,
        incident_raised=_raise_late_refusal(file, facts, current),
    )
    return render(LetterId.REFUSAL, variables)


def _details(file: CaseFile, decision: Decision, current: Runtime) -> Mapping[str, str]:
    """What the reason has to say besides: as decided, or for a lack of proof as the case file has it."""
    asked = proof_asked(file, current)
    if decision.code == Reason.NOT_IDENTIFIED and asked is not None:
        return {
            ASKED: (
                f"our letter of {day(asked.sent_on)} asked for one of several simple means of proof, with time until "
                f"{day(asked.answer_by)}"
            )
        }
    proposal = file.decisions.at(Gate.DOSSIER)
    return decision.details or (proposal.details if proposal else {})


def _raise_late_refusal(file: CaseFile, facts: LetterFacts, current: Runtime) -> bool:
    """Note that a refusal comes after the first month, which no extension makes longer (Art. 12(4) GDPR)."""
    if current.today <= facts.refusal_due_on or file.suspended_since is not None:
        return False
    file.ledger.append("IncidentRaised", what="refusal after its last day", due_on=facts.refusal_due_on.isoformat())
    return True


def put_letter(file: CaseFile, letter: Letter) -> None:
    """Write a letter into the outbox, once."""
    file.outbox.put(
        template_id=letter.template_id,
        version=str(letter.version),
        language=letter.language,
        subject_line=letter.subject_line,
        body=letter.body,
        variables_hash=letter.variables_hash,
    )
