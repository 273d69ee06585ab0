from __future__ import annotations

import logging

import pytest
from stripe import APIError, AuthenticationError

from connectors.stripe import CONNECTOR
from connectors.stripe.client import API_VERSION, PAGE_SIZE, idempotency_key
from connectors.stripe.errors import translate
from connectors.stripe.kinds import KINDS
from rightsflow.config.sections.section import validate
from rightsflow.domain.errors import ConnectorError, Misconfigured, Permanent, RightsflowError, Transient
from rightsflow.domain.vocabulary.records import Method, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import (
    KEY,
    PERSONAL_MESSAGE,
    RESTRICTED,
    ApiError,
    Request,
    StripeDouble,
)


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
    ("key", "word"), [("pk_test_1", "publishable"), ("whsec_1", "not one of Stripe's"), ("sk_test_expired", "expired")]
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


@pytest.mark.apart
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


NO_RETRY = {"Stripe_Should_Retry": "false"}
CUSTOMER = RecordRef("payments", "customer", "cus_anna")


def locate(stripe: StripeDouble, **settings: object) -> list[RecordRef]:
    return [one.record for one in world.connector(stripe.endpoint, **settings).locate(world.ANNA)]


def test_every_call_says_version_and_key_and_a_connected_account_where_there_is_one(stripe: StripeDouble) -> None:
    world.anna(stripe)
    locate(stripe, stripe_account="acct_1")
    assert {one.headers["Stripe-Version"] for one in stripe.requests} == {API_VERSION}
    assert {one.headers["Authorization"] for one in stripe.requests} == {f"Bearer {KEY}"}
    assert {one.headers["Stripe-Account"] for one in stripe.requests} == {"acct_1"}


