"""The texts of mails: the link for an answer to an instruction, reminders of it, and a code to an address on file.

The code's reader may be another person than the requester: its mail names neither the person nor the request.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from rightsflow.domain.gates.identity import spelt
from rightsflow.domain.processors.answers import Reminder
from rightsflow.domain.wording import day


def with_link(text: str, page: str, ends_at: datetime, zone: tzinfo) -> str:
    """Return a text with the one-time link for its answer.

    Args:
        text: The text.
        page: The address of the page; empty for none.
        ends_at: Until when the link can be used (aware).
        zone: The controller's zone.
    """
    if not page:
        return text
    until = day(ends_at.astimezone(zone).date())
    return (
        f"{text}\nAnswer on this page, once and until {until}:\n{page}\n\n"
        "Who has the link can answer for you: pass it on to no one who should not.\n"
    )


def link_text(called: str, due_on: date, controller: str, contact: str) -> str:
    """Return the text of a mail that brings a further link; it names nothing of the person.

    Args:
        called: What it is called, with the reference by which it is known to both sides.
        due_on: The day by which it has to be proved.
        controller: The controller's name.
        contact: The address that is answered to.
    """
    return (
        f"Our {called} has to be answered by {day(due_on)}. Your last link for it was used or is "
        f"over; here is another.\n\n{controller}\n{contact}\n"
    )


def reminder_text(called: str, due_on: date, which: Reminder, controller: str, contact: str) -> str:
    """Return the text of a reminder; it names nothing of the person.

    Args:
        called: What it is called, with the reference by which it is known to both sides.
        due_on: The day by which it has, or had, to be answered.
        which: Which reminder it is.
        controller: The controller's name.
        contact: The address that is answered to.
    """
    begin = "has to be" if which is Reminder.BEFORE else "had to be"
    paragraphs = (
        f"Our {called} {begin} answered by {day(due_on)}. We have no proof of it yet.",
        "Answer with the reference: what was done and when; or that you hold nothing, cannot do it, or need more time.",
        "We write to your management as well." if which is Reminder.ESCALATED else "",
        f"{controller}\n{contact}",
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def code_mail(
    *, case_id: str, code: str, controller: str, contact: str, ends: str, language_note: str
) -> tuple[str, str]:
    """Subject line and text.

    Args:
        case_id: The case.
        code: The code's digits.
        controller: The controller's name.
        contact: The address that is answered to.
        ends: Until when the code counts, in words with its zone.
        language_note: What a reader of another language is told first, in theirs; empty where nothing is.
    """
    subject = f"Your code for request {case_id}"
    paragraphs = (
        language_note,
        "Good day,",
        f"{controller} received a request that concerns this e-mail address. If you made it, please give us this code:",
        f"    {spelt(code)}",
        f"Answer this mail, or tell us when we call you. The code counts once, until {ends}.",
        "If you made no such request, give the code to no one: without it nothing is disclosed or erased.",
        f"Questions: {contact}. Please give the case number {case_id}.",
        f"Yours sincerely\n{controller}",
    )
    return subject, "\n\n".join(filter(None, paragraphs)) + "\n"
