"""``rightsflow up``: both requests from their tickets, and what is killed on the way goes on where it was."""

from __future__ import annotations

from collections import Counter

import pytest

from deployments.pool_types import PoolType
from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow_sandbox.demo.aftermath import look_after
from tests.e2e.stack.setting import POOL_TYPE
from tests.support.homes import assert_one_sentence


def test_the_ticket_becomes_a_case_within_seconds(opened, record_property):
    record_property("asked_to_first_step_seconds", opened.asked_to_first_step)
    assert 0 < opened.asked_to_first_step < 60
    assert set(opened.parameters) == {"system", "ticket", "right", "received_on"}


in_processes = pytest.mark.skipif(POOL_TYPE is not PoolType.PROCESS, reason="the runs have no processes of their own")
in_the_worker = pytest.mark.skipif(POOL_TYPE is not PoolType.RESIDENT, reason="the runs have processes of their own")


@in_the_worker
def test_a_killed_workers_run_goes_on_within_a_minute(outlived, record_property):
    record_property("resume_to_next_step_seconds", outlived.resume_to_next_step)
    record_property("kill_to_next_step_seconds", outlived.kill_to_next_step)
    before, after = outlived.workers
    assert before != after
    assert not any(outlived.run_processes)
    assert 0 < outlived.kill_to_next_step < 60


@in_processes
def test_a_run_outlives_its_worker_and_nobody_takes_it_up_beside_it(stack, opened, outlived, record_property):
    record_property("resume_to_next_step_seconds", outlived.resume_to_next_step)
    before, after = outlived.workers
    assert before != after
    first = outlived.run_processes[0]
    assert len(first) == 1
    assert all(seen == first for seen in outlived.run_processes)
    attempts = {(one["step"], one["system"]): one["attempts"] for one in stack.overview(opened.access)["steps"]}
    assert (
        attempts["locate", "helpdesk"]
        == Counter(
            event["details"]["system"]
            for event in stack.overview(opened.access)["ledger"]
            if event["event"] == "StepDone" and event["details"].get("step") == "locate"
        )["helpdesk"]
    )


def test_resuming_in_prefect_decides_nothing_and_the_run_says_where_to_decide(asked_again):
    assert asked_again.first_message == asked_again.second_message
    assert "awaits a decision" in asked_again.second_message
    assert asked_again.state == "awaiting approval"


def test_a_decision_on_the_command_line_resumes_the_suspended_run(opened, asked_again):
    assert asked_again.identity == {
        "case": opened.erasure,
        "gate": "identity",
        "decision": "confirmed",
        "resumed": True,
    }


def test_ctrl_c_leaves_no_process_behind(struck, record_property):
    record_property("ctrl_c_seconds", struck.seconds_to_stop)
    assert struck.status == 0
    assert struck.left_behind == {}
    assert not struck.noted_while_down
    assert struck.seconds_to_stop < 45


def test_a_decision_while_nothing_is_up_is_acted_on_afterwards(stack, opened, answered):
    assert answered.decided["resumed"] is False
    assert answered.access_state == "Answered"
    overview = stack.overview(opened.access)
    assert overview["state"] == "answered"
    assert [(one["gate"], one["by"]) for one in overview["decisions"]] == [
        ("identity", "Ida Identity"),
        ("approval", "Dana Decider"),
    ]


def test_an_erasure_that_was_struck_twice_ends_as_an_undisturbed_one(stack, opened, struck, answered):
    assert len(struck.killed) >= (1 if POOL_TYPE is PoolType.RESIDENT else 2)
    assert answered.erasure_state == "Answered"
    assert stack.home.outcomes(opened.erasure) == struck.undisturbed
    assert sum(struck.undisturbed.values()) > 30


def test_nothing_was_done_twice(stack, opened, answered):
    again = {call: times for call, times in stack.helpdesk.changes.items() if times > 1}
    assert not [call for call in stack.helpdesk.changes if call[0] == "POST" and not call[3]]
    # Only what was under way when the process was killed is asked for again, and asking twice does no harm there.
    assert all(method in {"DELETE", "PUT"} for method, *_ in again)
    assert len(again) <= 2
    for case_id in (opened.access, opened.erasure):
        overview = stack.overview(case_id)
        letters = [one["template_id"] for one in overview["letters"]]
        assert len(letters) == len(set(letters)) == 2
        events = Counter(one["event"] for one in overview["ledger"])
        assert events["LetterWritten"] == 2
        assert events["CaseAnswered"] == events["Approved"] == events["IdentityConfirmed"] == 1
        done = Counter(
            (one["details"]["step"], one["details"]["system"])
            for one in overview["ledger"]
            if one["event"] == "StepDone" and one["details"]["step"] not in {"locate", "resolve"}
        )
        assert set(done.values()) == {1}


def test_the_systems_hold_what_the_answer_says_and_others_are_untouched(stack, opened, struck, answered):
    overview = read_overview(current_app(), opened.erasure)
    aftermath = look_after(stack.center, stack.center.erasure_subject, struck.snapshot, overview)
    assert aftermath.is_as_answered
    assert aftermath.changed == 0
    assert aftermath.untouched > 300
    assert not [line for line in overview.records if line.outcome is None]


def test_a_second_one_on_the_same_home_is_refused(stack, answered):
    said = stack.home.run("up", "--port", "0")
    assert_one_sentence(said, 2)
    assert "Rightsflow is up already on" in said.err
    assert stack.up.process.poll() is None
