"""Answers and the acknowledgement: each letter is written once, into the outbox, sealed, and settles the case.

The case is closed when its answer is noted as sent: see ``rightsflow.cases.course.sending.delivery``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.certificates import close_order, put_certificate
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.facts.deadlines.clock import proof_asked
from rightsflow.cases.facts.overview.account import account_of
from rightsflow.cases.facts.persons import doubt_of_no, erased_beside, note_erased_beside, other_cases
from rightsflow.cases.step.attempt import attempt_at_once
from rightsflow.cases.work.access.package import EXTRACTED, REDACTED
from rightsflow.cases.work.erasure.legal_hold import note_released
from rightsflow.cases.work.erasure.remaining_tasks import note_next_look, note_tasks
from rightsflow.cases.work.erasure.suppression import keep_from_advertising, listed_of, suppress_erased
from rightsflow.cases.work.processors.status import (
    at_processors,
    has_erased_by_hand,
    looked_by_hand,
    told_recipients,
    untold_recipients,
)
from rightsflow.cases.work.purge import drop_folder, empty_copies, note_settled
from rightsflow.cases.work.search import doubt_of_nothing
from rightsflow.documents.letters import (
    AccessCover,
    Acknowledgement,
    ConsentWithdrawn,
    CorrectionLine,
    ErasureConfirmation,
    Letter,
    NothingHeld,
    ObjectionFollowed,
    PartialErasure,
    RectifiedOnRequest,
    Refusal,
    RestrictedOnRequest,
    erasure_letter_id,
    render,
)
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.delivery import is_answered_on_paper
from rightsflow.domain.erasure.plan_groups import consequences
from rightsflow.domain.erasure.suppression import Suppression
from rightsflow.domain.erasure.suppression import in_words as list_in_words
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import ASKED, WOULD_SHOW, Reason, would_show
from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.letter_ids import QUESTIONS, WRITTEN_ANEW, LetterId, kind_of_letter, numbered
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile

_CONSEQUENCES = ("What was erased can no longer be looked up in our systems, by you or by us.",)


def _plan_answer(file: CaseFile, app: App, listed: Sequence[Suppression]) -> Letter:
    """Return the answer to a request whose plan was carried out."""
    if file.right is not Right.ERASURE:
        return _answer_as_asked(file, app, listed)
    facts = LetterFacts(file, app)
    rows = facts.outcome_rows()
    letter_id = erasure_letter_id(
        rows, erased_by_hand=has_erased_by_hand(file, app.settings), is_narrowed=bool(facts.about)
    )
    kind = PartialErasure if letter_id is LetterId.PARTIAL_ERASURE else ErasureConfirmation
    fields = _carried_out(file, app, facts, listed)
    return render(letter_id, kind(**fields, rows=rows, about=facts.about, left_out=facts.left_out_rows()))


def _answer_as_asked(file: CaseFile, app: App, listed: Sequence[Suppression]) -> Letter:
    """L17, L22, L23 or L25: what was asked is carried out, whether records that it is about were found or not."""
    facts = LetterFacts(file, app)
    # Of a record that a decision left out nothing is known but that, so it is told by itself.
    left_out = facts.left_out_rows()
    fields = _carried_out(file, app, facts, listed) | {
        "rows": facts.outcome_rows(),
        "left_out": left_out,
        "not_concerned": _not_concerned(facts, Attribution.SUBJECT) - sum(row.count for row in left_out),
        "unattributed": _not_concerned(facts, Attribution.UNCLEAR),
        "asks_list": app.settings.suppression.asked_by,
    }
    if file.right is Right.OBJECTION:
        return render(LetterId.OBJECTION_FOLLOWED, ObjectionFollowed(**fields))
    if file.right is Right.CONSENT:
        return render(LetterId.CONSENT_WITHDRAWN, ConsentWithdrawn(**fields))
    if file.right is Right.RECTIFICATION:
        return render(
            LetterId.RECTIFIED, RectifiedOnRequest(**fields, items=_items(file), unaltered=facts.unaltered_rows())
        )
    if file.ground is None:
        raise Conflict(f"{file.case_id} names no ground of Art. 18(1); refuse it, and open it again with the ground.")
    return render(LetterId.RESTRICTED, RestrictedOnRequest(**fields, ground=file.ground))


def _items(file: CaseFile) -> tuple[CorrectionLine, ...]:
    return tuple(
        CorrectionLine(number=item.number, what=in_words(item.field), ruling=ruling.kind, text=ruling.text)
        for item, ruling in file.corrections.all()
        if ruling is not None
    )


def _not_concerned(facts: LetterFacts, whose: Attribution) -> int:
    return sum(record.fate is Fate.NOT_CONCERNED and record.attribution is whose for record in facts.account.records)


def _carried_out(file: CaseFile, app: App, facts: LetterFacts, listed: Sequence[Suppression]) -> dict[str, Any]:
    """Return the facts of every such answer besides the records' fates; note the remaining tasks with it."""
    note_tasks(file, facts.account, app)
    file.instructions.promise_second_letter()
    for backup in facts.backups():
        if backup.until is None:
            continue
        file.ledger.append(
            CaseEvent.BACKUPS_NAMED, system=backup.system, until=backup.until.isoformat(), what=backup.contents
        )
    return dict(
        **facts.common(),
        received_on=facts.received_on,
        checked_on=facts.verified_on,
        searched_on=facts.searched_on,
        searched=facts.searches(),
        cannot_find=facts.cannot_find(),
        evidence_until=facts.evidence_until,
        remedies=facts.remedies,
        residue=facts.residue(),
        erased_later=facts.erased_later(),
        by_hand=facts.by_hand(),
        processors=at_processors(file, app.settings),
        informed=told_recipients(file),
        not_informed=untold_recipients(file, app.settings),
        to_inform=facts.to_inform(),
        suppression=_said_of_list(file, app, listed),
        consequences=(*_CONSEQUENCES, *consequences(facts.gone, app.profiles)) if facts.has_erased else (),
    )


