"""Steps of several systems that begin in one transaction, are taken up one by one, and end with what follows."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from sqlalchemy import event

from rightsflow.cases.access.copies import (
    EXTRACTED,
    REDACTED,
    assemble_package,
    begin_copying,
    copies_stand,
    copying_together,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.search.locating import locate_records, resolve_identifiers, searching_together
from rightsflow.cases.step.attempt import attempt
from rightsflow.cases.step.begun_ahead import begun_together
from rightsflow.cases.step.ending import end_step
from rightsflow.cases.step.limits import is_waited_for, wait_until_served
from rightsflow.cases.step.starting_points import StartingPoint
from rightsflow.cases.step.steps_at_hand import case_file_in_run, keeping_at_hand, store_what_ended
from rightsflow.domain.errors import Conflict, Transient
from rightsflow.domain.events import StepName
from rightsflow.store.case.steps import StepState

SYSTEMS = ("helpdesk", "payments", "calls")
PATIENCE = 30


@contextmanager
def counted(bench):
    """A list that grows by one with each transaction."""
    begun, engine = [], bench.runtime.store.database.engine

    def note(connection):
        begun.append(connection)

    event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        event.remove(engine, "begin", note)


def points(read=lambda file: file.case_id):
    return [StartingPoint(StepName.LOCATE, system, read) for system in SYSTEMS]


def step_of(bench, case_id, system):
    with bench.file(case_id) as file:
        return next((one for one in file.steps.all() if one.system == system), None)


def places(bench):
    return {system: line.alive for system, line in bench.runtime.store.slots.lines().items()}


def doing(bench, case_id, system):
    return attempt(bench.runtime, case_id, StepName.LOCATE, system, calls=True, read=lambda file: file.case_id)


def test_all_begin_in_one_transaction_and_each_ends_in_its_own(bench):
    case_id = bench.open("access")
    with counted(bench) as begun, begun_together(bench.runtime, case_id, points()):
        assert len(begun) == 1
        assert places(bench) == dict.fromkeys(SYSTEMS, 1)
        del begun[:]
        for number, system in enumerate(SYSTEMS, 1):
            with doing(bench, case_id, system) as trial:
                assert (trial.read, trial.already_done) == (case_id, False)
                assert trial.place_there.is_served
            assert len(begun) == number
    assert places(bench) == {}
    assert {step_of(bench, case_id, one).state for one in SYSTEMS} == {StepState.DONE}
    assert {step_of(bench, case_id, one).attempts for one in SYSTEMS} == {1}


def test_what_is_done_is_not_begun_again(bench):
    case_id = bench.open("access")
    with doing(bench, case_id, "payments") as trial:
        trial.counts["found"] = 3
    with begun_together(bench.runtime, case_id, points()):
        assert places(bench) == {"helpdesk": 1, "calls": 1}
        with counted(bench) as begun, doing(bench, case_id, "payments") as trial:
            assert (trial.already_done, trial.counts) == (True, {"found": 3})
        assert begun == []


def test_a_failure_is_the_steps_own_and_the_next_attempt_begins_by_itself(bench):
    case_id = bench.open("access")
    with begun_together(bench.runtime, case_id, points()):
        with pytest.raises(Transient), doing(bench, case_id, "helpdesk"):
            raise Transient("The help desk does not answer.", system="helpdesk")
        assert step_of(bench, case_id, "helpdesk").state is StepState.FAILED
        assert places(bench) == {"payments": 1, "calls": 1}
        with doing(bench, case_id, "helpdesk") as trial:
            assert not trial.already_done
        assert step_of(bench, case_id, "helpdesk").attempts == 2


def test_what_no_one_took_up_gives_its_place_back(bench):
    case_id = bench.open("access")
    with suppress(RuntimeError), begun_together(bench.runtime, case_id, points()):
        raise RuntimeError("the run was stopped")
    assert places(bench) == {}
    with doing(bench, case_id, "calls") as trial:
        assert not trial.already_done
    assert step_of(bench, case_id, "calls").attempts == 2


def test_where_they_cannot_begin_together_each_begins_and_fails_alone(bench):
    case_id = bench.open("access")

    def read(file):
        raise Conflict("This system is not concerned.")

    with begun_together(bench.runtime, case_id, points(read)):
        assert places(bench) == {}
        assert step_of(bench, case_id, "helpdesk") is None
        with doing(bench, case_id, "helpdesk") as trial:
            assert trial.read == case_id


def test_another_case_begins_its_own(bench):
    case_id, other = bench.open("access"), bench.open("erasure")
    with begun_together(bench.runtime, case_id, points()), doing(bench, other, "helpdesk") as trial:
        assert trial.case_id == other
        assert places(bench)["helpdesk"] == 2


def test_one_system_alone_begins_as_ever(bench):
    case_id = bench.open("access")
    with counted(bench) as begun, searching_together(bench.runtime, case_id, ["helpdesk"]):
        assert begun == []
        locate_records(bench.runtime, case_id, "helpdesk")
    assert step_of(bench, case_id, "helpdesk").state is StepState.DONE


def found(bench, case_id, system):
    """Search a system in a run; what was found waits for what follows."""
    return locate_records(bench.runtime, case_id, system)


def test_what_was_found_is_stored_with_what_follows_and_the_next_round_begins_there(bench):
    case_id = bench.open("access")
    with keeping_at_hand(bench.runtime, case_id):
        with searching_together(bench.runtime, case_id, SYSTEMS), counted(bench) as begun:
            assert [found(bench, case_id, one) for one in SYSTEMS] == [3, 0, 0]
            assert begun == []
        assert places(bench) == dict.fromkeys(SYSTEMS, 1)
        assert step_of(bench, case_id, "helpdesk").state is StepState.RUNNING
        with counted(bench) as begun:
            assert resolve_identifiers(bench.runtime, case_id).learnt
            assert len(begun) == 1
        assert step_of(bench, case_id, "helpdesk").attempts == 2
        assert places(bench) == dict.fromkeys(SYSTEMS, 1)
    assert places(bench) == {}


def test_what_was_found_is_stored_as_the_run_ends(bench):
    case_id = bench.open("access")
    with keeping_at_hand(bench.runtime, case_id), searching_together(bench.runtime, case_id, SYSTEMS):
        found(bench, case_id, "helpdesk")
    assert step_of(bench, case_id, "helpdesk").state is StepState.DONE
    assert step_of(bench, case_id, "calls").state is StepState.RUNNING
    assert places(bench) == {}


def test_what_waits_stays_where_what_follows_is_not_stored(bench):
    case_id = bench.open("access")
    with keeping_at_hand(bench.runtime, case_id), searching_together(bench.runtime, case_id, SYSTEMS):
        found(bench, case_id, "helpdesk")
        with pytest.raises(Conflict), case_file_in_run(bench.runtime, case_id):
            raise Conflict("It is refused.")
        assert step_of(bench, case_id, "helpdesk").state is StepState.RUNNING
        store_what_ended(bench.runtime, case_id)
        assert step_of(bench, case_id, "helpdesk").state is StepState.DONE


def test_what_cannot_be_stored_is_the_failure_of_its_step_alone(bench):
    case_id = bench.open("access")

    def refuse(_file):
        raise Conflict("It cannot be stored.")

    with keeping_at_hand(bench.runtime, case_id), begun_together(bench.runtime, case_id, points()):
        for system, write in zip(SYSTEMS, (refuse, str, str), strict=True):
            with doing(bench, case_id, system) as trial:
                end_step(trial, write)
        with pytest.raises(Conflict, match="cannot be stored"), case_file_in_run(bench.runtime, case_id):
            """What follows is not done."""
    states = [step_of(bench, case_id, one).state for one in SYSTEMS]
    assert states == [StepState.FAILED, StepState.DONE, StepState.DONE]
    assert places(bench) == {}


def test_a_place_that_another_case_waits_for_is_given_back_at_once(bench):
    case_id, narrow = bench.open("access"), narrowed(bench.runtime)
    with keeping_at_hand(bench.runtime, case_id), searching_together(bench.runtime, case_id, SYSTEMS):
        place = bench.runtime.store.slots.join("helpdesk", case_id, 1)
        waiting = threading.Thread(target=wait_until_served, args=(narrow, place, PATIENCE))
        waiting.start()
        until(lambda: is_waited_for("helpdesk"))
        found(bench, case_id, "helpdesk")
        waiting.join(PATIENCE)
        assert not waiting.is_alive()
        assert step_of(bench, case_id, "helpdesk").state is StepState.DONE
    bench.runtime.store.slots.leave(place.number)


def narrowed(app):
    """An application that lets one step at a time work at a system."""
    section = {"connector": "fake", "steps_at_once": 1}
    return replace(app, settings=app.settings.model_copy(update={"systems": {"helpdesk": section}}))


def until(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def searched(bench, case_id, then=begin_copying):
    """Search to the end; gives what the end of the search found out."""
    while True:
        with searching_together(bench.runtime, case_id, SYSTEMS):
            for system in SYSTEMS:
                locate_records(bench.runtime, case_id, system)
        if not (found := resolve_identifiers(bench.runtime, case_id, then=then)).learnt:
            return found


def test_the_copies_begin_where_the_search_ends_and_are_made_once(bench):
    case_id = bench.open("access")
    bench.confirm_identity(case_id)
    with keeping_at_hand(bench.runtime, case_id):
        assert searched(bench, case_id).subject
        assert step_of_name(bench, case_id, StepName.EXTRACT) == dict.fromkeys(SYSTEMS, StepState.RUNNING)
        assert places(bench) == dict.fromkeys(SYSTEMS, 1)
        with counted(bench) as begun:
            assert sorted(make_copies_again(bench.runtime, case_id)) == sorted(SYSTEMS)
        assert begun == []
        with copying_together(bench.runtime, case_id, SYSTEMS):
            for system in SYSTEMS:
                extract_records(bench.runtime, case_id, system)
                redact_third_parties(bench.runtime, case_id, system)
        assemble_package(bench.runtime, case_id)
        assert make_copies_again(bench.runtime, case_id) == []
    assert places(bench) == {}
    with bench.file(case_id) as file:
        assert {one.attempts for one in file.steps.all() if one.step == StepName.EXTRACT} == {1}
        assert copies_stand(file, bench.runtime)
        bench.runtime.workspace(file).purge(EXTRACTED, REDACTED)
        assert not copies_stand(file, bench.runtime)


def test_nothing_is_copied_where_no_copy_is_asked_for(bench):
    case_id = bench.open("erasure")
    bench.confirm_identity(case_id)
    with keeping_at_hand(bench.runtime, case_id):
        assert searched(bench, case_id).subject
    assert step_of_name(bench, case_id, StepName.EXTRACT) == {}


def test_where_the_copies_cannot_begin_the_search_has_ended_all_the_same(bench):
    case_id = bench.open("access")
    bench.confirm_identity(case_id)

    def fail(_file, _app):
        raise Conflict("The copies cannot begin.")

    with keeping_at_hand(bench.runtime, case_id):
        assert searched(bench, case_id, fail).subject
        assert step_of_name(bench, case_id, StepName.EXTRACT) == {}
        assert sorted(make_copies_again(bench.runtime, case_id)) == sorted(SYSTEMS)
    assert places(bench) == {}


def step_of_name(bench, case_id, name):
    with bench.file(case_id) as file:
        return {one.system: one.state for one in file.steps.all() if one.step == name}
