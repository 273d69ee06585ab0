"""A run may end anywhere and be started again: the end is the same, and nothing is done twice.

Each test cuts a run short at one place (a fault in the middle of a step's work, or the death of the process, for which
an error that no step catches stands) and starts the same flow again.
"""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from pathlib import Path

import pytest

from flows.runs import outcome_of
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.e2e.flows.whole_cases import ERASURE_ABOVE_ALL, go, letters
from tests.support.bench import ANNA_PHONE, BORIS
from tests.support.erasures import EXPECTED
from tests.support.steps import SYSTEMS, approved, others_digest, outcomes, watch


class Killed(BaseException):
    """Stands for the death of the process: no step catches it, so nothing of the step's end is noted."""


def run_as_far_as_it_goes(right, case_id):
    """Run the flow; a killed run leaves its traces as the death of the process would."""
    with contextlib.suppress(Killed):
        return go(right, case_id)
    return None


def finish(bench, right, case_id):
    """Start the flow again until it has ended, deciding where it waits."""
    for _ in range(6):
        state = run_as_far_as_it_goes(right, case_id)
        with bench.file(case_id) as file:
            where = file.state
        if where is CaseState.IDENTITY_PENDING:
            bench.confirm_identity(case_id)
        elif where is CaseState.AWAITING_APPROVAL:
            bench.approve(case_id)
        elif state is not None and outcome_of(state) == "Answered":
            return
    raise AssertionError(f"it does not end: {state}")


def assert_done_once(bench, right, case_id):
    with bench.file(case_id) as file:
        entries = list(file.ledger.entries())
    events = Counter(entry.event for entry in entries)
    done = Counter((one.details["step"], one.details["system"]) for one in entries if one.event == "StepDone")
    assert events["CaseAnswered"] == 1
    assert events["LetterWritten"] == 2
    assert set(letters(bench, case_id)) == {"L1", "L9" if right == "access" else "L11"}
    repeated = {step for (step, _), count in done.items() if count > 1}
    assert repeated <= {"locate", "resolve"}, "only the search has rounds"


FAULTS = [
    pytest.param(right, operation, error, id=f"{operation}-{kind}")
    for right, operation in (
        ("access", "locate"),
        ("access", "extract"),
        ("erasure", "locate"),
        ("erasure", "erase"),
        ("erasure", "presence"),
    )
    for kind, error in (("fault", None), ("death", Killed()))
]


@pytest.mark.apart
@pytest.mark.parametrize(("right", "operation", "error"), FAULTS)
def test_wherever_a_run_was_cut_short_the_end_is_the_same(bench, right, operation, error):
    before = others_digest(bench)
    case_id = bench.open(right)
    for system in SYSTEMS:
        bench.systems[system].fail(operation, error, times=None if error is None else 1, after=1)
    bench.confirm_identity(case_id)
    run_as_far_as_it_goes(right, case_id)
    with bench.file(case_id) as file:
        waits = file.state is CaseState.AWAITING_APPROVAL
    if waits:
        bench.approve(case_id)
        run_as_far_as_it_goes(right, case_id)
    for system in SYSTEMS:
        bench.systems[system].heal()
    finish(bench, right, case_id)
    assert_done_once(bench, right, case_id)
    assert others_digest(bench) == before
    if right == "erasure":
        assert outcomes(bench, case_id) == EXPECTED


@pytest.mark.slow
def test_a_work_folder_that_was_deleted_costs_nothing_but_the_copying(bench):
    """Before, the case was answered with a package that was not there, or ended in "run it where they were made"."""
    case_id = bench.open("access")
    go("access", case_id)
    bench.confirm_identity(case_id)
    go("access", case_id)
    work = Path(bench.runtime.work_location)
    shutil.rmtree(work)
    bench.approve(case_id)
    assert outcome_of(go("access", case_id)) == "Answered"
    assert (work / case_id / f"{case_id}.zip").exists()
    shutil.rmtree(work)
    assert outcome_of(go("access", case_id)) == "Answered"
    assert not work.exists(), "nothing is copied any more for a case that is answered"


@pytest.mark.apart
def test_no_record_is_erased_again_once_its_outcome_is_stored(bench):
    watched = watch(bench, "helpdesk")
    case_id = approved(bench)
    asked: Counter[str] = Counter()
    for _ in range(4):
        settled = {key for (_, _, key), outcome in outcomes(bench, case_id).items() if outcome is not None}
        watched.fail("erase", times=3, after=1)
        begin = len(watched.asked)
        go("erasure", case_id)
        again = {key for what, _, keys in watched.asked[begin:] if what == "erase" for key in keys}
        assert again.isdisjoint(settled)
        asked.update(again)
        watched.heal()
    assert outcomes(bench, case_id) == EXPECTED
    assert set(asked) == {"u1", "t1", "t2"}


@pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
@pytest.mark.apart
def test_an_answered_case_run_again_stays_as_it_is(bench, right):
    case_id = bench.open(right)
    finish(bench, right, case_id)
    calls = {name: dict(system.calls) for name, system in bench.systems.items()}
    before = letters(bench, case_id)
    state = go(right, case_id)
    assert outcome_of(state) == "Answered"
    assert {name: dict(system.calls) for name, system in bench.systems.items()} == calls
    assert letters(bench, case_id) == before
    assert_done_once(bench, right, case_id)


@pytest.mark.apart
def test_a_second_run_at_the_same_time_is_sent_away(bench):
    case_id = bench.open("access")
    assert bench.runtime.store.take_lease(case_id, "another run")
    state = go("access", case_id)
    assert state.is_failed()
    assert state.message.startswith("Another run is working on")
    bench.runtime.store.release_lease(case_id, "another run")
    assert outcome_of(go("access", case_id)) == "Waiting"


@pytest.mark.slow
def test_an_unclear_record_that_was_left_alone_stays_left_alone(bench):
    """The plan that was approved is carried out, also when the run is cut short and started again."""
    bench.systems["helpdesk"].add(FakeRecord(kind="profile", key="u9", texts=((BORIS | {ANNA_PHONE}, "later"),)))
    case_id = approved(bench)
    bench.systems["payments"].fail("erase", times=None)
    assert go("erasure", case_id).is_failed()
    bench.systems["payments"].heal()
    assert outcome_of(go("erasure", case_id)) == "Answered"
    assert outcomes(bench, case_id)["calls", "recording", "r1"] is OutcomeKind.RETAINED
    assert {"r1", "r2"} == {record.key for record in bench.systems["calls"].records()}