def _said_of_list(file: CaseFile, app: App, listed: Sequence[Suppression]) -> str:
    """Return the person's entries on the suppression list, in words, and note them in the ledger."""
    for suppression in listed:
        until = suppression.until.isoformat() if suppression.until else None
        file.ledger.append(
            CaseEvent.PERSON_SUPPRESSED, kind=suppression.kind.value, reason=suppression.reason.value, until=until
        )
    return list_in_words(listed, app.settings.controller.law.name)


_PACKED: Final = "The package comes with this letter as one encrypted file."
_PRINTED: Final = {
    True: "A copy of your data is enclosed, printed.",
    False: "What we found out is enclosed, printed.",
}
"""By whether anything was copied: of records that are no one's for sure there is no copy."""


def write_acknowledgement(file: CaseFile, app: App) -> None:
    """L1: the request has arrived. Written at once, before identity is clear, so it confirms nothing.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    put_letter(file, render(LetterId.ACKNOWLEDGEMENT, acknowledgement_of(file, app)))


def acknowledgement_of(file: CaseFile, app: App) -> Acknowledgement:
    """Return the acknowledgement, with the dates that apply to the case now.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return Acknowledgement(
        **LetterFacts(file, app).common(greeting=False),
        right=file.right,
        received_at=file.received_at,
        due_on=file.safe_due_on,
        operational_target_on=file.work_to_on,
    )


def write_answer(app: App, case_id: str) -> None:
    """L9, L10, L11, L17, L22, L23 or L25: the answer; settles the case."""
    # First, since the letter says so; done again, it changes nothing.
    keep_from_advertising(app, case_id)
    suppress_erased(app, case_id)
    _write_and_settle(app, case_id, CaseAction.ANSWER, _answer)


def write_nothing_held(app: App, case_id: str) -> None:
    """L8: a clear no; settles the case. Written only when every system was searched, and a person approved it.

    Without a person only where the controller's policy allows it and every system proved that its mappings find things.
    """
    _write_and_settle(app, case_id, CaseAction.REPORT_NOTHING_HELD, _nothing_held)


def write_refusal(app: App, case_id: str) -> None:
    """L7: the refusal with its reason and the remedies; the decision has settled the case already."""
    _write_and_settle(app, case_id, None, _refusal)


