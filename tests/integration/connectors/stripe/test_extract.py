from __future__ import annotations

from typing import Any

import pytest

from connectors.stripe.extract import money, readable
from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.records import Document, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble

BERLIN = "Europe/Berlin"


def extract(stripe: StripeDouble, kind: str, ref: str) -> list[Document]:
    parts = world.connector(stripe.endpoint).extract([RecordRef("payments", kind, ref)], world.ANNA)
    return [part for part in parts if isinstance(part, Document)]


def test_what_is_given_is_readable_and_leads_nowhere() -> None:
    # Money has its decimals.
    for amount, currency, text in (
        (1999, "eur", "19.99 EUR"),
        (5, "usd", "0.05 USD"),
        (1500, "jpy", "1500 JPY"),
        (1500, "kwd", "1.500 KWD"),
        (1500, "isk", "15.00 ISK"),
        (-250, "eur", "-2.50 EUR"),
        (0, "eur", "0.00 EUR"),
    ):
        assert money(amount, currency) == text
    # The whole number stays beside the readable amount.
    content = readable({"amount": 1999, "currency": "eur", "inner": {"amount_off": 5}, "quantity": 2}, BERLIN)
    assert content["amount"] == 1999
    assert content["amount_readable"] == "19.99 EUR"
    assert content["inner"] == {"amount_off": 5, "amount_off_readable": "0.05 EUR"}
    assert content["quantity"] == 2
    # Times are written where the controller is.
    content = readable({"created": 1767221999, "period": {"start": 1782900000}, "start": 5, "ended_at": None}, BERLIN)
    assert content["created"] == "2025-12-31T23:59:59+01:00"
    assert content["period"] == {"start": "2026-07-01T12:00:00+02:00"}
    assert content["start"] == 5
    assert content["ended_at"] is None
    # Bearer links are left out.
    for key in ("receipt_url", "hosted_invoice_url", "invoice_pdf", "url", "client_secret", "file_url"):
        assert readable({key: "https://pay.stripe.com/x", "list": [{key: "https://pay.stripe.com/x"}]}, BERLIN) == {
            "list": [{}]
        }
    metadata = {"url": "https://anna.example.com", "created": "2020", "livemode": "x"}
    assert readable({"metadata": metadata, "livemode": True}, BERLIN) == {"metadata": metadata}
    # A record of its own is named by its id.
    expanded = {"id": "pi_1", "object": "payment_intent", "receipt_email": "anna@example.com"}
    copy = {"id": "pm_1", "object": "payment_method", "last4": "4242"}
    content = readable({"payment_intent": expanded, "last_payment_error": {"payment_method": copy}}, BERLIN)
    assert content == {"payment_intent": "pi_1", "last_payment_error": {"payment_method": copy}}


def test_all_personal_data_of_a_charge_are_given(stripe: StripeDouble) -> None:
    world.anna(stripe)
    charge = stripe.things["/v1/charges"]["ch_1"]
    charge |= {"payment_method_details": {"card": {"last4": "4242"}}, "shipping": {"name": "Anna Beispiel"}}
    (document,) = extract(stripe, "charge", "ch_1")
    content = dict(document.content)
    assert content["billing_details"] == charge["billing_details"]
    assert content["payment_method_details"] == {"card": {"last4": "4242"}}
    assert content["shipping"] == {"name": "Anna Beispiel"}
    assert "receipt_url" not in content


def test_a_list_that_was_cut_is_completed(stripe: StripeDouble) -> None:
    lines: list[dict[str, Any]] = [{"id": f"il_{number}", "description": "A call"} for number in range(120)]
    world.thing(
        stripe,
        "/v1/invoices",
        "in_1",
        "invoice",
        status="paid",
        lines={"object": "list", "data": lines[:10], "has_more": True, "url": "/v1/invoices/in_1/lines"},
        all_lines=lines,
    )
    (document,) = extract(stripe, "invoice", "in_1")
    assert [line["id"] for line in document.content["lines"]] == [line["id"] for line in lines]


def test_a_list_without_an_address_cannot_be_completed(stripe: StripeDouble) -> None:
    lines = {"object": "list", "data": [], "has_more": True, "url": "//evil.example.com/v1"}
    world.thing(stripe, "/v1/invoices", "in_1", "invoice", status="paid", lines=lines)
    with pytest.raises(Permanent, match="without an address"):
        extract(stripe, "invoice", "in_1")


@pytest.mark.parametrize(("kind", "ref"), [("customer", "cus_gone"), ("charge", "ch_gone"), ("customer", "cus_never")])
def test_what_is_gone_is_passed_over(stripe: StripeDouble, kind: str, ref: str) -> None:
    stripe.things["/v1/customers"]["cus_gone"] = {"id": "cus_gone", "object": "customer", "deleted": True}
    assert extract(stripe, kind, ref) == []


def test_a_legacy_card_is_read_below_its_customer(stripe: StripeDouble) -> None:
    world.anna(stripe)
    (document,) = extract(stripe, "payment-method", "cus_anna/card_1")
    assert document.content["name"] == "Anna Beispiel"