def test_a_rotated_key_is_picked_up(stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = world.connector(stripe.endpoint)
    monkeypatch.setenv(world.KEY_VARIABLE, "sk_test_rotated")
    with pytest.raises(Misconfigured):
        list(connector.locate(world.ANNA))


def test_all_pages_are_read(stripe: StripeDouble) -> None:
    world.customer(stripe, "cus_anna", email="anna@example.com")
    for number in range(2 * PAGE_SIZE + 1):
        world.charge(stripe, f"ch_{number}", customer="cus_anna")
    assert len([ref for ref in locate(stripe, unavailable=["refunds", "disputes"]) if ref.kind == "charge"]) == 201


def test_a_list_that_goes_in_circles_is_an_error(stripe: StripeDouble) -> None:
    world.customer(stripe, "cus_anna", email="anna@example.com")

    def circle(request: Request) -> dict[str, object] | None:
        page = {"object": "list", "data": [{"id": "in_1"}], "has_more": True}
        return page if request.path == "/v1/invoices" else None

    stripe.further.append(circle)
    with pytest.raises(Permanent, match="leads nowhere"):
        locate(stripe)


@pytest.mark.parametrize("answer", [{"object": "list"}, {"data": None}, {"data": {}}])
def test_an_answer_without_a_list_is_not_an_empty_one(stripe: StripeDouble, answer: dict[str, object]) -> None:
    stripe.further.append(lambda _: answer)
    with pytest.raises(Permanent, match="no list"):
        locate(stripe)


def test_a_list_that_is_missing_is_not_an_empty_one(stripe: StripeDouble) -> None:
    world.anna(stripe)
    stripe.missing_lists.add("/v1/checkout/sessions")
    with pytest.raises(Permanent, match="unavailable"):
        locate(stripe)
    assert "checkout-session" not in {ref.kind for ref in locate(stripe, unavailable=["checkout_sessions"])}


@pytest.mark.parametrize(
    ("error", "becomes", "status"),
    [
        (ApiError(429, code="rate_limit", Stripe_Rate_Limited_Reason="global-rate"), Transient, "429 rate_limit"),
        (ApiError(429, code="lock_timeout"), Transient, "429 lock_timeout"),
        (ApiError(400, code="rate_limit"), Transient, "400 rate_limit"),
        (ApiError(409, code="idempotency_key_in_use", **NO_RETRY), Transient, "409 idempotency_key_in_use"),
        (ApiError(424, "api_error", **NO_RETRY), Transient, "424"),
        (ApiError(500, "api_error", **NO_RETRY), Transient, "500"),
        (ApiError(400, "idempotency_error"), Permanent, "400"),
        (ApiError(400, code="parameter_unknown"), Permanent, "400 parameter_unknown"),
        (ApiError(402, "card_error", code="card_declined"), Permanent, "402 card_declined"),
        (ApiError(418, "api_error"), Permanent, "418"),
        (ApiError(401), Misconfigured, ""),
        (ApiError(403, message="Having the 'rak_customer_read' permission"), Misconfigured, ""),
        (ApiError(400, code="testmode_charges_only"), Misconfigured, ""),
    ],
    ids=lambda value: str(value.body["error"].get("code") or value.status) if isinstance(value, ApiError) else "",
)
def test_errors_are_grouped_by_what_recovers_from_them(
    stripe: StripeDouble, error: ApiError, becomes: type[RightsflowError], status: str
) -> None:
    stripe.fail(error)
    with pytest.raises(becomes) as caught:
        locate(stripe)
    assert PERSONAL_MESSAGE not in str(caught.value)
    assert "req_1" in str(caught.value)
    assert caught.value.__suppress_context__
    if isinstance(caught.value, ConnectorError):
        assert (caught.value.system, caught.value.operation, caught.value.status) == ("payments", "locate", status)


def test_a_wait_that_was_asked_for_is_handed_on(stripe: StripeDouble) -> None:
    stripe.fail(ApiError(429, Retry_After="7"))
    with pytest.raises(Transient) as caught:
        locate(stripe)
    assert caught.value.retry_after == 7.0


def test_a_fault_of_the_moment_is_repeated_by_the_sdk_under_the_same_key(stripe: StripeDouble) -> None:
    world.anna(stripe)
    stripe.fail(ApiError(500, "api_error"), when=lambda request: request.method == "POST")
    list(world.connector(stripe.endpoint).erase([CUSTOMER], Method.REDACT, world.ANNA))
    first, second = stripe.calls("POST")[:2]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_an_id_of_the_other_mode_is_not_a_gone_record(stripe: StripeDouble) -> None:
    other_mode = "No such customer: 'cus_anna'; a similar object exists in live mode, but a test mode key was used"
    stripe.fail(ApiError(404, code="resource_missing", message=other_mode))
    with pytest.raises(Misconfigured, match="mode"):
        list(world.connector(stripe.endpoint).presence([CUSTOMER], world.ANNA))


def test_an_unknown_address_is_not_a_gone_record(stripe: StripeDouble) -> None:
    stripe.fail(ApiError(404, message="Unrecognized request URL (GET: /v1/customers/cus_anna)."))
    with pytest.raises(Permanent):
        list(world.connector(stripe.endpoint).presence([CUSTOMER], world.ANNA))


def test_the_idempotency_key_is_the_same_for_the_same_step_only() -> None:
    key = idempotency_key("post", "/v1/customers/cus_1", "clear", {"email": "", "name": ""})
    assert key == idempotency_key("post", "/v1/customers/cus_1", "clear", {"name": "", "email": ""})
    assert key != idempotency_key("post", "/v1/customers/cus_2", "clear", {"email": "", "name": ""})
    assert key != idempotency_key("post", "/v1/customers/cus_1", "again", {"email": "", "name": ""})
    assert key != idempotency_key("post", "/v1/customers/cus_1", "clear", {"email": ""})
    assert len(key) <= 255


def test_the_sdk_logs_nothing_of_a_request(stripe: StripeDouble, caplog: pytest.LogCaptureFixture) -> None:
    world.anna(stripe)
    with caplog.at_level(logging.DEBUG, logger="stripe"), caplog.at_level(logging.DEBUG, logger="connectors"):
        locate(stripe)
        stripe.fail(ApiError(400, code="parameter_unknown"))
        with pytest.raises(Permanent):
            locate(stripe)
    assert {record.name for record in caplog.records} == {"connectors.stripe.client"}
    assert "payments locate: 400, request req_" in caplog.text
    assert "example.com" not in caplog.text


def test_metadata_keys_that_the_settings_do_not_name_are_told(stripe: StripeDouble) -> None:
    """No value of a key is in what is told."""
    held = {"customer_id": "70001", "whatsapp_phone": "none", "tier": "gold", "order_no": "8"}
    stripe.add("/v1/customers", {"id": "cus_1", "object": "customer", "metadata": held})
    told = {"note": "She rang twice about the kettle", "ref": "ben@example.com", "mail": "x"}
    stripe.add("/v1/payment_intents", {"id": "pi_1", "object": "payment_intent", "metadata": told})
    settings = {"identifier_metadata": {"order_no": "order"}, "keep_metadata": ["mail"]}
    places = list(world.connector(stripe.endpoint, **settings).uncovered())
    assert {place.name: place.looks_like for place in places} == {
        "note": "free text",
        "ref": "e-mail address",
        "whatsapp_phone": "phone number",
    }
    assert not [place for place in places if "ben@" in f"{place.words} {place.lines}"]
