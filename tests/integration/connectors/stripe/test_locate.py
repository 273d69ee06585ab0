from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.stripe.extract import money, readable
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Document, Fact, Located, Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import decide, find, key_of
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble, hits
from tests.integration.connectors.stripe.world import known
from tests.support.kinds import ORDER, imei

HOW = pytest.mark.parametrize("how", ["search", "walk"])


def locate(stripe: StripeDouble, sought: Identifiers, **settings: object) -> dict[str, Located]:
    return {one.record.ref: one for one in world.connector(stripe.endpoint, **settings).locate(sought)}


@HOW
@pytest.mark.parametrize(
    ("stored", "sought"),
    [
        ({"email": "Anna@Example.com"}, {"email": "anna@example.com"}),
        ({"email": "aNNa@example.com"}, {"email": "Anna@example.com"}),
        ({"metadata": {"customer_id": "K-1"}}, {"customer_id": "K-1"}),
        ({}, {"account_id": "cus_1"}),
        ({"phone": "+4930901820"}, {"phone": "030 901820"}),
        ({"phone": "030 901820"}, {"phone": "+4930901820"}),
        ({"phone": "0049 (0)30-90 1820"}, {"phone": "+4930901820"}),
    ],
)
def test_a_customer_is_found_however_it_is_spelt(
    stripe: StripeDouble, how: str, stored: dict[str, object], sought: dict[str, str]
) -> None:
    world.customer(stripe, "cus_1", **stored)
    world.bob(stripe)
    assert set(locate(stripe, known(**sought), customers_by_metadata=how)) == {"cus_1"}


@HOW
def test_the_date_of_birth_stands_in_the_metadata_and_finds_no_one(stripe: StripeDouble, how: str) -> None:
    born = Identifier(IdentifierKind.BIRTH_DATE, "1956-03-14")
    world.customer(stripe, "cus_1", email="anna@example.com", metadata={"born": "1956-03-14"})
    asked = {"birth_date_metadata": "born", "customers_by_metadata": how}
    assert born in locate(stripe, world.ANNA, **asked)["cus_1"].owner
    assert locate(stripe, frozenset({born}), **asked) == {}


def test_a_customer_that_search_does_not_know_yet_is_found_by_the_list(stripe: StripeDouble) -> None:
    world.customer(stripe, "cus_new", email="anna@example.com")
    stripe.not_indexed.add("cus_new")
    assert set(locate(stripe, world.ANNA)) == {"cus_new"}


def test_what_search_still_shows_is_read_afresh(stripe: StripeDouble) -> None:
    stale = world.customer(stripe, "cus_1", email="ANNA@example.com")
    stripe.further.append(
        lambda request: (
            {"object": "customer", "id": "cus_1", "deleted": True} if request.path == "/v1/customers/cus_1" else None
        )
    )
    assert stale["email"]
    assert locate(stripe, world.ANNA) == {}


def test_several_customers_may_share_an_address(stripe: StripeDouble) -> None:
    for number in range(3):
        world.customer(stripe, f"cus_{number}", email="anna@example.com")
    assert len(locate(stripe, world.ANNA)) == 3


@pytest.mark.parametrize("value", ['a" email~"', "back\\slash", 'both\\"'])
def test_a_value_cannot_add_a_clause_to_a_search(stripe: StripeDouble, value: str) -> None:
    world.customer(stripe, "cus_1", metadata={"customer_id": value})
    world.bob(stripe)
    raw = frozenset({Identifier(IdentifierKind.CUSTOMER_ID, value)})
    # The double answers 400 to a query that is not exactly one clause, and what it finds is compared again here.
    assert locate(stripe, raw) == {}
    (query,) = [one.params["query"] for one in stripe.requests if "query" in one.params]
    assert hits(stripe.things["/v1/customers"]["cus_1"], query)
    assert not hits(stripe.things["/v1/customers"]["cus_bob"], query)


