"""Adyen's description, on a double written from its OpenAPI documents."""

from __future__ import annotations

from functools import partial

import pytest

from rightsflow.domain.errors import RightsflowError, Transient
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import Bench
from tests.integration.connectors.rest import adyen as world
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks
from tests.support.rest_double import Answer

SUBJECT = known(customer_id=worlds.CUSTOMER_ID)
PAYMENT = RecordRef("desk", "payment", f"{worlds.CUSTOMER_ID}/PSP1")
TOKENS = [RecordRef("desk", "token", f"{worlds.CUSTOMER_ID}/{own}") for own in ("T1", "T2")]


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    site = world.Adyen()
    with site.double.running():
        yield site


def connector(site, secret="env:VENDOR_KEY"):
    values = {"prefix": "x", "merchant": world.MERCHANT, "data_protection": f"{site.double.address}/dp"}
    return connector_on(site.double.address, "adyen", secret, values=values)


class TestDeleting(ConformanceInWalks):
    """Her stored payment methods are deleted; then no search shows the payments, which have a test of their own."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        return worlds.bench_on(
            site,
            partial(connector, site),
            known=SUBJECT,
            nobody=known(customer_id="KD-999999"),
            expected={"shopper": 1, "token": 2, "payment": 1},
            lists=("GET .*/storedPaymentMethods$",),
            reads=("GET .*/storedPaymentMethods$",),
            method_for={"token": Method.ERASE},
            never_shared="A stored payment method belongs to one shopper.",
            first=(("token", "payment"), ("payment", "shopper")),
            # A first method of another shopper is an error: see below.
            ignoring_filters=None,
        )


def test_the_order_is_given_although_no_read_shows_the_payment_any_more(site):
    """A run that was killed between the two does not take the payment for erased."""
    desk = connector(site)
    (refused,) = desk.erase([PAYMENT], Method.ERASE, SUBJECT)
    assert (refused.kind, refused.refused) == (OutcomeKind.RETAINED, True)
    assert "stored payment method can still be charged" in refused.reason
    list(desk.erase(TOKENS, Method.ERASE, SUBJECT))
    assert site.order_of("PSP1") == "held"
    for _ in range(2):
        (erased,) = desk.erase([PAYMENT], Method.ERASE, SUBJECT)
        assert erased.kind is OutcomeKind.ERASED
    assert site.order_of("PSP1") == "REDACTED"
    (seen,) = desk.presence([PAYMENT], SUBJECT)
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("proof",))
    assert (site.tokens(), site.order_of("PSP3")) == (["T3"], "held")


def test_a_result_that_the_document_does_not_know_is_no_erasure(site):
    """A 200 says nothing by itself."""
    site.rows["tokens"].clear()
    site.double.routes.insert(0, ("POST", "/dp/requestSubjectErasure", lambda asked: Answer(body={"result": "QUEUED"})))
    with pytest.raises(Transient):
        list(connector(site).erase([PAYMENT], Method.ERASE, SUBJECT))


def test_an_answer_about_another_shopper_stops_the_step(site):
    """The first stored method is read as the shopper; if it is another's, nothing is given or erased."""
    site.rows["tokens"] = dict(reversed(site.rows["tokens"].items()))
    desk = connector(site)
    with site.double.ignoring_filters(), pytest.raises(RightsflowError):
        list(desk.erase(TOKENS, Method.ERASE, SUBJECT))
    assert site.tokens() == ["T1", "T2", "T3"]
