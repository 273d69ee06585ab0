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
        self.asleep, self.asked = False, 0
        self._free = threading.Condition()

    @contextmanager
    def concurrency(self, name, **options):
        if self.full:
            raise TimeoutError
        with self._free:
            self.asked += 1
            self._free.notify_all()
            if not self._free.wait_for(lambda: not self.asleep, options["timeout_seconds"]):
                raise TimeoutError
        self.names.append(name)
        self.options.append(options)
        with self._free:
            self.given += 1
            self._free.notify_all()
        try:
            yield
        finally:
            with self._free:
                self.given -= 1
                self._free.notify_all()

    def is_asked(self, times):
        """Wait until it has been asked so often."""
        with self._free:
            return self._free.wait_for(lambda: self.asked == times, PATIENCE)

    def wake(self):
        """Let those who ask have their slots."""
        with self._free:
            self.asleep = False
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

    def go_off_aside(self):
        """As timers do, in threads of their own."""
        waiting, self.set = self.set, []
        for _, function in waiting:
            threading.Thread(target=function, daemon=True).start()

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


@pytest.fixture
def pool():
    with ThreadPoolExecutor(3) as made:
        yield made


def step(system, longest=None):
    with one_of_few(system, longest):
        return "done"


def test_a_slot_goes_to_the_step_that_waits_for_prefect_and_what_prefect_gives_then_is_kept(prefect, system, pool):
    with one_of_few(system):
        prefect.asleep = True
        waiting = pool.submit(step, system)
        assert prefect.is_asked(2)
    assert waiting.result(PATIENCE) == "done"
    assert len(prefect.names) == 1
    prefect.wake()
    assert prefect.is_left(2)


def test_the_one_that_waited_longest_is_served_first(prefect, system, pool):
    order = []

    def noting(number):
        with one_of_few(system):
            order.append(number)

    with one_of_few(system):
        prefect.asleep = True
        for number in range(3):
            pool.submit(noting, number)
            assert prefect.is_asked(number + 2)
    pool.shutdown()
    assert order == [0, 1, 2]
    prefect.wake()
    assert prefect.is_left(4)


def test_when_the_asking_for_a_step_that_was_served_ends_another_still_gets_its_slot(prefect, system, pool):
    with one_of_few(system):
        prefect.asleep = True
        first = pool.submit(step, system, 1.0)
        assert prefect.is_asked(2)
    assert first.result(PATIENCE) == "done"
    slots = limits._slots_of(system)
    with slots._lock:
        kept = slots._idle.pop()[1]
    later = pool.submit(step, system)
    # The first one's asking ends after a second, and then it is asked for the other.
    assert prefect.is_asked(3)
    prefect.wake()
    assert later.result(PATIENCE) == "done"
    kept.release()


def test_a_slot_that_went_back_is_asked_for_again_while_steps_wait(prefect, system, pool, clock, timers):
    with one_of_few(system):
        prefect.asleep = True
        waiting = pool.submit(step, system)
        assert prefect.is_asked(2)
        clock.now += limits.HELD_SECONDS + 1
    assert prefect.given == 0
    assert [seconds for seconds, _ in timers.set] == [limits.OTHERS_SECONDS]
    prefect.wake()
    timers.go_off_aside()
    assert waiting.result(PATIENCE) == "done"
    assert prefect.is_left(2)


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


def test_a_step_that_is_stopped_just_as_it_is_served_leaves_its_slot(prefect, system, monkeypatch):
    result, stops = limits._Turn.result, [KeyboardInterrupt]

    def stopped_once(turn, timeout=None):
        given = result(turn, timeout)
        if stops:
            raise stops.pop()
        return given

    monkeypatch.setattr(limits._Turn, "result", stopped_once)
    with pytest.raises(KeyboardInterrupt), one_of_few(system):
        pytest.fail("it was stopped before")
    with one_of_few(system):
        assert prefect.given == 1
