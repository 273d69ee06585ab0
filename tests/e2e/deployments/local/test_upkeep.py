"""A part that ended is started again: at once, then after longer and longer waits if it ends each time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from deployments.local.upkeep import FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS, Upkeep
from rightsflow.domain.errors import Transient


class Part:
    """A part of the stack, and the time."""

    def __init__(self):
        self.now, self.is_running, self.starts, self.fault = 0.0, True, [], None

    def start(self):
        self.starts.append(self.now)
        if self.fault:
            raise self.fault
        self.is_running = True


@pytest.fixture
def part():
    return Part()


@pytest.fixture
def upkeep(part):
    return Upkeep("Prefect server", lambda: part.is_running, part.start, lambda: part.now)


def live(part, upkeep, seconds):
    """Look every half a second, as ``up`` does about."""
    until = part.now + seconds
    while part.now < until:
        upkeep.look()
        part.now += 0.5


def test_one_that_runs_is_left_alone_and_one_that_ended_is_started_again_at_once(part, upkeep, caplog):
    live(part, upkeep, 100)
    assert part.starts == []

    # The end of the Prefect server was the end of ``up``.
    live(part, upkeep, STEADY_SECONDS + 1)
    part.is_running = False
    assert upkeep.look()
    assert part.starts == [part.now]
    assert "the Prefect server ended; it is started again" in caplog.text


def test_one_that_does_not_start_is_tried_less_and_less_often(part, upkeep, caplog):
    part.is_running, part.fault = False, Transient("Its log says why.")
    assert not upkeep.look()
    live(part, upkeep, 600)
    waits = [later - earlier for earlier, later in pairwise(part.starts)]
    assert waits[0] == FIRST_PAUSE
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_PAUSE
    assert "did not start: Its log says why. It is tried again in" in caplog.text


def test_one_that_ends_each_time_is_no_faster(part, upkeep):
    for _ in range(1200):
        part.is_running = False
        upkeep.look()
        part.now += 0.5
    assert len(part.starts) < 20


def test_after_a_steady_while_it_is_started_at_once_again(part, upkeep):
    for _ in range(100):
        part.is_running = False
        upkeep.look()
        part.now += 0.5
    part.is_running = True
    live(part, upkeep, 2 * STEADY_SECONDS)
    part.is_running = False
    assert upkeep.look()
