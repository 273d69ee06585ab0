"""One attempt at one step: once, noted, and without a word of what the failing code had in hand."""

from __future__ import annotations

import sqlite3
import traceback
from dataclasses import replace

import pytest
from prefect.client.schemas.objects import State, StateType
from sqlalchemy.exc import IntegrityError

from rightsflow.app import current_app, installed
from rightsflow.cases.step.attempt import attempt, end_step
from rightsflow.cases.step.faults import StepFailed, without_content
from rightsflow.domain.errors import BadInput, Conflict, Misconfigured, Permanent, Refused, RightsflowError, Transient
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tasks.options import is_worth_retrying
from tests.support.canary import Scanner

SECRET = "anna.quill@example.com"
SCANNER = Scanner({"e-mail": SECRET})


def steps(bench, case_id):
    with bench.file(case_id) as file:
        return {(one.step, one.system): one for one in file.steps.all()}


def test_a_step_is_done_once_and_its_counts_are_kept(bench):
    case_id = bench.open("access")
    for expected in (False, True):
        with attempt(current_app(), case_id, "extract", "helpdesk") as trial:
            assert trial.already_done is expected
            if not trial.already_done:
                trial.counts["service tickets"] = 3
    assert trial.counts == {"service tickets": 3}
    step = steps(bench, case_id)["extract", "helpdesk"]
    assert (step.state, step.attempts, step.counts) == (StepState.DONE, 1, {"service tickets": 3})
    with bench.file(case_id) as file:
        assert [entry.details["step"] for entry in file.ledger.entries() if entry.event == "StepDone"] == ["extract"]


def test_done_under_another_scope_is_not_done(bench):
    case_id = bench.open("access")
    for scope, done in (("one", False), ("two", False), ("two", True)):
        with attempt(current_app(), case_id, "locate", "helpdesk", scope=lambda _, one=scope: one) as trial:
            assert trial.already_done is done


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"cannot read {SECRET}"),
        KeyError(SECRET),
        sqlite3.IntegrityError(f"UNIQUE: {SECRET}"),
        IntegrityError(f"INSERT … {SECRET}", {"email": SECRET}, ValueError(SECRET)),
        UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_nobody_foresaw_is_told_by_type_and_place_only(bench, error):
    case_id = bench.open("access")
    with (
        pytest.raises(StepFailed, match="failed unexpectedly") as caught,
        attempt(current_app(), case_id, "extract", "helpdesk"),
    ):
        raise error
    told = "".join(traceback.format_exception(caught.value))
    assert type(error).__name__ in str(caught.value)
    assert not SCANNER.scan(told.encode(), "traceback")
    step = steps(bench, case_id)["extract", "helpdesk"]
    assert step.state is StepState.FAILED
    assert step.error == str(caught.value)
    assert not SCANNER.scan(step.error.encode(), "step")


def test_an_error_of_ours_keeps_its_sentence_and_loses_what_it_came_from(bench):
    case_id = bench.open("access")

    def call():
        try:
            int(SECRET)
        except ValueError as cause:
            raise Transient("The helpdesk did not answer; try again.", system="helpdesk", status="503") from cause

    with pytest.raises(Transient) as caught, attempt(current_app(), case_id, "extract", "helpdesk"):
        call()
    assert not SCANNER.scan("".join(traceback.format_exception(caught.value)).encode(), "traceback")
    assert steps(bench, case_id)["extract", "helpdesk"].error == (
        "The helpdesk did not answer; try again. (system helpdesk, status 503)"
    )


def test_a_result_that_cannot_be_stored_is_the_failure_of_its_step(bench):
    case_id = bench.open("access")

    def refuse(file):
        file.ledger.append("RunStartedAgain", because="nothing of it may stay")
        raise Conflict("It cannot be stored.")

    with (
        pytest.raises(Conflict, match="cannot be stored"),
        attempt(current_app(), case_id, "locate", "helpdesk", calls=True) as trial,
    ):
        end_step(trial, refuse)
    assert steps(bench, case_id)["locate", "helpdesk"].state is StepState.FAILED
    assert bench.runtime.store.slots.queues() == {}
    with bench.file(case_id) as file:
        assert "RunStartedAgain" not in {entry.event for entry in file.ledger.entries()}


