"""The reminder of a question for proof of identity that no one has answered (L14): once, after two weeks.

It is written by time alone and moves no clock: what suspended it is the question.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter
from rightsflow.cases.course.letters.questions import question_for_proof
from rightsflow.cases.course.sending.sent import identity_is_open
from rightsflow.cases.facts.deadlines.case_clock import proof_asked
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.documents.letters import IdentityReminder, render
from rightsflow.documents.letters.questions import doubt_in
from rightsflow.domain.deadlines.clock_events import WAIT, ClockEventKind
from rightsflow.domain.gates.refusals import ProofAsked
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.store import CaseFile

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
    found = app.store.rounds.unanswered(
        ClockEventKind.IDENTITY_REQUESTED,
        before=now - REMINDED_AFTER,
        limit=_IN_ONE_ROUND,
        # Later, whether the case is closed for want of proof is for a person to say, and no reminder is of use.
        after=now - WAIT,
        without=LetterId.IDENTITY_REMINDER,
    )
    for case_id in found:
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
    return question_for_proof(
        IdentityReminder,
        file,
        app,
        doubt=doubt,
        wait_until=asked.answer_by,
        clock_stands=file.suspended_since is not None,
        asked_on=asked.sent_on,
    )
