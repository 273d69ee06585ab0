"""Fields of payments that are kept are unset at the payment provider, on the double."""

from __future__ import annotations

import pytest

from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
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


@pytest.mark.parametrize("replaces", [False, True])
@pytest.mark.parametrize(("path", "kind"), [(CHARGE, "charge"), ("/v1/payment_intents", "payment-intent")])
def test_of_where_the_goods_went_only_what_is_not_needed_goes(
    stripe: StripeDouble, path: str, kind: str, *, replaces: bool
) -> None:
    world.anna(stripe)
    stripe.replaces_parts = replaces
    key, held = next((key, one) for key, one in stripe.things[path].items() if one.get("customer") == "cus_anna")
    where = {"name": "Anna", "phone": "+4930901820", "address": {"line1": "Street 1", "line2": None, "country": "DE"}}
    held |= {"shipping": where, "metadata": {"born": "1980-05-01", "order": "ED-1"}}
    others = repr([one for name, one in stripe.things[path].items() if name != key])
    settings = {"blank_payments": ["phone", "delivery address"], "blank_metadata": {"date of birth": "born"}}
    connector, ref = world.connector(stripe.endpoint, **settings), RecordRef("payments", kind, key)
    assert connector.capabilities.kind(kind).blankable == {"phone", "delivery address", "date of birth"}
    for _ in range(2):
        (done,) = connector.blank([ref], {"phone", "date of birth"}, world.ANNA)
        assert (done.kind, done.reason) == (OutcomeKind.RETAINED, "")
    assert not held["shipping"]["phone"]
    assert (held["shipping"]["name"], held["shipping"]["address"]["line1"]) == ("Anna", "Street 1")
    assert {name: one for name, one in held["metadata"].items() if one} == {"order": "ED-1"}
    (done,) = connector.blank([ref], {"phone", "delivery address"}, world.ANNA)
    assert done.reason == ""
    assert "Anna" not in str(held["shipping"])
    assert "Street" not in str(held["shipping"])
    assert repr([one for name, one in stripe.things[path].items() if name != key]) == others


def test_what_says_whose_a_payment_is_or_the_books_keep_is_not_blanked() -> None:
    for wrong in ({"customer_id_metadata": "born"}, {"keep_metadata": ["born"]}, {"restricted_metadata": "born"}):
        with pytest.raises(ValueError, match="leave it out"):
            world.connector("http://127.0.0.1:1", blank_metadata={"date of birth": "born"}, **wrong)
