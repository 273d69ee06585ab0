"""The arrival of a letter: it reached the person, or it was returned and has to be sent again."""

from __future__ import annotations

from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.course.sending.sent import CLOCK_LETTERS
from rightsflow.cases.facts.deadlines.case_clock import renew_dates_of
from rightsflow.cases.facts.people import acting
from rightsflow.documents.letters import LetterId
from rightsflow.domain.case.acts import refuse_arrival
from rightsflow.domain.deadlines.clock_events import ANSWER_TO
from rightsflow.domain.delivery import delivery
from rightsflow.domain.vocabulary.letter_ids import ANSWERS
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store import CaseFile


def record_delivered(app: App, case_id: str, letter: str, on: date, *, by: str, proof: str = "") -> str:
    """Note that a letter reached the person; returns that in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L9``.
        on: On which day, in the controller's zone.
        by: Who notes it.
        proof: The reference of the proof, such as that of a return receipt; kept encrypted.

    Raises:
        BadInput: There is no such case or letter, or the day is impossible.
        Conflict: The letter is not noted as sent.
    """
    author, how = acting(app, by, case_id), delivery("", proof)
    with app.store.case_file(read_case_id(case_id)) as file:
        _refuse(file, app, letter, on)
        file.outbox.mark_delivered(letter, on, by=author, proof=how.proof)
    return f"Letter {letter} is noted as delivered."


def record_returned(app: App, case_id: str, letter: str, on: date, *, by: str) -> str:
    """Note that a letter came back, by post or as a bounced mail; returns in a sentence what follows.

    It counts as not sent: it is to be sent again, in a way that a person chooses, and the watch says so. What its going
    out did to the clock is taken back, unless the person has answered it, and so is the closing by an answer.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L9``.
        on: On which day it came back, in the controller's zone.
        by: Who notes it.

    Raises:
        BadInput: There is no such case or letter, or the day is impossible.
        Conflict: The letter is not noted as sent.
    """
    author = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        _refuse(file, app, letter, on)
        file.outbox.mark_returned(letter, on, by=author)
        follows = [f"Letter {letter} is noted as returned; find out the right address, and send it again."]
        if letter in ANSWERS and file.is_closed and not file.state.ends_unanswered:
            file.reopen()
            follows.append("The case is open again, and is due as before.")
            if letter == LetterId.ACCESS_COVER and not file.keeping.has_package:
                follows.append("Its package is gone from here: its days after the delivery were over.")
        follows += _clock_taken_back(file, app, letter, by=author)
    return " ".join(follows)


def _clock_taken_back(file: CaseFile, app: App, letter: str, *, by: str) -> list[str]:
    kind, happened = CLOCK_LETTERS.get(letter), file.clock.events()
    # A question that was answered has arrived after all.
    if kind is None or kind not in happened or ANSWER_TO.get(kind) in happened or file.state.is_settled:
        return []
    file.clock.take_back(kind, by=by)
    renew_dates_of(file, app)
    return [f"What it did to the clock is taken back; the case is due {file.due_on:%a %d %b %Y}."]


def _refuse(file: CaseFile, app: App, letter: str, on: date) -> None:
    zone = app.settings.controller.zone
    sent_at = file.outbox.original(letter).sent_at
    refuse_arrival(letter, on, today=app.today, sent_on=sent_at.astimezone(zone).date() if sent_at else None)