@pytest.mark.parametrize("way", ["search", "walk"])
def test_a_metadata_key_holds_any_declared_kind(stripe: StripeDouble, way: str) -> None:
    keys: dict[str, Any] = {
        "identifier_metadata": {"order_no": "order", "device": "imei"},
        "customers_by_metadata": way,
    }
    world.customer(stripe, "cus_1", metadata={"order_no": "A-1"})
    world.customer(stripe, "cus_2", metadata={"device": "35-209900-000001-4"})
    world.customer(stripe, "cus_3", metadata={"order_no": "A-10"})
    found = locate(stripe, frozenset({identifier(ORDER, "a-1"), imei(1)}), **keys)
    assert sorted(found) == ["cus_1", "cus_2"]
    assert {"order", "imei"} <= world.connector(stripe.endpoint, **keys).capabilities.searches


def test_a_walk_needs_no_search(stripe: StripeDouble) -> None:
    world.anna(stripe)
    locate(stripe, world.ANNA, customers_by_metadata="walk")
    assert not [one for one in stripe.requests if "search" in one.path]


def test_a_profile_names_its_person_and_is_dated_where_the_controller_is(stripe: StripeDouble) -> None:
    world.anna(stripe)
    stripe.things["/v1/customers"]["cus_anna"]["created"] = 1767221999  # 2025-12-31T22:59:59Z
    found = locate(stripe, world.ANNA)["cus_anna"]
    named = known(
        email="anna@example.com", phone="+4930901820", customer_id="K-1", account_id="cus_anna", name="Anna Beispiel"
    )
    assert found.owner == named
    assert found.occurred_on == date(2025, 12, 31)
    stripe.things["/v1/customers"]["cus_anna"]["created"] += 1
    assert locate(stripe, world.ANNA)["cus_anna"].occurred_on == date(2026, 1, 1)


def test_nothing_of_another_person_with_the_same_number_is_listed(stripe: StripeDouble) -> None:
    world.anna(stripe)
    world.customer(stripe, "cus_bob", email="bob@example.com", phone="030 901820")
    world.charge(stripe, "ch_bob", customer="cus_bob")
    found = locate(stripe, known(email="anna@example.com", phone="030 901820"))
    assert "cus_bob" in found
    assert "ch_bob" not in found
    assert not [one for one in stripe.requests if one.params.get("customer") == "cus_bob"]


def test_the_only_person_with_a_number_is_walked_in_the_next_round(stripe: StripeDouble) -> None:
    world.anna(stripe)
    found = find(world.connector(stripe.endpoint), known(phone="030 901820"))
    assert {one.record.ref for one in found.subject} >= {"cus_anna", "ch_1", "re_1"}


def test_ended_subscriptions_are_found_too(stripe: StripeDouble) -> None:
    world.anna(stripe)
    stripe.things["/v1/subscriptions"]["sub_1"]["status"] = "canceled"
    found = locate(stripe, world.ANNA)
    assert found["sub_1"].facts == frozenset()
    assert found["cus_anna"].facts == frozenset()


@pytest.mark.parametrize("status", ["active", "trialing", "past_due"])
def test_a_running_subscription_shows_on_the_customer(stripe: StripeDouble, status: str) -> None:
    world.anna(stripe)
    stripe.things["/v1/subscriptions"]["sub_1"]["status"] = status
    found = locate(stripe, world.ANNA)
    assert found["sub_1"].facts == {Fact.ACTIVE_CONTRACT}
    assert found["cus_anna"].facts == {Fact.ACTIVE_CONTRACT}


