"""The erasure with a cooling-off period: nothing is erased before the day, on which the keeper starts the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.client.schemas.objects import StateType

from deployments.runs.starting import Starter
from flows.erasure import erasure_request
from flows.runs import outcome_of
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.domain.vocabulary.states import CaseState
from tests.e2e.flows.whole_cases import at_the_approval_gate, letters
from tests.support.flow_runs import approve_and_resume, read_run, work_on


@pytest.fixture
def cooling(bench):
    controller = bench.runtime.settings.controller.model_copy(update={"cooling_off_days": 5})
    settings = bench.runtime.settings.model_copy(update={"controller": controller})
    bench.runtime = replace(bench.runtime, settings=settings)
    with installed(bench.runtime):
        yield bench


@pytest.mark.apart
def test_the_run_waits_and_goes_on_by_itself_on_the_day(cooling, deployments):
    case_id, run_id = at_the_approval_gate(cooling, deployments, "erasure")
    approve_and_resume(cooling, case_id)
    assert outcome_of(work_on(erasure_request, run_id)) == "Cooling off"
    assert "L21" in letters(cooling, case_id)
    starter = Starter(cooling.runtime.store, 10, 1)
    cooling.pass_time(timedelta(days=4))
    follow_up(current_app())
    assert not starter.start(), "its day has not come"
    cooling.pass_time(timedelta(days=1))
    follow_up(current_app())
    assert starter.start()
    assert read_run(run_id).state.type is StateType.SCHEDULED
    assert outcome_of(work_on(erasure_request, run_id)) == "Answered"
    with cooling.file(case_id) as file:
        assert file.state is CaseState.ANSWERED
