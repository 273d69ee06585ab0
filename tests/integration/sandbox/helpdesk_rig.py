"""A served helpdesk with a small call centre in it, and a client that does nothing by itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.limits import Limits
from rightsflow_sandbox.helpdesk.loading import load_helpdesk
from rightsflow_sandbox.helpdesk.server import running_helpdesk
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Pace

SECRET = "not-a-real-secret"
BIG = 9_007_199_254_740_993
ANNA, JOANNA, MENTION, AGENT, ADMIN, SHARED = (BIG + 100 + number for number in range(6))


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **length: float) -> None:
        self.at += timedelta(**length)


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def data() -> dict[str, Any]:
    """The data that most tests use."""
    users = [
        {"id": ANNA, "name": "Anna Example", "email": "anna@example.com", "phone": "+4930123456", "external_id": "C-1"},
        {"id": JOANNA, "name": "Joanna Example", "email": "joanna@example.com"},
        {"id": MENTION, "name": "Max Example", "email": "max@example.com", "notes": "partner of anna@example.com"},
        {"id": AGENT, "name": "Agent", "email": "agent@example.org", "role": "agent"},
        {"id": ADMIN, "name": "Admin", "email": "admin@example.org", "role": "admin"},
        {
            "id": SHARED,
            "name": "Shop",
            "email": "shop@example.com",
            "phone": "+4930999999",
            "shared_phone_number": True,
        },
    ]
    identities = [{"id": 501, "user_id": ANNA, "type": "email", "value": "second@example.net", "primary": False}]
    recent, old = "2026-11-01T08:00:00Z", "2025-01-01T08:00:00Z"
    tickets = [
        {
            "id": 1,
            "subject": "Open",
            "status": "open",
            "requester_id": ANNA,
            "created_at": recent,
            "assignee_id": AGENT,
        },
        {"id": 2, "subject": "Closed", "status": "closed", "requester_id": ANNA, "created_at": recent},
        {"id": 3, "subject": "Archived", "status": "closed", "requester_id": ANNA, "created_at": old},
        {"id": 4, "subject": "Copy", "status": "solved", "requester_id": JOANNA, "email_cc_ids": [ANNA]},
    ]
    comments = [
        {
            "id": 11,
            "ticket_id": 1,
            "author_id": ANNA,
            "body": "My code is 4711 & more\nBye",
            "created_at": "2026-11-01T08:00:00Z",
            "metadata": {"system": {"ip_address": "192.0.2.7", "location": "Berlin"}, "custom": {}},
            "attachments": [
                {"id": 21, "file_name": "id.txt", "content_type": "text/plain", "content_base64": base64_of(b"abc")}
            ],
        },
        {"id": 12, "ticket_id": 1, "author_id": AGENT, "body": "Noted", "created_at": "2026-11-02T08:00:00Z"},
        {
            "id": 13,
            "ticket_id": 2,
            "author_id": ANNA,
            "type": "VoiceComment",
            "body": "Call",
            "data": {"from": "+4930123456", "to": "+49800", "call_id": 77, "transcription_text": "hello"},
            "recording_base64": base64_of(b"RIFF"),
            "attachments": [{"id": 22, "file_name": "b.txt", "content_base64": base64_of(b"xyz")}],
        },
    ]
    return {
        "users": users,
        "identities": identities,
        "organizations": [{"id": 91, "name": "Example Ltd"}],
        "organization_memberships": [{"id": 92, "user_id": ANNA, "organization_id": 91}],
        "tickets": tickets,
        "comments": comments,
        "suspended_tickets": [{"id": 81, "author": {"id": None, "email": "anna@example.com", "name": "Anna"}}],
        "satisfaction_ratings": [{"id": 82, "ticket_id": 2, "requester_id": ANNA, "comment": "fine"}],
    }


@dataclass
class Desk:
    """A served helpdesk.

    Args:
        state: What it serves.
        url: Its base URL.
        clock: Its clock.
        session: A session that sends a token and never retries.
    """

    state: HelpdeskState
    url: str
    clock: Clock
    session: requests.Session

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}/api/v2/{path}", timeout=10, **more)

    def get(self, path: str, **more: Any) -> Any:
        response = self.call("GET", path, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def ids(self, path: str, key: str) -> list[int]:
        return [one["id"] for one in self.get(path)[key]]

    def ask_token(self, scope: str = "read write", client_id: str = "rightsflow") -> requests.Response:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": SECRET, "scope": scope}
        return requests.post(f"{self.url}/oauth/tokens", json=form, timeout=10)

    def log_in(self, scope: str = "read write") -> None:
        self.session.headers["Authorization"] = f"Bearer {self.ask_token(scope).json()['access_token']}"


@contextmanager
def helpdesk(
    mapping: dict[str, Any] | None = None,
    *,
    pace: Pace | None = None,
    limits: Limits | None = None,
    client: Client | None = None,
    admin: bool = False,
) -> Iterator[Desk]:
    """A helpdesk that is logged in to."""
    clock = Clock()
    state = load_helpdesk(data() if mapping is None else mapping, now=clock, pace=pace, limits=limits)
    with (
        running_helpdesk(state, client_secret=SECRET, client=client, admin=admin) as url,
        requests.Session() as session,
    ):
        desk = Desk(state, url, clock, session)
        desk.log_in()
        yield desk
