"""Mail instructions and reminders to processors; the watch does it in each round.

The mail goes from this process to the mail server and never through Prefect. An instruction names the person by the
identifiers of their records; a reminder has the reference alone. Each brings a one-time link to answer by, where the
desk has an address of its own.
"""

from __future__ import annotations

import logging

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.processors.mail_parts import (
    instruction_title,
    mail_about,
    sentence_case,
    with_fresh_link,
)
from rightsflow.cases.work.processors.reminders import mail_new_link, remind
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured, Permanent, Transient
from rightsflow.domain.mail import MailTransport
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.terms import InstructionStanding, ProcessorChannel

logger = logging.getLogger(__name__)

_BY = "rightsflow"


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
            mailed += remind(app, server, instruction, section) or mail_new_link(app, server, instruction, section)
    return mailed


def _instruct(
    app: App, server: MailTransport, instruction: Instruction, section: ProcessorSettings | ByHandSettings
) -> bool:
    """Mail an instruction, unless another process is doing that."""
    with app.store.case_file(instruction.case_id) as file:
        text = file.instructions.mail.claim(instruction.number)
        if text:
            text = with_fresh_link(file, app, instruction, text)
    if not text:
        return False
    mail = mail_about(
        app,
        instruction,
        section.contact,
        sentence_case(instruction_title(instruction)),
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
