from __future__ import annotations

import pytest
from stripe import APIError, AuthenticationError

from connectors.stripe.errors import translate
from connectors.stripe.kinds import KINDS
from rightsflow.domain.errors import Misconfigured
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import RESTRICTED, ApiError, StripeDouble


def use_key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv(world.KEY_VARIABLE, key)


def test_a_secret_key_is_healthy_and_has_more_rights_than_needed(stripe: StripeDouble) -> None:
    health = world.connector(stripe.endpoint).probe()
    assert health.ok
    assert "test mode" in health.detail
    assert "restricted key" in health.excessive_rights[0]


def test_a_restricted_key_with_all_rights_has_none_in_excess(
    stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_key(monkeypatch, RESTRICTED)
    health = world.connector(stripe.endpoint).probe()
    assert health.ok, health.detail
    assert health.excessive_rights == ()


@pytest.mark.parametrize("right", ["rak_charge_read", "rak_charge_write"])
def test_a_missing_right_is_named(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch, right: str) -> None:
    use_key(monkeypatch, RESTRICTED)
    stripe.lacking["/v1/charges"] = right
    health = world.connector(stripe.endpoint).probe()
    assert not health.ok
    assert right in health.detail


@pytest.mark.parametrize("path", [kind.path for kind in KINDS.values()] + ["/v1/customers/rightsflow_probe/sources"])
def test_each_list_that_the_key_may_not_read_is_named(
    stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A restricted key without the right to read payment methods was healthy."""
    use_key(monkeypatch, RESTRICTED)
    stripe.lacking[path] = "rak_example_read"
    health = world.connector(stripe.endpoint).probe()
    assert not health.ok
    assert "rak_example_read" in health.detail


@pytest.mark.parametrize("path", [kind.path for kind in KINDS.values()])
def test_what_the_key_may_not_read_is_not_taken_for_empty(
    stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    use_key(monkeypatch, RESTRICTED)
    world.anna(stripe)
    stripe.lacking[path] = "rak_example_read"
    with pytest.raises(Misconfigured, match="lacks a right"):
        list(world.connector(stripe.endpoint).locate(world.ANNA))


def test_probing_changes_nobody(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key(monkeypatch, RESTRICTED)
    world.anna(stripe)
    world.connector(stripe.endpoint).probe()
    assert {request.path.rpartition("/")[2] for request in stripe.calls("POST")} == {"rightsflow_probe"}


def test_a_list_named_as_unavailable_is_not_asked_for(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key(monkeypatch, RESTRICTED)
    stripe.missing_lists.add("/v1/quotes")
    assert not world.connector(stripe.endpoint).probe().ok
    assert world.connector(stripe.endpoint, unavailable=["quotes"]).probe().ok


@pytest.mark.parametrize(
    ("key", "word"),
    [("pk_test_1", "publishable"), ("whsec_1", "not one of Stripe's"), ("sk_test_expired", "expired")],
)
def test_a_key_that_cannot_work_is_refused_with_the_mend(
    stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch, key: str, word: str
) -> None:
    use_key(monkeypatch, key)
    health = world.connector(stripe.endpoint).probe()
    assert not health.ok
    assert word in health.detail
    assert key not in health.detail


def test_a_publishable_key_is_not_sent(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    use_key(monkeypatch, "pk_live_1")
    world.connector(stripe.endpoint).probe()
    assert stripe.requests == []


def test_a_key_that_is_not_there_is_an_answer(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(world.KEY_VARIABLE)
    health = world.connector(stripe.endpoint).probe()
    assert not health.ok
    assert world.KEY_VARIABLE in health.detail


def test_a_test_key_on_live_data_is_not_healthy(stripe: StripeDouble) -> None:
    world.customer(stripe, "cus_1", livemode=True)
    health = world.connector(stripe.endpoint).probe()
    assert not health.ok
    assert "mode" in health.detail


def test_an_address_that_nobody_answers_is_not_healthy() -> None:
    health = world.connector("http://127.0.0.1:9").probe()
    assert not health.ok
    assert "could not be reached" in health.detail


def test_the_sdk_may_not_print_requests(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_LOG", "debug")
    health = world.connector(stripe.endpoint).probe()
    assert not health.ok
    assert "STRIPE_LOG" in health.detail


def test_a_request_id_that_repeats_what_was_asked_is_hashed() -> None:
    for kind in (AuthenticationError, APIError):
        fault = translate(kind(headers={"request-id": "for anna@example.com"}), system="payments", operation="probe")
        assert "request sha256:" in str(fault)
        assert "anna" not in str(fault)


def test_a_refusal_keeps_the_request_id(stripe: StripeDouble) -> None:
    stripe.fail(ApiError(401))
    assert "request req_1" in world.connector(stripe.endpoint).probe().detail