def _write_and_settle(
    app: App, case_id: str, action: CaseAction | None, write: Callable[[CaseFile, App], Letter]
) -> None:
    # Letter, state and step stand in one transaction: none without the others.
    with attempt_at_once(app, case_id, StepName.ANSWER) as (trial, file):
        if trial.already_done:
            return
        is_order = file.orders.is_one
        if is_order:
            _refuse_unapproved(file, action)
        else:
            put_letter(file, write(file, app))
        file.outbox.overtake_kinds(QUESTIONS, "the answer was written before it was sent")
        if action is not None:
            file.advance(action)
            note_settled(file, app)
            note_next_look(file, app)
            note_released(file, app)
            if file.state is CaseState.ANSWERED and file.right in ERASING:
                # Until the follow-up has looked at it by the rules of that day.
                file.keeping.seen_by_rules("")
        if is_order:
            _answer_order(file, app)
        # Copies are for the answer only. They go before the step is done, so that a repeat finds what is left.
        removed = _remove_copies(file, app)
        trial.counts["answers" if is_order else "letters"] = 1
    if removed:
        drop_folder(case_id, app)


def _answer_order(file: CaseFile, app: App) -> None:
    """Answer a controller instead of the person: with a certificate, or by the order's being cancelled."""
    if file.state is CaseState.REFUSED:
        close_order(file, app)
        return
    if file.right.has_plan and file.state is CaseState.ANSWERED:
        note_tasks(file, account_of(file, app.capabilities), app)
    put_certificate(file, app)


def _refuse_unapproved(file: CaseFile, action: CaseAction | None) -> None:
    if action is CaseAction.REPORT_NOTHING_HELD:
        _need_approval(file)


def _remove_copies(file: CaseFile, app: App) -> bool:
    """Remove the working copies, but for a package that has to be delivered; returns whether none are left here."""
    if file.state is not CaseState.ANSWERED:
        return empty_copies(file, app)
    app.workspace(file).purge(EXTRACTED, REDACTED)
    return False


def _answer(file: CaseFile, app: App) -> Letter:
    if not file.right.has_plan:
        return _access_cover(file, app)
    note_erased_beside(file)
    return _plan_answer(file, app, listed_of(file, app))


def _access_cover(file: CaseFile, app: App) -> Letter:
    facts, on_paper = LetterFacts(file, app), is_answered_on_paper(file.channel)
    file.instructions.promise_second_letter()
    # What is in the package is not needed here any more.
    file.instructions.documents.drop(
        [instruction.number for instruction in file.instructions.all() if not instruction.is_promised]
    )
    file.masks.drop_copies()
    is_copied = any(
        finding.copies and (finding.copies.documents or finding.copies.files) for finding in file.findings.all()
    )
    variables = AccessCover(
        **facts.common(),
        received_on=facts.received_on,
        delivery=_PRINTED[is_copied] if on_paper else _PACKED,
        on_paper=on_paper,
        has_files=any(finding.copies and finding.copies.files for finding in file.findings.all()),
        about=facts.about,
        passphrase_channel=app.settings.delivery.passphrase_channel,
        processors=at_processors(file, app.settings),
        erased_since=_erased_since(file, facts),
        remedies=facts.remedies,
    )
    return render(LetterId.ACCESS_COVER, variables)


def _erased_since(file: CaseFile, facts: LetterFacts) -> int:
    """Return the number of the package's records that another request of the person erased after they were copied."""
    erased = erased_beside(file)
    copied = (
        {record.number for record in facts.account.records if record.fate is Fate.COPIED} if erased else frozenset()
    )
    return sum(finding.number in copied and finding.ref in erased for finding in file.findings.all()) if copied else 0


def _nothing_held(file: CaseFile, app: App) -> Letter:
    facts = LetterFacts(file, app)
    if doubt := doubt_of_nothing(file, app):
        raise doubt
    _need_approval(file)
    if file.right in {Right.OBJECTION, Right.CONSENT}:
        return _answer_as_asked(file, app, listed_of(file, app))
    if doubt := doubt_of_no(file, app.today):
        raise doubt
    variables = NothingHeld(
        **facts.common(),
        right=file.right,
        received_on=facts.received_on,
        searched_on=facts.searched_on,
        searched=facts.searches(),
        cannot_find=facts.cannot_find(),
        request_file_until=facts.evidence_until,
        remedies=facts.remedies,
        not_searched=facts.not_searched(),
        processors=looked_by_hand(file, app.settings),
        suppression=_said_of_list(file, app, listed_of(file, app)),
        earlier_files=len(other_cases(file).same),
    )
    return render(LetterId.NOTHING_HELD, variables)


