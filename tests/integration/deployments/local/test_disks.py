"""A disk of this machine that takes nothing: what it is is said, nothing ends, and all goes on once there is room."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace

import pytest

from deployments.cli.commands.doctor import disks_health
from deployments.local.process import Child
from deployments.local.up import LocalStack, StackParts
from deployments.local.upkeep import DiskWatch, Upkeep
from deployments.local.worker_process import LocalWorker
from deployments.pool_types import PoolType
from deployments.runs.keeper import Duties, Keeper
from deployments.server_access import Access
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import Transient
from rightsflow.files.machine import disk_state
from tests.support.peers.disks import fill, make_read_only, small_disk

LEAST = 64 * 1024
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", "4m") as folder:
        yield folder


def kept(part):
    """What keeps a part going, in a time that passes with each look."""
    now = iter(range(0, 10_000_000, 1000))
    return Upkeep("part", lambda: part.child is not None and part.child.is_running, part.start, lambda: next(now))


class Part:
    """A part with a real process, which ends when it is told to."""

    def __init__(self, folder):
        self.folder, self.child = folder, None

    def start(self):
        self.child = Child(SLEEP, {}, self.folder / "logs" / "part.log", note_file=self.folder / "processes" / "a.json")

    def end(self):
        if self.child:
            self.child.stop()


def test_a_part_whose_log_cannot_be_opened_is_tried_again_until_it_can(disk, caplog):
    """An OSError went through, and ``up`` ended with a traceback while server and worker ran."""
    part = Part(disk)
    upkeep = kept(part)
    make_read_only(disk)
    assert not upkeep.look()
    assert not upkeep.look()
    assert f"The disk of {disk}/logs is read-only; mount it for writing" in caplog.text
    make_read_only(disk, read_only=False)
    assert upkeep.look()
    part.end()


def test_a_part_that_cannot_be_noted_runs_and_can_be_stopped(disk, caplog):
    part = Part(disk)
    part.start()
    part.end()
    ballast = fill(disk)
    upkeep = kept(part)
    assert upkeep.look()
    assert "is full; free space there" in caplog.text
    assert part.child.is_running
    ballast.unlink()
    part.end()
    assert not part.child.is_running


def test_a_worker_on_a_read_only_disk_is_not_taken_for_hung(disk):
    worker = LocalWorker(Access("http://127.0.0.1:1/api"), PoolType.RESIDENT, disk / "worker.log", {})
    (disk / "worker.alive").touch()
    assert [worker.answers(), worker.answers()] == [True, False]
    make_read_only(disk)
    assert worker.answers()
    with pytest.raises(Transient, match="is read-only"):
        worker.start()


def test_a_keeper_that_cannot_show_its_life_goes_on(disk):
    """The thread ended by the OSError, and ended its whole process, at each look anew."""
    looks = []

    class Counting(Keeper):
        def look(self):
            looks.append(1)
            return 0.0

    class Three:
        def wait(self, _seconds):
            return len(looks) >= 3

    make_read_only(disk)
    keeper = Counting(SimpleNamespace(), Duties(None, None, None))
    keeper.end = lambda: None
    keeper.run(Three(), disk / "worker.alive")
    assert len(looks) == 3


def test_the_watch_says_once_what_is_wrong_and_once_that_it_is_over(disk, caplog):
    watch = DiskWatch(disk, LEAST)
    assert watch.look()
    ballast = fill(disk)
    assert [watch.look() for _ in range(3)] == [False] * 3
    assert caplog.text.count("(0 MB free) is full; free space there, then it goes on. Nothing is lost") == 1
    ballast.unlink()
    assert watch.look()
    make_read_only(disk)
    assert not watch.look()
    make_read_only(disk, read_only=False)
    assert watch.look()
    said = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert [("read-only" in one, "can be written again" in one) for one in said] == [
        (False, False),
        (False, True),
        (True, False),
        (False, True),
    ]


def test_what_holds_all_up_stops_all_where_its_note_cannot_be_removed(disk):
    """The note of its address could not be removed, and worker and server were not stopped."""
    stopped = []

    def part(name):
        return SimpleNamespace(
            stop=lambda: stopped.append(name),
            start=lambda **_: None,
            launch=lambda: None,
            wait_until_healthy=lambda: None,
            take_report=lambda: SimpleNamespace(fault="", deployments={}, problems=[]),
            wait_until_ready=lambda: True,
            answers=lambda: True,
            is_running=True,
            gave_up=False,
            restart=lambda: None,
            access=SimpleNamespace(environment={}),
            api_url="",
            ui_url="",
        )

    parts = StackParts(
        choose=lambda *_: (part("database"), ""),
        server=lambda *_, **__: part("server"),
        worker=lambda *_, **__: part("worker"),
    )
    stack = LocalStack(disk, port=0, environment={}, parts=parts)
    with stack.running(lambda _: None):
        (disk / "up.json").unlink()
        (disk / "up.json").mkdir()
        stack._look()
    assert stopped[-2:] == ["worker", "server"]
    make_read_only(disk)
    with pytest.raises(Transient, match="is read-only"), stack.running(lambda _: None):
        pass
    make_read_only(disk, read_only=False)


def doctor(disk, monkeypatch):
    monkeypatch.setenv("RIGHTSFLOW_HOME", str(disk))
    return disks_health(Environment())


def test_doctor_says_what_is_wrong_with_a_disk_and_the_figure_of_each_place(disk, monkeypatch, tmp_path):
    # It said nothing of disks.
    full = doctor(disk, monkeypatch)
    assert not full.ok, "4 MB are too few"
    assert f"The disk of the home {disk} (4 MB free) is full; free space there" in full.detail
    make_read_only(disk)
    told = doctor(disk, monkeypatch)
    assert (told.ok, "is read-only; mount it for writing" in told.detail) == (False, True)
    make_read_only(disk, read_only=False)

    seen = doctor(tmp_path, monkeypatch)
    assert seen.ok
    assert all(
        one in seen.detail.lower() for one in ("home", "case store", "working copies", "temporary files", "free")
    )

    state = disk_state(disk, "it", least=LEAST, scarce=8 * 1024 * 1024)
    assert (state.fault, state.is_scarce) == ("", True)
    assert not disk_state(disk / "missing" / "folder", "it", least=LEAST).fault
