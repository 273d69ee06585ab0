"""Rectification and restriction at the payment provider: on the double, and on localstripe."""

from __future__ import annotations

import pytest

from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import ANOTHER_CASES, MarkState, Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import find
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import ApiError, StripeDouble
from tests.integration.connectors.stripe.local import SETTINGS, LocalStripe

CUSTOMER = RecordRef("payments", "customer", "cus_anna")


def test_the_customer_is_corrected_and_vouchers_are_not(stripe: StripeDouble) -> None:
    world.anna(stripe)
    held = stripe.things["/v1/customers"]["cus_anna"]
    rest = {key: value for key, value in stripe.things["/v1/customers"].items() if key != "cus_anna"}
    before = repr(rest)
    connector = world.connector(stripe.endpoint, rectify={"date of birth": "born", "statement": "remark"})
    kinds = {kind.name: kind for kind in connector.capabilities.kinds}
    assert {name for name, kind in kinds.items() if Method.RECTIFY in kind.methods} == {"customer"}
    assert kinds["invoice"].fixed
    changes = [
        Change("email", held["email"], "anna.new@example.com"),
        Change("date of birth", "", "1980-05-01"),
        Change("statement", "", "She says that it was a gift."),
    ]
    (left,) = connector.rectify([CUSTOMER], [Change("name", "Anyone", "Anna")], world.ANNA)
    assert "another value stands there" in left.reason
    for _ in range(2):
        (done,) = connector.rectify([CUSTOMER], changes, world.ANNA)
        assert done.kind is OutcomeKind.RECTIFIED, done.reason
    assert held["email"] == "anna.new@example.com"
    assert held["metadata"] | {"born": "1980-05-01", "remark": "She says that it was a gift."} == held["metadata"]
    assert len(stripe.calls("POST")) == 3
    assert repr(rest) == before
    (seen,) = connector.still_wrong([CUSTOMER], changes, world.ANNA)
    assert seen.state is PresenceState.ABSENT
    (gone,) = connector.rectify([RecordRef("payments", "customer", "cus_never")], changes, world.ANNA)
    assert gone.kind is OutcomeKind.NOT_HELD


def test_two_statements_are_both_put_beside_and_neither_takes_the_others_place(stripe: StripeDouble) -> None:
    world.anna(stripe)
    held = stripe.things["/v1/customers"]["cus_anna"]
    connector = world.connector(stripe.endpoint, rectify={"statement": "remark"})
    changes = [Change("statement", "", "It was a gift.", 1), Change("statement", "", "She moved.", 2)]
    for _ in range(2):
        (done,) = connector.rectify([CUSTOMER], changes, world.ANNA)
        assert done.kind is OutcomeKind.RECTIFIED, done.reason
        assert held["metadata"]["remark"] == "It was a gift.\nShe moved."


def test_what_localstripe_holds_is_corrected_and_the_neighbour_with_the_same_number_keeps_it(
    localstripe: LocalStripe,
) -> None:
    client = localstripe.client
    phone = {"phone": "+49 30 901820"}
    mine = client.v1.customers.create({"email": "anna@example.com", "name": "Anna", **phone}).id
    bens = client.v1.customers.create({"email": "ben@example.com", "name": "Ben", **phone}).id
    before = str(client.v1.customers.retrieve(bens))
    connector = world.connector(localstripe.front.endpoint, **SETTINGS)
    found = find(connector, world.ANNA)
    (profile,) = [ref for ref in found.refs if ref.kind == "customer"]
    assert profile.ref == mine
    change = Change("phone", "030 901820", "+4930901829")
    (done,) = connector.rectify([profile], [change], found.known)
    assert done.reason == "Corrected: telephone number."
    assert client.v1.customers.retrieve(mine).phone == change.new
    (others,) = connector.rectify([RecordRef("payments", "customer", bens)], [change], found.known)
    assert others.kind is OutcomeKind.UNRECTIFIED
    assert str(client.v1.customers.retrieve(bens)) == before


@pytest.mark.parametrize("replaces", [False, True])
def test_of_an_address_the_wrong_part_is_corrected_and_the_rest_stays(stripe: StripeDouble, *, replaces: bool) -> None:
    world.anna(stripe)
    stripe.replaces_parts = replaces
    held = stripe.things["/v1/customers"]["cus_anna"]
    held["address"] = {"line1": "Street 1", "line2": None, "city": "Berlin", "postal_code": "10115", "country": "DE"}
    held["shipping"] = {"name": "Anna", "phone": "+4930901820", "address": {"line1": "Street 1", "city": "Berlin"}}
    rest = {key: value for key, value in stripe.things["/v1/customers"].items() if key != "cus_anna"}
    before, connector = repr(rest), world.connector(stripe.endpoint)
    changes = [
        Change("postal code", "10115", "10117"),
        Change("street", "street  1", "Street 11"),
        Change("delivery city", "Berlin", "Potsdam"),
        Change("address addition", "", "c/o Ben"),
    ]
    for _ in range(2):
        (done,) = connector.rectify([CUSTOMER], changes, world.ANNA)
        assert done.kind is OutcomeKind.RECTIFIED, done.reason
    address = {"line1": "Street 11", "line2": "c/o Ben", "city": "Berlin", "postal_code": "10117", "country": "DE"}
    assert held["address"] == address
    delivery = {"name": "Anna", "phone": "+4930901820", "address": {"line1": "Street 1", "city": "Potsdam"}}
    assert held["shipping"] == delivery
    assert repr(rest) == before
    stripe.fail(ApiError(400, code="parameter_invalid", param="address"), when=lambda one: one.method == "POST")
    (left,) = connector.rectify([CUSTOMER], [Change("country", "DE", "Nowhere")], world.ANNA)
    assert left.reason == "Not corrected: country: the system did not take the new value."
    assert held["address"] == address


