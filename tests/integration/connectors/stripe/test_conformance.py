"""The conformance suite on both peers: the imitation localstripe, and the double for what that cannot do."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Method
from rightsflow.testing.bench import Bench
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import ApiError, StripeDouble
from tests.integration.connectors.stripe.local import OUT_OF_ORDER, SETTINGS, LocalStripe
from tests.integration.connectors.stripe.privacy import Privacy
from tests.support.conformance import ConformanceInWalks

KINDS = (
    "payment-method",
    "subscription",
    "checkout-session",
    "setup-intent",
    "quote",
    "payment-intent",
    "charge",
    "refund",
    "dispute",
    "credit-note",
    "invoice",
    "customer",
)
REFUSALS = (
    ApiError(403, message="The provided key does not have the required permissions for this endpoint."),
    ApiError(404, message="Unrecognized request URL"),
)
METHODS = dict.fromkeys(KINDS, Method.REDACT) | dict.fromkeys(
    ("payment-method", "subscription", "customer"), Method.ERASE
)

NEVER_SHARED = "An object of Stripe is of one customer."


class TestOnTheDouble(ConformanceInWalks):
    """With search, redaction jobs and everything else that Stripe documents."""

    @pytest.fixture
    def bench(self, stripe: StripeDouble, privacy: Privacy) -> Bench:
        world.bob(stripe)
        world.anna(stripe)
        # Eve lives with Anna: the number is both theirs, her payment is not Anna's.
        world.customer(stripe, "cus_eve", email="eve@example.com", phone="+4930901820")
        world.charge(stripe, "ch_eve", customer="cus_eve")

        def beyond_a_page() -> tuple[Identifiers, dict[str, int]]:
            world.customer(stripe, "cus_ida", email="ida@example.com")
            for number in range(101):
                fields = {"customer": "cus_ida", "billing_details": {}}
                world.thing(stripe, "/v1/payment_methods", f"pm_ida{number}", "payment_method", **fields)
            return world.known(email="ida@example.com"), {"customer": 1, "payment-method": 101}

        @contextmanager
        def leaving_residue() -> Iterator[None]:
            card = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031, "fingerprint": "Xt5EWLLD"}
            stripe.things["/v1/payment_methods"]["pm_1"]["card"] = card
            yield

        return Bench(
            connector=world.connector(stripe.endpoint, redaction_jobs=True),
            known=world.ANNA,
            nobody=world.NOBODY,
            expected={**dict.fromkeys(KINDS, 1), "payment-method": 2},
            canaries=world.CANARIES,
            neighbours=lambda: world.of_others(stripe),
            outage=stripe.outage,
            method_for=METHODS,
            wrong_credentials=lambda: world.connector(stripe.endpoint, api_key="env:STRIPE_WRONG_KEY"),
            ignoring_filters=stripe.ignoring_filters,
            refused_lists={
                f"{path} {error.status}": partial(stripe.refusing, path, error)
                for path in (*stripe.things, "/v1/customers/search", "/v1/customers/cus_anna/sources")
                for error in REFUSALS
            },
            beyond_a_page=beyond_a_page,
            residue=frozenset({"payment-method"}),
            leaving_residue=leaving_residue,
            never_shared=NEVER_SHARED,
        )


@pytest.mark.apart
class TestOnLocalstripe(ConformanceInWalks):
    """Invoices are not touched: their name and address cannot be changed and only a redaction job removes them."""

    @pytest.fixture
    def bench(self, localstripe: LocalStripe) -> Bench:
        _seed(localstripe)
        client = localstripe.client

        def neighbours() -> str:
            customer = client.v1.customers.list({"email": "bob@example.com"}).data[0]
            charges = client.v1.charges.list({"customer": customer.id}).data
            return json.dumps([customer.to_dict(for_json=True), *(one.to_dict(for_json=True) for one in charges)])

        return Bench(
            connector=world.connector(localstripe.front.endpoint, **SETTINGS),
            known=world.ANNA,
            nobody=world.NOBODY,
            expected={"customer": 1, "payment-method": 1, "subscription": 1, "charge": 1, "refund": 1},
            canaries=world.CANARIES,
            neighbours=neighbours,
            outage=lambda: localstripe.front.failing(lambda *_: OUT_OF_ORDER),
            method_for={kind: method for kind, method in METHODS.items() if kind != "invoice"},
            # The subscription's invoice stays, with the customer's id beside the name.
            residue=frozenset({"payment-method", "charge", "subscription"}),
            wrong_credentials=lambda: world.connector(
                localstripe.front.endpoint, api_key="env:STRIPE_NO_KEY", **SETTINGS
            ),
            never_shared=NEVER_SHARED,
        )

    @pytest.fixture(autouse=True)
    def no_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """localstripe takes any key of six characters that begins with sk_, so only a shorter one is refused."""
        monkeypatch.setenv("STRIPE_NO_KEY", "sk_")


def _seed(peer: LocalStripe) -> None:
    client = peer.client
    for email, name, phone, key in (
        ("bob@example.com", "Bob Muster", "+4989123456", "K-2"),
        ("Anna@Example.com", "Anna Beispiel", "030 901820", "K-1"),
    ):
        person = {"email": email, "name": name, "phone": phone, "metadata": {"customer_id": key}}
        customer = client.v1.customers.create(person)
        card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        method = client.v1.payment_methods.create({"type": "card", "card": card, "billing_details": {"name": name}})
        client.v1.payment_methods.attach(method.id, {"customer": customer.id})
        client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        order = {"amount": 1999, "currency": "eur", "customer": customer.id, "description": f"Order of {name}"}
        charge = client.v1.charges.create(order)
        client.v1.refunds.create({"charge": charge.id, "amount": 100, "metadata": {"customer_id": key}})
        plan = {"amount": 500, "currency": "eur", "interval": "month", "product": {"name": "Care"}}
        items = [{"plan": client.v1.plans.create(plan).id}]
        # In a trial nothing is charged and no invoice written yet, so that each charge is one that names her.
        later = int(time.time()) + 30 * 86400
        client.v1.subscriptions.create({"customer": customer.id, "items": items, "trial_end": later})
