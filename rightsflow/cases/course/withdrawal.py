"""Cases that end without an answer: withdrawn by the person, opened in error, or a duplicate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.ending_letters import waits_until, write_stopped, write_withdrawal
from rightsflow.cases.course.letters.renewal import write_anew
from rightsflow.cases.course.sending.mail import try_to_mail
from rightsflow.cases.facts.deadlines.clock import renew_case_dates
from rightsflow.cases.facts.people import acting
from rightsflow.cases.facts.persons import other_cases
from rightsflow.cases.work.erasure.suppression import listed_of
from rightsflow.cases.work.processors.processor_notices import call_off
from rightsflow.cases.work.purge import drop_folder, empty_copies, note_settled
from rightsflow.domain.case.acts import (
    OtherRequest,
    StoppedCase,
    StopReason,
    refuse_duplicate,
    refuse_own_stop,
    refuse_stop,
    refuse_withdrawal,
)
from rightsflow.domain.case.persons import is_same_request
from rightsflow.domain.deadlines.clock_events import ANSWER_TO
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.letter_ids import STANDING, LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import CaseAction, CaseState, read_case_id
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile

_STAYS_LISTED: Final = (
    " The person stays on the suppression list; if they want advertising again, take them off with `rightsflow "
    "systems unsuppress`."
)


def withdraw(app: App, case_id: str, *, by: str, reason: str = "", is_told: bool = True) -> str:
    """Record that the person has withdrawn the request; returns a sentence.

    The person is told by L18, mailed at once where that can be done: it may have been another person who took the
    request back. Of an order the controller tells them, and an agent gets the answer to its call. Those who were asked
    to do something and have not answered are told that nothing more is to be done.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who records it.
        reason: What the person said; sealed.
        is_told: Whether the person is told by a letter; not where an agent took the request back over its interface.

    Raises:
        BadInput: There is no such case, or the name of who records it is missing.
        Conflict: The case is closed, or its erasure has been approved and may have begun.
    """
    proper, recorder = read_case_id(case_id), acting(app, by, case_id)
    # A run that copies at this moment would copy on into an emptied folder: it clears up when it ends.
    is_worked_on = app.store.is_worked_on(proper)
    with app.store.case_file(proper) as file:
        has_not_begun = file.found_nothing or waits_until(file, app) is not None
        refuse_withdrawal(proper, file.right, file.state, has_not_begun=has_not_begun)
        file.withdraw(by=recorder, reason=" ".join(reason.split()))
        file.outbox.overtake_kinds(frozenset(LetterId) - STANDING - {LetterId.WITHDRAWAL}, "the request was withdrawn")
        is_written = is_told and not file.orders.is_one
        if is_written:
            write_withdrawal(file, app)
        call_off(file, app, by=recorder)
        note_settled(file, app)
        removed = not is_worked_on and empty_copies(file, app)
        stays = _STAYS_LISTED if file.right.keeps_from_advertising else ""
    if removed:
        drop_folder(proper, app)
    letter_sentence = _mailed(LetterId.WITHDRAWAL, proper, app) if is_written else ""
    return f"{proper} is withdrawn: nothing more is done on it, and its alerts have ended.{letter_sentence}{stays}"


_UNCHANGED: Final = frozenset({OutcomeKind.RETAINED, OutcomeKind.NOT_HELD, OutcomeKind.NOT_CONCERNED})
"""The outcomes that a case file can hold although nothing was changed at a system."""
_ONLY_ASKED: Final = frozenset({Action.HAND_OVER, Action.TAKE_NOTE, Action.CALL_OFF})
"""The instructions to others that change none of their records."""


def stop_case(app: App, case_id: str, reason: StopReason, why: str, *, by: str, duplicate_of: str = "") -> str:
    """Stop a case that was opened in error or twice; returns what follows in sentences.

    Nothing more is done on it. If a letter went out in it, the person is told (L27), mailed at once where that can be
    done. The case that answers a duplicate counts from the earlier receipt of the two.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        reason: Why it is stopped.
        why: How that is known; kept encrypted, since it may name the person.
        by: Who decided it; not who opened the case, once the person or another one has heard of it (four eyes).
        duplicate_of: The case that answers the request, as typed; for a duplicate alone.

    Raises:
        BadInput: There is no such case, something is missing, or the other case is about something else.
        Conflict: The case is owed an answer, the other one does not answer it, or another person has to decide.
    """
    proper, decider, known = read_case_id(case_id), acting(app, by, case_id), " ".join(why.split())
    if not known:
        raise BadInput("How that is known is missing; say it in a sentence. It is kept encrypted.")
    if (reason is StopReason.DUPLICATE) != bool(duplicate_of.strip()):
        raise BadInput("A duplicate needs the case that it repeats, and a case opened in error names none.")
    other = read_case_id(duplicate_of) if duplicate_of.strip() else ""
    with app.store.case_files({proper, other} - {""}) as files:
        by_id = {item.case_id: item for item in files}
        file, instead = by_id[proper], by_id.get(other)
        _refuse(file, instead, reason, app, by=decider)
        is_written = file.stopping.has_written
        file.advance(CaseAction.STOP, actor=decider, **file.stopping.keep(reason, known, other))
        file.outbox.overtake_kinds(frozenset(LetterId) - STANDING - {LetterId.CASE_STOPPED}, "the case was stopped")
        moved = _take_over(instead, file, app, by=decider) if instead else ""
        if is_written:
            write_stopped(file, instead, app)
        call_off(file, app, by=decider)
        note_settled(file, app)
        # A run that copies at this moment would copy on into an emptied folder: it clears up when it ends.
        removed = not file.lease.is_held and empty_copies(file, app)
    if removed:
        drop_folder(proper, app)
    letter_sentence = (
        _mailed(LetterId.CASE_STOPPED, proper, app)
        if is_written
        else " No letter had gone out, so that no one has to be told."
    )
    return f"{proper} is stopped ({_words(reason, other)}): nothing more is done on it.{moved}{letter_sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A case that another one may be stopped as a duplicate of.

    Args:
        case_id: The case.
        state: Where it stands.
        received_at: When its request was received (aware).
    """

    case_id: str
    state: CaseState
    received_at: datetime


