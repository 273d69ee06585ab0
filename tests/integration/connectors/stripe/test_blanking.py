"""Fields of payments that are kept are unset at the payment provider, on the double."""

from __future__ import annotations

from rightsflow.domain.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble

CHARGE = "/v1/charges"


def test_the_address_of_the_receipt_goes_and_the_rest_and_others_stay(stripe: StripeDouble) -> None:
    world.anna(stripe)
    key, held = next((key, one) for key, one in stripe.things[CHARGE].items() if one.get("customer") == "cus_anna")
    held |= {"receipt_email": "anna@example.com", "description": "kettle"}
    before = {name: value for name, value in held.items() if name != "receipt_email"}
    others = repr([one for name, one in stripe.things[CHARGE].items() if name != key])
    connector = world.connector(stripe.endpoint, blank_payments=["email"])
    kinds = {kind.name: kind for kind in connector.capabilities.kinds}
    assert {name for name, kind in kinds.items() if Method.BLANK in kind.methods} == {"charge", "payment-intent"}
    for _ in range(2):
        (done,) = connector.blank([RecordRef("payments", "charge", key)], {"email"}, world.ANNA)
        assert (done.kind, done.reason) == (OutcomeKind.RETAINED, "")
    assert not held["receipt_email"]
    assert {name: value for name, value in held.items() if name != "receipt_email"} == before
    assert repr([one for name, one in stripe.things[CHARGE].items() if name != key]) == others
    (gone,) = connector.blank([RecordRef("payments", "charge", "ch_never")], {"email"}, world.ANNA)
    assert gone.kind is OutcomeKind.NOT_HELD
