"""Tokens, scopes, roles, and the answer to no one."""

import pytest
import requests

from rightsflow_sandbox.helpdesk.access import Client
from tests.integration.sandbox.helpdesk_rig import AGENT, ANNA, SECRET, helpdesk


@pytest.fixture(scope="module")
def desk():
    with helpdesk() as running:
        yield running


def test_credentials_are_for_the_right_secret_only(desk):
    # A token is given for the right secret only.
    given = desk.ask_token("read")
    form = {"grant_type": "client_credentials", "client_id": "rightsflow", "client_secret": "wrong"}
    refused = requests.post(f"{desk.url}/oauth/tokens", data=form, timeout=10)

    assert given.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "bearer",
        "scope": "read",
        "expires_in": 7200,
    }
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert desk.ask_token(client_id="somebody").status_code == 401
    # Other grants are not offered.
    refused = requests.post(f"{desk.url}/oauth/tokens", json={"grant_type": "password"}, timeout=10)

    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")
    # Without credentials me answers like a healthy account.
    response = requests.get(f"{desk.url}/api/v2/users/me.json", timeout=10)

    assert response.status_code == 200
    assert (response.json()["user"]["id"], response.json()["user"]["name"]) == (None, "Anonymous user")
    assert requests.get(f"{desk.url}/api/v2/tickets", timeout=10).status_code == 401


def test_a_wrong_token_is_refused(desk):
    for path in ("users/me", "tickets"):
        response = requests.get(f"{desk.url}/api/v2/{path}", headers={"Authorization": "Bearer no"}, timeout=10)

        assert (response.status_code, response.json()) == (401, {"error": "Couldn't authenticate you"})


def test_a_token_ends_after_its_lifetime():
    with helpdesk() as desk:
        desk.clock.pass_(seconds=7199)
        before = desk.call("GET", "tickets").status_code
        desk.clock.pass_(seconds=1)

        assert (before, desk.call("GET", "tickets").status_code) == (200, 401)


def test_a_token_reaches_as_far_as_its_scopes(desk):
    for scope, method, path, status in (
        ("read", "GET", "users", 200),
        ("read", "DELETE", f"users/{ANNA}/sessions", 403),
        ("users:read", "GET", "users", 200),
        ("users:read", "GET", "tickets", 403),
        ("users:write", "DELETE", f"users/{ANNA}/sessions", 204),
        ("tickets:write", "DELETE", f"users/{ANNA}/sessions", 403),
        ("read everything", "GET", "users", 403),
    ):
        token = desk.ask_token(scope)
        header = {"Authorization": f"Bearer {token.json()['access_token']}"}

        response = requests.request(method, f"{desk.url}/api/v2/{path}", headers=header, timeout=10)

        assert (token.status_code, response.status_code) == (200, status)


def test_a_restricted_agent_gets_shorter_lists_and_no_error():
    client = Client(client_id="rightsflow", secret=SECRET, role="agent", restriction="assigned", user_id=AGENT)
    with helpdesk(client=client) as desk:
        me = desk.get("users/me")["user"]

        assert (me["id"], me["role"], me["ticket_restriction"]) == (AGENT, "agent", "assigned")
        assert desk.ids(f"users/{ANNA}/tickets/requested", "tickets") == [1]
        assert desk.ids("tickets/show_many?ids=1,2", "tickets") == [1]
        assert [one["id"] for one in desk.get("search?query=type:ticket")["results"]] == [1]
        assert desk.call("GET", "tickets/2").status_code == 403
        assert desk.call("GET", "satisfaction_ratings").status_code == 403
        assert desk.call("DELETE", "channels/voice/calls/77/recordings").status_code == 403


def test_an_agent_without_the_permission_deletes_nothing():
    client = Client(client_id="rightsflow", secret=SECRET, role="agent", may_delete=False)
    with helpdesk(client=client) as desk:
        assert desk.call("DELETE", "tickets/1").status_code == 403
        assert 1 in desk.state.tickets
