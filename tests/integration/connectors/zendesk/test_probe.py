"""Who we are at the account, whether our lists would be whole, and what its section takes."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.registry import ControllerPlace
from connectors.zendesk import CONNECTOR
from connectors.zendesk.client import ApiToken
from connectors.zendesk.kinds import document_class
from connectors.zendesk.settings import TicketRule
from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import validate
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import DocumentClass, Method
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


@pytest.mark.apart
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


SECTION: dict[str, Any] = {
    "connector": "zendesk",
    "base_url": "https://example.zendesk.com/",
    "client_id": "rightsflow",
    "client_secret": "env:ZENDESK_TEST_SECRET",
    "purposes": ["service"],
    "categories": ["service tickets"],
    "source": "the data subject",
    "retention": "24 months",
}


def test_a_section_builds_a_connector_or_names_its_wrong_key() -> None:
    # Section builds a connector without a call.
    settings = validate(CONNECTOR.settings, SECTION, "the test")
    connector = CONNECTOR.build("helpdesk", settings, ControllerPlace(country="DE", timezone="Europe/Berlin"))
    assert isinstance(connector, Connector)
    assert connector.system == "helpdesk"
    # Wrong key is named with its mend.
    for change, said in (
        ({"base_url": "http://example.zendesk.com"}, "https"),
        ({"base_url": "example.zendesk.com"}, "address like"),
        ({"base_url": "https://user:pass@example.zendesk.com"}, "address like"),
        ({"client_id": ""}, "client_id and client_secret"),
        ({"client_secret": "written-in-clear"}, "reference"),
        ({"api_user": "ina@example.com", "api_token": "env:X"}, "client_id and client_secret"),
        ({"timeout": 0}, "timeout"),
        ({"default_locale": "the usual one"}, "like de or en-US"),
        ({"basis_url": "x"}, "basis_url"),
    ):
        with pytest.raises(Misconfigured) as raised:
            validate(CONNECTOR.settings, SECTION | change, "the test")
        assert said in str(raised.value)
        assert "written-in-clear" not in str(raised.value)
    # Profile is erased last and recordings first.
    settings = validate(CONNECTOR.settings, SECTION, "the test")
    capabilities = CONNECTOR.build("helpdesk", settings, ControllerPlace(country="DE", timezone="UTC")).capabilities
    names = [kind.name for kind in capabilities.kinds]
    assert [names[0], names[-1]] == ["call-recording", "user"]
    assert names.index("call-recording") < names.index("ticket") < names.index("user")
    assert capabilities.kind("ticket").methods == {Method.ERASE, Method.REDACT}
    assert capabilities.kind("ticket").residue
    assert capabilities.kind("user").manual_step


LETTER, NONE = DocumentClass.TRADE_LETTER, DocumentClass.NONE
TICKET: dict[str, object] = {
    "id": 7,
    "ticket_form_id": 11,
    "brand_id": 21,
    "tags": ["warranty", "vip"],
    "custom_fields": [{"id": 31, "value": "invoice"}, {"id": 32, "value": ["a", "b"]}, {"id": 33, "value": None}],
}


def test_the_first_rule_decides_whose_every_condition_holds() -> None:
    # Found: a ticket about an invoice was erased like any other.
    for conditions, fits in (
        ({"form": 11}, True),
        ({"form": 12}, False),
        ({"brand": 21}, True),
        ({"brand": 22}, False),
        ({"tag": "warranty"}, True),
        ({"tag": "warrant"}, False),
        ({"field": 31, "value": "invoice"}, True),
        ({"field": 32, "value": "b"}, True),
        ({"field": 32, "value": "c"}, False),
        ({"field": 33, "value": "None"}, False),
        ({"field": 34, "value": "invoice"}, False),
        ({"form": 11, "tag": "warranty"}, True),
        ({"form": 11, "tag": "other"}, False),
    ):
        rule = TicketRule.model_validate(conditions | {"document_class": "trade_letter"})
        assert document_class(TICKET, [rule]) == (LETTER if fits else None)
        assert document_class({"id": 8}, [rule]) is None
    # The first rule that fits decides.
    rules = [TicketRule(tag="vip", document_class=NONE), TicketRule(tag="warranty", document_class=LETTER)]
    assert document_class(TICKET, rules) is NONE
    assert document_class(TICKET, rules[::-1]) is LETTER
    # A rule without a whole condition is refused.
    for conditions in ({}, {"field": 31}, {"value": "x"}, {"field": 31, "value": "x", "kind": 1}):
        with pytest.raises(ValidationError):
            TicketRule.model_validate(conditions | {"document_class": "none"})