def test_an_open_invoice_shows_on_the_customer_and_a_draft_is_no_voucher(stripe: StripeDouble) -> None:
    world.anna(stripe)
    world.thing(stripe, "/v1/invoices", "in_draft", "invoice", customer="cus_anna", status="draft")
    stripe.things["/v1/invoices"]["in_1"]["status"] = "open"
    found = locate(stripe, world.ANNA)
    assert found["in_1"].facts == {Fact.ACCOUNTING, Fact.OPEN_INVOICE}
    assert Fact.OPEN_INVOICE in found["cus_anna"].facts
    assert found["in_draft"].facts == frozenset()


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        ("needs_response", True),
        ("under_review", True),
        ("warning_needs_response", True),
        ("warning_under_review", True),
        ("warning_closed", False),
        ("won", False),
        ("lost", False),
    ],
)
def test_an_open_dispute_shows_on_the_charge_and_the_customer(stripe: StripeDouble, status: str, is_open: bool) -> None:
    world.anna(stripe)
    stripe.things["/v1/disputes"]["dp_1"]["status"] = status
    found = locate(stripe, world.ANNA)
    assert all((Fact.OPEN_DISPUTE in found[ref].facts) is is_open for ref in ("dp_1", "ch_1", "cus_anna"))
    assert found["dp_1"].via == found["ch_1"].record
    assert {found[ref].facts >= {Fact.ACCOUNTING} for ref in ("dp_1", "ch_1", "re_1", "cn_1", "in_1")} == {True}


def test_payments_of_a_deleted_customer_are_found_by_its_id(stripe: StripeDouble) -> None:
    world.anna(stripe)
    stripe.things["/v1/customers"]["cus_anna"] = {"id": "cus_anna", "object": "customer", "deleted": True}
    found = locate(stripe, known(account_id="cus_anna"))
    assert "cus_anna" not in found
    assert found["qt_1"].owner == known(account_id="cus_anna")
    named = known(account_id="cus_anna", email="anna@example.com", name="Anna Beispiel", phone="+4930901820")
    assert found["ch_1"].owner == named
    assert found["re_1"].via == found["ch_1"].record


def test_a_legacy_card_is_listed_once(stripe: StripeDouble) -> None:
    world.anna(stripe)
    world.thing(stripe, "/v1/payment_methods", "card_1", "payment_method", customer="cus_anna")
    refs = [ref for ref, one in locate(stripe, world.ANNA).items() if one.record.kind == "payment-method"]
    assert sorted(refs) == ["cus_anna/card_1", "pm_1"]


def test_an_account_id_of_dots_is_not_an_address(stripe: StripeDouble) -> None:
    assert locate(stripe, known(account_id="..")) == {}
    assert stripe.requests == []


class TestGuests:
    """Payments without a customer."""

    @pytest.fixture(autouse=True)
    def payments(self, stripe: StripeDouble) -> None:
        world.bob(stripe)
        mine = {"email": "Anna@example.com", "name": "Anna Beispiel", "phone": "030 901820"}
        world.charge(stripe, "ch_mine", billing_details=mine, payment_intent="pi_mine")
        world.thing(stripe, "/v1/payment_intents", "pi_mine", "payment_intent", customer=None, status="succeeded")
        world.thing(stripe, "/v1/refunds", "re_mine", "refund", charge="ch_mine")
        world.charge(stripe, "ch_receipt", receipt_email="anna@example.com", created=world.RECENT)
        world.charge(stripe, "ch_meta", metadata={"customer_id": "K-1"})
        world.thing(
            stripe, "/v1/checkout/sessions", "cs_mine", "checkout.session", customer=None, customer_details=mine
        )

    def test_they_are_looked_for_on_demand_only(self, stripe: StripeDouble) -> None:
        assert locate(stripe, world.ANNA) == {}

    def test_they_are_found_with_what_hangs_on_them(self, stripe: StripeDouble) -> None:
        found = locate(stripe, known(email="anna@example.com", customer_id="K-1"), guests=True)
        assert set(found) == {"ch_mine", "pi_mine", "re_mine", "ch_receipt", "ch_meta", "cs_mine"}
        assert found["ch_mine"].owner == known(email="anna@example.com", phone="030 901820", name="Anna Beispiel")
        assert found["pi_mine"].via == found["ch_mine"].record

    def test_the_walk_can_be_bounded(self, stripe: StripeDouble) -> None:
        found = locate(stripe, world.ANNA, guests=True, guests_days=30)
        assert set(found) == {"ch_receipt", "cs_mine"}

    def test_a_receipt_to_the_subject_does_not_make_the_payer_an_alias(self, stripe: StripeDouble) -> None:
        details = {"email": "carl@example.com", "name": "Carl Muster"}
        world.charge(stripe, "ch_gift", receipt_email="anna@example.com", billing_details=details)
        found = locate(stripe, world.ANNA, guests=True)["ch_gift"]
        assert found.owner == world.ANNA
        assert Fact.SHARED in found.facts

    def test_payments_of_somebody_elses_customer_come_with_that_customer(self, stripe: StripeDouble) -> None:
        world.charge(stripe, "ch_theirs", customer="cus_bob", receipt_email="anna@example.com")
        found = locate(stripe, world.ANNA, guests=True)
        assert found["ch_theirs"].above == (found["cus_bob"].record,)
        assert found["cus_bob"].is_context

    def test_payments_of_a_deleted_customer_are_found_by_address(self, stripe: StripeDouble) -> None:
        stripe.things["/v1/customers"]["cus_old"] = {"id": "cus_old", "object": "customer", "deleted": True}
        world.charge(stripe, "ch_old", customer="cus_old", receipt_email="anna@example.com")
        assert "ch_old" in locate(stripe, world.ANNA, guests=True)


