from __future__ import annotations

from collections.abc import Callable

import pytest

from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import ApiError, Request, StripeDouble, Thing

Erase = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def people(stripe: StripeDouble) -> None:
    world.anna(stripe)
    world.bob(stripe)


@pytest.fixture
def erase(stripe: StripeDouble) -> Erase:
    def erase(kind: str, ref: str, method: Method = Method.ERASE, **settings: object) -> Outcome:
        connector = world.connector(stripe.endpoint, **settings)
        (outcome,) = connector.erase([RecordRef("payments", kind, ref)], method, world.ANNA)
        assert outcome.record.ref == ref
        return outcome

    return erase


def _asks_for_parts(request: Request) -> bool:
    return request.method == "GET" and "expand" in request.params


def at_rest(stripe: StripeDouble) -> Thing:
    """Anna's customer with nothing running on it."""
    stripe.things["/v1/subscriptions"]["sub_1"]["status"] = "canceled"
    return stripe.things["/v1/customers"]["cus_anna"]


class TestCustomer:
    def test_is_emptied_and_then_deleted(self, stripe: StripeDouble, erase: Erase) -> None:
        at_rest(stripe)["tax_ids"]["data"].append({"id": "txi_1", "value": "DE1"})
        outcome = erase("customer", "cus_anna")
        assert outcome.kind is OutcomeKind.ERASED
        (update,) = stripe.calls("POST")
        assert update.params == dict.fromkeys(("email", "name", "phone"), "") | {
            "metadata": {"customer_id": "", "note": ""}
        }
        assert [one.path.rpartition("/")[2] for one in stripe.calls("DELETE")] == ["txi_1", "cus_anna"]
        assert outcome.request_id == f"req_{len(stripe.requests)}"

    def test_that_is_gone_is_told_of_as_one_deleted_now(self, stripe: StripeDouble, erase: Erase) -> None:
        at_rest(stripe)
        outcomes = [erase("customer", one) for one in ("cus_anna", "cus_anna", "cus_never")]
        assert [one.kind for one in outcomes] == [OutcomeKind.ERASED] * 3
        assert {one.reason for one in outcomes} == {"It is deleted at Stripe."}
        assert len(stripe.calls("DELETE")) == 1

    @pytest.mark.parametrize("left", ["its stub", "nothing"])
    def test_that_is_gone_and_has_no_parts_to_be_read_with_is_gone(
        self, stripe: StripeDouble, erase: Erase, left: str
    ) -> None:
        """What localstripe answers for a deleted customer with ``expand``; of Stripe it is not documented."""
        at_rest(stripe)
        first = erase("customer", "cus_anna")
        if left == "nothing":
            del stripe.things["/v1/customers"]["cus_anna"]
        stripe.fail(ApiError(400), when=_asks_for_parts)
        again = erase("customer", "cus_anna")
        assert (again.kind, again.reason) == (first.kind, first.reason)

    def test_whose_parts_cannot_be_read_is_not_taken_for_one_that_has_none(
        self, stripe: StripeDouble, erase: Erase
    ) -> None:
        before = dict(at_rest(stripe))
        stripe.fail(ApiError(400, code="parameter_invalid"), when=_asks_for_parts)
        with pytest.raises(Permanent):
            erase("customer", "cus_anna")
        assert stripe.things["/v1/customers"]["cus_anna"] == before

    def test_is_read_once(self, stripe: StripeDouble, erase: Erase) -> None:
        at_rest(stripe)
        erase("customer", "cus_anna")
        assert len(stripe.calls("GET", "/v1/customers/cus_anna")) == 1

    def test_goes_between_reading_and_deleting(self, stripe: StripeDouble, erase: Erase) -> None:
        at_rest(stripe)
        stripe.fail(ApiError(404, code="resource_missing"), when=lambda request: request.method == "DELETE")
        assert erase("customer", "cus_anna").kind is OutcomeKind.ERASED

    @pytest.mark.parametrize(
        ("path", "ref", "status", "word"),
        [
            ("/v1/subscriptions", "sub_1", "active", "subscription"),
            ("/v1/invoices", "in_1", "open", "invoice"),
            ("/v1/disputes", "dp_1", "under_review", "dispute"),
        ],
    )
    def test_stays_while_something_runs(
        self, stripe: StripeDouble, erase: Erase, path: str, ref: str, status: str, word: str
    ) -> None:
        before = dict(at_rest(stripe))
        stripe.things[path][ref]["status"] = status
        outcome = erase("customer", "cus_anna")
        assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
        assert word in outcome.reason
        assert stripe.things["/v1/customers"]["cus_anna"] == before

    def test_can_be_emptied_only(self, stripe: StripeDouble, erase: Erase) -> None:
        outcome = erase("customer", "cus_anna", Method.REDACT)
        assert outcome.kind is OutcomeKind.REDACTED
        held = stripe.things["/v1/customers"]["cus_anna"]
        assert (held["email"], held["name"], held["phone"], held["metadata"]) == (None, None, None, {})
        assert stripe.calls("DELETE") == []

    def test_that_stripe_refuses_to_delete_is_retained(self, stripe: StripeDouble, erase: Erase) -> None:
        at_rest(stripe)
        stripe.fail(ApiError(400, code="customer_locked"), when=lambda request: request.method == "DELETE")
        outcome = erase("customer", "cus_anna")
        assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
        assert "customer_locked" in outcome.reason


