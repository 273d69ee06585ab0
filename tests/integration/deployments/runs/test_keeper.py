"""The keeper: one of several acts, and one that is gone is replaced; a server that is away is waited for."""

from __future__ import annotations

import threading
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from deployments.runs.keeper import Duties, Keeper
from rightsflow.store.tables import RoleRow
from tests.support.bench import running_bench


class Work:
    """In the place of all that the keeper does: counts what it is asked for, and fails where it is told to."""

    def __init__(self, fault=None):
        self.sweeps = self.starts = 0
        self.waits = False
        self.error, self.fault = None, fault

    def sweep(self, **_):
        self.sweeps += 1
        if self.fault:
            raise self.fault
        return 0

    def start(self):
        self.starts += 1
        if self.error:
            raise self.error
        return self.waits


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        yield made


@pytest.fixture
def moment():
    return [100.0]


@pytest.fixture
def keeping(bench, moment):
    def make(restorer=None):
        work = Work()
        return Keeper(bench.runtime.store, Duties(work, work, restorer or Work()), lambda: moment[0]), work

    return make


def live(keeper, moment, seconds):
    """Let it look for so many seconds; returns how often it looked."""
    looks, end = 0, moment[0] + seconds
    while moment[0] < end:
        pause = keeper.look()
        assert pause > 0
        moment[0] += pause
        looks += 1
    return looks


def test_it_looks_every_two_seconds_while_cases_wait_and_seldom_otherwise(keeping, moment):
    keeper, work = keeping()
    assert live(keeper, moment, 32) == 8
    assert work.sweeps == 1
    work.waits = True
    live(keeper, moment, 1)
    assert live(keeper, moment, 32) == 16
    assert work.sweeps == 4


def test_one_of_two_acts_and_the_other_takes_over(keeping, moment, bench):
    (first, of_first), (second, of_second) = keeping(), keeping()
    live(first, moment, 8)
    live(second, moment, 8)
    assert (of_first.starts > 0, of_second.starts) == (True, 0)
    first.end()
    live(second, moment, 8)
    assert of_second.starts > 0
    # Killed, on another machine: its lease ends.
    with bench.runtime.store.database.transaction() as session:
        session.execute(update(RoleRow).values(host="another machine"))
    before = of_first.starts
    live(first, moment, 4)
    assert of_first.starts == before
    bench.pass_time(timedelta(seconds=61))
    live(first, moment, 8)
    assert of_first.starts > before


def test_a_server_that_is_away_is_waited_for_and_told_of_once(keeping, moment, caplog):
    keeper, work = keeping()
    work.error = httpx.ConnectError("no route to anna.quill@example.com")
    live(keeper, moment, 60)
    assert work.starts == 8
    work.error = None
    live(keeper, moment, 8)
    assert [record.getMessage() for record in caplog.records] == [
        "server or case store do not answer (ConnectError); they are waited for",
        "server and case store answer again",
    ]


def test_deployments_that_cannot_be_restored_hold_up_no_case(keeping, moment):
    restorer = Work(httpx.ReadTimeout("no answer"))
    keeper, work = keeping(restorer)
    live(keeper, moment, 60)
    assert restorer.sweeps == work.sweeps == 3


def test_it_ends_when_it_is_told_to_and_leaves_the_role(keeping, moment, bench, tmp_path):
    keeper, work = keeping()
    stop, alive = threading.Event(), tmp_path / "alive"
    thread = threading.Thread(target=keeper.run, args=(stop, alive))
    thread.start()
    while not alive.exists():
        stop.wait(0.01)
    assert work.starts
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert bench.runtime.store.take_role("keeper", "another")
