"""No more steps at one system at a time than its limit allows, the one that waited longest first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from rightsflow.cases.step import limits
from rightsflow.cases.step.leases import GIVING_BACK
from rightsflow.cases.step.limits import one_of_few
from rightsflow.config.sections.system_settings import STEPS_AT_ONCE
from rightsflow.domain.errors import Transient
from tests.support.instead import statements_fail

PATIENCE = 120
DESK = "helpdesk"


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as made:
        yield made


@pytest.fixture
def step(bench):
    """A step of a case at the help desk."""
    case_id = bench.open("access")
    return lambda longest=None, system=DESK: one_of_few(bench.runtime, system, case_id, longest)


@pytest.fixture
def busy(step):
    """Every slot of the help desk is held until it is closed."""
    with ExitStack() as held:
        for _ in range(STEPS_AT_ONCE):
            held.enter_context(step())
        yield held


def waiting_steps(number):
    """Wait until so many steps of this process stand in the line."""
    line = limits._waiting_for(DESK)
    for _ in range(PATIENCE * 100):
        if len(line._woken) == number:
            return True
        threading.Event().wait(0.01)
    return False


@pytest.mark.apart
def test_so_many_work_at_once_and_no_more(bench, step, pool):
    lock, inside, most = threading.Lock(), 0, []

    def work(_):
        nonlocal inside
        with step():
            with lock:
                inside += 1
                most.append(inside)
            bench.runtime.store.slots.queues()
            with lock:
                inside -= 1

    list(pool.map(work, range(40)))
    assert max(most) <= STEPS_AT_ONCE
    assert bench.runtime.store.slots.queues() == {}


def test_the_one_that_waited_longest_is_served_first(step, busy, pool):
    order, turns = [], []

    def note(number):
        with step():
            order.append(number)

    for number in range(3):
        turns.append(pool.submit(note, number))
        assert waiting_steps(number + 1)
    busy.close()
    for turn in turns:
        turn.result(PATIENCE)
    assert order == [0, 1, 2]


def test_another_system_is_not_waited_for(step, busy):
    with step(longest=0, system="payments"):
        pass


def test_a_wait_that_takes_too_long_ends_and_leaves_no_place_behind(bench, step, busy):
    before = bench.runtime.store.slots.queues()
    with pytest.raises(TimeoutError), step(longest=0.05):
        pytest.fail("there was none")
    assert bench.runtime.store.slots.queues() == before


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_slot_is_given_back_however_the_step_ends(bench, step, error):
    with pytest.raises(error), step():
        raise error
    assert bench.runtime.store.slots.queues() == {}


def test_what_a_step_came_to_is_not_lost_when_its_slot_cannot_be_given_back(bench, step, caplog):
    away = Transient("The case store does not answer.", system="case store")
    with statements_fail(bench.runtime.store.database.engine, "DELETE FROM slots", away):
        with step():
            pass
        assert GIVING_BACK.try_again()
    assert "a slot of helpdesk could not be given back" in caplog.text
    assert not GIVING_BACK.try_again()
    assert bench.runtime.store.slots.queues() == {}, "it is free as soon as the case store answers, not a minute later"
