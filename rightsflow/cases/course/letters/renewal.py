"""Changes in open cases that only time causes, and unsent letters rewritten once their dates moved to earlier ones.

An earlier receipt moves dates, or a new table of holidays. Sent letters stay: they promised a later day than the
present target date, and a promise that is kept early needs no further letter (decision 57).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import acknowledgement_of
from rightsflow.cases.course.letters.further_letters import notice_of
from rightsflow.cases.course.letters.questions import (
    clarification_of,
    identity_request_of,
    remind_of_proof,
    reminder_of,
)
from rightsflow.cases.course.sending.delivery import identity_is_open
from rightsflow.cases.facts.deadlines.clock import apply_new_holidays, lapse_questions, proof_asked, renew_old_forecasts
from rightsflow.documents.letters import Letter, render
from rightsflow.documents.letters.questions import doubt_in
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.store import CaseFile

RECEIPT: Final = "an earlier receipt moved the dates that it names"
HOLIDAYS: Final = "a new table of holidays moved the dates that it names"
_POINT: Final = re.compile(r"^- (.+)$", re.MULTILINE)


def write_anew(file: CaseFile, app: App, because: str = RECEIPT) -> list[str]:
    """Write anew what was not sent and names a date of the case; what a process is mailing at this moment goes out.

    Args:
        file: The case file, open, with its new dates.
        app: What it works with.
        because: What moved them, in words.

    Returns:
        Which letters were.
    """
    return [
        kind.value
        for kind, write in _ANEW.items()
        if (old := _unsent(file, kind)) is not None and (new := write(file, app, old)) and _put(file, new, because)
    ]


def _unsent(file: CaseFile, kind: LetterId) -> str | None:
    """Return the text of a letter that is still to be sent; ``None`` where there is none."""
    if kind is not LetterId.ACKNOWLEDGEMENT and file.state.is_settled:
        return None
    if not any(line.template_id == kind and line.sent_at is None for line in file.outbox.lines()):
        return None
    return file.outbox.original(kind).body


def _put(file: CaseFile, letter: Letter, because: str) -> bool:
    return file.outbox.write_anew(
        template_id=letter.template_id,
        version=str(letter.version),
        language=letter.language,
        subject_line=letter.subject_line,
        body=letter.body,
        variables_hash=letter.variables_hash,
        because=because,
    )


def _acknowledgement(file: CaseFile, app: App, _: str) -> Letter:
    return render(LetterId.ACKNOWLEDGEMENT, acknowledgement_of(file, app))


def _identity_request(file: CaseFile, app: App, old: str) -> Letter | None:
    answered = ClockEventKind.IDENTITY_CONFIRMED in file.clock.events()
    if answered or not identity_is_open(file, app.now()):
        return None
    return render(LetterId.IDENTITY_REQUEST, identity_request_of(file, app, doubt_in(old)))


def _reminder(file: CaseFile, app: App, old: str) -> Letter | None:
    answered, asked = ClockEventKind.IDENTITY_CONFIRMED in file.clock.events(), proof_asked(file, app)
    if answered or asked is None or app.today >= asked.answer_by or not identity_is_open(file, app.now()):
        return None
    return render(LetterId.IDENTITY_REMINDER, reminder_of(file, app, doubt_in(old), asked))


def _clarification(file: CaseFile, app: App, old: str) -> Letter | None:
    if ClockEventKind.CLARIFICATION_RECEIVED in file.clock.events():
        return None
    return render(LetterId.CLARIFICATION, clarification_of(file, app, _points(old)))


def _extension(file: CaseFile, app: App, old: str) -> Letter | None:
    """Too late for the earlier receipt, it is not mailed, and who notes it as sent is told that it extends nothing."""
    if file.notice_due_on is None or app.today > file.notice_due_on:
        return None
    return render(LetterId.EXTENSION, notice_of(file, app, _points(old)))


def _points(body: str) -> tuple[str, ...]:
    """Return the letter's list items: the areas to choose from, or the reasons; a letter has no other list."""
    return tuple(item[1] for item in _POINT.finditer(body))


_ANEW: Final[Mapping[LetterId, Callable[[CaseFile, App, str], Letter | None]]] = MappingProxyType(
    {
        LetterId.ACKNOWLEDGEMENT: _acknowledgement,
        LetterId.IDENTITY_REQUEST: _identity_request,
        LetterId.CLARIFICATION: _clarification,
        LetterId.EXTENSION: _extension,
        LetterId.IDENTITY_REMINDER: _reminder,
    }
)


def renew_cases(app: App) -> int:
    """Bring dates, questions without an answer and forecasts of open cases up to date, and write reminders.

    Args:
        app: What it works with.

    Returns:
        How many cases' dates were computed again under a new holiday table.

    Raises:
        Transient: The case store does not answer.
    """
    renewed = apply_new_holidays(app, partial(write_anew, because=HOLIDAYS))
    lapse_questions(app)
    remind_of_proof(app)
    renew_old_forecasts(app)
    return renewed
