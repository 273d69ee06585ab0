"""The payment provider holds what the world says; snapshots show what became of a person in all systems."""

from __future__ import annotations

from collections import Counter

import pytest
import requests
import stripe
from sqlalchemy import delete, update

from rightsflow_sandbox.telephony.cdr import CDR, engine_for, recording_path, unique_ids_of
from tests.integration.sandbox.center_rig import helpdesk_of, payments_of


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


@pytest.mark.apart
def test_a_snapshot_is_the_same_and_shows_no_personal_data(center):
    # A snapshot is the same as long as nothing changes.
    first = center.snapshot(excluding=center.erasure_subject)
    assert first == center.snapshot(excluding=center.erasure_subject)
    assert {key.split()[0] for key in first} == {"helpdesk", "payments", "recordings"}
    assert len(first) > 500
    # A snapshot shows no personal data.
    keys = "\n".join(center.snapshot(excluding=center.erasure_subject))
    for person in center.world.people:
        assert not any(word in keys for word in (person.name, *person.emails, *(one[3:] for one in person.phones)))
    # Holdings are what the world says.
    person, world = center.erasure_subject, center.world
    held = Counter((one.system, one.kind) for one in center.holdings(person))
    account, calls = world.accounts_of(person)[0], world.calls_of(person)
    assert held["helpdesk", "profile"] == 1
    assert held["helpdesk", "ticket"] == len(world.tickets_of(person))
    assert held["helpdesk", "ticket in copy"] == 1
    assert held["payments", "customer"] == 1
    assert held["payments", "charge"] >= len(account.payments)
    assert held["recordings", "call"] == sum(len(call.agents) for call in calls)
    assert held["recordings", "recording"] == sum(call.recorded for call in calls)
    # Holdings name a person in another's ticket.
    held = center.holdings(center.world.cases.mentioned)
    mention = center.world.cases.mention.comments[0].id
    assert str(mention) in {one.ref for one in held if one.kind == "mention"}


@pytest.mark.apart
def test_a_snapshot_leaves_out_the_person_and_the_persons_part_of_others_tickets(own_center):
    center, person = own_center, own_center.erasure_subject
    before = center.snapshot(excluding=person)
    _forget(center, person)
    assert center.snapshot(excluding=person) == before
    # The same changes are seen as soon as it is another person's snapshot.
    other = center.access_subject
    assert center.snapshot(excluding=other) != before


@pytest.mark.apart
def test_a_snapshot_takes_a_redacted_name_on_anothers_ticket_for_no_harm(own_center):
    person, ticket = own_center.world.cases.mentioned, own_center.world.cases.mention
    before = own_center.snapshot(excluding=person)
    others = own_center.snapshot(excluding=own_center.access_subject)
    _blacken(own_center, person, ticket)
    assert own_center.snapshot(excluding=person) == before
    assert own_center.snapshot(excluding=own_center.access_subject) != others
    assert not [one for one in own_center.holdings(person) if one.kind == "mention"]


def _forget(center, person):
    """Take a person out by hand, past the connectors: recordings, rows, payments, and words on another's ticket."""
    world, client = center.world, payments_of(center)
    for call in world.calls_of(person):
        (center.recordings_folder / recording_path(call)).unlink(missing_ok=True)
    keys = [key for call in world.calls_of(person) for key in unique_ids_of(call)]
    _on_database(center, delete(CDR).where(CDR.c.uniqueid.in_(keys)))
    for account in person.accounts:
        client.v1.customers.delete(account)
    _blacken(center, person, world.cases.subject_copied_ticket)


def _blacken(center, person, ticket):
    session, base = helpdesk_of(center), f"{center.helpdesk_url}/api/v2"
    comments = session.get(f"{base}/tickets/{ticket.id}/comments", timeout=10).json()["comments"]
    for comment in comments:
        for word in (person.name, person.email, person.phone):
            if word in comment["html_body"]:
                comment["html_body"] = comment["html_body"].replace(word, f"<redact>{word}</redact>")
        if "<redact>" in comment["html_body"]:
            body = {"ticket_id": ticket.id, "html_body": comment["html_body"]}
            answer = session.put(f"{base}/comment_redactions/{comment['id']}", json=body, timeout=10)
            assert answer.status_code == 200, answer.text


def _on_database(center, statement):
    engine = engine_for(center.inspector.database_url)
    with engine.begin() as connection:
        assert connection.execute(statement).rowcount
    engine.dispose()


def _others_call(center):
    return next(one for one in center.world.calls if one.owner == center.access_subject.customer_id and one.recorded)


def _alter_file(center):
    path = center.recordings_folder / recording_path(_others_call(center))
    path.write_bytes(path.read_bytes()[:-2] + b"\1\1")


def _delete_file(center):
    (center.recordings_folder / recording_path(_others_call(center))).unlink()


def _alter_row(center):
    key = _others_call(center).unique_id
    _on_database(center, update(CDR).where(CDR.c.uniqueid == key).values(accountcode=""))


def _alter_charge(center):
    charge = center.world.accounts_of(center.access_subject)[0].payments[0].charge
    payments_of(center).v1.charges.update(charge, {"description": "other"})


def _delete_ticket(center):
    ticket = center.world.tickets_of(center.access_subject)[0].id
    answer = helpdesk_of(center).delete(f"{center.helpdesk_url}/api/v2/tickets/{ticket}", timeout=10)
    assert answer.status_code == 204


def _rename_user(center):
    user = center.access_subject.user_id
    body = {"user": {"notes": "other"}}
    answer = helpdesk_of(center).put(f"{center.helpdesk_url}/api/v2/users/{user}", json=body, timeout=10)
    assert answer.status_code == 200


@pytest.mark.apart
@pytest.mark.parametrize("harm", [_alter_file, _delete_file, _alter_row, _alter_charge, _delete_ticket, _rename_user])
def test_a_snapshot_shows_harm_to_somebody_else(changed_center, harm):
    person = changed_center.erasure_subject
    before = changed_center.snapshot(excluding=person)
    harm(changed_center)
    after = changed_center.snapshot(excluding=person)
    assert after != before
    assert 1 <= len(set(before.items()) ^ set(after.items())) < 30


@pytest.mark.apart
def test_holdings_shrink_as_things_go(own_center):
    person = own_center.erasure_subject
    _forget(own_center, person)
    held = own_center.holdings(person)
    assert not [one for one in held if one.system == "recordings" or one.kind == "customer"]
    assert [one for one in held if one.kind == "charge" and one.names_person]
    assert [one for one in held if one.kind == "profile"]
