"""What the conformance suite does not show on localstripe: invoices, and where it differs from Stripe."""

from __future__ import annotations

import pytest
from stripe import StripeClient

from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind
from rightsflow.testing.bench import find
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.local import SETTINGS, LocalStripe


def customer_with_card(client: StripeClient, card: str = "pm_card_visa") -> str:
    key = client.v1.customers.create({"email": "anna@example.com", "metadata": {"customer_id": "K-1"}}).id
    method = client.v1.payment_methods.retrieve(card).id
    client.v1.payment_methods.attach(method, {"customer": key})
    client.v1.customers.update(key, {"invoice_settings": {"default_payment_method": method}})
    return key


def subscribe(client: StripeClient, customer: str) -> str:
    """Its first invoice, paid or open as the card is; localstripe writes invoices for subscriptions only."""
    plan = {"amount": 500, "currency": "eur", "interval": "month", "product": {"name": "Care"}}
    items = [{"plan": client.v1.plans.create(plan).id}]
    client.v1.subscriptions.create({"customer": customer, "items": items})
    (first,) = client.v1.invoices.list({"customer": customer}).data
    return client.v1.invoices.update(first.id, {"description": "Repair"}).id


def draft_of(client: StripeClient, customer: str) -> str:
    client.v1.invoice_items.create({"customer": customer, "amount": 500, "currency": "eur"})
    return client.v1.invoices.create({"customer": customer}).id


@pytest.mark.apart
def test_a_customer_with_an_open_invoice_stays(localstripe: LocalStripe) -> None:
    client = localstripe.client
    key = customer_with_card(client, "pm_card_chargeCustomerFail")
    subscribe(client, key)
    connector = world.connector(localstripe.front.endpoint, **SETTINGS)
    found = find(connector, world.ANNA)
    facts = {one.record.kind: one.facts for one in found.subject}
    assert facts["invoice"] == {Fact.ACCOUNTING, Fact.OPEN_INVOICE}
    assert Fact.OPEN_INVOICE in facts["customer"]
    (profile,) = [ref for ref in found.refs if ref.kind == "customer"]
    (outcome,) = connector.erase([profile], Method.ERASE, found.known)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert client.v1.customers.retrieve(key).email == "anna@example.com"


@pytest.mark.apart
def test_a_draft_is_deleted_and_a_paid_invoice_is_emptied_only(localstripe: LocalStripe) -> None:
    client = localstripe.client
    key = customer_with_card(client)
    paid, draft = subscribe(client, key), draft_of(client, key)
    connector = world.connector(localstripe.front.endpoint, **SETTINGS)
    found = find(connector, world.ANNA)
    refs = {one.record.ref: one.record for one in found.subject if one.record.kind == "invoice"}
    (kept, gone) = connector.erase([refs[paid], refs[draft]], Method.ERASE, found.known)
    assert (kept.kind, gone.kind) == (OutcomeKind.RETAINED, OutcomeKind.ERASED)
    (outcome,) = connector.erase([refs[paid]], Method.REDACT, found.known)
    assert outcome.kind is OutcomeKind.RESIDUE
    assert not client.v1.invoices.retrieve(paid).description
    (seen,) = connector.presence([refs[paid]], found.known)
    assert "customer email" in seen.detail


def test_a_list_that_the_imitation_lacks_is_an_error_until_it_is_named(localstripe: LocalStripe) -> None:
    customer_with_card(localstripe.client)
    fewer = [name for name in SETTINGS["unavailable"] if name != "checkout_sessions"]
    with pytest.raises(Permanent, match="unavailable"):
        list(world.connector(localstripe.front.endpoint, **{**SETTINGS, "unavailable": fewer}).locate(world.ANNA))


def test_search_is_an_error_where_there_is_none(localstripe: LocalStripe) -> None:
    customer_with_card(localstripe.client)
    with pytest.raises(Permanent):
        list(world.connector(localstripe.front.endpoint).locate(world.ANNA))
