"""A Prefect server that tells people: by a real mail server, and by a webhook block that the team made."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock

from deployments.notifications.automations import apply_notifications
from rightsflow.config.sections.controller import Person
from tests.support.notices import CHANNEL, server_at, settings_with
from tests.support.post import Hook, Mailbox, smtp_server, webhook


@dataclass
class PostOffice:
    """The ends of the way."""

    mailbox: Mailbox
    hook: Hook


@pytest.fixture(scope="session")
def post_office(prefect_server):
    with smtp_server() as mailbox, webhook() as hook:
        block = CustomWebhookNotificationBlock(
            name="privacy-hook", url=hook.url, json_data={"subject": "{{subject}}", "body": "{{body}}"}
        )
        block.save("privacy-hook", overwrite=True)
        yield PostOffice(mailbox, hook)


@pytest.fixture
def told(post_office):
    """People and a channel are told; afterwards no one is."""
    people = {"anna": Person(name="Anna Example", email="anna@example.com")}
    apply_notifications(settings_with(server_at(post_office.mailbox.port), (CHANNEL,), people))
    yield post_office
    post_office.mailbox.refusal, post_office.hook.status = "", 200
    apply_notifications(settings_with())
