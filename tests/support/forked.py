"""Tests in several processes that are forked once all tests are read: ``-p tests.support.forked --processes 4``.

To import and collect them takes longer than many of them, and each process that pytest-xdist starts would do so anew.
As there, what has one ``xdist_group`` runs in one process, in its order. A process that has nothing left takes the next
group; those that need a Prefect server, which take longest, come first, and then the largest.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import struct
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from tempfile import TemporaryFile
from typing import Any

import pytest

_NUMBER = struct.Struct("<I")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the number of processes."""
    parser.addoption("--processes", type=int, default=1, help="processes that run tests, forked after the collection")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in processes of their own; on one process as pytest does it."""
    processes = session.config.option.processes
    if processes < 2 or session.config.option.collectonly or session.testsfailed:
        return None
    _Processes(session, processes).run()
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


def in_groups(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """The tests by the process that they share, in the order in which they begin."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        marker = item.get_closest_marker("xdist_group")
        groups.setdefault(marker.args[0] if marker else item.nodeid, []).append(item)
    return sorted(groups.values(), key=lambda one: (one[0].get_closest_marker("prefect") is None, -len(one)))


class Hooks:
    """What others may add."""

    @pytest.hookspec
    def pytest_before_forking(self, session: pytest.Session) -> None:
        """Prepare what all processes are to find."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let others prepare something before the processes are forked."""
    pluginmanager.add_hookspecs(Hooks)


class _Processes:
    """The process that has read the tests: hands them out, and reports what the others say.

    Args:
        session: What was collected.
        count: How many processes.
    """

    def __init__(self, session: pytest.Session, count: int) -> None:
        self._session = session
        self._config = session.config
        self._count = count
        self._groups = in_groups(session.items)
        # Written at once and read by all; a pipe gives each number to one of them.
        self._numbers, written = os.pipe()
        os.write(written, b"".join(_NUMBER.pack(number) for number in range(len(self._groups))))
        os.close(written)
        self._current: dict[Connection, tuple[str, Any] | None] = {}
        self._pids: dict[Connection, int] = {}

    def run(self) -> None:
        """Run all; a process that is interrupted ends the others."""
        self._config.hook.pytest_before_forking(session=self._session)
        for number in range(self._count):
            self._fork(number)
        try:
            while self._current:
                for one in wait(list(self._current)):
                    self._hear(one)
        finally:
            os.close(self._numbers)
            for one in list(self._current):
                os.kill(self._pids[one], signal.SIGTERM)
                self._reap(one)

    def _fork(self, number: int) -> None:
        receiving, sending = Pipe(duplex=False)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _Process(self._session, number, sending, self._groups, self._numbers).run_and_exit()
        sending.close()
        self._current[receiving] = None
        self._pids[receiving] = pid

    def _hear(self, one: Connection) -> None:
        try:
            kind, told = pickle.loads(one.recv_bytes())
        except EOFError:
            self._ended(one)
            return
        hook = self._config.hook
        if kind == "start":
            self._current[one] = told
            hook.pytest_runtest_logstart(nodeid=told[0], location=told[1])
        elif kind == "finish":
            self._current[one] = None
            hook.pytest_runtest_logfinish(nodeid=told[0], location=told[1])
        elif kind == "warning":
            hook.pytest_warning_recorded.call_historic(kwargs=told)
        else:
            self._report(hook.pytest_report_from_serializable(config=self._config, data=told))

    def _report(self, report: pytest.TestReport) -> None:
        self._config.hook.pytest_runtest_logreport(report=report)
        if self._session.shouldfail or self._session.shouldstop:
            # What has not begun is taken away; each process ends after what it has.
            while os.read(self._numbers, _NUMBER.size):
                pass

    def _ended(self, one: Connection) -> None:
        current, status = self._current[one], self._reap(one)
        if current is not None or status:
            nodeid, location = current or ("a process of the tests", ("", None, ""))
            text = f"The process that ran this test ended with status {status}."
            self._report(pytest.TestReport(nodeid, location, {}, "failed", text, "call"))

    def _reap(self, one: Connection) -> int:
        del self._current[one]
        one.close()
        return os.waitpid(self._pids.pop(one), 0)[1]


class _Process:
    """A forked process, which runs group after group.

    Args:
        session: What was collected.
        number: Which of the processes it is.
        sending: Where it reports to.
        groups: All tests.
        numbers: Gives the number of the next group.
    """

    def __init__(
        self, session: pytest.Session, number: int, sending: Connection, groups: list[list[pytest.Item]], numbers: int
    ) -> None:
        self._session = session
        self._config = session.config
        self._number = number
        self._sending = sending
        self._groups = groups
        self._numbers = numbers

    def run_and_exit(self) -> None:
        """Run what is given, and end without what the process of the collection does at its end."""
        status = 1
        try:
            self._begin()
            self._run()
            status = 0
        except BaseException:  # noqa: BLE001 - whatever it is, it has to be seen, and the process has to end
            os.write(2, traceback.format_exc().encode())
        finally:
            with suppress(Exception):
                atexit._run_exitfuncs()
            os._exit(status)

    def _begin(self) -> None:
        """Take a name, a folder and an output of its own; hear warnings, and report nothing by itself."""
        name = f"gw{self._number}"
        os.environ["PYTEST_XDIST_WORKER"] = name
        factory, plugins = self._config._tmp_path_factory, self._config.pluginmanager
        folder = factory.getbasetemp() / name
        folder.mkdir(mode=0o700)
        factory._basetemp = folder
        captured = plugins.getplugin("capturemanager")._global_capturing
        for one in filter(None, (captured.out, captured.err) if captured else ()):
            # What was imported may hold on to the file, whose place in it all processes would share.
            with TemporaryFile(buffering=0) as fresh:
                os.dup2(fresh.fileno(), one.tmpfile.fileno(), inheritable=False)
        plugins.unregister(name="terminalreporter")
        plugins.register(self)

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        """Hand on a warning, as text where it is of a sort that cannot be sent."""
        told = warnings.WarningMessage(
            UserWarning(f"{warning_message.category.__name__}: {warning_message.message}"),
            UserWarning,
            warning_message.filename,
            warning_message.lineno,
        )
        self._tell("warning", {"warning_message": told, "when": when, "nodeid": nodeid, "location": location})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hand on a report."""
        self._tell("report", self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def _run(self) -> None:
        given = self._given()
        item = next(given, None)
        while item is not None:
            # What shares a fixture with the next test is kept for it.
            following = next(given, None)
            self._tell("start", (item.nodeid, item.location))
            self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._tell("finish", (item.nodeid, item.location))
            item = following

    def _given(self) -> Iterator[pytest.Item]:
        while number := os.read(self._numbers, _NUMBER.size):
            yield from self._groups[_NUMBER.unpack(number)[0]]

    def _tell(self, kind: str, told: Any) -> None:
        self._sending.send_bytes(pickle.dumps((kind, told)))
