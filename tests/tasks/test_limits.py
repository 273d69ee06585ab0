"""Slots handed on within a process: by the limit's own calls, a fake of Prefect's, counted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tasks import limits
from tasks.limits import LEASE_SECONDS, PREFIX, one_of_few

PATIENCE = 10


class Prefect:
    """Its concurrency limits: so many slots, or none left."""

    def __init__(self) -> None:
        self.names, self.options, self.given, self.full = [], [], 0, False
        self._free = threading.Condition()

    @contextmanager
    def concurrency(self, name, **options):
        if self.full:
            raise TimeoutError
        self.names.append(name)
        self.options.append(options)
        with self._free:
            self.given += 1
        try:
            yield
        finally:
            with self._free:
                self.given -= 1
                self._free.notify_all()

    def is_left(self, slots):
        """Wait until only so many slots are given."""
        with self._free:
            return self._free.wait_for(lambda: self.given == slots, PATIENCE)


class Clock:
    """The time as the test has it; its timers go off when they are told to."""

    now = 0.0

    def monotonic(self):
        return self.now


class Timers:
    """Timers that are set and not waited for."""

    def __init__(self) -> None:
        self.set = []

    def __call__(self, seconds, function):
        self.set.append((seconds, function))
        return SimpleNamespace(start=lambda: None)

    def go_off(self):
        waiting, self.set = self.set, []
        for _, function in waiting:
            function()


@pytest.fixture
def prefect(monkeypatch):
    made = Prefect()
    monkeypatch.setattr(limits, "concurrency", made.concurrency)
    return made


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(limits, "time", made)
    return made


@pytest.fixture
def timers(monkeypatch):
    made = Timers()
    monkeypatch.setattr(limits.threading, "Timer", made)
    return made


@pytest.fixture
def system(request, prefect, clock, timers):
    """A system of the test's own; its idle slots go back at the end."""
    yield request.node.name
    clock.now += 1_000
    timers.go_off()
    assert prefect.is_left(0)


def test_prefect_is_asked_once_for_steps_one_after_another(prefect, system):
    for _ in range(20):
        with one_of_few(system):
            assert prefect.given == 1
    assert prefect.names == [f"{PREFIX}{system}"]
    (options,) = prefect.options
    assert (options["occupy"], options["strict"], options["lease_duration"]) == (1, False, LEASE_SECONDS)


def test_steps_side_by_side_have_a_slot_each(prefect, system):
    meeting = threading.Barrier(3)

    def step(_):
        with one_of_few(system):
            meeting.wait(PATIENCE)
            return prefect.given

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(step, range(3))) == [3, 3, 3]
    with one_of_few(system):
        assert len(prefect.names) == 3


def test_another_system_has_slots_of_its_own(prefect, system):
    with one_of_few(system):
        pass
    with one_of_few(f"{system} 2"):
        assert prefect.names == [f"{PREFIX}{system}", f"{PREFIX}{system} 2"]


def test_a_slot_goes_back_when_nobody_has_wanted_it_for_a_moment(prefect, system, clock, timers):
    for _ in range(2):
        with one_of_few(system):
            pass
    clock.now += limits.IDLE_SECONDS / 2
    ((seconds, _),) = timers.set
    assert seconds <= limits.IDLE_SECONDS / 2
    timers.go_off()
    assert prefect.given == 1
    clock.now += limits.IDLE_SECONDS / 2
    timers.go_off()
    assert prefect.is_left(0)
    assert timers.set == [], "nobody looks while there is nothing"
    with one_of_few(system):
        assert len(prefect.names) == 2


@pytest.mark.parametrize(("held", "is_kept"), [(0.0, True), (0.1, False)])
def test_after_a_quarter_of_a_minute_others_get_their_turn(prefect, system, clock, held, is_kept):
    with one_of_few(system):
        clock.now += limits.HELD_SECONDS + held
    assert prefect.given == is_kept


def test_a_failing_step_leaves_its_slot_to_the_next(prefect, system):
    with pytest.raises(ValueError, match="inside"), one_of_few(system):
        raise ValueError("inside")
    with one_of_few(system):
        assert len(prefect.names) == 1


def test_a_wait_that_takes_too_long_is_raised_where_the_slot_was_wanted(prefect, system):
    prefect.full = True
    with pytest.raises(TimeoutError), one_of_few(system, longest=0.2):
        pytest.fail("there was none")
    prefect.full = False
    with one_of_few(system, longest=0.2):
        assert prefect.options[0]["timeout_seconds"] == 0.2
