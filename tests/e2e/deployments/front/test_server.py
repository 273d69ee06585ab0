"""The real server, called as browsers and programs call it, without a browser."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from prefect.client.orchestration import get_client
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_SERVER_API_AUTH_STRING,
    temporary_settings,
)
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from deployments.front import __main__ as front
from deployments.ports import free_port

FOREIGN = "https://evil.example"
LIST = "/deployments/filter"


@pytest.fixture
def call(prefect_server):
    """Call the server; with the secret unless it is taken out, so that what refuses is not the missing secret."""
    secret = tuple(prefect_server.access.secret.split(":", 1))

    def made(method="POST", path=f"/api{LIST}", *, auth=secret, **options):
        return requests.request(method, prefect_server.ui_url + path, auth=auth, timeout=10, **options)

    return made


def test_a_program_with_the_secret_is_answered_and_nobody_else(call, prefect_server):
    assert call(json={}).status_code == 200

    # Anyone who reached the port could do everything.
    for auth in (None, ("officer", "guessed"), ("officer", "")):
        assert call(json={}, auth=auth).status_code == 401
        assert call("GET", "/api/admin/settings", auth=auth).status_code == 401

    with get_client(sync_client=True) as client:
        assert client.api_version()


def test_our_own_page_is_answered_and_one_of_another_origin_is_not(call, prefect_server):
    for origin in (prefect_server.ui_url, f"http://localhost:{prefect_server.port}"):
        assert call(json={}, headers={"Origin": origin}).status_code == 200

    for method in ("POST", "GET", "OPTIONS"):
        asked = {
            "Origin": FOREIGN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        answer = call(method, headers=asked)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers

    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert call(data="{}", headers={"Content-Type": kind}).status_code == 415

    for path in ("/", "/ui-settings", "/api/admin/version"):
        assert call("GET", path, headers={"Host": f"rebound.example:{prefect_server.port}"}).status_code == 421

    for name in ("127.0.0.1", "localhost"):
        there = f"http://{name}:{prefect_server.port}"
        assert requests.get(f"{there}/ui-settings", timeout=10).json()["api_url"] == "/api"
        page = requests.get(f"{there}/v2/", headers={"Accept": "text/html"}, timeout=10)
        assert (page.status_code, page.headers["X-Frame-Options"]) == (200, "DENY")


def test_a_websocket_of_another_page_is_refused_and_a_programs_is_not(prefect_server):
    # Any page could listen to every event and log line, and send events that start automations.
    async def open_as(origin, path):
        address = f"ws://{urlsplit(prefect_server.ui_url).netloc}{path}"
        async with connect(address, origin=origin, subprotocols=["prefect"]) as socket:
            return socket.subprotocol

    for path in ("/api/events/in", "/api/events/out", "/api/logs/out"):
        with pytest.raises(InvalidStatus) as refused:
            asyncio.run(open_as(FOREIGN, path))
        assert refused.value.response.status_code == 403
        assert asyncio.run(open_as(None, path)) == "prefect"

    async def listen():
        async with get_events_subscriber(filter=EventFilter()):
            return True

    assert asyncio.run(listen())


@pytest.mark.apart
@pytest.mark.parametrize("secret", ["officer:other", pytest.param(None, marks=pytest.mark.apart)])
def test_a_command_with_another_secret_says_so_in_a_sentence(home, prefect_server, secret):
    case = home.open()
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url, PREFECT_API_AUTH_STRING: secret}):
        said = home.run("run", case)
    assert said.status == 2
    assert said.err == (
        f"The Prefect server at {prefect_server.api_url} refuses our secret; "
        "set PREFECT_API_AUTH_STRING as its own is set.\n"
    )


def test_the_secret_is_in_no_arguments_and_no_log(prefect_server):
    secret, password = prefect_server.access.secret, prefect_server.access.secret.partition(":")[2]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert password.encode() not in process.read_bytes()
        except OSError:
            continue
    log = (prefect_server._folder / "server.log").read_bytes()
    assert secret.encode() not in log
    assert password.encode() not in log


@pytest.mark.parametrize(
    ("secret", "addresses", "sentence"),
    [
        (None, "", "The server has no secret; set PREFECT_SERVER_API_AUTH_STRING"),
        ("a:b", "*", "give scheme and host"),
    ],
    ids=["no secret", "a wrong address"],
)
def test_it_starts_only_protected(monkeypatch, capsys, secret, addresses, sentence):
    """In this process, which it would go on in if it started; as one of its own it is `prefect_server`."""
    monkeypatch.setattr(sys, "argv", ["front", "--port", str(free_port())])
    monkeypatch.setenv("RIGHTSFLOW_SERVER_ADDRESSES", addresses)
    with temporary_settings({PREFECT_SERVER_API_AUTH_STRING: secret}):
        assert front.main() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
