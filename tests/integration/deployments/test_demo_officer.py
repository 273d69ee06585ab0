"""The demonstration's officer asks again for a run that a busy server does not take."""

from __future__ import annotations

import json
from datetime import date
from uuid import uuid4

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_CLIENT_CSRF_SUPPORT_ENABLED, temporary_settings

from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.demo.officer import PATIENT, Officer


class Server:
    """Prefect's server, which answers forms with these statuses, the last one for good."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.forms = []

    def __call__(self, request):
        self.forms.append(json.loads(request.content))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        opened = {"id": str(uuid4()), "flow_id": str(uuid4()), "name": "open from ticket"}
        return httpx.Response(status, headers={"Retry-After": "0"}, json=opened)

    def ask(self):
        with temporary_settings(PATIENT | {PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False}):
            client = SyncPrefectClient(
                "http://127.0.0.1:9/api", httpx_settings={"transport": httpx.MockTransport(self)}
            )
            return Officer({"open-from-ticket": str(uuid4())}, lambda _: None, client=client).open_from_ticket(
                Right.ACCESS, "4711", date(2026, 3, 5)
            )


def test_a_run_is_asked_for_again_as_the_same_one_while_the_server_is_busy():
    server = Server(500, 503, 201)
    assert server.ask().name == "open from ticket"
    assert len({form["idempotency_key"] for form in server.forms}) == 1
    assert len(server.forms) == 3


def test_it_is_not_sent_for_ever():
    for status, sent in ((409, 1), (503, 7)):
        server = Server(status)
        with pytest.raises(PrefectHTTPStatusError, match=str(status)):
            server.ask()
        assert len(server.forms) == sent
