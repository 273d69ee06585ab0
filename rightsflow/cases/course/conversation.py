"""The conversation of a case: read in the order of time, added to, and removed from.

Messages come from the person; a reply that the case waits for is proposed as the answer, which the acts on the
question record. Notes are between colleagues, and no answer to the person contains them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.complaints import complaints_in
from rightsflow.cases.facts.overview.personal_data import OWN_WORDS
from rightsflow.cases.facts.people import Duty, acting, member_key, note_readers
from rightsflow.domain.conversation import (
    Contribution,
    ContributionKind,
    arrival,
    check_files,
    in_order,
    may_answer,
    named_in,
    read_file_name,
    read_text,
    refuse_elsewhere,
)
from rightsflow.domain.deadlines.clock_events import ClockEventKind, unanswered
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile
from rightsflow.store.case.case_file import WITHDRAWAL
from rightsflow.store.case.messages import NewFile

_PROPOSED: Final = " The case waits for the person's answer: if this is it, record it as such."


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConversation:
    """The conversation of a case.

    Args:
        entries: Everything that was said, in the order of time.
        question: What the person was asked and has not answered, or ``None``.
        asked_at: When that went out (aware), or ``None``.
        replies: The messages that may be the answer, oldest first.
    """

    entries: Sequence[Contribution]
    question: ClockEventKind | None
    asked_at: datetime | None
    replies: Sequence[Contribution]


def read_conversation(app: App, case_id: str) -> CaseConversation:
    """Return who said something when, without what they said.

    Args:
        app: What it works with.
        case_id: The case, as typed.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        return _conversation(file, in_clear=False)


def reveal_conversation(app: App, case_id: str, *, by: str, reason: str) -> CaseConversation:
    """Show what was said; the look and its reason are noted, and notes to the reader count as read.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who reads.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case, or the reason is missing.
        Conflict: The name was only typed where people act signed in.
    """
    reader, why = acting(app, by, case_id), " ".join(reason.split())
    if not why:
        raise BadInput("The reason is missing; say why you have to see it.")
    duty, key = Duty.of(app), member_key(app, reader)
    theirs = {person for person in app.settings.people_by_key if key and duty.answering(person) == key}
    with app.store.case_file(read_case_id(case_id)) as file:
        file.note_reveal(by=reader, reason=why)
        # A note to a colleague who may read none any more waits for everybody who may.
        gone = {note.person for note in file.messages.unread()} - note_readers(app).keys()
        file.messages.note_read({key, *theirs, *gone})
        return _conversation(file, in_clear=True)


def read_file(app: App, case_id: str, number: int, file_number: int, *, by: str) -> tuple[str, bytes]:
    """Return a file of a message, with a name of this program's own; that it was read is noted.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The message's number.
        file_number: The file's number within the message.
        by: Who reads it.

    Raises:
        BadInput: There is no such case or file, or its content was removed.
        Conflict: The name was only typed where people act signed in.
    """
    reader = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        kind, content = file.messages.file(number, file_number)
        file.note_reveal(by=reader, reason=f"File {file_number} of message {number}.")
        return f"{file.case_id}-message-{number}-{file_number}.{kind.ending}", content


def put_message(
    app: App,
    case_id: str,
    text: str,
    files: Sequence[tuple[str, bytes]] = (),
    *,
    received_on: date | None = None,
    by: str,
) -> str:
    """Put a message of the person to a case; return a sentence.

    Args:
        app: What it works with.
        case_id: The case, closed or not, as typed.
        text: What they say; may be empty beside a file.
        files: What they enclose: name and content of each.
        received_on: The day of its arrival, in the controller's zone; today by default.
        by: Who records it.

    Raises:
        BadInput: There is no such case, nothing is given, the day is in the future, or a file is not accepted.
        Conflict: Another case answers it.
    """
    recorder, words = acting(app, by, case_id), read_text(text, "The message")
    if not (words or files):
        raise BadInput("The message is empty; type what the person says, or attach a file.")
    kinds = check_files([content for _, content in files])
    put = [
        NewFile(name=read_file_name(name), kind=kind, content=content)
        for (name, content), kind in zip(files, kinds, strict=True)
    ]
    at = arrival(received_on, app.now(), app.settings.controller.zone)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_elsewhere(file.case_id, file.stopping.instead if file.state is CaseState.STOPPED else "")
        number = file.messages.put(words, put, at=at, by=recorder)
        is_awaited = bool(_conversation(file, in_clear=False).replies)
    return f"Message {number} is recorded.{_PROPOSED if is_awaited else ''}"


