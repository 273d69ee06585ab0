"""Letters sent, arrived or returned, and the effect on the clock, with the notices before a lifting (L15)."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, time, tzinfo

from rightsflow.cases.app import App
from rightsflow.cases.course.sending.text_review import refuse_unread_text
from rightsflow.cases.facts.deadlines.clock import renew_case_dates, would_stand
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.purge import note_sent
from rightsflow.domain.case.acts import refuse_arrival
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.deadlines.clock_events import ANSWER_TO, ClockEventKind
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.delivery import Delivery, delivery
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId, kind_of_letter
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask


def letter_of(file: CaseFile, task: CaseTask) -> str:
    """Return the letter that was written with a task: the last L15 before it.

    Args:
        file: The case file, open.
        task: The task that lifts.
    """
    letter = ""
    for entry in file.ledger.entries(CaseEvent.TASK_NOTED, CaseEvent.LETTER_WRITTEN):
        if entry.event == CaseEvent.TASK_NOTED and entry.details["number"] == task.number:
            break
        if entry.event == CaseEvent.LETTER_WRITTEN:
            named = str(entry.details["letter"])
            letter = named if kind_of_letter(named) is LetterId.RESTRICTION_LIFTED else letter
    return letter


def refuse_past_notice(file: CaseFile, letter: str, sent_at: datetime, zone: tzinfo) -> None:
    """Refuse a notice on or after the day that it names: it tells of what is to come, a week before (Art. 18(3) GDPR).

    Args:
        file: The case file, open.
        letter: Which letter, of whatever kind.
        sent_at: When it went or goes out (aware).
        zone: The controller's, in which the day begins.

    Raises:
        Conflict: It is such a notice.
    """
    if not letter.startswith(LetterId.RESTRICTION_LIFTED.value):
        return
    tasks = (task for task in file.tasks.all() if task.kind is TaskKind.LIFT)
    named = [task.due_on for task in tasks if letter_of(file, task) == letter]
    if named and sent_at >= datetime.combine(min(named), time.min, zone):
        raise Conflict(
            f"{letter} says that the records are used again from {day(min(named))}, of which the person has to be told "
            "before (Art. 18(3) GDPR); nothing is lifted on a letter of that day or later. Decide on the lifting again "
            "with a later day: that writes a new letter, which takes the place of this one."
        )


def overtake_past_notices(file: CaseFile, numbers: Collection[int], today: date, *, by: str) -> list[int]:
    """End the tasks of notices that did not go out before their day, where some of their records are decided on again.

    Args:
        file: The case file, open.
        numbers: The numbers of those records.
        today: The present day in the controller's zone.
        by: Who decides.

    Returns:
        The numbers of the other records of these notices, whose restriction stays.
    """
    sent = {line.template_id for line in file.outbox.lines() if line.sent_at}
    notices = {task: letter for task in _open_tasks(file) if (letter := letter_of(file, task)) and letter not in sent}
    past = {letter for item, letter in notices.items() if item.due_on <= today and set(item.numbers) & set(numbers)}
    ended = [item for item, letter in notices.items() if letter in past]
    for notice in ended:
        file.tasks.supersede(notice.number, today, by=by)
    file.outbox.overtake(past, "its day came before it was sent")
    return sorted({number for item in ended for number in item.numbers} - set(numbers))


def _open_tasks(file: CaseFile) -> list[CaseTask]:
    return [task for task in file.tasks.all() if task.is_open and task.kind is TaskKind.LIFT]


CLOCK_LETTERS = {
    LetterId.IDENTITY_REQUEST.value: ClockEventKind.IDENTITY_REQUESTED,
    LetterId.CLARIFICATION.value: ClockEventKind.CLARIFICATION_REQUESTED,
    LetterId.EXTENSION.value: ClockEventKind.EXTENSION_NOTICE_SENT,
}
"""The letters whose going out moves the clock, and how."""
QUESTIONS_FOR_PROOF = frozenset({LetterId.IDENTITY_REQUEST.value, LetterId.IDENTITY_REMINDER.value})
_UNSAID = Delivery()
JOINED = CaseEvent.REQUEST_JOINED
"""The ledger's word for a further request of the person that came before the answer was sent."""
_LETTER_NAME = re.compile(r"L[0-9]{1,2}(\.[0-9]{1,3})?")


def record_sent(
    app: App, case_id: str, letter: str, *, at: datetime | None = None, by: str, how: Delivery = _UNSAID
) -> str:
    """Note that a person sent a letter of the outbox; returns in a sentence what that did to the clock.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        letter: Which letter, such as ``L6``.
        at: When it went out (aware); now by default.
        by: Who sent it.
        how: By which channel, with which proof.

    Raises:
        BadInput: There is no such case or letter, or the instant is impossible.
        Conflict: It went out already, must not go out any more, or names a day that had come by then.
    """
    who, sent_at = acting(app, by, case_id), at or app.now()
    if sent_at > app.now():
        raise BadInput("The letter cannot have gone out in the future; check the time.")
    name = letter.strip().upper()
    if not _LETTER_NAME.fullmatch(name):
        # Not by the outbox, which repeats the name: people mistake the field.
        raise BadInput("The name of the letter is not valid; give its short name, such as L6.")
    with app.store.case_file(read_case_id(case_id)) as file:
        if name in QUESTIONS_FOR_PROOF and not identity_is_open(file, sent_at):
            raise Conflict("Identity was decided already; the question for it is not to be sent any more.")
        refuse_past_notice(file, name, sent_at, app.settings.controller.zone)
        refuse_unread_text(file, name)
        return mark_sent(file, app, name, sent_at, by=who, how=how)


