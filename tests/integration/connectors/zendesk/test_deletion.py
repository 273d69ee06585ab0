"""Deletion in two stages, jobs that hide failures, and steps that are cut short."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow_sandbox.helpdesk.faults import Action
from rightsflow_sandbox.helpdesk.limits import Budget, Limits
from rightsflow_sandbox.helpdesk.values import Pace
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, erase, known, running

ANNA: Identifiers = known(email=world.EMAIL)
TICKET = RecordRef("helpdesk", "ticket", str(world.OWN))
CLOSED = RecordRef("helpdesk", "ticket", str(world.CLOSED))
USER = RecordRef("helpdesk", "user", str(world.ANNA))
RECORDING = RecordRef("helpdesk", "call-recording", f"{world.OWN}:{world.VOICE_COMMENT}:{world.CALL}")


def states(desk: Desk, *refs: RecordRef) -> list[PresenceState]:
    return [one.state for one in desk.connector().presence(refs, ANNA)]


def kinds(outcomes: list[Any]) -> list[OutcomeKind]:
    return [one.kind for one in outcomes]


def test_tickets_go_softly_and_then_for_good_in_two_calls(desk: Desk) -> None:
    outcomes = erase(desk.connector(), [TICKET, CLOSED], ANNA)
    assert kinds(outcomes) == [OutcomeKind.ERASED] * 2
    assert desk.calls("DELETE", "/tickets/destroy_many") == 1
    assert desk.calls("DELETE", "/deleted_tickets/destroy_many") == 1
    assert states(desk, TICKET, CLOSED) == [PresenceState.ABSENT] * 2
    assert "It leaks" not in desk.everything()


@pytest.mark.apart
def test_more_than_a_hundred_tickets_go_in_batches() -> None:
    data = world.data()
    data["tickets"] += [
        {"id": 1000 + one, "subject": "Many", "status": "closed", "requester_id": world.ANNA} for one in range(101)
    ]
    refs = [RecordRef("helpdesk", "ticket", str(1000 + one)) for one in range(101)]
    with running(data) as desk:
        assert set(kinds(erase(desk.connector(), refs, ANNA))) == {OutcomeKind.ERASED}
        assert desk.calls("DELETE", "/tickets/destroy_many") == 2
        assert set(states(desk, *refs)) == {PresenceState.ABSENT}


@pytest.mark.parametrize(
    "results",
    [
        [{"id": world.OWN, "success": False, "error": "TicketUpdateFailed", "details": "no"}],
        [{"index": 0, "error": "TicketUpdateFailed"}],
        [],
        None,
        {"success": False},
    ],
    ids=["failed item", "item without id", "no items", "no results", "failed as a whole"],
)
def test_completed_job_that_hides_a_failure_is_a_failure(desk: Desk, results: Any) -> None:
    job = {"job_status": {"id": "V3-0", "status": "completed", "results": results}}
    desk.fault("GET", "/job_statuses", status=200, body=job, times=None)
    [outcome] = erase(desk.connector(), [TICKET], ANNA)
    assert outcome.kind is OutcomeKind.FAILED
    assert "try again" in outcome.reason
    desk.state.faults.clear()
    assert states(desk, TICKET) == [PresenceState.PRESENT]


def test_tickets_step_cut_between_soft_and_permanent_deletion_goes_on(desk: Desk) -> None:
    desk.fault("DELETE", "/deleted_tickets/destroy_many", status=500, body=None)
    with pytest.raises(Transient):
        list(desk.connector().erase([TICKET, CLOSED], Method.ERASE, ANNA))
    assert states(desk, TICKET) == [PresenceState.PRESENT]
    assert kinds(erase(desk.connector(), [TICKET, CLOSED], ANNA)) == [OutcomeKind.ERASED] * 2
    assert states(desk, TICKET, CLOSED) == [PresenceState.ABSENT] * 2


def test_profile_step_cut_between_soft_and_permanent_deletion_goes_on() -> None:
    with running(world.data(without_tickets=(world.OWN, world.SHARED))) as desk:
        desk.fault("DELETE", "/deleted_users", status=500, body=None)
        with pytest.raises(Transient):
            list(desk.connector().erase([USER], Method.ERASE, ANNA))
        assert states(desk, USER) == [PresenceState.PRESENT]
        assert kinds(erase(desk.connector(), [USER], ANNA)) == [OutcomeKind.ERASED]
        assert states(desk, USER) == [PresenceState.ABSENT]


def test_answer_lost_after_the_effect_is_no_failure() -> None:
    for path in ("/users/", "/deleted_users/"):
        with running(world.data(without_tickets=(world.OWN, world.SHARED))) as desk:
            desk.fault("DELETE", path, action=Action.CUT_AFTER)
            assert kinds(erase(desk.connector(), [USER], ANNA)) == [OutcomeKind.ERASED]
            assert states(desk, USER) == [PresenceState.ABSENT]


def test_open_ticket_blocks_the_profile_and_the_mend_is_said(desk: Desk) -> None:
    [outcome] = erase(desk.connector(), [USER], ANNA)
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.refused
    assert "close" in outcome.reason
    assert outcome.request_id
    assert states(desk, USER) == [PresenceState.PRESENT]


def test_recording_goes_and_its_ticket_stays(desk: Desk) -> None:
    assert states(desk, RECORDING) == [PresenceState.PRESENT]
    assert kinds(erase(desk.connector(), [RECORDING], ANNA)) == [OutcomeKind.ERASED]
    assert states(desk, RECORDING, TICKET) == [PresenceState.ABSENT, PresenceState.PRESENT]


def test_recording_at_a_partner_is_refused_with_the_mend(desk: Desk) -> None:
    [outcome] = erase(desk.connector(), [RecordRef("helpdesk", "partner-recording", f"{world.OWN}:201:")], ANNA)
    assert outcome.refused
    assert "erase it there" in outcome.reason


def test_job_that_does_not_end_is_left_to_a_later_run() -> None:
    with running(world.data(), pace=Pace(job_polls=10_000)) as desk:
        with pytest.raises(Transient) as raised:
            list(desk.connector(job_wait_seconds=10).erase([TICKET], Method.ERASE, ANNA))
        assert raised.value.retry_after == 10
        assert sum(desk.slept) == 10
        desk.state.pace.job_polls = 1
        assert kinds(erase(desk.connector(), [TICKET], ANNA)) == [OutcomeKind.ERASED]


TOO_MANY = {"error": "TooManyJobs", "description": "Only 30 jobs", "current_job_ids": ["V3-1"]}


def test_too_many_jobs_is_waited_for(desk: Desk) -> None:
    desk.fault("DELETE", "/tickets/destroy_many", status=429, body=TOO_MANY, retry_after=60)
    assert kinds(erase(desk.connector(), [TICKET], ANNA)) == [OutcomeKind.ERASED]
    assert 60 in desk.slept


def test_too_many_jobs_under_any_status_may_be_tried_again(desk: Desk) -> None:
    desk.fault("DELETE", "/tickets/destroy_many", status=422, body=TOO_MANY)
    with pytest.raises(Transient, match="background jobs"):
        list(desk.connector().erase([TICKET], Method.ERASE, ANNA))


def test_rate_limit_is_waited_for_as_long_as_it_says(desk: Desk) -> None:
    desk.fault("GET", "/tickets/requested", status=429, body="Number of allowed API requests", retry_after=7)
    assert list(desk.connector().locate(ANNA))
    assert desk.slept == [7]


def test_long_rate_limit_is_left_to_the_orchestration() -> None:
    limits = Limits(endpoints={"deleted-tickets-index": Budget(0, 600)})
    with running(world.data(), limits=limits) as desk:
        erase(desk.connector(), [TICKET], ANNA)
        desk.slept.clear()
        with pytest.raises(Transient) as raised:
            list(desk.connector().presence([TICKET], ANNA))
        assert raised.value.retry_after == 600
        assert raised.value.request_id
        assert desk.slept == []


def test_maintenance_is_waited_out_and_then_given_up(desk: Desk) -> None:
    desk.fault("GET", "/tickets/requested", status=503, body={"error": "unavailable"}, times=2)
    assert list(desk.connector().locate(ANNA))
    assert len(desk.slept) == 2
    desk.fault("GET", "/tickets/requested", status=503, body=None, times=None)
    with pytest.raises(Transient):
        list(desk.connector(retries=2).locate(ANNA))


def test_method_that_does_not_fit_the_kind_is_said(desk: Desk) -> None:
    with pytest.raises(Permanent, match="method"):
        list(desk.connector().erase([USER], Method.REDACT, ANNA))


def test_suspended_message_goes_and_may_be_gone(desk: Desk) -> None:
    ref = RecordRef("helpdesk", "suspended-ticket", str(world.SUSPENDED))
    assert kinds(erase(desk.connector(), [ref], ANNA)) == [OutcomeKind.ERASED]
    assert kinds(erase(desk.connector(), [ref], ANNA)) == [OutcomeKind.ERASED]
    assert states(desk, ref) == [PresenceState.ABSENT]
    assert world.FOREIGN_SUSPENDED in desk.state.suspended
