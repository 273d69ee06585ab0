"""The desk in front of Prefect while the case store does not answer: the server runs, and the pages say so."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from deployments.desk.protection import SESSION
from deployments.front.with_desk import Front
from deployments.server_access import Access, Addresses, own_addresses
from rightsflow.domain.errors import Misconfigured
from tests.support.homes import forget, living_in

SECRET = "officer:a-secret-of-the-test"
NO_ONE_LISTENS = "postgresql://rightsflow@127.0.0.1:1/cases?connect_timeout=2"


async def prefect(scope, receive, send):
    await PlainTextResponse("Prefect")(scope, receive, send)


@contextmanager
def front(folder, monkeypatch, database):
    """The desk of a home whose configuration is good, in front of something that answers as Prefect."""
    with living_in(folder) as home:
        assert home.run("init").status == 0
        monkeypatch.setenv("RIGHTSFLOW_DATABASE_URL", database)
        forget()
        access = Access("http://127.0.0.1:1/api", SECRET)
        yield TestClient(Front(prefect, access, Addresses.of(own_addresses(1))), follow_redirects=False)


@pytest.mark.apart
def test_the_server_runs_without_the_case_store_and_the_pages_say_what_is_wrong(tmp_path, monkeypatch):
    """Prefect's server, and with it every run, waited for a case store that was killed beside it."""
    with front(tmp_path, monkeypatch, NO_ONE_LISTENS) as client:
        page = client.get("/desk/", headers={"cookie": f"{SESSION}={'a' * 43}"})
        assert (page.status_code, "The case store does not answer" in page.text) == (503, True)
        assert client.get("/api/flow_runs/count", headers={"authorization": "Basic x"}).text == "Prefect"
        assert client.get("/", headers={"accept": "text/html"}).status_code == 303


def test_a_wrong_configuration_is_told_before_the_server_runs(tmp_path, monkeypatch):
    with (
        pytest.raises(Misconfigured, match="RIGHTSFLOW_DATABASE_URL"),
        front(tmp_path, monkeypatch, "mysql://root@127.0.0.1/x"),
    ):
        pass
