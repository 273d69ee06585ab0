"""Calls at a system that does not answer: a case that is one of many yields its slot, any other waits as ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.states import Failed

from rightsflow.app import current_app, installed
from rightsflow.cases.course.case_runs import BUSY_PAUSE
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.cases.work.search import locate_records
from rightsflow.config.sections.system_settings import STEPS_AT_ONCE
from rightsflow.domain.circuit_breaker import FAILURES, FIRST_WHILE
from rightsflow.domain.errors import Permanent, Transient, Unavailable
from tasks.options import is_worth_retrying
from tests.support.bench import Bench
from tests.support.request_files import request_file


def in_bulk(bench: Bench, count: int = 1) -> list[str]:
    rows = "\n".join(f"access,person{number}@example.com,2026-03-0{number + 1}" for number in range(count))
    import_requests(current_app(), request_file(f"right,email,received\n{rows}"), by="Olga")
    cases = [case.case_id for case in bench.runtime.store.summaries()]
    bench.runtime.store.waiting.note_started(cases)
    return cases


def locate(case_id, system="helpdesk", error=None):
    if error is None:
        return locate_records(current_app(), case_id, system)
    with pytest.raises(error) as caught:
        locate_records(current_app(), case_id, system)
    return caught.value


def break_off(bench, case_id):
    bench.systems["helpdesk"].fail("locate", times=None)
    for _ in range(FAILURES):
        locate(case_id, error=Transient)


def test_after_a_few_failures_it_is_not_even_called_and_says_so(bench):
    first, second = in_bulk(bench, 2)
    break_off(bench, first)
    calls = bench.systems["helpdesk"].calls["locate"]
    error = locate(second, error=Unavailable)
    assert "helpdesk has not answered since 05 Mar 10:00:00; it is tried again at 05 Mar 10:00:15." in str(error)
    assert bench.systems["helpdesk"].calls["locate"] == calls
    assert not is_worth_retrying(None, None, Failed(data=error))
    assert locate(second, "payments") == 0, "the others answer"
    with bench.file(second) as file:
        assert {step.system: step.state.value for step in file.steps.all()} == {
            "helpdesk": "failed",
            "payments": "done",
        }


def test_its_run_is_started_again_when_the_system_is_back(bench):
    first, second = in_bulk(bench, 2)
    break_off(bench, first)
    locate(second, error=Unavailable)
    with bench.file(second) as file:
        file.bulk.wait_again(BUSY_PAUSE)
    store = bench.runtime.store
    assert store.waiting.due(5, in_bulk=True) == []
    bench.pass_time(FIRST_WHILE)
    bench.systems["helpdesk"].heal()
    (trying,) = store.waiting.due(5, in_bulk=True)
    assert (trying.case_id, trying.tries) == (second, "helpdesk")
    assert locate(second) == 0
    assert store.breakers.of("helpdesk") is None
    assert locate(first) == 0


def test_a_case_that_failed_otherwise_is_not_started_again(bench):
    (case_id,) = in_bulk(bench)
    bench.systems["helpdesk"].fail("locate", times=None)
    locate(case_id, error=Transient)
    with bench.file(case_id) as file:
        file.bulk.wait_again(BUSY_PAUSE)
    bench.pass_time(timedelta(hours=1))
    assert bench.runtime.store.waiting.due(5, in_bulk=True) == []


def test_a_case_that_came_by_a_form_calls_all_the_same_and_its_answer_counts(bench):
    (case_id,) = in_bulk(bench)
    break_off(bench, case_id)
    typed = bench.open("access")
    assert not isinstance(locate(typed, error=Transient), Unavailable)
    bench.systems["helpdesk"].heal()
    assert locate(typed) > 0
    assert locate(case_id) == 0


def test_a_system_that_says_no_has_answered(bench):
    (case_id,) = in_bulk(bench)
    for _ in range(FAILURES):
        bench.systems["helpdesk"].fail("locate", times=1)
        locate(case_id, error=Transient)
        bench.systems["helpdesk"].fail("locate", times=1, error=Permanent("No.", system="helpdesk"))
        locate(case_id, error=Permanent)
    assert bench.runtime.store.breakers.of("helpdesk") is None


def test_a_system_that_is_busy_is_not_waited_for_long(bench):
    (case_id,) = in_bulk(bench)
    for _ in range(STEPS_AT_ONCE):
        bench.runtime.store.slots.join("helpdesk", "DSR-2026-7K3M9Q", STEPS_AT_ONCE)
    with installed(replace(bench.runtime, slot_seconds=0.05)):
        assert "helpdesk is busy" in str(locate(case_id, error=Unavailable))
    with bench.file(case_id) as file:
        file.bulk.wait_again(BUSY_PAUSE)
    assert bench.runtime.store.breakers.of("helpdesk") is None, "busy is no failure"
    bench.pass_time(timedelta(seconds=30))
    assert [one.case_id for one in bench.runtime.store.waiting.due(5, in_bulk=True)] == [case_id]