class TestIdempotency:
    def test_a_repeat_finds_nothing_to_do(self, stripe: StripeDouble, erase: Erase) -> None:
        erase("customer", "cus_anna", Method.REDACT)
        erase("customer", "cus_anna", Method.REDACT)
        assert len(stripe.calls("POST")) == 1

    def test_a_replayed_answer_is_not_believed(self, stripe: StripeDouble, erase: Erase) -> None:
        held = stripe.things["/v1/customers"]["cus_anna"]
        before = dict(held)
        erase("customer", "cus_anna", Method.REDACT)
        held.update(before)  # A person, or a nightly import, fills the fields again within 24 hours.
        erase("customer", "cus_anna", Method.REDACT)
        assert held["email"] is None
        keys = [one.headers["Idempotency-Key"] for one in stripe.calls("POST")]
        assert len(keys) == 3
        assert keys[0] == keys[1] != keys[2]

    def test_after_a_day_the_state_is_read_first(self, stripe: StripeDouble, erase: Erase) -> None:
        first = erase("payment-method", "pm_1")
        stripe.stored.clear()  # Stripe forgets the keys.
        again = erase("payment-method", "pm_1")
        assert (again.kind, again.reason) == (first.kind, first.reason)
        assert "detached" in again.reason
        assert len([one for one in stripe.calls("POST") if one.path.endswith("/detach")]) == 1


class TestPaymentMethod:
    def test_is_emptied_while_it_can_be_and_detached(self, stripe: StripeDouble, erase: Erase) -> None:
        assert erase("payment-method", "pm_1").kind is OutcomeKind.REDACTED
        held = stripe.things["/v1/payment_methods"]["pm_1"]
        assert held["customer"] is None
        assert set(held["billing_details"].values()) == {""}

    def test_of_the_legacy_kind_is_deleted(self, stripe: StripeDouble, erase: Erase) -> None:
        first = erase("payment-method", "cus_anna/card_1")
        assert first.kind is OutcomeKind.ERASED
        assert stripe.things["/v1/customers"]["cus_anna"]["held_sources"] == {}
        assert erase("payment-method", "cus_anna/card_1").reason == first.reason


class TestSubscription:
    def test_is_emptied_and_cancelled(self, stripe: StripeDouble, erase: Erase) -> None:
        outcome = erase("subscription", "sub_1")
        assert "has ended" in outcome.reason
        held = stripe.things["/v1/subscriptions"]["sub_1"]
        assert (held["status"], held["description"]) == ("canceled", None)
        assert erase("subscription", "sub_1").reason == outcome.reason
        assert len(stripe.calls("DELETE")) == 1


