from __future__ import annotations

import pytest

from connectors.stripe import CONNECTOR
from rightsflow.config.sections.section import validate
from rightsflow.domain.errors import Misconfigured

SECTION = {
    "connector": "stripe",
    "purposes": ["payment"],
    "categories": ["payments"],
    "source": "the data subject",
    "retention": "8 years",
    "api_key": "env:STRIPE_KEY",
}


def test_addresses_that_can_work_are_taken_and_others_named() -> None:
    # Little has to be said.
    settings = validate(CONNECTOR.settings, SECTION, "here")
    assert settings.api_base == "https://api.stripe.com"
    assert not settings.redaction_jobs
    for base in ("https://proxy.example.com", "http://127.0.0.1:8420/", "http://localhost:8420", "http://[::1]:8420"):
        assert validate(CONNECTOR.settings, {**SECTION, "api_base": base}, "here").api_base == base.rstrip("/")
    # What cannot work is named by its key.
    for change in (
        {"api_base": "http://api.stripe.com"},
        {"api_base": "http://localhost.example.com"},
        {"api_base": "https://user:pass@api.stripe.com"},
        {"api_base": "https://api.stripe.com/v1"},
        {"api_base": "api.stripe.com"},
        {"api_key": "sk_live_written_down"},
        {"customer_id_metadata": 'a"] OR email~"'},
        {"customers_by_metadata": "guess"},
        {"unavailable": ["customers"]},
        {"timeout": 0},
        {"stripe_account": "cus_1"},
        {"retries": 5},
    ):
        with pytest.raises(Misconfigured) as caught:
            validate(CONNECTOR.settings, {**SECTION, **change}, "here")
        assert next(iter(change)) in str(caught.value)
        assert "sk_live" not in str(caught.value)