def sent_on(day: date, app: App) -> datetime:
    """Return the instant of a day of sending: its end in the controller's zone, or now if it is today.

    The later reading: it suspends the clock for the shorter time and extends nothing that the day would not.

    Args:
        day: The day on which the letter was sent.
        app: What it works with.

    Raises:
        BadInput: The day is in the future.
    """
    if day > app.today:
        raise BadInput("The letter cannot have been sent on a day in the future; check the day.")
    return app.now() if day == app.today else end_of_day(day, app.settings.controller.zone)


def identity_is_open(file: CaseFile, at: datetime) -> bool:
    """Return True if no one had decided on the person's identity at an instant, so that asking for proof mattered."""
    decision = file.decisions.at(Gate.IDENTITY)
    return decision is None or decision.decided_at is None or at < decision.decided_at


def mark_sent(file: CaseFile, app: App, letter: str, at: datetime, *, by: str, how: Delivery = _UNSAID) -> str:
    """Note in an open case file that a letter went out; some move the clock, and an answer closes the case.

    Args:
        file: The case file.
        app: What it works with.
        letter: Which letter.
        at: When it went out (aware).
        by: Who sent it, or ``rightsflow``.
        how: By which channel, with which proof.

    Raises:
        BadInput: There is no such letter, or the instant is impossible.
        Conflict: It went out already.
    """
    file.outbox.mark_sent(letter, at, by=by, how=how)
    if letter in ANSWERS and file.state.is_settled:
        file.close(at)
        file.outbox.overtake({LetterId.ACKNOWLEDGEMENT}, "the answer was sent first")
    if letter == LetterId.PROCESSORS_ANSWERED:
        # The person has what processors handed over: it is not needed here any more.
        file.instructions.documents.drop([instruction.number for instruction in file.instructions.all()])
    note_sent(file, app, letter, app.day_of(at))
    noted, kind = f"Letter {letter} is noted as sent.", CLOCK_LETTERS.get(letter)
    if kind is None:
        return f"{noted} The case is closed.{_not_answered(file, app, at)}" if letter in ANSWERS else noted
    if file.state.is_settled:
        return f"{noted} The case is {file.state.value}, and its clock does not move any more."
    answered = file.clock.events().get(ClockEventKind.IDENTITY_CONFIRMED)
    if kind is ClockEventKind.IDENTITY_REQUESTED and (
        not identity_is_open(file, at) or (answered is not None and at > answered.at)
    ):
        return noted  # The proof was there already, or identity was decided in the moment in which it was mailed.
    stood = file.suspended_since is not None
    file.clock.record(kind, at, by=by)
    renew_case_dates(file, app)
    return f"{noted} {_effect(file, app, kind, stood=stood)}"


def _not_answered(file: CaseFile, app: App, at: datetime) -> str:
    """Return the advice on requests that joined the case and arrived after its answer was sent."""
    joined = (datetime.fromisoformat(entry.details["received_at"]) for entry in file.ledger.entries(JOINED))
    late = sorted(entry for entry in joined if entry > at)
    if not late:
        return ""
    arrived_on = _day(app.day_of(late[0]))
    return (
        f" A further request of the person arrived on {arrived_on}, after this answer was sent: it is a request of its "
        "own, with a month of its own; open a case for it with that day."
    )


def _effect(file: CaseFile, app: App, kind: ClockEventKind, *, stood: bool) -> str:
    due = _day(file.due_on)
    if kind is ClockEventKind.EXTENSION_NOTICE_SENT:
        return _effect_of_notice(file, due)
    if stood:
        return f"The clock is suspended already; without the suspension it is due {due}."
    if file.suspended_since is not None:
        return f"The clock is suspended until the answer; without the suspension it is due {due}."
    if file.no_pause_due_on is not None:
        return f"The clock was suspended until the answer; it is due {due}."
    if promises_suspension(file, app, kind):
        return f"It went out too late to stop the clock, although it says so: tell the person. It stays due {due}."
    return f"It does not stop the clock; it stays due {due}."


def _effect_of_notice(file: CaseFile, due: str) -> str:
    if file.is_extended:
        return f"The period is extended; it is now due {due}."
    if file.suspended_since is not None:
        return (
            f"Without the suspension it came too late; whether it extends the period is settled by the answer. Until "
            f"then it stays due {due}."
        )
    return f"It came too late and extends nothing, although it says so: tell the person. It stays due {due}."


def promises_suspension(file: CaseFile, app: App, kind: ClockEventKind) -> bool:
    """Return True if a written question says that the clock is suspended, as sending it at once would have done.

    Args:
        file: The case file, whose outbox has the letter.
        app: What it works with.
        kind: The question.
    """
    letter = next(name for name, moves in CLOCK_LETTERS.items() if moves is kind)
    written_at = next(line.written_at for line in file.outbox.lines() if line.template_id == letter)
    return would_stand(file, app.settings.controller, kind, written_at)


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"


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
    renew_case_dates(file, app)
    return [f"What it did to the clock is taken back; the case is due {file.due_on:%a %d %b %Y}."]


def _refuse(file: CaseFile, app: App, letter: str, on: date) -> None:
    zone = app.settings.controller.zone
    sent_at = file.outbox.original(letter).sent_at
    refuse_arrival(letter, on, today=app.today, sent_on=sent_at.astimezone(zone).date() if sent_at else None)
