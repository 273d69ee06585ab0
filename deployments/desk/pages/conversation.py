"""The conversation of a case: letters, messages and notes in the order of time, and what is added to it."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import WITH_FILES, page
from deployments.desk.pages.case import SHADES, read_case
from deployments.desk.pages.form_fields import beside, typed_day, typed_number
from deployments.desk.rendering import saved_answer
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.conversation import (
    CaseConversation,
    put_message,
    read_conversation,
    read_file,
    remove_content,
    reveal_conversation,
    write_note,
)
from rightsflow.cases.facts.people import note_readers
from rightsflow.domain.accounts import Permission
from rightsflow.domain.conversation import Contribution, ContributionKind, arrival
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.vocabulary.states import read_case_id

_TITLES: Final = {
    ContributionKind.REQUEST: "Request",
    ContributionKind.MESSAGE: "Message",
    ContributionKind.COMPLAINT: "Complaint",
    ContributionKind.WITHDRAWAL: "Withdrawal",
    ContributionKind.LETTER: "Letter",
    ContributionKind.NOTE: "Note",
}
_RECORDED_AT: Final = {
    ClockEventKind.IDENTITY_REQUESTED: ("proof of identity", "/identity", "Check the proof of identity"),
    ClockEventKind.CLARIFICATION_REQUESTED: ("what is meant", "/acts?act=clarified", "Record the answer"),
}
"""Each question to the person: what was asked, and the page below the case on which its answer is recorded."""


@page("/cases/{case_id}/conversation", needs=Permission.READ_CASES, most_bytes=WITH_FILES)
def conversation(visit: Visit) -> Response:
    """Show who said something when, without what they said."""
    return _shown(visit, read_conversation(visit.app, visit.path("case_id")))


def _shown(visit: Visit, talk: CaseConversation, *, is_revealed: bool = False) -> Response:
    case = read_case(visit)
    return visit.show(
        "conversation.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        talk=talk,
        titles=_TITLES,
        question=_RECORDED_AT[talk.question] if talk.question else None,
        is_revealed=is_revealed,
        removable=[(str(entry.number), message_words(entry)) for entry in talk.entries if _has_content(entry)],
        colleagues=[f"@{key}" for key, name in note_readers(visit.app).items() if name != visit.actor],
        today=visit.app.today.isoformat(),
    )


def _has_content(entry: Contribution) -> bool:
    return bool(entry.number) and not entry.is_removed


def message_words(entry: Contribution) -> str:
    """Return a message or note in a list to choose from, without its content.

    Args:
        entry: The entry.
    """
    return f"{entry.number}: {entry.kind.value} of {entry.at:%d %b %Y}, recorded by {entry.by}"


@conversation.act("/read", needs=Permission.REVEAL)
def read(visit: Visit) -> Response:
    """Show what was said, once, on the page that answers; the look and its reason are noted."""
    visit.needed({"reason": "Say why you have to read it; the reason is kept with the case, encrypted."})
    talk = reveal_conversation(visit.app, visit.path("case_id"), by=visit.actor, reason=visit.typed("reason"))
    return _shown(visit, talk, is_revealed=True)


@conversation.act("/file", needs=Permission.REVEAL)
def save_file(visit: Visit) -> Response:
    """Save a file of a message; that it was read is noted."""
    number, file = typed_number(visit, "message"), typed_number(visit, "file")
    name, content = read_file(visit.app, visit.path("case_id"), number, file, by=visit.actor)
    return saved_answer(content, name)


@conversation.act("/message", needs=Permission.HANDLE_CASES)
def add_message(visit: Visit) -> Response:
    """Put a message of the person to the case, with its files."""
    visit.needed({"received_on": "Give the day on which it arrived."})
    files, on = visit.named_files("files"), typed_day(visit, "received_on")
    with beside("received_on"):
        arrival(on, visit.app.now(), visit.app.settings.controller.zone)
    if not (files or visit.typed("message").strip()):
        raise Wrong({"message": "Type what the person says, or attach a file."})
    with beside("files" if files else "message", conflicts=True):
        done = put_message(
            visit.app, visit.path("case_id"), visit.typed("message"), files, received_on=on, by=visit.actor
        )
    return _done(visit, done)


@conversation.act("/note", needs=Permission.WRITE_NOTES)
def add_note(visit: Visit) -> Response:
    """Write a note to colleagues; those whom it names are notified."""
    visit.needed({"note": "Type the note."})
    with beside("note"):
        done = write_note(visit.app, visit.path("case_id"), visit.typed("note"), by=visit.actor)
    return _done(visit, done)


@conversation.act("/remove", needs=Permission.HANDLE_CASES)
def remove(visit: Visit) -> Response:
    """Remove the content of a message or note for good."""
    visit.needed({"entry": "Choose the entry.", "why": "Say why its content is removed."})
    number = typed_number(visit, "entry")
    with beside("entry", conflicts=True):
        done = remove_content(visit.app, visit.path("case_id"), number, by=visit.actor, reason=visit.typed("why"))
    return _done(visit, done)


def _done(visit: Visit, said: str) -> Response:
    return visit.go(f"{case_address('', read_case_id(visit.path('case_id')))}/conversation", said)
