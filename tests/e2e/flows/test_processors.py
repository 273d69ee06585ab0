"""Requests with a processor: instructed beside the systems, waited for until its day, and then named as open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.client.schemas.objects import StateType

from deployments.runs.starting import Starter
from flows.access import access_request
from flows.erasure import erasure_request
from flows.runs import WAITING_FOR_PROCESSORS, outcome_of
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent, record_processor_answer
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import Action, ProcessorAnswer
from rightsflow.domain.vocabulary.states import CaseState
from tests.e2e.flows.whole_cases import at_the_approval_gate, go, letters, suspended
from tests.support.bench import ANNA_ID
from tests.support.flow_runs import approve_and_resume, artifact, confirm_and_resume, read_run, work_on
from tests.support.packages import opened
from tests.support.processors import with_archive, with_processors

pytestmark = pytest.mark.apart

NAME = WAITING_FOR_PROCESSORS
UNKNOWN = "nobody.here@example.net"


@pytest.fixture
def outsourced(bench):
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings))
    with installed(bench.runtime):
        yield bench


def prove(case_id):
    # The steps that instruct run side by side, and whichever comes first gets the first number.
    with current_app().store.case_file(case_id) as file:
        (number,) = [one.number for one in file.instructions.all() if one.processor == "callhouse"]
    record_instruction_sent(current_app(), case_id, number, by="Ben")
    done = StatedAnswer(answer=ProcessorAnswer.DONE, on=current_app().today, records=3)
    record_processor_answer(current_app(), case_id, number, done, by="Ben")


def test_without_a_deployment_it_is_run_again_once_it_is_proved(outsourced):
    case_id = outsourced.open("erasure")
    go("erasure", case_id)
    outsourced.confirm_identity(case_id)
    go("erasure", case_id)
    outsourced.approve(case_id)
    assert outcome_of(go("erasure", case_id)) == NAME
    assert "L11" not in letters(outsourced, case_id)
    assert "Send instruction 1 to Callhouse Lisbon, then note it as sent." in artifact(case_id)
    with outsourced.file(case_id) as file:
        asked = {one.processor: (one, file.instructions.text(one.number)) for one in file.instructions.all()}
        verified = max(one.finished_at for one in file.steps.all() if one.step == "verify")
    notice, text = asked["carrier"]
    assert (notice.action, notice.asked_at >= verified) == (Action.TAKE_NOTE, True), (
        "told of what is done (Art. 19 GDPR)"
    )
    assert "We have erased personal data that we had disclosed to you" in text
    assert "nstruct" not in text
    assert "We instruct you" in asked["callhouse"][1]
    prove(case_id)
    assert outcome_of(go("erasure", case_id)) == "Answered"
    assert "confirmed on 5 March 2026 that it has erased" in letters(outsourced, case_id)["L11"]


@pytest.mark.parametrize("is_proved", [True, False])
def test_the_keeper_goes_on_once_it_is_proved_or_its_day_has_passed(outsourced, deployments, is_proved):
    case_id, run_id = at_the_approval_gate(outsourced, deployments, "erasure")
    approve_and_resume(outsourced, case_id)
    assert outcome_of(work_on(erasure_request, run_id)) == NAME
    starter = Starter(outsourced.runtime.store, 10, 1)
    assert not starter.start(), "its day has not come"
    if is_proved:
        prove(case_id)
    else:
        outsourced.pass_time(timedelta(days=11))
        follow_up(current_app())
    assert starter.start()
    assert read_run(run_id).state.type is StateType.SCHEDULED
    assert outcome_of(work_on(erasure_request, run_id)) == "Answered"
    assert ("It has not proved it yet." in letters(outsourced, case_id)["L11"]) is not is_proved
    with outsourced.file(case_id) as file:
        assert file.state is CaseState.ANSWERED


def test_an_access_request_waits_before_its_gate_and_gives_what_was_handed_over(outsourced):
    case_id = outsourced.open("access")
    go("access", case_id)
    outsourced.confirm_identity(case_id)
    assert outcome_of(go("access", case_id)) == NAME
    assert "Send instruction 1 to Callhouse Lisbon, then note it as sent." in artifact(case_id)
    with outsourced.file(case_id) as file:
        # A controller of its own is asked for nothing, and there is nothing to tell it of.
        assert [one.processor for one in file.instructions.all()] == ["callhouse"]
    record_instruction_sent(current_app(), case_id, 1, by="Ben")
    given = StatedAnswer(answer=ProcessorAnswer.DONE, on=current_app().today)
    notes = f"Notes on {ANNA_ID.value}".encode()
    record_processor_answer(current_app(), case_id, 1, given, documents=(notes,), by="Ben")
    assert outcome_of(go("access", case_id)) == "Waiting"
    outsourced.approve(case_id)
    assert outcome_of(go("access", case_id)) == "Answered"
    assert "it is in the package" in letters(outsourced, case_id)["L9"]
    assert any(f"Notes on {ANNA_ID.value}".encode() in content for content in opened(outsourced, case_id).values())


@pytest.mark.slow
def test_an_access_request_goes_on_without_what_was_not_handed_over(outsourced, deployments):
    case_id, run_id = suspended(outsourced, deployments, "access")
    confirm_and_resume(outsourced, case_id)
    assert outcome_of(work_on(access_request, run_id)) == NAME
    starter = Starter(outsourced.runtime.store, 10, 1)
    assert not starter.start(), "its day has not come"
    outsourced.pass_time(timedelta(days=11))
    follow_up(current_app())
    assert starter.start()
    assert work_on(access_request, run_id).name == "Suspended"
    with outsourced.file(case_id) as file:
        assert file.state is CaseState.AWAITING_APPROVAL


@pytest.mark.parametrize(
    "held", [ProcessorAnswer.NOTHING_HELD, pytest.param(ProcessorAnswer.DONE, marks=pytest.mark.slow)]
)
def test_an_erasure_of_which_no_program_finds_anything_waits_for_who_looks_by_hand(bench, held):
    with installed(replace(bench.runtime, settings=with_archive(bench.runtime.settings))):
        case_id = bench.open("erasure", email=UNKNOWN)
        bench.confirm_identity(case_id)
        assert outcome_of(go("erasure", case_id)) == "Waiting"
        bench.approve(case_id)
        assert outcome_of(go("erasure", case_id)) == NAME
        assert "Send task 1 to CCTV archive, then note it as sent." in artifact(case_id)
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        record_processor_answer(current_app(), case_id, 1, StatedAnswer(answer=held, on=current_app().today), by="Ben")
        ends = {ProcessorAnswer.NOTHING_HELD: ("Nothing held", "L8"), ProcessorAnswer.DONE: (NAME, "")}
        name, letter = ends[held]
        assert outcome_of(go("erasure", case_id)) == name
        assert not letter or "CCTV archive: searched by hand on" in letters(bench, case_id)[letter]


def test_what_is_looked_for_by_hand_comes_before_the_decision_that_nothing_is_held(bench):
    with installed(replace(bench.runtime, settings=with_archive(bench.runtime.settings))):
        case_id = bench.open("access", email=UNKNOWN)
        bench.confirm_identity(case_id)
        assert outcome_of(go("access", case_id)) == NAME
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        given = StatedAnswer(answer=ProcessorAnswer.DONE, on=current_app().today)
        footage = f"Camera 3, visit of {UNKNOWN}".encode()
        record_processor_answer(current_app(), case_id, 1, given, documents=(footage,), by="Ben")
        assert outcome_of(go("access", case_id)) == "Waiting"
        bench.approve(case_id)
        assert outcome_of(go("access", case_id)) == "Answered"
        assert (
            "CCTV archive: searched by hand on 5 March 2026; what was there is in the package."
            in letters(bench, case_id)["L9"]
        )
        assert any(footage in content for content in opened(bench, case_id).values())
