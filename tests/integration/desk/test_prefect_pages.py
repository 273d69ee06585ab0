"""Prefect's pages and API behind the desk's sign-in, with an application in its place that says what reached it."""

from __future__ import annotations

import base64

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from deployments.desk.protection import SESSION
from deployments.front.with_desk import PrefectPages

SECRET = "officer:long-and-random"
BASIC = f"Basic {base64.b64encode(SECRET.encode()).decode()}"
PAGE = {"accept": "text/html", "sec-fetch-site": "none"}
SCRIPT = {"accept": "application/json", "sec-fetch-site": "same-origin"}


async def reached(request):
    """What came through."""
    return JSONResponse({"auth": "BASIC", "credential": request.headers.get("authorization", "")})


@pytest.fixture
def client(rig):
    inside = Starlette(
        routes=[
            Route("/{path:path}", reached, methods=["GET", "POST", "PATCH", "DELETE"]),
        ]
    )
    return TestClient(PrefectPages(inside, rig.team.door.known, SECRET), follow_redirects=False)


@pytest.fixture
def as_member(rig, client):
    def signed_in(key):
        client.cookies.set(SESSION, rig.team.enrol(key))
        return client

    return signed_in


def test_a_browser_in_which_nobody_is_signed_in_gets_nothing_even_with_the_secret(client):
    answer = client.get("/v2/runs", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in?next=/v2/runs")

    for path in ("/api/flow_runs/filter", "/api/admin/settings", "/ui-settings", "/assets/index.js"):
        for more in ({}, {"authorization": BASIC}, {"cookie": f"{SESSION}=guessed"}):
            assert client.get(path, headers=SCRIPT | more).status_code == 401

    assert client.get("/api/flows/", headers={"authorization": BASIC}).json()["credential"] == BASIC
    assert client.get("/api/flows/").status_code == 401
    assert client.get("/api/health").json()["credential"] == ""


def test_who_is_signed_in_is_passed_on_with_the_servers_secret_which_no_page_sees(as_member):
    answer = as_member("olga").post("/api/flow_runs/filter", headers=SCRIPT, json={})
    assert answer.json()["credential"] == BASIC

    answer = as_member("axel").get("/ui-settings", headers=SCRIPT)
    assert answer.json()["auth"] is None


def test_whose_role_was_taken_away_is_out_of_prefect_too(rig, as_member):
    client = as_member("olga")
    del rig.team.people["olga"]
    assert client.get("/api/admin/version", headers=SCRIPT).status_code == 401
