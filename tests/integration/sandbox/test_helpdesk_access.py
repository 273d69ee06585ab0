"""Tokens, scopes and roles of the helpdesk, and the data that it loads."""

import time

import pytest
import requests

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.errors import DataError
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from tests.integration.sandbox.helpdesk_rig import AGENT, ANNA, BIG, SECRET, SHARED, data, helpdesk


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


def test_a_dump_loads_to_the_same_helpdesk():
    # A dump loads to the same helpdesk.
    dumped = dump_helpdesk(load_helpdesk(data()))

    assert dump_helpdesk(load_helpdesk(dumped)) == dumped
    # Loading leaves the given data alone.
    given = data()
    state = load_helpdesk(given)

    state.comments[1][0]["metadata"]["system"]["ip_address"] = "changed"

    assert given == data()
    # Identities follow from mail and direct line but not from a shared number.
    state = load_helpdesk(data())

    values = {one["type"]: one["value"] for one in state.identities[ANNA] if one["primary"]}
    assert values == {"email": "anna@example.com", "phone_number": "+4930123456"}
    assert [one["value"] for one in state.identities[ANNA]][-1] == "second@example.net"
    assert [one["type"] for one in state.identities[SHARED]] == ["email"]
    # Own ids lie past what a float can count and collide with none.
    state = load_helpdesk(data())
    used = {one["id"] for some in state.identities.values() for one in some} | set(state.users)

    fresh = [state.next_id() for _ in range(5)]

    assert min(fresh) > 2**53
    assert not used & set(fresh)
    assert len({one["id"] for some in state.identities.values() for one in some}) == 8


def test_what_cannot_be_used_is_named():
    # What cannot be used is named.
    for key, row, message in (
        ("users", {"name": "x"}, "users[0].id must be a positive whole number."),
        ("users", {"id": 1.0}, "users[0].id must be a positive whole number."),
        ("users", {"id": 1, "role": "boss"}, "users[0].role must be one of admin, agent, end-user."),
        ("users", {"id": 1, "created_at": "yesterday"}, "users[0].created_at must be a time in UTC"),
        ("identities", {"id": 1, "user_id": 2}, "identities[0].user_id names no user of this data."),
        ("tickets", {"id": 1, "requester_id": 2}, "tickets[0].requester_id names no user of this data."),
        ("tickets", {"id": 1, "requester_id": 2, "status": "lost"}, "tickets[0].status must be one of"),
        ("comments", {"id": 1, "ticket_id": 2}, "comments[0].ticket_id names no ticket of this data."),
        ("users", 5, "users[0] must be an object."),
        ("customers", {"id": 1}, "The data has the unknown key 'customers'"),
    ):
        with pytest.raises(DataError) as caught:
            load_helpdesk({key: [row]})

        assert str(caught.value).startswith(message)
    # Two owners of one address are refused.
    users = [{"id": 1, "email": "a@example.com"}, {"id": 2, "email": "A@example.com"}]

    with pytest.raises(DataError, match="Users 1 and 2 have the same email"):
        load_helpdesk({"users": users})
    # An attachment that is no base64 is refused.
    mapping = data()
    mapping["comments"][0]["attachments"][0]["content_base64"] = "***"

    with pytest.raises(DataError, match=r"comments\[0\]\.attachments\[0\]\.content_base64 is not valid Base64"):
        load_helpdesk(mapping)


def seconds_to_load(size):
    """CPU seconds for a call centre with so many tickets; the best of three."""
    users = [{"id": BIG + n, "name": f"User {n}", "email": f"u{n}@example.com"} for n in range(size // 5)]
    tickets = [{"id": n + 1, "status": "open", "requester_id": BIG + n % (size // 5)} for n in range(size)]
    comments = [{"id": n + 1, "ticket_id": n % size + 1, "body": "text"} for n in range(2 * size)]

    def once():
        began = time.process_time()
        load_helpdesk({"users": users, "tickets": tickets, "comments": comments})
        return time.process_time() - began

    return min(once() for _ in range(3))


@pytest.mark.apart
def test_loading_a_call_centre_grows_with_its_size():
    """Eight times the tickets take about eight times as long, and not sixty-four times."""
    assert seconds_to_load(1600) < 30 * seconds_to_load(200)
