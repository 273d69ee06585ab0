"""Rectification at the payment provider: on the double, and on localstripe."""

from __future__ import annotations

from rightsflow.domain.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.domain.rectification.change import Change
from rightsflow.testing.bench import find
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble
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
