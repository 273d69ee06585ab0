"""Reminders to processors that have not answered, and new links in place of links that have ended.

The watch sends them in each round, by :mod:`rightsflow.cases.work.processors.processor_mail`. When a reminder is due is
a rule: :func:`rightsflow.domain.processors.answers.reminder_due`.
"""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.work.processors.mail_parts import instruction_title, mail_about, with_fresh_link
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.documents.mails import link_text, reminder_text, with_link
from rightsflow.domain.mail import MailTransport
from rightsflow.domain.processors.answers import Instruction, Reminder, link_ends_at, reminder_due
from rightsflow.store.case.one_time_codes import new_token


def remind(
    app: App, server: MailTransport, instruction: Instruction, section: ProcessorSettings | ByHandSettings
) -> bool:
    """Remind a processor once per stage, and its management too from the second week after the due day.

    Args:
        app: What it works with.
        server: The mail server.
        instruction: The instruction, not answered.
        section: The processor's section in the configuration.
    """
    due = reminder_due(instruction.due_on, instruction.reminded_on, app.today, app.settings.watch.processor_days)
    if due is None:
        return False
    with app.store.case_file(instruction.case_id) as file:
        if not file.instructions.one(instruction.number).is_open:
            return False
        # First, so that a process that is killed reminds once too few and not once too often.
        file.instructions.mail.note_reminder(instruction.number, app.today, to_management=due is Reminder.ESCALATED)
        text = reminder_text(
            instruction_title(instruction),
            instruction.due_on,
            due,
            app.settings.controller.name,
            app.settings.owners.case_owner.email,
        )
        to = {section.contact: with_fresh_link(file, app, instruction, text)}
    if due is Reminder.ESCALATED and section.management_contact:
        # Without the link: it is for those who do the work.
        to.setdefault(section.management_contact, text)
    for address, body in to.items():
        server.send(
            mail_about(app, instruction, address, f"Reminder: {instruction_title(instruction)}", body, f".{app.today}")
        )
    return True


def mail_new_link(
    app: App, server: MailTransport, instruction: Instruction, section: ProcessorSettings | ByHandSettings
) -> bool:
    """Mail a further link to a processor that has none any more, such as after it asked for more time.

    Args:
        app: What it works with.
        server: The mail server.
        instruction: The instruction, not answered.
        section: The processor's section in the configuration.
    """
    if not app.confirmation_page(instruction.case_id, instruction.number, "-"):
        return False
    controller = app.settings.controller
    with app.store.case_file(instruction.case_id) as file:
        if file.instructions.links.has_live(instruction.number):
            return False
        count = sum(link.number == instruction.number for link in file.instructions.links.all())
    text = link_text(
        instruction_title(instruction), instruction.due_on, controller.name, app.settings.owners.case_owner.email
    )
    token, ends_at = new_token(), link_ends_at(instruction.due_on, app.now())
    text = with_link(
        text, app.confirmation_page(instruction.case_id, instruction.number, token), ends_at, controller.zone
    )
    server.send(
        mail_about(
            app, instruction, section.contact, f"New link: {instruction_title(instruction)}", text, f".link{count}"
        )
    )
    # Once it went out: a mail that was not taken leaves the processor without a link, so that the next round sends one.
    with app.store.case_file(instruction.case_id) as file:
        file.instructions.links.make(instruction.number, instruction.processor, ends_at, token)
    return True
