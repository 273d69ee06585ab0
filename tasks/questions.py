"""What the person is asked, and their answers: proof of identity and, in the United Kingdom, what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from rightsflow.case import CaseAction, CaseState, read_case_id
from rightsflow.case_dates import CaseDates
from rightsflow.errors import BadInput, Conflict
from rightsflow.gates import Gate
from rightsflow.letters import Clarification, IdentityMethod, IdentityRequest, LetterId, render
from rightsflow.letters.wording import promised_day
from rightsflow.request import Right
from rightsflow.store import CaseFile
from rightsflow.store.case_clock import ClockEventKind
from tasks.answering import put_letter
from tasks.case_clock import WAIT, arrived_on, dates_of_file, end_question
from tasks.letter_facts import LetterFacts
from tasks.mailing import try_to_mail
from tasks.people import said
from tasks.runtime import Runtime, runtime

MEANS = tuple(IdentityMethod)
"""The mild means of proof that are offered (Art. 12(6) GDPR; EDPB Guidelines 01/2022)."""


def ask_identity(case_id: str, *, doubt: str, by: str) -> str:
    """Ask the person to prove who they are: writes the letter, whose going out lets the clock stand.

    Returns a sentence that says what has to happen now.

    Args:
        case_id: The case, as typed.
        doubt: Why there is reasonable doubt, concretely; the person is told.
        by: Who asks.

    Raises:
        BadInput: There is no such case, or something is not said.
        Conflict: Identity was decided or asked already.
    """
    current, asker, why = runtime(), said(by), " ".join(doubt.split())
    if not why:
        raise BadInput("It is not said why there is doubt about the person's identity (Art. 12(6) GDPR); give it.")
    with current.store.case_file(read_case_id(case_id)) as file:
        if file.state.is_settled:
            raise Conflict(f"{file.case_id} is closed; there is nothing to ask.")
        if file.decisions.at(Gate.IDENTITY) is not None:
            raise Conflict(f"Identity was decided already; look at `rightsflow show {file.case_id}`.")
        if file.outbox.has(LetterId.IDENTITY_REQUEST):
            raise Conflict("The person was asked already; the clock counts the first question only.")
        if file.state is CaseState.RECEIVED:
            file.advance(CaseAction.ASK_IDENTITY, actor=asker)
        letter = _identity_request(file, current, why)
        put_letter(file, render(LetterId.IDENTITY_REQUEST, letter))
        file.ledger.append("ProofOfIdentityAsked", actor=asker)
        due_on = _dates_once_asked(file, current, ClockEventKind.IDENTITY_REQUESTED).due_on
    return _asked(file.case_id, LetterId.IDENTITY_REQUEST, letter, due_on, current)


def ask_clarification(case_id: str, *, areas: Sequence[str], by: str) -> str:
    """Ask the person which data they mean: an access request over a large quantity (Recital 63 GDPR).

    Under the UK GDPR the clock stands until the answer; under the GDPR it does not. Returns a sentence that says what
    has to happen now.

    Args:
        case_id: The case, as typed.
        areas: What they can choose from.
        by: Who asks.

    Raises:
        BadInput: There is no such case, or no area is named.
        Conflict: It is no open access request, it is not clear who asks, or the person was asked already.
    """
    current, asker = runtime(), said(by)
    choices = tuple(area for area in (" ".join(one.split()) for one in areas) if area)
    if not choices:
        raise BadInput("It is not said what the person can choose from; name at least one area, such as tickets.")
    with current.store.case_file(read_case_id(case_id)) as file:
        if file.right is not Right.ACCESS or file.state.is_settled:
            raise Conflict("Only the person behind an open access request can be asked what they mean.")
        if file.outbox.has(LetterId.CLARIFICATION):
            raise Conflict("The person was asked already what they mean.")
        if not file.identity_is_clear:
            raise Conflict("It is not clear yet who asks; confirm the person's identity first.")
        letter = _clarification(file, current, choices)
        put_letter(file, render(LetterId.CLARIFICATION, letter))
        file.ledger.append("ClarificationAsked", actor=asker)
        due_on = _dates_once_asked(file, current, ClockEventKind.CLARIFICATION_REQUESTED).due_on
    return _asked(file.case_id, LetterId.CLARIFICATION, letter, due_on, current)


def record_clarified(case_id: str, *, at: datetime | None = None, by: str) -> str:
    """The person has said what they mean: the clock runs on, if it stood. Returns a sentence with the due date.

    Args:
        case_id: The case, as typed.
        at: When their answer arrived, read or unread (aware); now by default.
        by: Who records it.

    Raises:
        BadInput: There is no such case, or the instant is impossible.
        Conflict: They were not asked, or answered already, or the case is closed.
    """
    current, recorder = runtime(), said(by)
    with current.store.case_file(read_case_id(case_id)) as file:
        if file.state.is_settled:
            raise Conflict(f"{file.case_id} is closed, and its clock does not move any more.")
        if not end_question(file, current, ClockEventKind.CLARIFICATION_REQUESTED, at=at, by=recorder):
            raise Conflict("The person was not asked what they mean, or the letter has not gone out yet.")
        return f"Noted; the case is due {file.due_on:%a %d %b %Y}."


def record_clarified_on(case_id: str, day: str, *, by: str) -> str:
    """As :func:`record_clarified`, where a form gives the day on which the answer arrived.

    Args:
        case_id: The case, as typed.
        day: The day, like ``2026-03-05``.
        by: Who records it.

    Raises:
        BadInput: There is no such case, or the day is impossible.
        Conflict: As there.
    """
    return record_clarified(case_id, at=arrived_on(day, runtime()), by=by)


def _asked(
    case_id: str, letter: LetterId, question: IdentityRequest | Clarification, due_on: date, current: Runtime
) -> str:
    """Mail the question if that can be done, and say what it does to the clock and what has to happen now."""
    is_sent = letter in try_to_mail(case_id, current)
    if is_sent:
        done = f"The question (letter {letter.value}) has gone out by mail."
    else:
        done = f"The question (letter {letter.value}) is in the outbox; send it, and record when it went out."
    if not question.clock_stands:
        return f"{done} It does not stop the clock: it stays due {due_on:%a %d %b %Y}."
    if is_sent:
        return f"{done} The clock stands until the answer."
    # The GDPR wants it without undue delay (EDPB Guidelines 01/2022, 5.3); the United Kingdom has no such condition.
    soon = ", if it is soon" if question.sender.regime == "gdpr" else ""
    return f"{done} The clock stands from that day on{soon}."


def _identity_request(file: CaseFile, current: Runtime, doubt: str) -> IdentityRequest:
    facts = LetterFacts(file, current)
    dates = _dates_once_asked(file, current, ClockEventKind.IDENTITY_REQUESTED)
    return IdentityRequest(
        **facts.common(greeting=False),
        right=file.right.value,
        received_on=facts.received_on,
        doubt=doubt,
        methods=MEANS,
        asked_on=current.today,
        wait_until=current.today + WAIT,
        clock_stands=dates.suspended_since is not None,
        promised_on=_promised(file, current),
        remedies=facts.remedies,
    )


def _clarification(file: CaseFile, current: Runtime, areas: tuple[str, ...]) -> Clarification:
    facts = LetterFacts(file, current)
    dates = _dates_once_asked(file, current, ClockEventKind.CLARIFICATION_REQUESTED)
    return Clarification(
        **facts.common(greeting=False),
        received_on=facts.received_on,
        areas=areas,
        asked_on=current.today,
        choose_by=current.today + WAIT if dates.suspended_since else None,
        clock_stands=dates.suspended_since is not None,
        promised_on=_promised(file, current),
        remedies=facts.remedies,
    )


def _promised(file: CaseFile, current: Runtime) -> date:
    """The day that the sheet shows before the question; once it has passed, the end of the time limit."""
    return promised_day(file.work_to_on, file.safe_due_on, on=current.today) or file.safe_due_on


def _dates_once_asked(file: CaseFile, current: Runtime, kind: ClockEventKind) -> CaseDates:
    return dates_of_file(file, current.settings.controller, supposed={kind: current.now()})
