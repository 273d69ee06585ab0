"""Questions to the person, their answers, and one reminder: proof of identity and clarification (United Kingdom).

The reminder (L14) follows after two weeks and moves no clock: the question suspended it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.course.sending.delivery import identity_is_open
from rightsflow.cases.course.sending.mail import try_to_mail
from rightsflow.cases.facts.deadlines.clock import arrival_instant, dates_of_file, end_question, proof_asked
from rightsflow.cases.facts.people import acting
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.narrowing import TypedNarrowing, narrow_file
from rightsflow.documents.letters import Clarification, IdentityReminder, IdentityRequest, OfferedMethod, render
from rightsflow.documents.letters.questions import doubt_in
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.conversation import read_text
from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.deadlines.clock_events import WAIT, ClockEventKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.refusals import ProofAsked
from rightsflow.domain.letter_rules import refuse_needless_pause
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState, read_case_id
from rightsflow.domain.wording import promised_day
from rightsflow.store import CaseFile

_Question = TypeVar("_Question", bound=IdentityRequest)
MEANS = tuple(OfferedMethod)
"""The mild means of proof that are offered (Art. 12(6) GDPR; EDPB Guidelines 01/2022)."""


def ask_identity(app: App, case_id: str, *, doubt: str, by: str) -> str:
    """Ask the person to prove who they are: writes the letter, whose going out suspends the clock.

    Returns a sentence that says what has to happen now.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        doubt: Why there is reasonable doubt, concretely; the person is told.
        by: Who asks.

    Raises:
        BadInput: There is no such case, or the doubt is missing.
        Conflict: Identity was decided or asked already.
    """
    asker, why = acting(app, by, case_id), " ".join(doubt.split())
    if not why:
        raise BadInput("The reason for the doubt about the person's identity (Art. 12(6) GDPR) is missing; fill it in.")
    with app.store.case_file(read_case_id(case_id)) as file:
        if file.state.is_settled:
            raise Conflict(f"{file.case_id} is closed; there is nothing to ask.")
        if file.decisions.at(Gate.IDENTITY) is not None:
            raise Conflict(f"Identity was decided already; look at `rightsflow show {file.case_id}`.")
        if file.outbox.has(LetterId.IDENTITY_REQUEST):
            raise Conflict("The person was asked already; the clock counts the first question only.")
        if file.state is CaseState.RECEIVED:
            file.advance(CaseAction.ASK_IDENTITY, actor=asker)
        letter = identity_request_of(file, app, why)
        put_letter(file, render(LetterId.IDENTITY_REQUEST, letter))
        file.ledger.append(CaseEvent.PROOF_OF_IDENTITY_ASKED, actor=asker)
        due_on = _dates_once_asked(file, app, ClockEventKind.IDENTITY_REQUESTED).due_on
    return _asked(file.case_id, LetterId.IDENTITY_REQUEST, letter, due_on, app)


def ask_clarification(app: App, case_id: str, *, areas: Sequence[str], by: str) -> str:
    """Ask the person which data they mean: an access request over a large quantity (Recital 63 GDPR).

    Under the UK GDPR the clock is suspended until the answer; under the GDPR it is not. Returns a sentence that says
    what has to happen now.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        areas: What they can choose from.
        by: Who asks.

    Raises:
        BadInput: There is no such case, or no area is named.
        Conflict: It is no open access request, it is not clear who asks, the person was asked already, or the clock
            would stop although the search did not find a large quantity.
    """
    asker = acting(app, by, case_id)
    choices = tuple(area for area in (" ".join(text.split()) for text in areas) if area)
    if not choices:
        raise BadInput("What the person can choose from is missing; name at least one area, such as tickets.")
    with app.store.case_file(read_case_id(case_id)) as file:
        if file.right is not Right.ACCESS or file.state.is_settled:
            raise Conflict("Only the person behind an open access request can be asked what they mean.")
        if file.outbox.has(LetterId.CLARIFICATION):
            raise Conflict("The person was asked already what they mean.")
        if not file.identity_is_clear:
            raise Conflict("It is not clear yet who asks; confirm the person's identity first.")
        letter = clarification_of(file, app, choices)
        if letter.clock_stands:
            count = sum(item.count for item in letter.found) if file.is_searched else None
            refuse_needless_pause(count, large_from=app.settings.controller.large_quantity)
        put_letter(file, render(LetterId.CLARIFICATION, letter))
        file.ledger.append(CaseEvent.CLARIFICATION_ASKED, actor=asker)
        due_on = _dates_once_asked(file, app, ClockEventKind.CLARIFICATION_REQUESTED).due_on
    return _asked(file.case_id, LetterId.CLARIFICATION, letter, due_on, app)


def ask_attribution(app: App, case_id: str, numbers: Collection[int], *, by: str, read: str | None = None) -> str:
    """Ask the person whether records are theirs that no one could attribute, before their erasure is decided on.

    The letter says how many records of which kind there are and nothing more: they may be another person's. The clock
    goes on. Returns a sentence that says what has to happen now.

    Args:
        app: What it works with.
        case_id: The case.
        numbers: The records' numbers.
        by: Who asks.
        read: The plan that was read, by which the numbers count; ``None`` where that is not known.

    Raises:
        BadInput: There is no such case or record, or a record is not of unclear attribution for a number alone.
        Conflict: The case has no plan that waits for its approval, it changed, or the person was asked already.
    """
    asker = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        if file.right is not Right.ERASURE or file.state is not CaseState.AWAITING_APPROVAL:
            raise Conflict(f"{file.case_id} has no plan that waits for its approval; it is {file.state.value}.")
        if read not in {None, file.what_is_approved()}:
            raise Conflict("The plan has changed since you opened the page; read it again, then choose the records.")
        if file.outbox.has(LetterId.CLARIFICATION):
            raise Conflict("The person was asked already.")
        asked = file.planned.records(numbers)
        if not asked or any(record.attribution is not Attribution.UNCLEAR or record.names_person for record in asked):
            raise BadInput("Choose records that carry nothing but a number that several people used; no others.")
        counts = Counter(app.capabilities[record.system].kind(record.kind).title for record in asked)
        areas = tuple(f"{title}: {count:,}" for title, count in sorted(counts.items()))
        letter = clarification_of(file, app, areas)
        put_letter(file, render(LetterId.CLARIFICATION, letter))
        file.ledger.append(
            CaseEvent.CLARIFICATION_ASKED, actor=asker, records=sorted(record.digest for record in asked)
        )
        due_on = _dates_once_asked(file, app, ClockEventKind.CLARIFICATION_REQUESTED).due_on
    return _asked(file.case_id, LetterId.CLARIFICATION, letter, due_on, app)


def record_clarified(
    app: App,
    case_id: str,
    *,
    at: datetime | None = None,
    answer: str = "",
    message: int | None = None,
    about: TypedNarrowing = TypedNarrowing(),  # noqa: B008 - it is frozen
    by: str,
) -> str:
    """Record that the person has said what they mean: the clock runs on, if it stood.

    Their words are a message of the conversation: one that was put to the case before, or a new one. Where they named
    categories or a period, the request is about these alone; else the approver reads the words. Returns a sentence
    with the due date.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        at: When their answer arrived, read or unread (aware); by default with the message, or now.
        answer: Their words, if they are no message yet.
        message: The number of the message that is their answer, or ``None``.
        about: What they named.
        by: Who records it.

    Raises:
        BadInput: There is no such case or message, the words are too long, or the instant, a category or a day is
            impossible.
        Conflict: They were not asked, or answered already, or the case is closed or narrowed already.
    """
    words = read_text(answer, "The person's answer")
    if words and message is not None:
        raise BadInput("Choose the message that is the answer, or type the answer; leave one of them empty.")
    recorder = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        if file.state.is_settled:
            raise Conflict(f"{file.case_id} is closed, and its clock does not move any more.")
        if words and message is None:
            message = file.messages.put(words, at=at or app.now(), by=recorder)
        arrived_at = file.messages.take_as_answer(message, by=recorder) if message else None
        if not end_question(file, app, ClockEventKind.CLARIFICATION_REQUESTED, at=at or arrived_at, by=recorder):
            raise Conflict("The person was not asked what they mean, or the letter has not gone out yet.")
        narrowed = narrow_file(file, app, about, by=recorder)
        about_words = f" and is about {narrowed.words}" if narrowed else ""
        return f"Noted; the case is due {file.due_on:%a %d %b %Y}{about_words}."


def record_clarified_on(
    app: App,
    case_id: str,
    day: str,
    *,
    answer: str = "",
    message: int | None = None,
    about: TypedNarrowing = TypedNarrowing(),  # noqa: B008 - it is frozen
    by: str,
) -> str:
    """Record a clarification as :func:`record_clarified` does, with the day of the answer as a form gives it.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        day: The day, like ``2026-03-05``; empty for that of the message, or today.
        answer: As there.
        message: As there.
        about: As there.
        by: Who records it.

    Raises:
        BadInput: As there.
        Conflict: As there.
    """
    at = arrival_instant(day, app)
    return record_clarified(app, case_id, at=at, answer=answer, message=message, about=about, by=by)


def _asked(case_id: str, letter: LetterId, question: IdentityRequest | Clarification, due_on: date, app: App) -> str:
    """Mail the question if that can be done, and say what it does to the clock and what has to happen now."""
    is_sent = letter in try_to_mail(case_id, app)
    if is_sent:
        done = f"The question (letter {letter.value}) has gone out by mail."
    else:
        done = f"The question (letter {letter.value}) is in the outbox; send it, and record when it went out."
    if not question.clock_stands:
        return f"{done} It does not stop the clock: it stays due {due_on:%a %d %b %Y}."
    if is_sent:
        return f"{done} The clock is suspended until the answer."
    # The GDPR wants it without undue delay (EDPB Guidelines 01/2022, 5.3); the United Kingdom has no such condition.
    soon = ", if it is soon" if question.sender.regime == "gdpr" else ""
    return f"{done} The clock is suspended from that day on{soon}."


def identity_request_of(file: CaseFile, app: App, doubt: str) -> IdentityRequest:
    """Return the question for proof of identity as it would be written now.

    Args:
        file: The case file, open.
        app: What it works with.
        doubt: Why there is reasonable doubt, concretely.
    """
    dates = _dates_once_asked(file, app, ClockEventKind.IDENTITY_REQUESTED)
    clock_stands = dates.suspended_since is not None
    wait_until = app.today + WAIT
    return _question_for_proof(
        IdentityRequest, file, app, doubt=doubt, wait_until=wait_until, clock_stands=clock_stands
    )


def _question_for_proof(
    model: type[_Question], file: CaseFile, app: App, *, doubt: str, wait_until: date, clock_stands: bool, **more: Any
) -> _Question:
    """Return the letter that asks for proof of identity, or its reminder."""
    facts = LetterFacts(file, app)
    return model(
        **facts.common(greeting=False),
        right=file.right,
        received_on=facts.received_on,
        doubt=doubt,
        methods=MEANS,
        wait_until=wait_until,
        clock_stands=clock_stands,
        promised_on=_promised(file, app),
        remedies=facts.remedies,
        **more,
    )


def clarification_of(file: CaseFile, app: App, areas: tuple[str, ...]) -> Clarification:
    """Return the question for the data meant, or for the records' owner, as it would be written now.

    Args:
        file: The case file, open.
        app: What it works with.
        areas: What they can choose from, or the kinds of records with their numbers.
    """
    facts = LetterFacts(file, app)
    dates = _dates_once_asked(file, app, ClockEventKind.CLARIFICATION_REQUESTED)
    return Clarification(
        **facts.common(greeting=False),
        right="access" if file.right is Right.ACCESS else "erasure",
        received_on=facts.received_on,
        areas=areas,
        is_searched=file.is_searched,
        found=facts.found() if file.right is Right.ACCESS else (),
        choose_by=app.today + WAIT if dates.suspended_since else None,
        clock_stands=dates.suspended_since is not None,
        promised_on=_promised(file, app),
        remedies=facts.remedies,
    )


def _promised(file: CaseFile, app: App) -> date:
    """Return the day that the sheet shows before the question; once it has passed, the end of the time limit."""
    return promised_day(file.work_to_on, file.safe_due_on, on=app.today) or file.safe_due_on


def _dates_once_asked(file: CaseFile, app: App, kind: ClockEventKind) -> CaseDates:
    return dates_of_file(file, app.settings.controller, supposed={kind: app.now()})


REMINDED_AFTER: Final = timedelta(days=14)
"""The time from sending the question to the reminder; this is good practice, as no law sets a day."""
_IN_ONE_ROUND: Final = 500


def remind_of_proof(app: App) -> int:
    """Write the reminder in each case whose question has been out for two weeks without an answer.

    What is written is mailed as the question was, or waits in the outbox for a person.

    Args:
        app: What it works with.

    Returns:
        How many were written.

    Raises:
        Transient: The case store does not answer.
    """
    written, now = 0, app.now()
    case_ids = app.store.rounds.unanswered(
        ClockEventKind.IDENTITY_REQUESTED,
        before=now - REMINDED_AFTER,
        limit=_IN_ONE_ROUND,
        # Later, whether the case is closed for want of proof is for a person to say, and no reminder is of use.
        after=now - WAIT,
        without=LetterId.IDENTITY_REMINDER,
    )
    for case_id in case_ids:
        with one_case_of_many(case_id), app.store.case_file(case_id) as file:
            written += _remind(file, app)
    return written


def _remind(file: CaseFile, app: App) -> bool:
    """Write it, unless no answer could come in time, or the question was answered or came back meanwhile."""
    asked = proof_asked(file, app)
    if asked is None or file.state.is_settled or not identity_is_open(file, app.now()) or app.today >= asked.answer_by:
        return False
    if ClockEventKind.IDENTITY_CONFIRMED in file.clock.events() or file.outbox.has(LetterId.IDENTITY_REMINDER):
        return False
    question = next(letter for letter in file.outbox.letters() if letter.template_id == LetterId.IDENTITY_REQUEST)
    put_letter(file, render(LetterId.IDENTITY_REMINDER, reminder_of(file, app, doubt_in(question.body), asked)))
    return True


def reminder_of(file: CaseFile, app: App, doubt: str, asked: ProofAsked) -> IdentityReminder:
    """Return the reminder as it would be written now.

    Args:
        file: The case file, open.
        app: What it works with.
        doubt: Why there is reasonable doubt, as the question says.
        asked: When the question went out, and until when an answer is waited for.
    """
    return _question_for_proof(
        IdentityReminder,
        file,
        app,
        doubt=doubt,
        wait_until=asked.answer_by,
        clock_stands=file.suspended_since is not None,
        asked_on=asked.sent_on,
    )