def write_note(app: App, case_id: str, text: str, *, by: str) -> str:
    """Write a note to colleagues; return a sentence.

    Colleagues whom it names with @ find it in *To do* until they have read it.

    Args:
        app: What it works with.
        case_id: The case, closed or not, as typed.
        text: What it says.
        by: Who writes it.

    Raises:
        BadInput: There is no such case, the note is empty or too long, or it names no colleague who may read it.
    """
    author, words = acting(app, by, case_id), read_text(text, "The note")
    if not words:
        raise BadInput("The note is empty; type it.")
    readers = note_readers(app)
    named = named_in(words, readers, author)
    with app.store.case_file(read_case_id(case_id)) as file:
        number = file.messages.note(words, named, by=author)
    told = f" It waits in the list of {listed([readers[key] for key in named])}." if named else ""
    return f"Note {number} is saved.{told}"


def remove_content(app: App, case_id: str, number: int, *, by: str, reason: str) -> str:
    """Remove the content of a message or note for good, such as a scan that is not needed; return a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The number of the message or note.
        by: Who removes it.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case or entry, or the reason is missing.
        Conflict: Its content is gone already.
    """
    remover, why = acting(app, by, case_id), " ".join(reason.split())
    if not why:
        raise BadInput("The reason is missing; say why the content is removed.")
    with app.store.case_file(read_case_id(case_id)) as file:
        file.messages.remove(number, why, by=remover)
    return f"The content of entry {number} is removed; who recorded it and when stays."


def _conversation(file: CaseFile, *, in_clear: bool) -> CaseConversation:
    entries = in_order([entry for source in _SOURCES for entry in source(file, in_clear=in_clear)])
    events = {kind: event.at for kind, event in file.clock.events().items()}
    question, asked_at = next(unanswered(events), (None, None))
    if file.state.is_settled or asked_at is None:
        return CaseConversation(entries=entries, question=None, asked_at=None, replies=())
    return CaseConversation(
        entries=entries, question=question, asked_at=asked_at, replies=may_answer(entries, asked_at)
    )


def _requests(file: CaseFile, *, in_clear: bool) -> Iterator[Contribution]:
    """Yield the request, and each time that the person made it again."""
    words = (file.outbox.secret(OWN_WORDS) or "") if in_clear else None
    agent, order = file.agents.present, file.orders.present
    by = agent.name if agent else order.name if order else file.opened_by
    yield Contribution(kind=ContributionKind.REQUEST, at=file.received_at, by=by, text=words)
    for entry in file.ledger.entries(CaseEvent.REQUEST_JOINED):
        received_at = datetime.fromisoformat(str(entry.details["received_at"]))
        yield Contribution(kind=ContributionKind.REQUEST, at=received_at, by=entry.actor, text="" if in_clear else None)


def _letters(file: CaseFile, *, in_clear: bool) -> Iterator[Contribution]:
    texts = {item.template_id: item for item in file.outbox.letters()} if in_clear else {}
    for line in file.outbox.lines():
        if line.is_overtaken:
            continue
        # One that has not gone out is opened on its own page, where that is noted.
        letter = texts.get(line.template_id) if line.sent_at else None
        yield Contribution(
            kind=ContributionKind.LETTER,
            at=line.sent_at or line.written_at,
            by=line.sent_by,
            letter=line.template_id,
            is_sent=line.sent_at is not None,
            subject=letter.subject_line if letter else "",
            text=letter.body if letter else None,
        )


def _objections(file: CaseFile, *, in_clear: bool) -> Iterator[Contribution]:
    """Yield the person's complaints, and their withdrawal of the request."""
    for entry, words in complaints_in(file):
        text = words if in_clear else None
        yield Contribution(kind=ContributionKind.COMPLAINT, at=entry.at, by=entry.actor, text=text)
    for entry in file.ledger.entries(CaseEvent.CASE_WITHDRAWN):
        why = (file.outbox.secret(WITHDRAWAL) or "") if in_clear else None
        yield Contribution(kind=ContributionKind.WITHDRAWAL, at=entry.at, by=entry.actor, text=why)


def _messages(file: CaseFile, *, in_clear: bool) -> Iterator[Contribution]:
    yield from file.messages.entries(in_clear=in_clear)


_SOURCES: Final = (_requests, _letters, _objections, _messages)
