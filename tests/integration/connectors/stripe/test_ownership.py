"""A payment is judged by whom it names and by the customer that it belongs to, also when it is read again."""

from __future__ import annotations

import pytest

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Document, Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import decide, key_of
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble
from tests.integration.connectors.stripe.world import known

ANNA = known(email="anna@example.com", name="Anna Beispiel")
BOBS = {"email": "bob@example.com", "name": "Bob Muster"}


def whose(stripe: StripeDouble, sought: Identifiers, **settings: object) -> dict[str, Attribution]:
    """Whose the records are that were found, by key."""
    found = list(world.connector(stripe.endpoint, **settings).locate(sought))
    decided = decide(found, sought).attributions
    return {one.record.ref: decided[key_of(one.record)] for one in found if not one.is_context}


def given(stripe: StripeDouble, refs: list[RecordRef], sought: Identifiers) -> set[str]:
    parts = world.connector(stripe.endpoint).extract(refs, sought)
    return {part.record.ref for part in parts if isinstance(part, Document)}


def test_a_payment_of_another_on_the_subjects_account_is_in_doubt_with_its_refunds(stripe: StripeDouble) -> None:
    """Before, whom the charge names was not read: another one's name and address were given out."""
    world.anna(stripe)
    world.charge(stripe, "ch_2", customer="cus_anna", billing_details=BOBS)
    world.thing(stripe, "/v1/refunds", "re_2", "refund", charge="ch_2")
    world.thing(stripe, "/v1/disputes", "dp_2", "dispute", charge="ch_2", status="won")
    world.thing(stripe, "/v1/payment_methods", "pm_2", "payment_method", customer="cus_anna", billing_details=BOBS)
    named = {"customer_name": "Bob Muster", "customer_email": "bob@example.com"}
    world.thing(stripe, "/v1/invoices", "in_2", "invoice", customer="cus_anna", status="paid", **named)
    decided = whose(stripe, ANNA)
    assert {decided[one] for one in ("ch_2", "re_2", "dp_2", "pm_2", "in_2")} == {Attribution.UNCLEAR}
    assert {decided[one] for one in ("cus_anna", "ch_1", "re_1", "dp_1", "pm_1", "in_1")} == {Attribution.SUBJECT}


def test_the_subjects_payment_from_a_former_address_is_theirs(stripe: StripeDouble) -> None:
    world.anna(stripe)
    former = {"email": "anna@former.example", "name": "Anna Beispiel"}
    world.charge(stripe, "ch_2", customer="cus_anna", billing_details=former)
    assert whose(stripe, ANNA)["ch_2"] is Attribution.SUBJECT


def test_a_payment_of_a_deleted_account_that_names_another_is_in_doubt(stripe: StripeDouble) -> None:
    world.anna(stripe)
    world.charge(stripe, "ch_2", customer="cus_anna", billing_details=BOBS)
    stripe.things["/v1/customers"]["cus_anna"] = {"id": "cus_anna", "object": "customer", "deleted": True}
    decided = whose(stripe, ANNA | known(account_id="cus_anna"))
    assert (decided["ch_1"], decided["ch_2"]) == (Attribution.SUBJECT, Attribution.UNCLEAR)


@pytest.mark.parametrize("field", ["receipt_email", "billing_details"])
def test_a_payment_that_names_the_subject_on_anothers_account_is_in_doubt(stripe: StripeDouble, field: str) -> None:
    world.bob(stripe)
    named = "anna@example.com" if field == "receipt_email" else {"email": "anna@example.com"}
    world.charge(stripe, "ch_theirs", customer="cus_bob", payment_intent="pi_theirs", **{field: named})
    world.thing(stripe, "/v1/payment_intents", "pi_theirs", "payment_intent", customer="cus_bob", status="succeeded")
    found = list(world.connector(stripe.endpoint, guests=True).locate(ANNA))
    (account,) = [one for one in found if one.is_context]
    decided = decide(found, ANNA)
    charge, intent = (RecordRef("payments", *one) for one in (("charge", "ch_theirs"), ("payment-intent", "pi_theirs")))
    assert decided.doubts[key_of(charge)] is RecordDoubt.OTHER_OWNER
    assert decided.chains[key_of(charge)] == (key_of(charge), key_of(account.record))
    assert decided.attributions[key_of(intent)] is not Attribution.SUBJECT
    assert decided.attributions[key_of(account.record)] is Attribution.ANOTHER
    assert not known(email="bob@example.com") & decided.known


@pytest.mark.parametrize(
    ("kind", "ref", "method"),
    [
        ("payment-method", "pm_1", Method.ERASE),
        ("subscription", "sub_1", Method.ERASE),
        ("invoice", "in_1", Method.REDACT),
        ("payment-intent", "pi_1", Method.REDACT),
    ],
)
def test_what_was_moved_to_anothers_account_since_is_neither_given_nor_changed(
    stripe: StripeDouble, kind: str, ref: str, method: Method
) -> None:
    """Before, a payment method that had become another customer's was detached from them."""
    world.anna(stripe)
    world.bob(stripe)
    record = RecordRef("payments", kind, ref)
    (thing,) = [held[ref] for held in stripe.things.values() if ref in held]
    thing["customer"] = "cus_bob"
    for field in ("billing_details", "receipt_email", "customer_email"):
        thing.pop(field, None)
    before = dict(thing)
    assert given(stripe, [record], ANNA) == set()
    (outcome,) = world.connector(stripe.endpoint).erase([record], method, ANNA)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert "another customer" in outcome.reason
    assert thing == before


def test_the_refund_of_a_payment_that_was_moved_is_left_too(stripe: StripeDouble) -> None:
    world.anna(stripe)
    world.bob(stripe)
    stripe.things["/v1/charges"]["ch_1"] |= {"customer": "cus_bob", "billing_details": BOBS}
    stripe.things["/v1/refunds"]["re_1"]["metadata"] = {"note": "kept"}
    record = RecordRef("payments", "refund", "re_1")
    assert given(stripe, [record], ANNA) == set()
    (outcome,) = world.connector(stripe.endpoint).erase([record], Method.REDACT, ANNA)
    assert outcome.kind is OutcomeKind.RETAINED
    assert stripe.things["/v1/refunds"]["re_1"]["metadata"] == {"note": "kept"}


def test_an_account_that_was_emptied_is_still_erased_with_what_belongs_to_it(stripe: StripeDouble) -> None:
    world.anna(stripe)
    stripe.things["/v1/customers"]["cus_anna"] |= {"email": None, "name": None, "phone": None, "metadata": {}}
    stripe.things["/v1/subscriptions"]["sub_1"]["status"] = "canceled"
    for kind, ref in (("payment-method", "pm_1"), ("customer", "cus_anna")):
        record = RecordRef("payments", kind, ref)
        (outcome,) = world.connector(stripe.endpoint).erase([record], Method.ERASE, world.ANNA)
        assert outcome.kind is not OutcomeKind.RETAINED
