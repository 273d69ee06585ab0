"""After the approval the person still has some days to take the request back, inside the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.ending_letters import cool_off, start_cooled
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.overview.overview import overview
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Fact
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.bench import running_bench
from tests.support.looks import letters, state
from tests.support.steps import identified, search


@pytest.fixture
def cooling(tmp_path):
    """A bench whose controller gives people five days."""
    with running_bench(tmp_path) as made:
        controller = made.runtime.settings.controller.model_copy(update={"cooling_off_days": 5})
        settings = made.runtime.settings.model_copy(update={"controller": controller})
        made.runtime = replace(made.runtime, settings=settings)
        with installed(made.runtime):
            yield made


def approved_case(bench, days_before=0):
    (record,) = [one for one in bench.systems["helpdesk"].records() if one.key == "t1"]
    bench.systems["helpdesk"].add(replace(record, facts=record.facts | {Fact.OPEN_TICKET}))
    case_id = identified(bench, "erasure")
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.pass_time(timedelta(days=days_before))
    bench.approve(case_id)
    return case_id


@pytest.mark.apart
def test_without_a_period_an_erasure_begins_at_once(bench):
    case_id = approved_case(bench)
    assert cool_off(current_app(), case_id) is None
    assert "L21" not in letters(bench, case_id)


@pytest.mark.apart
def test_the_person_is_told_the_day_and_what_depends_on_the_data_and_can_take_it_back(cooling):
    case_id = approved_case(cooling)
    for _ in range(2):
        assert cool_off(current_app(), case_id) == date(2026, 3, 10)
    with cooling.file(case_id) as file:
        assert overview(file, current_app().present, in_sum=True).next_action.startswith(
            "The erasure begins on the day that L21 names"
        )
    text = letters(cooling, case_id)["L21"]
    assert "begin to erase on 10 March 2026" in text
    assert "- 1 ticket that is not solved (Helpdesk)" in text
    assert "tell us before 10 March 2026" in text
    cooling.pass_time(timedelta(days=4))
    before = {name: fake.records() for name, fake in cooling.systems.items()}
    withdraw(current_app(), case_id, by="Olga")
    assert state(cooling, case_id) is CaseState.WITHDRAWN
    assert cool_off(current_app(), case_id) is None
    assert {name: fake.records() for name, fake in cooling.systems.items()} == before


def test_on_the_day_it_begins_and_cannot_be_taken_back_any_more(cooling):
    case_id = approved_case(cooling)
    cool_off(current_app(), case_id)
    cooling.pass_time(timedelta(days=5))
    assert cool_off(current_app(), case_id) is None
    with pytest.raises(Conflict, match="may have begun"):
        withdraw(current_app(), case_id, by="Olga")
    settle_plan(current_app(), case_id)
    assert state(cooling, case_id) is CaseState.EXECUTING


def test_the_follow_up_starts_on_the_day_what_waited_for_it_and_nothing_sooner(cooling):
    case_id = approved_case(cooling)
    with cooling.file(case_id) as file:
        file.bulk.note_run()
    cool_off(current_app(), case_id)

    def is_started():
        start_cooled(current_app())
        return case_id in {one.case_id for one in current_app().store.waiting.due(9, in_bulk=False)}

    assert not is_started()
    cooling.pass_time(timedelta(days=4))
    assert not is_started()
    cooling.pass_time(timedelta(days=1))
    assert is_started()


def test_it_ends_a_week_before_the_date_to_work_to(cooling):
    case_id = approved_case(cooling, days_before=20)
    with cooling.file(case_id) as file:
        last = file.work_to_on - timedelta(days=7)
    assert current_app().today + timedelta(days=5) > last
    assert cool_off(current_app(), case_id) in {last, None}
