"""Alerts that no other test has sent, and the settings by which they go out."""

from __future__ import annotations

from datetime import date
from itertools import count

from rightsflow.cases.facts.deadlines.alerts import Notice
from rightsflow.config.sections.mail_server import MailServer, Notifications
from rightsflow.config.settings import Settings
from rightsflow.domain.alerts.ladder import RungKind
from tests.support.bench import SETTINGS

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
