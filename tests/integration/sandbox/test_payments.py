"""The payment provider holds what the world says, and behaves as Stripe documents where localstripe does not."""

from __future__ import annotations

import pytest
import requests
import stripe

from tests.integration.sandbox.center_rig import payments_of


def test_the_payment_provider_lets_nobody_in_without_the_key(center):
    for key in ("rk_test_wrong", "sk_test_wrong", ""):
        for credentials in ({"auth": (key, "")}, {"headers": {"Authorization": f"Bearer {key}"}}, {}):
            assert requests.get(f"{center.payments_url}/v1/customers", timeout=10, **credentials).status_code == 401


def test_the_payment_provider_holds_every_account_under_its_key(center):
    # The payment provider holds every account under its key.
    customers = payments_of(center).v1.customers.list({"limit": 100}).data
    assert {one.id for one in customers} == {account.id for account in center.world.accounts}
    by_id = {account.id: account for account in center.world.accounts}
    for one in customers:
        account = by_id[one.id]
        assert (one.email, one.name, one.phone) == (account.email, account.name, account.phone)
        assert one.metadata["customer_id"] == account.customer_id
        assert one.created == int(account.opened_at.timestamp())
    # Payments bear their date and who paid.
    account = center.world.accounts_of(center.erasure_subject)[0]
    charges = payments_of(center).v1.charges.list({"customer": account.id, "limit": 100}).data
    made = {one.charge: one for one in account.payments}
    assert set(made) <= {one.id for one in charges}
    for one in (charge for charge in charges if charge.id in made):
        payment = made[one.id]
        assert (one.created, one.amount) == (int(payment.paid_at.timestamp()), payment.amount)
        assert one.amount_refunded == payment.refunded
        assert (one.receipt_email, one.billing_details["name"]) == (account.email, account.name)
        assert one.payment_intent == payment.intent
    assert sum(payment.refunded > 0 for payment in account.payments) >= 1
    # One person has two customer objects under one address.
    person = center.world.cases.two_accounts
    found = payments_of(center).v1.customers.list({"email": person.email}).data
    assert {one.id for one in found} == set(person.accounts)
    # An invoice is open and a charge is disputed.
    client, cases = payments_of(center), center.world.cases
    invoices = client.v1.invoices.list({"limit": 100}).data
    assert {one.id for one in invoices if one.status == "open"} == {cases.open_bill.invoice}
    assert client.v1.charges.retrieve(cases.disputed_payment.charge).disputed is True
    (dispute,) = client.v1.disputes.list({"charge": cases.disputed_payment.charge}).data
    assert (dispute.id, dispute.status) == (cases.disputed_payment.dispute, "needs_response")
    # An unknown address is refused in the providers form.
    with pytest.raises(stripe.InvalidRequestError) as caught:
        payments_of(center).v1.quotes.list()
    assert (caught.value.http_status, caught.value.code) == (404, None)
    # Subscriptions run or have ended.
    contracts = {one.subscription: one for account in center.world.accounts for one in account.contracts}
    found = payments_of(center).v1.subscriptions.list({"status": "all", "limit": 100}).data
    assert {one.id for one in found} == set(contracts)
    assert all((one.status == "canceled") is bool(contracts[one.id].ended_at) for one in found)
    assert payments_of(center).v1.events.list({"limit": 100}).data == []
    answer = payments_of(center).v1.customers.list({"limit": 1})
    assert answer.last_response.request_id.startswith("req_")
    with pytest.raises(stripe.InvalidRequestError):
        payments_of(center).v1.customers.search({"query": "somebody"})


def test_a_dispute_can_be_given_up(changed_center):
    client, dispute = payments_of(changed_center), changed_center.world.cases.disputed_payment.dispute
    assert client.v1.disputes.update(dispute, {"metadata": {"note": "seen"}}).metadata["note"] == "seen"
    client.v1.disputes.close(dispute)
    assert client.v1.disputes.retrieve(dispute).status == "lost"


def test_a_deleted_customer_reads_as_deleted_and_its_payments_stay(changed_center):
    client, account = payments_of(changed_center), changed_center.world.accounts_of(changed_center.erasure_subject)[0]
    before = {one.id for one in client.v1.charges.list({"customer": account.id, "limit": 100}).data}
    assert client.v1.customers.delete(account.id).deleted is True
    read = client.v1.customers.retrieve(account.id)
    assert read.to_dict() == {"id": account.id, "object": "customer", "deleted": True}
    assert {one.id for one in client.v1.charges.list({"customer": account.id, "limit": 100}).data} == before
    assert account.id not in {one.id for one in client.v1.customers.list({"limit": 100}).data}
    assert client.v1.payment_methods.list({"customer": account.id}).data == []
    for call in (client.v1.customers.delete, lambda key: client.v1.customers.update(key, {"email": "new@example.com"})):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            call(account.id)
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_deleting_a_customer_ends_its_subscriptions(changed_center):
    client = payments_of(changed_center)
    account = changed_center.world.accounts_of(changed_center.world.cases.mentioned)[0]
    subscription = client.v1.subscriptions.create({"customer": account.id, "items": [{"plan": "care-basic"}]})
    assert subscription.status == "active"
    client.v1.customers.delete(account.id)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_a_field_that_is_sent_empty_is_unset(changed_center):
    client = payments_of(changed_center)
    account = changed_center.world.accounts_of(changed_center.world.cases.two_accounts)[0]
    changed = client.v1.customers.update(account.id, {"email": "", "phone": "", "metadata": {"customer_id": ""}})
    assert (changed.email, changed.phone, changed.metadata.to_dict()) == (None, None, {})
    charge = account.payments[0].charge
    cleared = client.v1.charges.update(charge, {"receipt_email": "", "description": ""})
    assert (cleared.receipt_email, cleared.description) == (None, None)


def test_an_idempotency_key_gives_the_first_answer_again(changed_center):
    client = payments_of(changed_center)
    options = {"idempotency_key": "one"}
    first = client.v1.customers.create({"email": "new@example.com"}, options)
    again = client.v1.customers.create({"email": "new@example.com"}, options)
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"email": "other@example.com"}, options)


def test_customers_can_be_searched(center):
    for query, expected in (
        ('metadata["customer_id"]:"{customer_id}"', True),
        ('email:"{upper_email}"', True),
        ('phone~"{last_digits}" AND email:"{email}"', True),
        ('email:"{email}" OR email:"nobody@example.com"', True),
        ('email:"{email}" AND email:"nobody@example.com"', False),
        ('name:"\\"{email}"', False),
    ):
        account = center.world.accounts[5]
        text = query.format(
            customer_id=account.customer_id,
            email=account.email,
            upper_email=account.email.upper(),
            last_digits=account.phone[-7:],
        )
        found = [one.id for one in payments_of(center).v1.customers.search({"query": text}).data]
        assert found == ([account.id] if expected else [])
