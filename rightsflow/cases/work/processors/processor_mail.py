"""Mail instructions and reminders to processors; the watch does it in each round.

The mail goes from this process to the mail server and never through Prefect. An instruction names the person by the
identifiers of their records; a reminder has the reference alone. Each brings a one-time link to answer by, where the
desk has an address of its own.
"""

from __future__ import annotations

import logging

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.processors.instructions import reference_of
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.documents.mails import link_text, reminder_text, with_link
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured, Permanent, Transient
from rightsflow.domain.mail import Mail, MailTransport
from rightsflow.domain.processors.answers import Instruction, Reminder, link_ends_at, reminder_due
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorChannel
from rightsflow.store import CaseFile
from rightsflow.store.case.one_time_codes import new_token

logger = logging.getLogger(__name__)

_BY = "rightsflow"
_Asked = ProcessorSettings | ByHandSettings


def mail_to_processors(app: App) -> int:
    """Mail the instructions that have not gone out, and the reminders that are due; returns how many mails went out.

    A mail server that does not answer, or is set up wrongly, ends the round; what is left goes with the next one.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    by_mail = [
        instruction
        for instruction in app.store.work.open_instructions()
        if instruction.channel is ProcessorChannel.EMAIL
    ]
    config = app.settings.delivery.mail
    if not by_mail or config is None:
        return 0
    try:
        server = app.open_mail(config, app.settings.controller.name)
        return sum(_mail(app, server, instruction) for instruction in by_mail)
    except Misconfigured as error:
        logger.warning("processors are written to later: %s", error)
    except Transient as error:
        if error.system != "mail":
            raise
        logger.warning("processors are written to later: %s", error)
    return 0


def _mail(app: App, server: MailTransport, instruction: Instruction) -> int:
    section = app.settings.asked.get(instruction.processor)
    if section is None or app.store.is_worked_on(instruction.case_id):
        return 0
    mailed = 0
    with one_case_of_many(instruction.case_id):
        if instruction.standing is InstructionStanding.UNSENT:
            mailed += _instruct(app, server, instruction, section)
        elif instruction.standing is InstructionStanding.WAITING:
            mailed += _remind(app, server, instruction, section) or _link_again(app, server, instruction, section)
    return mailed


def _instruct(app: App, server: MailTransport, instruction: Instruction, section: _Asked) -> bool:
    """Mail an instruction, unless another process is doing that."""
    with app.store.case_file(instruction.case_id) as file:
        text = file.instructions.mail.claim(instruction.number)
        if text:
            text = _linked(file, app, instruction, text)
    if not text:
        return False
    mail = _mail_of(
        app,
        instruction,
        section.contact,
        _begun(_called(instruction)),
        text,
        "",
    )
    try:
        server.send(mail)
    except ConnectorError as error:
        with app.store.case_file(instruction.case_id) as file:
            file.instructions.mail.give_back(instruction.number, for_good=isinstance(error, Permanent))
        if isinstance(error, Transient):
            raise
        logger.warning("an instruction of %s could not be mailed: %s", instruction.case_id, error)
        return False
    try:
        with app.store.case_file(instruction.case_id) as file:
            file.instructions.mark_sent(instruction.number, app.now(), by=_BY)
    except Conflict:
        logger.warning(
            "an instruction of %s was mailed and was noted as sent by a person meanwhile", instruction.case_id
        )
    return True


def _remind(app: App, server: MailTransport, instruction: Instruction, section: _Asked) -> bool:
    """Remind a processor once per stage; from the second week after its day on its management too."""
    due = reminder_due(instruction.due_on, instruction.reminded_on, app.today, app.settings.watch.processor_days)
    if due is None:
        return False
    with app.store.case_file(instruction.case_id) as file:
        if not file.instructions.one(instruction.number).is_open:
            return False
        # First, so that a process that is killed reminds once too few and not once too often.
        file.instructions.mail.note_reminder(instruction.number, app.today, to_management=due is Reminder.ESCALATED)
        text = reminder_text(
            _called(instruction),
            instruction.due_on,
            due,
            app.settings.controller.name,
            app.settings.owners.case_owner.email,
        )
        to = {section.contact: _linked(file, app, instruction, text)}
    if due is Reminder.ESCALATED and section.management_contact:
        # Without the link: it is for those who do the work.
        to.setdefault(section.management_contact, text)
    for address, body in to.items():
        server.send(_mail_of(app, instruction, address, f"Reminder: {_called(instruction)}", body, f".{app.today}"))
    return True


def _link_again(app: App, server: MailTransport, instruction: Instruction, section: _Asked) -> bool:
    """Mail a further link to a processor that has none any more, such as after it asked for more time."""
    if not app.confirmation_page(instruction.case_id, instruction.number, "-"):
        return False
    controller = app.settings.controller
    with app.store.case_file(instruction.case_id) as file:
        if file.instructions.links.has_live(instruction.number):
            return False
        count = sum(link.number == instruction.number for link in file.instructions.links.all())
    text = link_text(_called(instruction), instruction.due_on, controller.name, app.settings.owners.case_owner.email)
    token, ends_at = new_token(), link_ends_at(instruction.due_on, app.now())
    text = with_link(
        text, app.confirmation_page(instruction.case_id, instruction.number, token), ends_at, controller.zone
    )
    server.send(_mail_of(app, instruction, section.contact, f"New link: {_called(instruction)}", text, f".link{count}"))
    # Once it went out: a mail that was not taken leaves the processor without a link, so that the next round sends one.
    with app.store.case_file(instruction.case_id) as file:
        file.instructions.links.make(instruction.number, instruction.processor, ends_at, token)
    return True


def _called(instruction: Instruction) -> str:
    return f"{instruction.role.asked_by} {reference_of(instruction.case_id, instruction.processor, instruction.task)}"


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _linked(file: CaseFile, app: App, instruction: Instruction, text: str) -> str:
    """A text with a fresh link for the processor, where it can reach the page and has something to answer."""
    if instruction.action is Action.CALL_OFF or not app.confirmation_page(instruction.case_id, instruction.number, "-"):
        return text
    ends_at = link_ends_at(instruction.due_on, app.now())
    token = file.instructions.links.make(instruction.number, instruction.processor, ends_at)
    page = app.confirmation_page(instruction.case_id, instruction.number, token)
    return with_link(text, page, ends_at, app.settings.controller.zone)


def _mail_of(app: App, instruction: Instruction, to_email: str, subject: str, body: str, known_by: str) -> Mail:
    return Mail(
        to_email=to_email,
        subject=subject,
        body=body,
        headers={"Reply-To": app.settings.owners.case_owner.email},
        message_id=f"{instruction.case_id}.instruction{instruction.number}{known_by}".lower(),
    )
