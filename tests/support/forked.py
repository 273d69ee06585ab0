"""A plugin of pytest: ``-p tests.support.forked --processes 4`` collects once, then runs the tests in forks.

To import what is tested and to make thousands of tests of it takes ten seconds and more, which each process of
pytest-xdist pays again. A fork shares it. Tests of one ``xdist_group`` run in one process, in their order.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from itertools import count
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from signal import SIGINT
from typing import Any

import pytest
from _pytest.config import create_terminal_writer


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--processes", type=int, default=0, help="run the tests in so many forks of this process")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in forks, if some are asked for."""
    options = session.config.option
    if (
        not options.processes
        or options.collectonly
        or (session.testsfailed and not options.continue_on_collection_errors)
    ):
        return None
    Forks(session).run(options.processes)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    return True


@dataclass(eq=False)
class Fork:
    """A process that runs tests.

    Args:
        pid: The process.
        pipe: To it.
        given: The numbers of the tests that it has to run, or runs.
    """

    pid: int
    pipe: Connection
    given: deque[int]


class Forks:
    """The processes that run a session's tests, each a group whenever it asks for more."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.config = session.config
        groups: dict[str, deque[int]] = {}
        for number, item in enumerate(session.items):
            marker = item.get_closest_marker("xdist_group")
            groups.setdefault(str(marker.args[0]) if marker else item.nodeid, deque()).append(number)
        self.waiting = deque(groups.values())
        self.running: dict[Connection, Fork] = {}
        self.numbers = count()
        # The folder that the forks' own ones lie in.
        self.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]

    def run(self, processes: int) -> None:
        """Run all groups."""
        try:
            for _ in range(min(processes, len(self.waiting))):
                self.start()
            while self.running:
                for pipe in wait(list(self.running)):
                    self.hear(self.running[pipe])  # type: ignore[index]
        except BaseException:
            for fork in self.running.values():
                os.kill(fork.pid, SIGINT)
            raise
        finally:
            for fork in self.running.values():
                os.waitpid(fork.pid, 0)

    def start(self) -> None:
        """Start a process."""
        here, there = Pipe()
        number = next(self.numbers)
        sys.stdout.flush()
        sys.stderr.flush()
        if not (pid := os.fork()):
            for other in (here, *self.running):
                other.close()
            work(self.session, there, number)
        there.close()
        self.running[here] = Fork(pid, here, deque())

    def hear(self, fork: Fork) -> None:
        """Take what a process sends: that it wants tests, how one went, that it ended, or nothing any more."""
        try:
            what, sent = fork.pipe.recv()
        except (EOFError, ConnectionError):
            self.ended(fork)
            return
        if what == "more":
            more = self.waiting.popleft() if self.waiting and not self.session.shouldfail else ()
            fork.given.extend(more)
            with suppress(ConnectionError):
                fork.pipe.send(list(more))
        elif what == "report":
            report = self.config.hook.pytest_report_from_serializable(config=self.config, data=sent)
            self.config.hook.pytest_runtest_logreport(report=report)
        elif what == "warning":
            text, file, line, rest = sent
            told = warnings.WarningMessage(Warning(text), Warning, file, line)
            self.config.hook.pytest_warning_recorded.call_historic(kwargs={"warning_message": told, **rest})
        else:
            item = self.session.items[fork.given.popleft()]
            self.config.hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def ended(self, fork: Fork) -> None:
        """Say in which test a process has ended, if it was in one, and run what it leaves in another one."""
        del self.running[fork.pipe]
        _, status = os.waitpid(fork.pid, 0)
        if not fork.given:
            return
        item = self.session.items[fork.given.popleft()]
        told = f"The process of this test ended: {os.waitstatus_to_exitcode(status)}."
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", told, "call")
        self.config.hook.pytest_runtest_logreport(report=report)
        if fork.given:
            self.waiting.appendleft(fork.given)
            self.start()


def work(session: pytest.Session, pipe: Connection, number: int) -> None:
    """Run the tests that the first process gives, and end the process."""
    try:
        _become_a_fork(session.config, pipe, number)
        _run(session, pipe)
    # Nothing above may go on in this process.
    except BaseException:  # noqa: BLE001
        traceback.print_exc(file=sys.__stderr__)
        with suppress(BaseException):
            session._setupstate.teardown_exact(None)
        os._exit(1)
    os._exit(0)


def _become_a_fork(config: Any, pipe: Connection, number: int) -> None:
    """Give this process what is its own: its name, its folder, its captured output, and where its reports go."""
    os.environ["PYTEST_XDIST_WORKER"] = name = f"gw{number}"
    config._tmp_path_factory._basetemp = config._tmp_path_factory.getbasetemp() / f"fork-{name}"
    config._tmp_path_factory._basetemp.mkdir(mode=0o700)
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    # What is told here is seen by no one; the first process tells it.
    config.pluginmanager.getplugin("terminalreporter")._tw = create_terminal_writer(config, StringIO())
    config.pluginmanager.register(sending := Sending(config, pipe))
    # With its registration it hears of all warnings before.
    sending.is_open = True


class Sending:
    """Sends each report to the first process."""

    def __init__(self, config: pytest.Config, pipe: Connection) -> None:
        self.config = config
        self.pipe = pipe
        self.is_open = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Send how a test went."""
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        self.pipe.send(("report", data))

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Send a warning as its text, since not every one can be sent."""
        text = f"{warning_message.category.__name__}: {warning_message.message}"
        rest = {"when": when, "nodeid": nodeid, "location": location}
        if self.is_open:
            self.pipe.send(("warning", (text, warning_message.filename, warning_message.lineno, rest)))


def _run(session: pytest.Session, pipe: Connection) -> None:
    """Run groups of tests; what follows is known before the last one of a group ends, for its fixtures' sake."""

    def more() -> list[int]:
        pipe.send(("more", None))
        return list(pipe.recv())

    given = deque(more())
    while given:
        item = session.items[given.popleft()]
        given.extend(() if given else more())
        following = session.items[given[0]] if given else None
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        pipe.send(("end", None))
