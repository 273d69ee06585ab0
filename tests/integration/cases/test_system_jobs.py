"""A system erases by a job of its own, which takes days: noted before it is looked at, waited for without a run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.work.erasure.steps import erase_records, verify_erasure
from rightsflow.cases.work.erasure.system_jobs import start_after_jobs, waits_for_jobs
from rightsflow.domain.connector import RunsJobs
from rightsflow.domain.errors import Transient, Underway
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import OutcomeKind
from tests.support.steps import approved
from tests.support.system_jobs import by_jobs_of

SYSTEM = "helpdesk"


@pytest.fixture
def by_jobs(bench):
    system = by_jobs_of(bench, SYSTEM, days=9)
    assert isinstance(system, RunsJobs)
    return system


def attempt(case_id):
    """Erase at the system; returns whether it waits for a job."""
    try:
        erase_records(current_app(), case_id, SYSTEM)
    except Underway:
        return True
    return False


def noted(bench, case_id, event):
    with bench.file(case_id) as file:
        return [entry for entry in file.ledger.told() if entry.event == event]


@pytest.mark.apart
def test_a_job_is_noted_before_it_is_looked_at(bench, by_jobs):
    """A process that is killed then goes on with that job, and begins no second one."""
    case_id = approved(bench)
    assert attempt(case_id)
    assert by_jobs.looks == 0
    (begun,) = noted(bench, case_id, CaseEvent.SYSTEM_JOB_BEGUN)
    assert begun.details["job"] == "job-0"
    with bench.file(case_id) as file:
        assert [job.id for job in file.system_jobs.running(SYSTEM).values()] == ["job-0"]
    assert attempt(case_id)
    assert list(by_jobs.begun) == ["job-0"]


def test_a_case_waits_nine_days_without_a_run_and_then_goes_on(bench, by_jobs):
    """Nothing fails meanwhile, no call is made before its time, and the end is noted once."""
    case_id = approved(bench)
    assert attempt(case_id)
    assert attempt(case_id)
    looks = by_jobs.looks
    assert attempt(case_id)
    assert by_jobs.looks == looks, "a look before its time"
    assert waits_for_jobs(current_app(), case_id) == bench.moment[0] + timedelta(hours=6)
    with bench.file(case_id) as file:
        assert not [step for step in file.steps.all() if step.failing_since]
    for _ in range(9 * 4):
        bench.pass_time(timedelta(hours=6))
        start_after_jobs(current_app())
        if not attempt(case_id):
            break
    verify_erasure(current_app(), case_id, SYSTEM)
    assert list(by_jobs.begun) == ["job-0"]
    assert len(noted(bench, case_id, CaseEvent.SYSTEM_JOB_ENDED)) == 1
    assert waits_for_jobs(current_app(), case_id) is None


@pytest.mark.apart
def test_a_case_whose_step_failed_does_not_wait_for_a_job_only(bench, by_jobs):
    """What did not answer is tried again at once."""
    case_id = approved(bench)
    assert attempt(case_id)
    bench.systems["payments"].fail("erase")
    with pytest.raises(Transient):
        erase_records(current_app(), case_id, "payments")
    assert waits_for_jobs(current_app(), case_id) is None


def test_an_answer_does_not_wait_beyond_its_day(bench, by_jobs):
    """The person is told that the system has not finished; the follow-up goes on with the same job."""
    by_jobs.days = 45
    case_id = approved(bench)
    assert attempt(case_id)
    with bench.file(case_id) as file:
        late = file.work_to_on - current_app().today - timedelta(days=2)
    bench.pass_time(late)
    assert not attempt(case_id)
    with bench.file(case_id) as file:
        (kept,) = [one for one in file.findings.all(SYSTEM) if one.ref.kind == "profile"]
        assert (kept.outcome, kept.refused) == (OutcomeKind.RETAINED, True)
        assert kept.until is not None
        assert file.system_jobs.running(SYSTEM)
    follow_up(current_app())
    assert list(by_jobs.begun) == ["job-0"]