class TestTransactions:
    def test_what_can_be_emptied_is_and_the_rest_is_named(self, stripe: StripeDouble, erase: Erase) -> None:
        charge = stripe.things["/v1/charges"]["ch_1"]
        charge |= {"description": "Anna Beispiel", "receipt_email": "anna@example.com", "metadata": {"a": "b"}}
        outcome = erase("charge", "ch_1", Method.REDACT)
        assert outcome.kind is OutcomeKind.RESIDUE
        assert "billing" in outcome.reason
        assert (charge["description"], charge["receipt_email"], charge["metadata"]) == (None, None, {})

    def test_the_books_may_keep_their_order_number(self, stripe: StripeDouble, erase: Erase) -> None:
        charge = stripe.things["/v1/charges"]["ch_1"]
        charge["metadata"] = {"order": "A-1", "note": "Anna"}
        erase("charge", "ch_1", Method.REDACT, keep_metadata=["order"])
        assert charge["metadata"] == {"order": "A-1"}

    def test_shipping_that_cannot_be_unset_is_overwritten(self, stripe: StripeDouble, erase: Erase) -> None:
        address = {"line1": "Musterweg 1", "city": "Ulm", "country": "DE"}
        charge = stripe.things["/v1/charges"]["ch_1"]
        charge["shipping"] = {"name": "Anna Beispiel", "phone": None, "address": address}
        erase("charge", "ch_1", Method.REDACT)
        assert charge["shipping"]["name"] == "[redacted]"
        assert charge["shipping"]["address"]["line1"] == "[redacted]"

    def test_a_field_that_stripe_will_not_empty_does_not_hold_up_the_others(
        self, stripe: StripeDouble, erase: Erase
    ) -> None:
        intent = stripe.things["/v1/payment_intents"]["pi_1"]
        intent["description"] = "Anna Beispiel"
        stripe.fail(
            ApiError(400, code="payment_intent_unexpected_state", param="receipt_email"),
            when=lambda request: "receipt_email" in request.params,
        )
        outcome = erase("payment-intent", "pi_1", Method.REDACT)
        assert outcome.kind is OutcomeKind.RESIDUE
        assert "receipt_email" in outcome.reason
        assert intent["description"] is None

    def test_a_record_that_stripe_will_not_change_is_retained(self, stripe: StripeDouble, erase: Erase) -> None:
        stripe.fail(ApiError(400, code="charge_disputed"), when=lambda request: request.method == "POST")
        stripe.things["/v1/charges"]["ch_1"]["description"] = "Anna Beispiel"
        outcome = erase("charge", "ch_1", Method.REDACT)
        assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
        assert "charge_disputed" in outcome.reason

    def test_a_mistake_of_ours_is_an_error_and_no_refusal(self, stripe: StripeDouble, erase: Erase) -> None:
        stripe.fail(ApiError(400, code="parameter_unknown"), when=lambda request: request.method == "POST")
        with pytest.raises(Permanent):
            erase("customer", "cus_anna", Method.REDACT)

    @pytest.mark.parametrize(
        ("kind", "ref"), [("charge", "ch_1"), ("payment-intent", "pi_1"), ("refund", "re_1"), ("invoice", "in_1")]
    )
    def test_a_payment_is_never_deleted(self, stripe: StripeDouble, erase: Erase, kind: str, ref: str) -> None:
        outcome = erase(kind, ref)
        assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
        assert "never deletes" in outcome.reason
        assert stripe.calls("POST") + stripe.calls("DELETE") == []

    def test_a_draft_is_deleted_and_an_open_invoice_is_not(self, stripe: StripeDouble, erase: Erase) -> None:
        invoice = stripe.things["/v1/invoices"]["in_1"]
        invoice["status"] = "open"
        assert "open" in erase("invoice", "in_1").reason
        invoice["status"] = "draft"
        assert erase("invoice", "in_1").kind is OutcomeKind.ERASED
        assert "in_1" not in stripe.things["/v1/invoices"]


def test_what_is_declared_can_be_done_and_in_the_right_order(stripe: StripeDouble) -> None:
    kinds = world.connector(stripe.endpoint).capabilities.kinds
    names = [kind.name for kind in kinds]
    assert names[:2] == ["payment-method", "subscription"]
    assert names[-1] == "customer"
    assert all(kind.methods and "30 days" in kind.residue for kind in kinds)


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