@pytest.mark.parametrize(
    ("preferred", "language"),
    [(["fr-BE", "de"], "fr-BE"), (["de"], "de"), ([], ""), (None, ""), (["anything at all"], "")],
)
def test_a_customer_tells_the_language_that_it_prefers_most(
    stripe: StripeDouble, preferred: list[str] | None, language: str
) -> None:
    """``preferred_locales``, which Stripe orders by preference; no other object has a language."""
    world.anna(stripe)
    stripe.things["/v1/customers"]["cus_anna"]["preferred_locales"] = preferred
    found = locate(stripe, world.ANNA)
    assert len(found) > 5
    assert found["cus_anna"].language == language
    assert {one.language for key, one in found.items() if key != "cus_anna"} == {""}


@pytest.mark.apart
def test_a_number_that_was_typed_wrong_or_given_again_leads_to_no_other_customer(stripe: StripeDouble) -> None:
    """Found: the other customer was taken for the subject, with what they paid, and their address was learnt."""
    world.customer(stripe, "cus_1", email="anna@example.com", name="Anna Beispiel", metadata={"customer_id": "K-1"})
    world.customer(stripe, "cus_2", email="former@example.org", metadata={"customer_id": "K-1"})
    world.customer(stripe, "cus_9", email="ben@example.org", name="Ben Berg", metadata={"customer_id": "K-9"})
    world.customer(stripe, "cus_3", email="anna@other.example", name="BEISPIEL, Anna", metadata={"customer_id": "K-1"})
    for key in ("cus_1", "cus_2", "cus_9", "cus_3"):
        world.charge(stripe, f"ch_{key}", customer=key)
    given = known(email="anna@example.com", customer_id="K-9", name="Anna Beispiel")
    found = find(world.connector(stripe.endpoint), given)
    assert {one.ref for one in found.refs} == {"cus_1", "cus_3", "ch_cus_1", "ch_cus_3"}
    assert not known(email="ben@example.org") & found.known
    assert not known(email="former@example.org") & found.known


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


BERLIN = "Europe/Berlin"


def extract(stripe: StripeDouble, kind: str, ref: str) -> list[Document]:
    parts = world.connector(stripe.endpoint).extract([RecordRef("payments", kind, ref)], world.ANNA)
    return [part for part in parts if isinstance(part, Document)]