def _need_approval(file: CaseFile) -> None:
    """Refuse the clear no that no one approved: a person, or a policy of the controller in a person's place."""
    approval = file.decisions.at(Gate.APPROVAL)
    if approval is None or approval.verdict is not Verdict.APPROVED or file.state is not CaseState.EXECUTING:
        raise Conflict('"Nothing held" goes out only after a complete search and a decision at the approval gate.')


def _refusal(file: CaseFile, app: App) -> Letter:
    facts = LetterFacts(file, app)
    decided = [file.decisions.at(gate) for gate in (Gate.IDENTITY, Gate.APPROVAL)]
    decision = next((item for item in decided if item and item.verdict is Verdict.REFUSED), None)
    if decision is None:
        raise Conflict("A refusal is written only after it was decided.")
    reason = Reason(decision.code)
    variables = Refusal(
        **facts.common(),
        right=file.right,
        received_on=facts.received_on,
        reason=reason,
        facts=(decision.reason,),
        details=_details(file, decision, app),
        approvals=1 + (file.decisions.at(Gate.DOSSIER) is not None),
        remedies=facts.remedies,
        due_on=None if file.suspended_since else facts.refusal_due_on,
        is_from_person=file.identity_is_clear,
        incident_raised=_raise_late_refusal(file, facts, app),
        suppression=_said_of_list(file, app, listed_of(file, app)) if file.right.keeps_from_advertising else "",
    )
    return render(LetterId.REFUSAL, variables)


def _details(file: CaseFile, decision: Decision, app: App) -> Mapping[str, str]:
    """Return the further details of the reason: as decided or, for a lack of proof, from the case file."""
    asked = proof_asked(file, app)
    if decision.code == Reason.NOT_IDENTIFIED and asked is not None:
        return {
            ASKED: (
                f"our letter of {day(asked.sent_on)} asked for one of several simple means of proof, with time until "
                f"{day(asked.answer_by)}"
            )
        }
    if decision.code == Reason.CANNOT_TELL:
        return {WOULD_SHOW: would_show({identifier.kind for identifier in file.identifiers.asked_with()})}
    proposal = file.decisions.at(Gate.DOSSIER)
    return decision.details or (proposal.details if proposal else {})


def _raise_late_refusal(file: CaseFile, facts: LetterFacts, app: App) -> bool:
    """Note that a refusal comes after the first month, which no extension makes longer (Art. 12(4) GDPR)."""
    if app.today <= facts.refusal_due_on or file.suspended_since is not None:
        return False
    file.ledger.append(
        CaseEvent.INCIDENT_RAISED, what="refusal after its last day", due_on=facts.refusal_due_on.isoformat()
    )
    return True


def refuse_to_write(file: CaseFile) -> None:
    """Refuse what ends in a letter where none goes to the person.

    Args:
        file: The case file, open.

    Raises:
        Conflict: The case is handled on behalf of a controller, which writes to the person itself.
    """
    if file.orders.is_one:
        raise Conflict(f"{file.case_id} is an order of {file.orders.demanded.name}, which writes to the person itself.")


def put_letter(file: CaseFile, letter: Letter) -> str:
    """Write a letter into the outbox: once, but for one that tells what happens more than once.

    Args:
        file: The case file, open.
        letter: The letter.

    Returns:
        By which name the case knows it, such as ``L15.2``.

    Raises:
        Conflict: The case is handled on behalf of a controller, which writes to the person itself.
    """
    refuse_to_write(file)
    kind = LetterId(letter.template_id)
    there = sum(kind_of_letter(title) is kind for title in file.outbox.titles()) if kind in WRITTEN_ANEW else 0
    name = numbered(kind, there + 1)
    file.outbox.put(
        template_id=name,
        version=str(letter.version),
        language=letter.language,
        subject_line=letter.subject_line,
        body=letter.body,
        variables_hash=letter.variables_hash,
    )
    return name