def test_a_place_before_a_system_is_given_back_with_the_end_of_its_step(bench):
    case_id = bench.open("access")
    with attempt(current_app(), case_id, "locate", "helpdesk", calls=True) as trial:
        assert bench.runtime.store.slots.queues()["helpdesk"].alive == 1
        end_step(trial, lambda file: None)
        assert bench.runtime.store.slots.queues() == {}
    assert steps(bench, case_id)["locate", "helpdesk"].state is StepState.DONE


def test_a_failed_step_is_begun_again_and_then_done(bench):
    case_id = bench.open("access")
    with pytest.raises(Transient), attempt(current_app(), case_id, "erase", "calls"):
        raise Transient("Not now.")
    with attempt(current_app(), case_id, "erase", "calls"):
        pass
    step = steps(bench, case_id)["erase", "calls"]
    assert (step.state, step.attempts, step.error) == (StepState.DONE, 2, "")


def test_a_step_in_a_process_that_died_is_begun_again(bench):
    case_id = bench.open("access")
    with pytest.raises(KeyboardInterrupt), attempt(current_app(), case_id, "erase", "calls"):
        raise KeyboardInterrupt
    assert steps(bench, case_id)["erase", "calls"].state is StepState.RUNNING
    with attempt(current_app(), case_id, "erase", "calls") as trial:
        assert not trial.already_done


def test_a_store_that_fails_beside_the_step_quotes_nothing_either(bench, tmp_path):
    case_id = bench.open("access")
    away = Store(Database(f"sqlite:///{tmp_path / 'gone' / 'cases.db'}"), MasterKey(b"k" * 32), bench.runtime.now)

    def fail(trial):
        object.__setattr__(trial.runtime, "store", away)
        raise ValueError(SECRET)

    with pytest.raises(RightsflowError) as caught, attempt(current_app(), case_id, "erase", "calls") as trial:
        fail(trial)
    assert not SCANNER.scan("".join(traceback.format_exception(caught.value)).encode(), "traceback")


def test_a_case_that_does_not_exist_is_no_failed_step(bench):
    with pytest.raises(BadInput, match="There is no case"), attempt(current_app(), "DSR-2026-000000", "erase", "calls"):
        pytest.fail("nothing to do")


def test_another_runtime_counts_inside_its_block_only(bench, tmp_path):
    away = Store(Database(f"sqlite:///{tmp_path / 'gone' / 'cases.db'}"), MasterKey(b"k" * 32), bench.runtime.now)
    case_id = bench.open("access")
    with (
        installed(replace(bench.runtime, store=away)),
        pytest.raises(Transient),
        attempt(current_app(), case_id, "erase", "calls"),
    ):
        pytest.fail("its store does not answer")
    with attempt(current_app(), case_id, "erase", "calls"):
        pass


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (Transient("later"), True),
        (StepFailed("nobody knows"), True),
        (Permanent("never"), False),
        (Refused("no"), False),
        (BadInput("unusable"), False),
        (Misconfigured("wrong key"), False),
        (Conflict("not now"), False),
        (ValueError("anything"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_only_what_may_go_through_later_is_tried_again(error, again):
    assert is_worth_retrying(None, None, State(type=StateType.FAILED, data=error)) is again


def test_a_failure_whose_cause_is_unknown_is_not_tried_again():
    assert not is_worth_retrying(None, None, State(type=StateType.FAILED))


def test_an_error_without_a_place_is_told_too():
    assert "ValueError in an unknown place" in str(without_content(ValueError(SECRET), "erase calls"))
