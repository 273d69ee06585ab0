from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import ApiError, StripeDouble
from tests.integration.connectors.stripe.world import known

EVERYTHING = known(
    email="anna@example.com", phone="+4930901820", customer_id="7", account_id="cus_anna", name="Anna Beispiel"
)


def look(stripe: StripeDouble, kind: str, ref: str) -> Presence:
    (seen,) = world.connector(stripe.endpoint).presence([RecordRef("payments", kind, ref)], EVERYTHING)
    return seen


@pytest.mark.parametrize(
    ("thing", "fields"),
    [
        ({"metadata": {"Anna's key": "7"}}, ("metadata",)),
        ({"metadata": {"order": "77"}}, ()),
        ({"id": "7", "object": "charge"}, ()),
        ({"refunds": {"data": [{"object": "refund", "note": "Anna Beispiel"}]}}, ()),
        ({"custom_fields": [{"value": "x"}, {"value": "Anna  Beispiel anna@example.com"}]}, ("custom_fields.value",)),
        ({"payment_method_details": {"card": {"brand": "visa", "last4": "4242"}}}, ()),
        ({"payment_method_details": {"card": {"fingerprint": "[redacted]"}}}, ()),
    ],
)
def test_what_leads_back_is_named_by_its_fields(
    stripe: StripeDouble, thing: dict[str, Any], fields: tuple[str, ...]
) -> None:
    world.charge(stripe, "ch_1", **thing)
    assert look(stripe, "charge", "ch_1").fields == fields


CARD = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031, "fingerprint": "Xt5EWLLDS7FJjR1c"}


def test_a_detached_card_leads_back_to_the_payments_with_it(stripe: StripeDouble) -> None:
    """It was called cleared and absent; brand, expiry, last four digits and fingerprint stay, as in every payment."""
    world.thing(stripe, "/v1/payment_methods", "pm_1", "payment_method", customer=None, billing_details={}, card=CARD)
    seen = look(stripe, "payment-method", "pm_1")
    assert seen.state is PresenceState.RESIDUE
    assert set(seen.fields) == {f"card.{name}" for name in CARD}
    assert "the card's or account's fingerprint" in seen.detail
    assert "4242" not in seen.detail


def subscription_of(stripe: StripeDouble, customer: str) -> Presence:
    world.thing(stripe, "/v1/subscriptions", "sub_1", "subscription", status="canceled", customer=customer)
    return look(stripe, "subscription", "sub_1")


def test_an_ended_subscription_leads_back_by_its_customer_as_long_as_a_payment_shows_who_that_is(
    stripe: StripeDouble,
) -> None:
    """A cancelled subscription was called absent, though its customer's id stands beside a name in what is kept."""
    stripe.things["/v1/customers"]["cus_anna"] = {"id": "cus_anna", "object": "customer", "deleted": True}
    assert subscription_of(stripe, "cus_anna").state is PresenceState.ABSENT
    world.charge(stripe, "ch_1", customer="cus_anna", billing_details={"name": "Anna Beispiel"})
    seen = subscription_of(stripe, "cus_anna")
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("customer",))
    assert seen.detail.endswith(": the id of the customer account.")


def test_a_list_that_cannot_be_read_is_no_proof_that_an_id_leads_nowhere(stripe: StripeDouble) -> None:
    with stripe.refusing("/v1/charges", ApiError(403)):
        assert subscription_of(stripe, "cus_anna").state is PresenceState.RESIDUE


def test_metadata_that_an_erasure_keeps_is_a_residue_and_not_erased_again(stripe: StripeDouble) -> None:
    """It was present for ever, and so erased again and again."""
    world.charge(stripe, "ch_1", metadata={"order": "for anna@example.com"})
    keeping = world.connector(stripe.endpoint, keep_metadata=["order"])
    (seen,) = keeping.presence([RecordRef("payments", "charge", "ch_1")], EVERYTHING)
    assert seen.state is PresenceState.RESIDUE
    assert look(stripe, "charge", "ch_1").state is PresenceState.PRESENT


def test_a_deleted_customer_is_absent_though_it_answers(stripe: StripeDouble) -> None:
    stripe.things["/v1/customers"]["cus_anna"] = {"id": "cus_anna", "object": "customer", "deleted": True}
    assert look(stripe, "customer", "cus_anna").state is PresenceState.ABSENT
    assert look(stripe, "customer", "cus_never").state is PresenceState.ABSENT


def test_a_customer_with_anything_of_a_person_is_present(stripe: StripeDouble) -> None:
    world.customer(stripe, "cus_1", address={"city": "Ulm", "country": "DE"})
    seen = look(stripe, "customer", "cus_1")
    assert seen.state is PresenceState.PRESENT
    assert "address" in seen.detail
    stripe.things["/v1/customers"]["cus_1"]["address"] = {"country": "DE"}
    assert look(stripe, "customer", "cus_1").state is PresenceState.ABSENT


def test_a_charge_is_a_residue_as_long_as_it_names_the_person(stripe: StripeDouble) -> None:
    world.anna(stripe)
    seen = look(stripe, "charge", "ch_1")
    assert seen.state is PresenceState.RESIDUE
    assert "billing_details.email" in seen.fields
    assert "anna@example.com" not in seen.detail
    stripe.things["/v1/charges"]["ch_1"]["billing_details"] = {"email": "[redacted]"}
    stripe.things["/v1/charges"]["ch_1"]["customer"] = None
    assert look(stripe, "charge", "ch_1").state is PresenceState.ABSENT


def test_the_detail_stays_short(stripe: StripeDouble) -> None:
    world.charge(stripe, "ch_1", **{f"field_{number}": "Anna Beispiel" for number in range(9)})
    assert look(stripe, "charge", "ch_1").detail.endswith("field 5 and 3 more.")


def test_an_attached_payment_method_is_present_and_a_detached_one_is_not(stripe: StripeDouble) -> None:
    world.thing(stripe, "/v1/payment_methods", "pm_1", "payment_method", customer="cus_1", billing_details={})
    assert look(stripe, "payment-method", "pm_1").state is PresenceState.PRESENT
    stripe.things["/v1/payment_methods"]["pm_1"]["customer"] = None
    assert look(stripe, "payment-method", "pm_1").state is PresenceState.ABSENT


@pytest.mark.parametrize(
    ("status", "state"),
    [("active", "present"), ("paused", "present"), ("incomplete", "present"), ("canceled", "absent")],
)
def test_a_subscription_is_present_until_it_has_ended(stripe: StripeDouble, status: str, state: str) -> None:
    world.thing(stripe, "/v1/subscriptions", "sub_1", "subscription", status=status)
    assert look(stripe, "subscription", "sub_1").state == state


def test_search_is_never_asked(stripe: StripeDouble) -> None:
    world.anna(stripe)
    look(stripe, "customer", "cus_anna")
    assert [one.path for one in stripe.requests] == ["/v1/customers/cus_anna"]
