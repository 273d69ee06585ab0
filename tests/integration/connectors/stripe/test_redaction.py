"""Redaction jobs, on the double only: localstripe has none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.stripe.client import PREVIEW_VERSION
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.stripe import world
from tests.integration.connectors.stripe.double import StripeDouble
from tests.integration.connectors.stripe.privacy import PATH, Privacy

CHARGES = [RecordRef("payments", "charge", f"ch_{number}") for number in range(3)]


@pytest.fixture(autouse=True)
def charges(stripe: StripeDouble) -> None:
    for ref in CHARGES:
        world.charge(stripe, ref.ref, billing_details={"email": "anna@example.com"}, receipt_email="anna@example.com")


@pytest.fixture
def sleep() -> world.Sleeps:
    return world.Sleeps()


def erase(
    stripe: StripeDouble, method: Method = Method.REDACT, sleep: world.Sleeps | None = None, **settings: object
) -> dict[str, Outcome]:
    connector = world.connector(stripe.endpoint, sleep=sleep, redaction_jobs=True, **settings)
    return {outcome.record.ref: outcome for outcome in connector.erase(CHARGES, method, world.ANNA)}


def posts(stripe: StripeDouble) -> list[str]:
    return [one.path.removeprefix(PATH) for one in stripe.calls("POST", PATH)]


@pytest.mark.parametrize("method", [one for one in Method if one.removes])
def test_old_payments_go_in_one_job(
    stripe: StripeDouble, privacy: Privacy, sleep: world.Sleeps, method: Method
) -> None:
    outcomes = erase(stripe, method, sleep)
    assert {one.kind for one in outcomes.values()} == {OutcomeKind.REDACTED}
    assert all(one.request_id for one in outcomes.values())
    assert posts(stripe) == ["", "/prj_1/run"]
    assert privacy.jobs["prj_1"]["objects"] == {"charges": ["ch_0", "ch_1", "ch_2"]}
    assert sleep.seconds == [1.0, 1.0]
    seen = world.connector(stripe.endpoint).presence(CHARGES, world.ANNA)
    assert {one.state for one in seen} == {PresenceState.ABSENT}


def test_jobs_are_asked_for_in_the_preview_version_only(stripe: StripeDouble, privacy: Privacy) -> None:
    erase(stripe)
    assert {one.headers["Stripe-Version"] for one in stripe.requests if one.path.startswith(PATH)} == {PREVIEW_VERSION}
    assert privacy.jobs


def test_without_the_setting_there_is_no_job(stripe: StripeDouble, privacy: Privacy) -> None:
    outcomes = list(world.connector(stripe.endpoint).erase(CHARGES, Method.REDACT, world.ANNA))
    assert len(outcomes) == len(CHARGES)
    assert privacy.jobs == {}
    assert stripe.things["/v1/charges"]["ch_0"]["receipt_email"] is None


def test_young_payments_are_emptied_now_and_say_when_they_can_go(stripe: StripeDouble, privacy: Privacy) -> None:
    stripe.things["/v1/charges"]["ch_1"]["created"] = world.RECENT
    assert "younger than 90 days" in erase(stripe)["ch_1"].reason
    assert stripe.things["/v1/charges"]["ch_1"]["receipt_email"] is None
    refused = erase(stripe, Method.ERASE)["ch_1"]
    assert (refused.kind, refused.refused) == (OutcomeKind.RETAINED, True)
    assert refused.until == (world.NOW + timedelta(days=80)).date()
    assert all("ch_1" not in job["objects"]["charges"] for job in privacy.jobs.values())


def test_a_payment_with_an_open_dispute_stays_out(stripe: StripeDouble, privacy: Privacy) -> None:
    world.thing(stripe, "/v1/disputes", "dp_1", "dispute", charge="ch_2", status="needs_response")
    outcome = erase(stripe, Method.ERASE)["ch_2"]
    assert outcome.refused
    assert "dispute" in outcome.reason
    assert privacy.jobs["prj_1"]["objects"] == {"charges": ["ch_0", "ch_1"]}


def test_what_fails_the_validation_is_left_out_of_the_next_job(stripe: StripeDouble, privacy: Privacy) -> None:
    privacy.errors["ch_1"] = "locked_by_other_job"
    outcomes = erase(stripe, Method.ERASE)
    assert outcomes["ch_0"].kind is outcomes["ch_2"].kind is OutcomeKind.REDACTED
    assert outcomes["ch_1"].refused
    assert "another redaction job" in outcomes["ch_1"].reason
    assert posts(stripe) == ["", "/prj_1/cancel", "", "/prj_2/run"]
    assert privacy.jobs["prj_1"]["status"] == "canceled"


def test_a_failed_job_that_names_nobody_redacts_nobody(stripe: StripeDouble, privacy: Privacy) -> None:
    privacy.errors = dict.fromkeys(("ch_0", "ch_1", "ch_2"), "invalid_cascading_source")
    outcomes = erase(stripe)
    assert all("part of another object" in one.reason for one in outcomes.values())
    assert not [path for path in posts(stripe) if path.endswith("/run")]
    assert stripe.things["/v1/charges"]["ch_0"]["receipt_email"] is None


def test_a_charge_goes_with_its_payment(stripe: StripeDouble, privacy: Privacy) -> None:
    world.thing(stripe, "/v1/payment_intents", "pi_1", "payment_intent", status="succeeded")
    for key in ("ch_0", "ch_1"):
        stripe.things["/v1/charges"][key]["payment_intent"] = "pi_1"
    outcomes = erase(stripe)
    assert privacy.jobs["prj_1"]["objects"] == {"payment_intents": ["pi_1"], "charges": ["ch_2"]}
    assert {one.reason for one in outcomes.values()} == {outcomes["ch_2"].reason}
    assert stripe.things["/v1/charges"]["ch_0"]["billing_details"] == {"email": "[redacted]"}


def test_a_job_that_takes_long_is_gone_on_with_later(
    stripe: StripeDouble, privacy: Privacy, sleep: world.Sleeps
) -> None:
    privacy.stuck = True
    with pytest.raises(Transient) as caught:
        erase(stripe, sleep=sleep, redaction_wait=20)
    assert caught.value.retry_after
    assert sleep.seconds == [1.0, 2.0, 4.0, 8.0, 15.0]
    privacy.stuck = False
    stripe.stored.clear()  # A day later Stripe has forgotten the idempotency key.
    assert erase(stripe)["ch_0"].kind is OutcomeKind.REDACTED
    assert list(privacy.jobs) == ["prj_1"]


def test_a_repeat_within_a_day_does_not_start_another_job(stripe: StripeDouble, privacy: Privacy) -> None:
    erase(stripe)
    again = erase(stripe)
    assert {one.kind for one in again.values()} == {OutcomeKind.REDACTED}
    assert list(privacy.jobs) == ["prj_1"]


def test_a_cancelled_job_is_not_taken_up_again(stripe: StripeDouble, privacy: Privacy) -> None:
    privacy.errors["ch_1"] = "invalid_state"
    erase(stripe, Method.ERASE)
    stripe.things["/v1/charges"]["ch_0"].pop("redaction")
    stripe.things["/v1/charges"]["ch_2"].pop("redaction")
    privacy.errors.clear()
    assert erase(stripe, Method.ERASE)["ch_1"].kind is OutcomeKind.REDACTED
    assert privacy.jobs["prj_3"]["status"] == "succeeded"


class TestCustomer:
    REF = RecordRef("payments", "customer", "cus_1")

    def erase(self, stripe: StripeDouble) -> Outcome:
        (outcome,) = world.connector(stripe.endpoint, redaction_jobs=True).erase([self.REF], Method.ERASE, world.ANNA)
        return outcome

    def test_without_payments_is_redacted_with_its_events(self, stripe: StripeDouble, privacy: Privacy) -> None:
        world.customer(stripe, "cus_1", email="anna@example.com")
        assert self.erase(stripe).kind is OutcomeKind.REDACTED
        assert privacy.jobs["prj_1"]["objects"] == {"customers": ["cus_1"]}
        (seen,) = world.connector(stripe.endpoint).presence([self.REF], world.ANNA)
        assert seen.state is PresenceState.ABSENT

    def test_with_payments_is_deleted_so_that_these_may_be_kept(self, stripe: StripeDouble, privacy: Privacy) -> None:
        world.customer(stripe, "cus_1", email="anna@example.com")
        stripe.things["/v1/charges"]["ch_0"]["customer"] = "cus_1"
        assert self.erase(stripe).kind is OutcomeKind.ERASED
        assert privacy.jobs == {}
        assert stripe.things["/v1/charges"]["ch_0"]["billing_details"] == {"email": "anna@example.com"}

    def test_younger_than_90_days_is_deleted(self, stripe: StripeDouble, privacy: Privacy) -> None:
        world.customer(stripe, "cus_1", email="anna@example.com", created=world.RECENT)
        assert self.erase(stripe).kind is OutcomeKind.ERASED
        assert privacy.jobs == {}
