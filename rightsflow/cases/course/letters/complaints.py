"""Complaints to the controller about a case (s. 164A Data Protection Act 2018): recorded, acknowledged, looked into."""

from __future__ import annotations

from datetime import date
from typing import Final

from rightsflow.audit.ledger import Entry
from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import put_letter, refuse_to_write
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.facts.people import acting
from rightsflow.documents.letters import ComplaintReceived, render
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.letter_rules import acknowledge_by, check_complaint
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId, kind_of_letter
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask

COMPLAINTS: Final = "complaints"
"""The value of the system field in tasks that answer complaints."""
_KEPT: Final = "complaint/"


def record_complaint(app: App, case_id: str, *, about: str, received_on: date | None = None, by: str) -> str:
    """Record that a person complains about how their request was handled; returns what has to happen in sentences.

    The acknowledgement (L29) is written at once, and a task names its last day; it ends once the person was told the
    outcome.

    Args:
        app: What it works with.
        case_id: The case that it is about, closed or not, as typed.
        about: What the person complains about; kept encrypted.
        received_on: The day of receipt, in the controller's zone; today by default.
        by: Who records it.

    Raises:
        BadInput: There is no such case, the text is missing, or the day is impossible.
        Conflict: The law knows no such complaint.
    """
    who, on = acting(app, by, case_id), received_on or app.today
    (hashed,) = app.store.keyed_names("complaint", [" ".join(about.split())])
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_to_write(file)
        facts, law = LetterFacts(file, app), app.settings.controller.law
        text = check_complaint(about, on, law=law, request_on=facts.received_on, today=app.today)
        controller = app.settings.controller
        last_on = acknowledge_by(
            on, zone=controller.zone, country=controller.country, subdivision=controller.subdivision
        )
        number = len(_complaints(file)) + 1
        file.outbox.keep_secret(f"{_KEPT}{number:06d}", text)
        variables = ComplaintReceived(
            # While it is not clear who asks, nothing may say that a person of that name is known here.
            **facts.common(greeting=file.identity_is_clear),
            remedies=facts.remedies,
            complained_on=on,
            about_on=facts.received_on,
        )
        letter = put_letter(file, render(LetterId.COMPLAINT_RECEIVED, variables))
        file.ledger.append(
            CaseEvent.COMPLAINT_RECORDED,
            actor=who,
            number=number,
            received_on=on.isoformat(),
            acknowledge_by=last_on.isoformat(),
            letter=letter,
            text=hashed,
        )
        what = (
            f"Send letter {letter} by {day(last_on)}, look into complaint {number} of {day(on)} without undue delay, "
            "and tell the person the outcome (s. 164A)."
        )
        task = NewTask(kind=TaskKind.COMPLAINT, system=COMPLAINTS, what=what, records=number, due_on=last_on)
        file.tasks.note([task], owner=file.ownership.owner)
    return (
        f"Complaint {number} is recorded. Its acknowledgement (letter {letter}) is in the outbox; send it by "
        f"{last_on:%a %d %b %Y}, and record when it went out. A task waits until the person was told the outcome."
    )


def read_complaints(app: App, case_id: str, *, by: str, reason: str) -> tuple[str, ...]:
    """Return what a person complained about, oldest first; that it was read is noted in the ledger.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who reads it.
        reason: Why; kept sealed.

    Raises:
        BadInput: There is no such case.
    """
    reader = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        file.note_reveal(by=reader, reason=" ".join(reason.split()))
        return tuple(_complaints(file))


def complaints_in(file: CaseFile) -> list[tuple[Entry, str]]:
    """Return the complaints of a case, oldest first: the ledger's entry and the text; reading them is a reveal.

    Args:
        file: The case file, open.
    """
    return list(zip(file.ledger.entries(CaseEvent.COMPLAINT_RECORDED), _complaints(file), strict=True))


def refuse_unacknowledged(file: CaseFile, number: int) -> None:
    """Refuse to end a complaint's task while its acknowledgement has not gone out.

    Args:
        file: The case file, open.
        number: Which complaint of the case.

    Raises:
        Conflict: It has not.
    """
    sent = [
        line.sent_at is not None
        for line in file.outbox.lines()
        if kind_of_letter(line.template_id) is LetterId.COMPLAINT_RECEIVED
    ]
    if not all(sent[:number]):
        raise Conflict(f"The acknowledgement of complaint {number} (L29) has not gone out; record when it was sent.")


def _complaints(file: CaseFile) -> list[str]:
    return file.outbox.secrets_below(_KEPT)
