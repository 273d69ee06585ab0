"""Runs that ended since something did not answer: they are started again by themselves, later each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prefect.states import Completed, Failed, Running, Suspended

from deployments.runs.reconcile import InterruptedRuns, SweepLimits
from flows.runs import INTERRUPTED, with_outcome
from rightsflow.app import current_app
from rightsflow.cases.course.withdrawal import withdraw
from tests.e2e.deployments.runs.runs import state_of

pytestmark = pytest.mark.apart

ENDED = Failed(message=with_outcome(INTERRUPTED, "A system did not answer."))
UP = (Running(), ENDED)
GATE = Suspended(timeout_seconds=3600, pause_key="identity-0")


@pytest.fixture
def interrupted(bench):
    return InterruptedRuns(bench.runtime.store)


@pytest.fixture
def beside(client, deployments):
    """Another run of a case; it is removed at the end."""
    made = []

    def make(case_id, *states, queue=None):
        run = client.create_flow_run_from_deployment(
            deployments["access-request"], parameters={"case_id": case_id}, name=case_id, work_queue_name=queue
        )
        made.append(run.id)
        for state in states:
            client.set_flow_run_state(run.id, state, force=True)
        return lambda: state_of(run.id)

    yield make
    for run_id in made:
        client.delete_flow_run(run_id)


def due_of(client, case_id):
    """In how many seconds the case's run begins."""
    (run,) = [run for run in client.read_flow_runs() if run.name == case_id]
    return (run.next_scheduled_start_time - datetime.now(UTC)).total_seconds()


def test_a_case_from_a_form_goes_on_by_itself(client, run_in, interrupted):
    """It waited for a person's Retry, also after everything was back."""
    case_id, now = run_in(*UP)
    assert [interrupted.sweep(client) for _ in range(2)] == [1, 0]
    assert now() == "AwaitingRetry"
    assert 5 < due_of(client, case_id) <= 15


@pytest.mark.parametrize(
    ("before", "seconds"),
    [((ENDED,) * 3, 60), ((ENDED,) * 9, 3600), ((*(ENDED,) * 3, GATE, *UP), 15)],
    ids=["third", "ninth", "first after a gate"],
)
def test_the_pause_grows_with_each_failure_in_a_row(client, run_in, interrupted, before, seconds):
    case_id, _ = run_in(*before)
    assert interrupted.sweep(client) == 1
    assert seconds - 10 < due_of(client, case_id) <= seconds


def test_one_that_goes_on_failing_is_left_to_a_person(bench, client, run_in):
    (_, few), (_, many) = run_in(*(ENDED,) * 3), run_in(*(ENDED,) * 4)
    assert InterruptedRuns(bench.runtime.store, SweepLimits(failures=3)).sweep(client) == 1
    assert (few(), many()) == ("AwaitingRetry", "Failed")


def test_what_needs_a_person_is_left_alone(client, run_in, interrupted):
    _, now = run_in(Running(), Failed())
    assert interrupted.sweep(client) == 0
    assert now() == "Failed"


@pytest.mark.parametrize("state", [Running(), GATE, Completed(), Failed()], ids=lambda one: one.name)
def test_no_second_run_beside_one_that_lives_or_came_later(client, run_in, beside, interrupted, state):
    case_id, now = run_in(*UP)
    other = beside(case_id, state)
    assert interrupted.sweep(client) == 0
    assert (now(), other()) == ("Failed", state.name)


def test_of_two_that_were_interrupted_the_later_one_goes_on(client, run_in, beside, interrupted):
    case_id, first = run_in(*UP)
    second = beside(case_id, *UP)
    assert interrupted.sweep(client) == 1
    assert (first(), second()) == ("Failed", "AwaitingRetry")


def test_one_whose_case_is_closed_gets_its_last_words_but_not_for_ever(client, run_in, interrupted):
    (few, now), (many, often) = run_in(*UP), run_in(*(ENDED,) * 6)
    for case_id in (few, many):
        withdraw(current_app(), case_id, by="Ida")
    assert interrupted.sweep(client) == 1
    assert (now(), often()) == ("AwaitingRetry", "Failed")


def test_one_of_another_home_waits_for_its_own_keeper(client, beside, interrupted):
    now = beside("DSR-2026-AAAAAA", *UP)
    assert interrupted.sweep(client) == 0
    assert now() == "Failed"


def test_a_case_that_waits_for_a_release_of_the_brake_is_left_to_that(bench, client, run_in, interrupted):
    case_id, now = run_in(*UP)
    with bench.file(case_id) as file:
        file.bulk.make_room("calls")
        file.bulk.wait_again(timedelta(0))
    assert interrupted.sweep(client) == 0
    assert now() == "Failed"


class RetryMeanwhile:
    """The server, at which a person presses Retry while the states of a run are read."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def read_flow_run_states(self, run_id):
        self._client.set_flow_run_state(run_id, Running(), force=True)
        return self._client.read_flow_run_states(run_id)


def test_a_run_that_a_person_started_meanwhile_is_left_alone(client, run_in, interrupted):
    _, now = run_in(*UP)
    assert interrupted.sweep(RetryMeanwhile(client)) == 0
    assert now() == "Running"


def test_an_opening_that_was_interrupted_goes_on(client, deployments, interrupted):
    ticket = {"system": "helpdesk", "ticket": "4711", "right": "access"}
    run = client.create_flow_run_from_deployment(deployments["open-from-ticket"], parameters=ticket)
    for state in UP:
        client.set_flow_run_state(run.id, state, force=True)
    assert interrupted.sweep(client) == 1
    assert state_of(run.id) == "AwaitingRetry"
    client.delete_flow_run(run.id)
