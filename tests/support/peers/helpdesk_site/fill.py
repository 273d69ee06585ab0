"""Fills an empty django-helpdesk by its own means: e-mails that customers sent, answers by agents, custom fields.

Reads the plan and writes the tickets' numbers; run as ``python fill.py GIVEN ANSWER``.
"""

import json
import logging
import sys
from email.message import EmailMessage
from pathlib import Path

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - only after the setup
from helpdesk.email import extract_email_metadata  # noqa: E402
from helpdesk.models import CustomField, Queue, Ticket, TicketCustomFieldValue  # noqa: E402
from helpdesk.update_ticket import update_ticket  # noqa: E402


def main(given_at, answer_at):
    """Fill it."""
    given = json.loads(Path(given_at).read_text(encoding="utf-8"))
    queue = Queue.objects.create(
        title="Care", slug="care", email_address=given["own"], allow_email_submission=True, updated_ticket_cc=""
    )
    queue.enable_notifications_on_email_events = True
    queue.save()
    phone = CustomField.objects.create(name="phone", label="Phone", data_type="varchar", max_length=80, required=False)
    agents = {name: _agent(name) for name in given["agents"]}
    tickets = []
    for one in given["tickets"]:
        ticket = _mail(queue, one["mail"])
        if one["phone"]:
            TicketCustomFieldValue.objects.create(ticket=ticket, field=phone, value=one["phone"])
        for step in one["steps"]:
            _step(queue, ticket, step, agents)
        tickets.append(ticket.id)
    # The site's own account for those who read and write by its API.
    User.objects.create_superuser("api", "api@example.com", given["password"])
    Path(answer_at).write_text(json.dumps(tickets), encoding="utf-8")


def _agent(name):
    return User.objects.create_user(name, f"{name}@care.example.com", "unused", is_staff=True)


def _step(queue, ticket, step, agents):
    if "mail" in step:
        subject = f"Re: [{queue.slug}-{ticket.id}] {ticket.title}"
        assert _mail(queue, {**step["mail"], "subject": subject}).id == ticket.id
        return
    update_ticket(
        user=agents[step["agent"]],
        ticket=Ticket.objects.get(pk=ticket.id),
        comment=step["text"],
        public=step["public"],
        title="",
    )


def _mail(queue, mail):
    """Let an e-mail arrive."""
    message = EmailMessage()
    message["From"] = mail["sender"]
    message["To"] = queue.email_address
    if mail["copies"]:
        message["Cc"] = ", ".join(mail["copies"])
    message["Subject"] = mail["subject"]
    message["Message-Id"] = f"<{mail['id']}@mail.example.com>"
    message.set_content(mail["text"])
    for file in mail["files"]:
        message.add_attachment(file["content"].encode(), maintype="application", subtype="pdf", filename=file["name"])
    return extract_email_metadata(message.as_string(), queue, logging.getLogger("fill"))


if __name__ == "__main__":
    main(*sys.argv[1:])
