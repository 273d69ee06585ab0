"""Invented people with their payments, put into the double."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from connectors.registry import ControllerPlace
from connectors.stripe import CONNECTOR, StripeConnector
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from tests.integration.connectors.stripe.double import StripeDouble, Thing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD = int((NOW - timedelta(days=200)).timestamp())
RECENT = int((NOW - timedelta(days=10)).timestamp())
PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")

KEY_VARIABLE = "STRIPE_TEST_KEY"

ANNA = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
NOBODY = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "nobody@example.com"),
        identifier(IdentifierKind.PHONE, "+4930123450000"),
        identifier(IdentifierKind.CUSTOMER_ID, "K-999"),
        identifier(IdentifierKind.ACCOUNT_ID, "cus_nobody", issuer="payments"),
    }
)
CANARIES = frozenset({"anna@example.com", "Anna@Example.com", "Anna Beispiel", "030 901820", "+4930901820", "901820"})


class Sleeps:
    """Takes the place of sleeping, and keeps how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def connector(endpoint: str, *, sleep: Sleeps | None = None, **settings: object) -> StripeConnector:
    """A connector on an endpoint, with what every configuration has to say."""
    section = CONNECTOR.settings.model_validate(
        {
            "connector": "stripe",
            "purposes": ["payment"],
            "categories": ["payments"],
            "source": "the data subject",
            "retention": "8 years",
            "api_key": f"env:{KEY_VARIABLE}",
            "api_base": endpoint,
            **settings,
        }
    )
    return StripeConnector("payments", section, PLACE, now=lambda: NOW, sleep=sleep or Sleeps())


def known(**values: str) -> Identifiers:
    """Identifiers by the names of their kinds."""
    return frozenset(
        identifier(IdentifierKind(kind), raw, country="DE", issuer="payments") for kind, raw in values.items()
    )


def customer(double: StripeDouble, key: str, **fields: object) -> Thing:
    """A customer with all the fields that Stripe has."""
    empty: Thing = dict.fromkeys(("email", "name", "phone", "address", "shipping", "description"))
    thing = {
        "id": key,
        "object": "customer",
        "livemode": False,
        "created": OLD,
        "metadata": {},
        "tax_ids": {"object": "list", "data": [], "has_more": False, "url": f"/v1/customers/{key}/tax_ids"},
        "held_sources": {},
        **empty,
        **fields,
    }
    return double.add("/v1/customers", thing)


def thing(double: StripeDouble, path: str, key: str, kind: str, **fields: object) -> Thing:
    """An object of another kind."""
    return double.add(path, {"id": key, "object": kind, "created": OLD, "livemode": False, "metadata": {}, **fields})


def charge(double: StripeDouble, key: str, **fields: object) -> Thing:
    """A charge that succeeded."""
    more = {
        "amount": 1999,
        "currency": "eur",
        "status": "succeeded",
        "customer": None,
        "payment_intent": None,
        **fields,
    }
    return thing(double, "/v1/charges", key, "charge", **more)


def anna(double: StripeDouble) -> None:
    """One person with one record of each kind; each of them names her."""
    named = {"customer_id": "K-1", "note": "for Anna Beispiel"}
    customer(
        double,
        "cus_anna",
        email="Anna@Example.com",
        name="Anna Beispiel",
        phone="030 901820",
        metadata=dict(named),
        held_sources={"card_1": {"id": "card_1", "object": "card", "created": OLD, "name": "Anna Beispiel"}},
    )
    mine = {"customer": "cus_anna"}
    details = {"email": "anna@example.com", "name": "Anna Beispiel", "phone": "+4930901820", "address": {"city": "Ulm"}}
    thing(double, "/v1/payment_methods", "pm_1", "payment_method", **mine, billing_details=dict(details))
    thing(double, "/v1/subscriptions", "sub_1", "subscription", **mine, status="active", description="Anna Beispiel")
    thing(
        double, "/v1/checkout/sessions", "cs_1", "checkout.session", **mine, status="complete", customer_details=details
    )
    thing(
        double, "/v1/setup_intents", "seti_1", "setup_intent", **mine, status="succeeded", description="Anna Beispiel"
    )
    thing(double, "/v1/quotes", "qt_1", "quote", **mine, status="accepted", header="Dear Anna Beispiel")
    thing(
        double,
        "/v1/payment_intents",
        "pi_1",
        "payment_intent",
        **mine,
        status="succeeded",
        receipt_email="anna@example.com",
    )
    charge(
        double, "ch_1", **mine, payment_intent="pi_1", billing_details=details, receipt_url="https://pay.stripe.com/r"
    )
    thing(double, "/v1/refunds", "re_1", "refund", charge="ch_1", metadata=dict(named), amount=5, currency="eur")
    thing(double, "/v1/disputes", "dp_1", "dispute", charge="ch_1", status="won", metadata=dict(named))
    thing(double, "/v1/credit_notes", "cn_1", "credit_note", **mine, status="issued", memo="Sorry, Anna Beispiel")
    thing(double, "/v1/invoices", "in_1", "invoice", **mine, status="paid", customer_email="anna@example.com")


def bob(double: StripeDouble) -> None:
    """Another person, with the like."""
    customer(double, "cus_bob", email="bob@example.com", name="Bob Muster", metadata={"customer_id": "K-2"})
    thing(double, "/v1/subscriptions", "sub_bob", "subscription", customer="cus_bob", status="active")
    charge(double, "ch_bob", customer="cus_bob", billing_details={"email": "bob@example.com"})
    thing(double, "/v1/refunds", "re_bob", "refund", charge="ch_bob")
    thing(double, "/v1/invoices", "in_bob", "invoice", customer="cus_bob", status="open")


def of_others(double: StripeDouble) -> str:
    """Everything that the double holds of Bob."""
    return json.dumps({key: one for held in double.things.values() for key, one in held.items() if "bob" in key})
