from __future__ import annotations

from typing import Any

import pytest

from connectors.stripe_payments.traces import where_readable
from rightsflow.records import Presence, PresenceState, RecordRef
from tests.connectors.stripe_payments import world
from tests.connectors.stripe_payments.double import StripeDouble
from tests.connectors.stripe_payments.world import known

EVERYTHING = known(
    email="anna@example.com", phone="+4930901820", customer_id="7", account_id="cus_anna", name="Anna Beispiel"
)


def look(stripe: StripeDouble, kind: str, ref: str) -> Presence:
    (seen,) = world.connector(stripe.endpoint).presence([RecordRef("payments", kind, ref)], EVERYTHING)
    return seen


@pytest.mark.parametrize(
    ("thing", "fields"),
    [
        ({"billing_details": {"email": "ANNA@example.com"}}, ["billing_details.email"]),
        ({"description": "for anna beispiel, please"}, ["description"]),
        ({"description": "for Joanna Beispielhaft"}, []),
        ({"shipping": {"phone": "(030) 90-1820"}}, ["shipping.phone"]),
        ({"note": "call 0049 30 901820 or 030/901820"}, ["note"]),
        ({"note": "order 1930901820199"}, []),
        ({"metadata": {"Anna's key": "7"}}, ["metadata"]),
        ({"metadata": {"order": "77"}}, []),
        ({"custom_fields": [{"value": "x"}, {"value": "Anna  Beispiel anna@example.com"}]}, ["custom_fields.value"]),
        ({"id": "7", "customer": "cus_anna", "object": "charge"}, []),
        ({"refunds": {"data": [{"object": "refund", "note": "Anna Beispiel"}]}}, []),
        ({"amount": 7, "none": None, "flag": True, "empty": ""}, []),
    ],
)
def test_traces_are_found_by_field_whatever_the_spelling(thing: dict[str, Any], fields: list[str]) -> None:
    assert where_readable(thing, EVERYTHING, "DE") == fields


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


def test_a_charge_is_present_as_long_as_it_names_the_person(stripe: StripeDouble) -> None:
    world.anna(stripe)
    seen = look(stripe, "charge", "ch_1")
    assert seen.state is PresenceState.PRESENT
    assert "billing_details.email" in seen.detail
    assert "anna@example.com" not in seen.detail
    stripe.things["/v1/charges"]["ch_1"]["billing_details"] = {"email": "[redacted]"}
    assert look(stripe, "charge", "ch_1").state is PresenceState.ABSENT


def test_the_detail_stays_short(stripe: StripeDouble) -> None:
    world.charge(stripe, "ch_1", **{f"field_{number}": "Anna Beispiel" for number in range(9)})
    assert look(stripe, "charge", "ch_1").detail.endswith("field_5 and 3 more.")


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
