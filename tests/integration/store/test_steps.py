"""Steps: each (step, system) of a case exists once, and counts as done under its scope only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from rightsflow.domain.vocabulary.states import StepState
from rightsflow.store.tables import StepRow
from tests.support.casework import opened


def test_a_step_that_is_done_is_done_under_its_scope_only(store, clock):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        assert file.steps.done("locate", "helpdesk", "a") is None
        file.steps.start("locate", "helpdesk", "a")
        assert file.steps.done("locate", "helpdesk", "a") is None, "running is not done"
    clock.pass_time(timedelta(seconds=3))
    with store.case_file(case_id) as file:
        file.steps.finish("locate", "helpdesk", matches=4)
    with store.case_file(case_id) as file:
        done = file.steps.done("locate", "helpdesk", "a")
        assert done is not None
        assert (done.state, done.attempts, done.counts) == (StepState.DONE, 1, {"matches": 4})
        assert done.finished_at == clock.moment
        assert done.started_at == clock.moment - timedelta(seconds=3)
        assert file.steps.done("locate", "helpdesk", "b") is None
        assert file.steps.done("locate", "payments", "a") is None
        assert file.steps.done("erase", "helpdesk", "a") is None


def test_a_failure_is_kept_until_the_next_attempt(store):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.steps.start("erase", "calls")
        file.steps.fail("erase", "calls", "The system is busy.")
    with store.case_file(case_id) as file:
        (failed,) = file.steps.all()
        assert (failed.state, failed.error, failed.attempts) == (StepState.FAILED, "The system is busy.", 1)
        assert file.steps.done("erase", "calls") is None
        file.steps.start("erase", "calls")
    with store.case_file(case_id) as file:
        (running,) = file.steps.all()
        assert (running.state, running.error, running.attempts) == (StepState.RUNNING, "", 2)
        assert running.finished_at is None


def test_each_step_of_a_case_exists_once_per_system_in_the_order_of_its_first_start(store):
    case_id = opened(store)
    with pytest.raises(LookupError, match="not started"), store.case_file(case_id) as file:
        file.steps.finish("locate", "helpdesk")
    with pytest.raises(LookupError, match="not started"), store.case_file(case_id) as file:
        file.steps.fail("locate", "helpdesk", "busy")

    case_id = opened(store)
    order = [("locate", "helpdesk"), ("locate", "calls"), ("resolve", ""), ("locate", "helpdesk")]
    for step, system in order:
        with store.case_file(case_id) as file:
            file.steps.start(step, system)
            file.steps.finish(step, system)
    with store.case_file(case_id) as file:
        assert [(one.step, one.system, one.attempts) for one in file.steps.all()] == [
            ("locate", "helpdesk", 2),
            ("locate", "calls", 1),
            ("resolve", "", 1),
        ]

    one, two = opened(store), opened(store)
    with store.case_file(one) as file:
        file.steps.start("locate", "helpdesk")
        file.steps.finish("locate", "helpdesk")
    with store.case_file(two) as file:
        assert file.steps.done("locate", "helpdesk") is None

    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.steps.start("locate", "helpdesk")
    twin = {"case_id": case_id, "step": "locate", "system": "helpdesk", "state": "running", "counts": {}}
    with pytest.raises(RuntimeError, match="refused a statement"), store.database.transaction() as session:
        session.execute(insert(StepRow).values(started_at=store.now(), **twin))
    with store.case_file(case_id) as file:
        assert len(file.steps.all()) == 1
