"""Restriction at the payment provider: a key in the metadata."""

from __future__ import annotations

from rightsflow.domain.vocabulary.records import ANOTHER_CASES, MarkState, Method, OutcomeKind, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble

CUSTOMER = RecordRef("payments", "customer", "cus_anna")
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
