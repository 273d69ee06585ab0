"""Who we are at the account, and whether our lists would be whole."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from connectors.zendesk.client import ApiToken
from rightsflow.config.secret_references import SecretRef
from rightsflow.domain.errors import Misconfigured
from rightsflow_sandbox.helpdesk.access import Client
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import SECRET, Desk, known, running

RESTRICTIONS = ("assigned", "groups", "organization")
"""What an agent may be restricted to: tickets assigned to them, of their groups, of their organisation."""


def test_administrator_with_read_and_write_is_healthy(desk: Desk) -> None:
    health = desk.connector().probe()
    assert health.ok
    assert health.excessive_rights == ()


def test_anonymous_answer_of_200_is_not_healthy(desk: Desk) -> None:
    anonymous = {"user": {"id": None, "name": "Anonymous user", "email": None, "role": "end-user"}}
    desk.fault("GET", "/users/me", status=200, body=anonymous, times=None)
    health = desk.connector().probe()
    assert not health.ok
    assert "anonymous" in health.detail
    with pytest.raises(Misconfigured, match="anonymous"):
        list(desk.connector().locate(known(email=world.EMAIL)))


def test_agent_is_not_healthy_and_its_short_lists_are_no_finding() -> None:
    for client in (
        Client(client_id="rightsflow", secret=SECRET, role="agent"),
        *(Client(client_id="rightsflow", secret=SECRET, role="agent", restriction=one) for one in RESTRICTIONS),
        Client(client_id="rightsflow", secret=SECRET, role="admin", restriction="groups"),
    ):
        with running(world.data(), client=client) as desk:
            health = desk.connector().probe()
            assert not health.ok
            assert "administrator" in health.detail
            with pytest.raises(Misconfigured, match="short"):
                list(desk.connector().locate(known(email=world.EMAIL)))


@pytest.mark.parametrize(
    ("scope", "said"),
    [("raed write", "lack a right"), ("read", "reading only"), ("tickets:read tickets:write", "lack a right")],
)
def test_scope_that_does_not_reach_is_named(desk: Desk, scope: str, said: str) -> None:
    health = desk.connector(scope=scope).probe()
    assert not health.ok
    assert said in health.detail


def test_excessive_right_is_named(desk: Desk) -> None:
    health = desk.connector(scope="read write impersonate").probe()
    assert health.ok
    assert health.excessive_rights == ("the scope impersonate is not needed",)


def test_wrong_secret_names_the_keys_to_look_at(desk: Desk) -> None:
    health = desk.connector(secret="wrong").probe()
    assert not health.ok
    assert "client_secret" in health.detail


def test_legacy_token_that_is_switched_off_is_not_healthy_and_is_excessive(desk: Desk) -> None:
    legacy: dict[str, Any] = {
        "client_id": "",
        "client_secret": None,
        "api_user": "ina@desk.example.com",
        "api_token": "env:ZENDESK_TEST_SECRET",
    }
    health = desk.connector(**legacy).probe()
    assert not health.ok
    assert "credentials" in health.detail


def test_legacy_token_signs_in_as_the_user_followed_by_token() -> None:
    header = ApiToken("ina@desk.example.com", SecretRef("env:ZENDESK_TEST_SECRET")).header()
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == f"ina@desk.example.com/token:{SECRET}"


def test_address_of_no_account_is_not_healthy(desk: Desk) -> None:
    desk.fault("GET", "/api/v2/", status=404, body="<html>No such help desk</html>", times=None)
    health = desk.connector().probe()
    assert not health.ok
    assert "base_url" in health.detail


def test_expired_token_is_replaced_once(desk: Desk) -> None:
    connector = desk.connector()
    assert connector.probe().ok
    desk.state.access.revoke_all()
    assert connector.probe().ok
    assert len(desk.state.journal.calls("POST", "/oauth/tokens")) == 2


def test_token_that_stays_refused_is_asked_for_once_more_and_no_longer(desk: Desk) -> None:
    desk.fault("GET", "/users/me", status=401, body={"error": "Couldn't authenticate you"}, times=None)
    with pytest.raises(Misconfigured, match="credentials"):
        list(desk.connector().locate(known(email=world.EMAIL)))
    assert desk.calls("GET", "/users/me") == 2
