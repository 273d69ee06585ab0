"""The parts of a mail to a processor: its title, its one-time link, and the mail itself."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.work.processors.instructions import reference_of
from rightsflow.documents.mails import with_link
from rightsflow.domain.mail import Mail
from rightsflow.domain.processors.answers import Instruction, link_ends_at
from rightsflow.domain.processors.terms import Action
from rightsflow.store import CaseFile


def instruction_title(instruction: Instruction) -> str:
    """Return what is asked of a processor, with the reference by which it is quoted."""
    return f"{instruction.role.asked_by} {reference_of(instruction.case_id, instruction.processor, instruction.task)}"


def sentence_case(words: str) -> str:
    """Return words with a capital at their start."""
    return words[:1].upper() + words[1:]


def with_fresh_link(file: CaseFile, app: App, instruction: Instruction, text: str) -> str:
    """Return a text with a fresh link, if the processor can reach the page and has something to answer.

    Args:
        file: The case file, open.
        app: What it works with.
        instruction: The instruction.
        text: The text.
    """
    if instruction.action is Action.CALL_OFF or not app.confirmation_page(instruction.case_id, instruction.number, "-"):
        return text
    ends_at = link_ends_at(instruction.due_on, app.now())
    token = file.instructions.links.make(instruction.number, instruction.processor, ends_at)
    page = app.confirmation_page(instruction.case_id, instruction.number, token)
    return with_link(text, page, ends_at, app.settings.controller.zone)


def mail_about(app: App, instruction: Instruction, to_email: str, subject: str, body: str, known_by: str) -> Mail:
    """Return a mail about an instruction.

    Args:
        app: What it works with.
        instruction: The instruction.
        to_email: The address.
        subject: The subject line.
        body: The text.
        known_by: The end of the message id, by which a mail server recognises a mail that is sent again.
    """
    return Mail(
        to_email=to_email,
        subject=subject,
        body=body,
        headers={"Reply-To": app.settings.owners.case_owner.email},
        message_id=f"{instruction.case_id}.instruction{instruction.number}{known_by}".lower(),
    )
