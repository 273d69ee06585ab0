from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import Fact, Located
from rightsflow.testing.bench import find
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble, hits
from tests.integration.connectors.stripe.world import known

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
