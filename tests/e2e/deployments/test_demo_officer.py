"""The demonstration's officer at a gate whose form is not taken at once."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Paused

from rightsflow.domain.errors import Transient
from rightsflow_sandbox.demo.officer import Officer


def refused(status):
    request = httpx.Request("POST", "http://127.0.0.1/api/flow_runs/resume")
    return PrefectHTTPStatusError("no", request=request, response=httpx.Response(status, request=request))


class Server:
    """Prefect's server with one run that is suspended at the approval gate; it answers a form as it is told."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.run = FlowRun(flow_id=uuid4(), state=Paused(pause_key="approval-1"))

    def read_flow_runs(self, **_):
        return [self.run]

    def resume_flow_run(self, _run_id, **_):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(status=SimpleNamespace(value=answer))


def answer(server):
    waited = []
    Officer({}, lambda _: None, waited.append, server).answer_gate("DSR-2026-EQ56Y3", "approval", {})
    return len(waited)


def test_it_fills_in_the_form_again_while_the_server_is_busy_or_has_no_form_yet():
    assert answer(Server(refused(500), "REJECT", refused(503), "ACCEPT")) == 3


def test_it_gives_up_in_a_sentence():
    with pytest.raises(Transient, match="was not accepted; the server's log says why"):
        answer(Server(refused(500)))


def test_what_the_server_refuses_for_good_is_not_tried_again():
    with pytest.raises(PrefectHTTPStatusError):
        answer(Server(refused(409), "ACCEPT"))
