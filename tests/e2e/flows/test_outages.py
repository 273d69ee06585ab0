"""A failed system never looks like an empty one: every step of every system fails, once and for an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.runs import outcome_of
from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.domain.errors import Misconfigured, Permanent
from rightsflow.domain.vocabulary.states import CaseState
from tests.e2e.flows.whole_cases import go, letters
from tests.support.erasures import EXPECTED
from tests.support.steps import SYSTEMS, approved, identified, others_digest, outcomes, searched

pytestmark = pytest.mark.apart

# The step in the case file, the operation at the system, and the request in which it happens.
STEPS = [
    ("locate", "locate", "access"),
    ("extract", "extract", "access"),
    ("erase", "erase", "erasure"),
    ("verify", "presence", "erasure"),
]
# Each step and each system is among the fast ones; which goes with which is for `make test-slow`.
EVERY = [
    pytest.param(
        system,
        step,
        operation,
        right,
        id=f"{system}-{step}",
        marks=() if number % len(SYSTEMS) == place else pytest.mark.slow,
    )
    for number, (step, operation, right) in enumerate(STEPS)
    for place, system in enumerate(SYSTEMS)
]
OVERCOME = [
    pytest.param(step, *more, id=step, marks=() if step in {"locate", "erase"} else pytest.mark.slow)
    for step, *more in STEPS
]
"""The attempts are the same code for each step; that which reads and that which destroys are always tried."""
CERTAIN = {"L8", "L9", "L10", "L11"}


def up_to_the_step(bench, step, right):
    """A case whose next run reaches the step."""
    if step in {"erase", "verify"}:
        return approved(bench)
    return identified(bench, right) if step == "locate" else searched(bench, right)


def to_the_end(bench, right, case_id):
    """Run it once; where it then waits for the release, release it and run it again."""
    state = go(right, case_id)
    if outcome_of(state) == "Waiting":
        bench.approve(case_id)
        state = go(right, case_id)
    return state


def assert_answered(bench, right, case_id, state):
    assert outcome_of(state) == "Answered"
    assert set(letters(bench, case_id)) == {"L1", "L9" if right == "access" else "L11"}
    if right == "erasure":
        assert outcomes(bench, case_id) == EXPECTED


@pytest.mark.parametrize(("step", "operation", "right"), OVERCOME)
def test_failures_in_passing_are_overcome_by_further_attempts(bench, step, operation, right):
    case_id = up_to_the_step(bench, step, right)
    for times, system in enumerate(SYSTEMS):
        bench.systems[system].fail(operation, times=min(times + 1, 2))
    assert_answered(bench, right, case_id, to_the_end(bench, right, case_id))
    attempts = {one.system: one.attempts for one in read_overview(current_app(), case_id).steps if one.step == step}
    rounds = 2 if step == "locate" else 1
    assert attempts == {"helpdesk": rounds + 1, "payments": rounds + 2, "calls": rounds + 2}


@pytest.mark.parametrize(("system", "step", "operation", "right"), EVERY)
def test_an_hour_without_a_system_leaves_the_case_open_and_says_what_is_missing(bench, system, step, operation, right):
    before = others_digest(bench)
    case_id = up_to_the_step(bench, step, right)
    bench.systems[system].fail(operation, times=None)
    state = go(right, case_id)
    missing = f"Missing: {step} {system}."
    assert state.is_failed()
    assert state.message.startswith(missing)
    bench.pass_time(timedelta(hours=1))
    case = read_overview(current_app(), case_id)
    assert case.next_action.startswith(missing)
    assert not case.state.is_settled
    assert case.closed_at is None
    assert not CERTAIN & set(case.letters), "nothing is certified on an unknown"
    bench.systems[system].heal()
    assert_answered(bench, right, case_id, to_the_end(bench, right, case_id))
    assert others_digest(bench) == before


@pytest.mark.slow
def test_a_second_run_in_the_hour_changes_nothing(bench):
    case_id = up_to_the_step(bench, "erase", "erasure")
    bench.systems["helpdesk"].fail("erase", times=None)
    first, second = go("erasure", case_id), go("erasure", case_id)
    assert first.message == second.message
    assert not CERTAIN & set(read_overview(current_app(), case_id).letters)


@pytest.mark.slow
def test_a_person_no_other_system_knows_is_not_told_so_while_one_is_silent(bench):
    case_id = bench.open("erasure", email="nobody.here@example.net")
    bench.confirm_identity(case_id)
    bench.systems["calls"].fail("locate", times=None)
    state = go("erasure", case_id)
    assert state.is_failed()
    assert read_overview(current_app(), case_id).state is CaseState.IN_PROGRESS
    assert set(letters(bench, case_id)) == {"L1"}
    bench.systems["calls"].heal()
    assert outcome_of(go("erasure", case_id)) == "Waiting", "a person looks at it first"
    bench.approve(case_id)
    assert outcome_of(go("erasure", case_id)) == "Nothing held"


@pytest.mark.slow
def test_two_silent_systems_are_both_named_and_the_third_ones_work_is_kept(bench):
    case_id = up_to_the_step(bench, "erase", "erasure")
    for system in ("helpdesk", "payments"):
        bench.systems[system].fail("erase", times=None)
    state = go("erasure", case_id)
    assert state.message.startswith("Missing: erase helpdesk, erase payments.")
    assert "r1" not in {record.key for record in bench.systems["calls"].records()}
    calls = bench.systems["calls"].calls["erase"]
    for system in ("helpdesk", "payments"):
        bench.systems[system].heal()
    assert_answered(bench, "erasure", case_id, go("erasure", case_id))
    assert bench.systems["calls"].calls["erase"] == calls


@pytest.mark.parametrize(
    "error", [Permanent("The account is closed.", system="calls"), Misconfigured("The key is wrong; renew it.")]
)
def test_what_will_not_go_through_is_not_tried_again(bench, error):
    case_id = up_to_the_step(bench, "locate", "access")
    bench.systems["calls"].fail("locate", error, times=None)
    assert go("access", case_id).is_failed()
    assert bench.systems["calls"].calls["locate"] == 1
    (failed,) = read_overview(current_app(), case_id).failures
    assert failed.error.startswith(str(error))


@pytest.mark.slow
def test_an_error_nobody_foresaw_leaves_the_case_open_too(bench):
    case_id = up_to_the_step(bench, "locate", "access")
    bench.systems["calls"].fail("locate", ZeroDivisionError("1/0"), times=None)
    state = go("access", case_id)
    assert state.message.startswith("Missing: locate calls.")
    assert bench.systems["calls"].calls["locate"] == 3
    bench.systems["calls"].heal()
    assert_answered(bench, "access", case_id, to_the_end(bench, "access", case_id))