def test_an_address_at_localstripe_is_corrected_and_the_neighbour_at_the_same_one_keeps_it(
    localstripe: LocalStripe,
) -> None:
    client, where = localstripe.client, {"line1": "Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    mine = client.v1.customers.create({"email": "anna@example.com", "name": "Anna", "address": where}).id
    bens = client.v1.customers.create({"email": "ben@example.com", "name": "Anna", "address": where}).id
    before, connector = str(client.v1.customers.retrieve(bens)), world.connector(localstripe.front.endpoint, **SETTINGS)
    refs = [RecordRef("payments", "customer", one) for one in (mine, bens)]
    done, others = connector.rectify(refs, [Change("city", "Berlin", "Bernau")], world.ANNA)
    assert done.reason == "Corrected: city."
    assert client.v1.customers.retrieve(mine).address.to_dict() == where | {"city": "Bernau"}
    assert others.kind is OutcomeKind.UNRECTIFIED
    assert str(client.v1.customers.retrieve(bens)) == before


GONE = RecordRef("payments", "customer", "cus_never")
FIRST, SECOND = "DSR-2026-7K3M9Q", "DSR-2026-8M4N2R"


def test_the_key_is_set_beside_the_others_once_and_taken_away(stripe: StripeDouble) -> None:
    world.anna(stripe)
    connector = world.connector(stripe.endpoint, restricted_metadata="restricted")
    assert Method.RESTRICT in connector.capabilities.kind("customer").methods
    assert Method.RESTRICT in connector.capabilities.kind("charge").methods
    held = stripe.things["/v1/customers"]["cus_anna"]["metadata"]
    before = dict(held)
    for _ in range(2):
        (done,) = connector.erase([CUSTOMER], Method.RESTRICT, world.ANNA)
        assert (done.kind, done.reason) == (OutcomeKind.RESTRICTED, "")
    assert stripe.things["/v1/customers"]["cus_anna"]["metadata"] == before | {"restricted": "yes"}
    assert len(stripe.calls("POST")) == 1
    (lifted,) = connector.erase([CUSTOMER], Method.LIFT, world.ANNA)
    assert lifted.kind is OutcomeKind.RETAINED
    assert stripe.things["/v1/customers"]["cus_anna"]["metadata"] == before
    (gone,) = connector.erase([GONE], Method.RESTRICT, world.ANNA)
    assert gone.kind is OutcomeKind.NOT_HELD


def test_a_key_that_is_lost_is_seen_without_a_write_and_what_is_deleted_is_gone(stripe: StripeDouble) -> None:
    world.anna(stripe)
    connector = world.connector(stripe.endpoint, restricted_metadata="restricted")
    list(connector.erase([CUSTOMER], Method.RESTRICT, world.ANNA))
    assert [one.state for one in connector.marks([CUSTOMER, GONE], world.ANNA)] == [MarkState.MARKED, MarkState.GONE]
    held = stripe.things["/v1/customers"]["cus_anna"]
    held["metadata"] = {key: value for key, value in held["metadata"].items() if key != "restricted"}
    written = len(stripe.calls("POST"))
    assert [one.state for one in connector.marks([CUSTOMER], world.ANNA)] == [MarkState.UNMARKED]
    assert len(stripe.calls("POST")) == written
    list(connector.erase([CUSTOMER], Method.RESTRICT, world.ANNA))
    assert [one.state for one in connector.marks([CUSTOMER], world.ANNA)] == [MarkState.MARKED]
    stripe.things["/v1/customers"]["cus_anna"] = {"id": "cus_anna", "object": "customer", "deleted": True}
    assert [one.state for one in connector.marks([CUSTOMER], world.ANNA)] == [MarkState.GONE]


def test_without_a_key_nothing_can_be_restricted(stripe: StripeDouble) -> None:
    kinds = world.connector(stripe.endpoint).capabilities.kinds
    assert not any(Method.RESTRICT in kind.methods for kind in kinds)


def test_the_mark_names_its_case_and_another_cases_stays(stripe: StripeDouble) -> None:
    world.anna(stripe)
    connector = world.connector(stripe.endpoint, restricted_metadata="restricted")
    before = dict(stripe.things["/v1/customers"]["cus_anna"]["metadata"])

    def metadata() -> dict[str, str]:
        return {**stripe.things["/v1/customers"]["cus_anna"]["metadata"]}

    list(connector.mark([CUSTOMER], Method.RESTRICT, world.ANNA, FIRST))
    assert metadata() == before | {"restricted": "yes", "restricted_case": FIRST}
    assert [(one.state, one.case_id) for one in connector.marks([CUSTOMER], world.ANNA)] == [(MarkState.MARKED, FIRST)]
    list(connector.mark([CUSTOMER], Method.RESTRICT, world.ANNA, SECOND))
    written = len(stripe.calls("POST"))
    (stays,) = connector.mark([CUSTOMER], Method.LIFT, world.ANNA, FIRST)
    assert (stays.kind, stays.refused, stays.reason) == (OutcomeKind.RETAINED, False, ANOTHER_CASES)
    assert (metadata()["restricted_case"], len(stripe.calls("POST"))) == (SECOND, written)
    list(connector.mark([CUSTOMER], Method.LIFT, world.ANNA, SECOND))
    assert metadata() == before
    list(connector.erase([CUSTOMER], Method.RESTRICT, world.ANNA))
    assert [one.case_id for one in connector.marks([CUSTOMER], world.ANNA)] == [""]
    list(connector.mark([CUSTOMER], Method.LIFT, world.ANNA, FIRST))
    assert metadata() == before
