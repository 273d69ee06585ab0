"""A Prefect server that tells people: by a real mail server, and by a webhook block that the team made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock

from deployments.notifications.automations import apply_notifications
from rightsflow.cases.deadlines.notices import Notice
from rightsflow.config.settings import MailServer, Notifications, Person, Settings
from rightsflow.domain.deadlines.alerts.ladder import RungKind
from tests.support.bench import SETTINGS
from tests.support.post import Hook, Mailbox, smtp_server, webhook

CHANNEL = "custom-webhook/privacy-hook"
_ALERTS = count(1)


def settings_with(mail=None, channels=(), people=None) -> Settings:
    notifications = Notifications(mail=mail, channels=channels)
    return SETTINGS.model_copy(update={"notifications": notifications, "people": people or {}})


def server_at(port, **fields) -> MailServer:
    return MailServer(
        **({"host": "127.0.0.1", "port": port, "security": "none", "sender": "alerts@example.com"} | fields)
    )


def notice(*recipients, alert_id=None, attempt=1, **fields) -> Notice:
    """An alert that no other test has sent."""
    given = {
        "case_id": "DSR-2026-7K3M9Q",
        "right": "access",
        "kind": RungKind.DUE_SOON,
        "text": "To be answered by Tuesday, 1 December 2026 (3 days before).",
        "about_on": date(2026, 12, 1),
        "link": "http://prefect.example/runs/flow-run/1",
    }
    return Notice(alert_id=alert_id or next(_ALERTS), attempt=attempt, recipients=recipients, **(given | fields))


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
    """People and a channel are told; afterwards nobody is."""
    people = {"anna": Person(name="Anna Example", email="anna@example.com")}
    apply_notifications(settings_with(server_at(post_office.mailbox.port), (CHANNEL,), people))
    yield post_office
    post_office.mailbox.refusal, post_office.hook.status = "", 200
    apply_notifications(settings_with())