def test_what_is_given_is_readable_and_leads_nowhere() -> None:
    # Money has its decimals.
    for amount, currency, text in (
        (1999, "eur", "19.99 EUR"),
        (5, "usd", "0.05 USD"),
        (1500, "jpy", "1500 JPY"),
        (1500, "kwd", "1.500 KWD"),
        (1500, "isk", "15.00 ISK"),
        (-250, "eur", "-2.50 EUR"),
        (0, "eur", "0.00 EUR"),
    ):
        assert money(amount, currency) == text
    # The whole number stays beside the readable amount.
    content = readable({"amount": 1999, "currency": "eur", "inner": {"amount_off": 5}, "quantity": 2}, BERLIN)
    assert content["amount"] == 1999
    assert content["amount_readable"] == "19.99 EUR"
    assert content["inner"] == {"amount_off": 5, "amount_off_readable": "0.05 EUR"}
    assert content["quantity"] == 2
    # Times are written where the controller is.
    content = readable({"created": 1767221999, "period": {"start": 1782900000}, "start": 5, "ended_at": None}, BERLIN)
    assert content["created"] == "2025-12-31T23:59:59+01:00"
    assert content["period"] == {"start": "2026-07-01T12:00:00+02:00"}
    assert content["start"] == 5
    assert content["ended_at"] is None
    # Bearer links are left out.
    for key in ("receipt_url", "hosted_invoice_url", "invoice_pdf", "url", "client_secret", "file_url"):
        assert readable({key: "https://pay.stripe.com/x", "list": [{key: "https://pay.stripe.com/x"}]}, BERLIN) == {
            "list": [{}]
        }
    metadata = {"url": "https://anna.example.com", "created": "2020", "livemode": "x"}
    assert readable({"metadata": metadata, "livemode": True}, BERLIN) == {"metadata": metadata}
    # A record of its own is named by its id.
    expanded = {"id": "pi_1", "object": "payment_intent", "receipt_email": "anna@example.com"}
    copy = {"id": "pm_1", "object": "payment_method", "last4": "4242"}
    content = readable({"payment_intent": expanded, "last_payment_error": {"payment_method": copy}}, BERLIN)
    assert content == {"payment_intent": "pi_1", "last_payment_error": {"payment_method": copy}}


def test_all_personal_data_of_a_charge_are_given(stripe: StripeDouble) -> None:
    world.anna(stripe)
    charge = stripe.things["/v1/charges"]["ch_1"]
    charge |= {"payment_method_details": {"card": {"last4": "4242"}}, "shipping": {"name": "Anna Beispiel"}}
    (document,) = extract(stripe, "charge", "ch_1")
    content = dict(document.content)
    assert content["billing_details"] == charge["billing_details"]
    assert content["payment_method_details"] == {"card": {"last4": "4242"}}
    assert content["shipping"] == {"name": "Anna Beispiel"}
    assert "receipt_url" not in content


def test_a_list_that_was_cut_is_completed(stripe: StripeDouble) -> None:
    lines: list[dict[str, Any]] = [{"id": f"il_{number}", "description": "A call"} for number in range(120)]
    world.thing(
        stripe,
        "/v1/invoices",
        "in_1",
        "invoice",
        status="paid",
        lines={"object": "list", "data": lines[:10], "has_more": True, "url": "/v1/invoices/in_1/lines"},
        all_lines=lines,
    )
    (document,) = extract(stripe, "invoice", "in_1")
    assert [line["id"] for line in document.content["lines"]] == [line["id"] for line in lines]


def test_a_list_without_an_address_cannot_be_completed(stripe: StripeDouble) -> None:
    lines = {"object": "list", "data": [], "has_more": True, "url": "//evil.example.com/v1"}
    world.thing(stripe, "/v1/invoices", "in_1", "invoice", status="paid", lines=lines)
    with pytest.raises(Permanent, match="without an address"):
        extract(stripe, "invoice", "in_1")


@pytest.mark.parametrize(("kind", "ref"), [("customer", "cus_gone"), ("charge", "ch_gone"), ("customer", "cus_never")])
def test_what_is_gone_is_passed_over(stripe: StripeDouble, kind: str, ref: str) -> None:
    stripe.things["/v1/customers"]["cus_gone"] = {"id": "cus_gone", "object": "customer", "deleted": True}
    assert extract(stripe, kind, ref) == []


def test_a_legacy_card_is_read_below_its_customer(stripe: StripeDouble) -> None:
    world.anna(stripe)
    (document,) = extract(stripe, "payment-method", "cus_anna/card_1")
    assert document.content["name"] == "Anna Beispiel"
