"""The account's section of the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.registry import ControllerPlace
from connectors.zendesk import CONNECTOR
from rightsflow.config.sections.section import validate
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import Method

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