def read_repeated(app: App, case_id: str) -> list[Repeated]:
    """Return the cases that one may duplicate, in their present state, the newest first.

    Args:
        app: What it works with.
        case_id: The case, as typed.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        case, others = _standing(file, app), other_cases(file)
        files = [file.beside(perhap) for perhap in (*others.same, *others.perhaps)]
        repeated = [perhap for perhap in files if _is_repeated(case, _other(file, perhap))]
        repeated.sort(key=lambda perhap: perhap.received_at, reverse=True)
        return [
            Repeated(case_id=perhap.case_id, state=perhap.state, received_at=perhap.received_at) for perhap in repeated
        ]


def _is_repeated(case: StoppedCase, other: OtherRequest) -> bool:
    try:
        refuse_duplicate(case, other)
    except (BadInput, Conflict):
        return False
    return True


def _words(reason: StopReason, other: str) -> str:
    return f"{reason.value} of {other}" if other else reason.value


def _refuse(file: CaseFile, instead: CaseFile | None, reason: StopReason, app: App, *, by: str) -> None:
    case = _standing(file, app)
    refuse_stop(case, reason)
    if reason is StopReason.DUPLICATE:
        refuse_duplicate(case, _other(file, instead or file))
    refuse_own_stop(by, opened_by=file.opened_by, has_gone_out=_has_gone_out(file, app))


def _standing(file: CaseFile, app: App) -> StoppedCase:
    answered = frozenset(ANSWER_TO.values()) & frozenset(file.clock.events())
    return StoppedCase(
        case_id=file.case_id,
        right=file.right,
        state=file.state,
        received_at=file.received_at,
        is_awaited=file.orders.is_one or file.agents.present is not None,
        may_have_begun=_may_have_begun(file, app),
        has_changed=_has_changed(file),
        has_answered=bool(answered) or _has_proved(file),
    )


def _has_proved(file: CaseFile) -> bool:
    """Return True if the person proved their identity since the case was opened; an import's statement is no proof."""
    identity = file.decisions.at(Gate.IDENTITY)
    if identity is None or identity.verdict is not Verdict.CONFIRMED or identity.decided_at is None:
        return False
    return identity.decided_at > file.opened_at


def _may_have_begun(file: CaseFile, app: App) -> bool:
    """Return True if an approved plan may be under way: a run works on it, or has begun at some system."""
    if not file.right.has_plan or file.state is not CaseState.EXECUTING or waits_until(file, app) is not None:
        return False
    return file.lease.is_held or any(step.step == StepName.ERASE for step in file.steps.all())


def _has_changed(file: CaseFile) -> bool:
    done = {standing.outcome for standing, _ in file.findings.counted()} - {None, *_UNCHANGED}
    return bool(done) or any(
        instruction.sent_at and instruction.action not in _ONLY_ASKED for instruction in file.instructions.all()
    )


def _has_gone_out(file: CaseFile, app: App) -> bool:
    is_asked = any(instruction.sent_at for instruction in file.instructions.all())
    is_listed = file.right.keeps_from_advertising and bool(listed_of(file, app))
    return file.stopping.has_written or is_asked or is_listed


def _other(file: CaseFile, instead: CaseFile) -> OtherRequest:
    others, theirs = other_cases(file), instead.case_id
    # The same address, or two identifiers, given by both requests: the answer to one is the answer to the other.
    repeats = is_same_request(file.identifiers.person(), instead.identifiers.person())
    is_same = theirs in others.same or (repeats and theirs not in others.apart)
    return OtherRequest(
        case_id=theirs,
        right=instead.right,
        state=instead.state,
        closed_at=instead.closed_at,
        is_same_person=True if is_same else False if theirs in others.apart else None,
    )


def _take_over(instead: CaseFile, file: CaseFile, app: App, *, by: str) -> str:
    """Let the other case count from the earlier receipt; returns that in a sentence, where it moves a date."""
    if not instead.stopping.take_over(file.stopping, by=by):
        return ""
    renew_case_dates(instead, app)
    write_anew(instead, app)
    received_on = day(instead.received_at.astimezone(app.settings.controller.zone))
    return f" {instead.case_id} counts from {received_on} now, and is due on {day(instead.due_on)} at the latest."


def _mailed(letter: LetterId, case_id: str, app: App) -> str:
    """Mail the notice of a case's end if possible, and return a sentence on what remains to be done."""
    if letter in try_to_mail(case_id, app):
        return f" The person is told by mail (letter {letter})."
    return f" The letter to the person ({letter}) is in the outbox; send it, and record when it went out."
