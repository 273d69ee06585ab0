"""``rightsflow up``: the server, a worker and, where it is configured, the listener, kept running on this machine.

This process only starts, watches and stops: it imports nothing that the others need for their work. Creating the
deployments and keeping runs going is done in the worker's process (:mod:`deployments.local.keeping_worker`).
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deployments.local.database import DatabaseChoice, ServerDatabase, choose_database
from deployments.local.listener_process import ListenerAddress, LocalListener
from deployments.local.process import end_orphans
from deployments.local.server import LocalServer
from deployments.local.upkeep import DiskWatch, Pulse, Upkeep
from deployments.local.worker_process import LocalWorker
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from deployments.server_access import read_secret, secure
from rightsflow.domain.errors import BadInput, RightsflowError, Transient
from rightsflow.files.machine import naming_disk


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParts:
    """The makers of the parts.

    Args:
        choose: Chooses the server's database.
        server: Makes the server.
        worker: Makes the worker.
        listener: Makes the listener for what others send.
        pulse: Makes what feels whether database and worker answer.
        disk: Makes what looks after the home's disk.
        clock: Gives seconds that only grow.
        pause: Waits some seconds.
    """

    choose: Callable[..., tuple[ServerDatabase, str]] = choose_database
    server: Callable[..., LocalServer] = LocalServer
    worker: Callable[..., LocalWorker] = LocalWorker
    listener: Callable[..., LocalListener] = LocalListener
    pulse: Callable[..., Pulse] = Pulse
    disk: Callable[..., DiskWatch] = DiskWatch
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


logger = logging.getLogger(__name__)

_WATCH_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.25
_SET_UP_SECONDS: Final = 180.0
"""The time limit of the set-up, a start of the worker included."""

_WORKER_HUNG_SECONDS: Final = 300.0
"""For how long the keeper beside the worker does nothing before both are taken for hung; a sweep may take a minute."""

Progress = Callable[[str], None]


class LocalStack:
    """Server, deployments and worker, started together and stopped together.

    Args:
        home: Rightsflow's home; the server's database and the logs lie under it.
        port: The server's port; 0 takes a free one.
        environment: What the runs need besides this process's own variables.
        pool_type: Who executes the runs.
        database: What the server keeps its runs in.
        public_url: The address of a reverse proxy under which people reach the server; empty for none.
        has_desk: Whether the desk is served in front of Prefect's pages.
        store_figures: The port at which the case store's figures are served; 0 for none.
        listens_at: Where what others send is listened to; ``None`` where nothing is.
        parts: What it is made of.

    Raises:
        BadInput: That database cannot be had here.
        Misconfigured: The home's sign-in cannot be read, or others can read it.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int,
        environment: Mapping[str, str],
        pool_type: PoolType = DEFAULT_POOL_TYPE,
        database: DatabaseChoice = DatabaseChoice.AUTO,
        public_url: str = "",
        has_desk: bool = False,
        store_figures: int = 0,
        listens_at: ListenerAddress | None = None,
        parts: StackParts | None = None,
    ) -> None:
        self._parts = parts or StackParts()
        self._home = home
        chosen, self.note = self._parts.choose(database, home / "prefect")
        self.has_new_sign_in = secure(home)
        self._notes = home / "processes"
        self.server = self._parts.server(
            home / "prefect",
            chosen,
            port,
            secret=read_secret(home),
            public_url=public_url,
            note_file=self._notes / "server.json",
            desk_home=home if has_desk else None,
        )
        self._worker_log = home / "logs" / "worker.log"
        desk = {"RIGHTSFLOW_DESK_URL": public_url or self.server.ui_url}
        self.worker = self._parts.worker(
            self.server.access,
            pool_type,
            self._worker_log,
            {**desk, **environment},
            self._notes / "worker.json",
            store_figures=store_figures,
        )
        self.listener = self._listener(listens_at, environment) if listens_at else None
        self._is_set_up = False
        self.deployments: dict[str, str] = {}
        self.problems: list[str] = []
        self._watch(chosen)

    def _watch(self, chosen: ServerDatabase) -> None:
        """Make what sees that each process lives, and starts it again."""
        self._database_pulse = self._parts.pulse(chosen.answers)
        self._worker_pulse = self._parts.pulse(self.worker.answers, _WORKER_HUNG_SECONDS)
        self._database_upkeep = Upkeep(
            "database of the Prefect server",
            lambda: chosen.is_running and self._database_pulse.is_felt(),
            self._restart_database,
        )
        self._server_upkeep = Upkeep("Prefect server", lambda: self.server.is_running, self.server.restart)
        self._worker_upkeep = Upkeep(
            "worker", lambda: self.worker.is_running and self._worker_pulse.is_felt(), self._start_worker
        )
        self._listener_upkeep = _upkeep_of(self.listener) if self.listener else None
        self._disk = self._parts.disk(self._home)

    def _listener(self, address: ListenerAddress, environment: Mapping[str, str]) -> LocalListener:
        variables = {**self.server.access.environment, **environment}
        log = self._home / "logs" / "listener.log"
        return self._parts.listener(address, log, variables, self._notes / "listener.json")

    @contextmanager
    def running(self, progress: Progress, meanwhile: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold everything up for the duration of the block.

        The worker loads what it needs while database and server start, and then waits for the server.

        Args:
            progress: Told in a few words what is being waited for.
            meanwhile: Called once while both start.

        Raises:
            BadInput: Another ``up`` runs on this home, the port is in use, or the configuration has to be put right.
            Transient: The server or the worker did not start.
        """
        with only_one(self._home):
            try:
                end_orphans(self._notes)
                progress("starting the Prefect server and the worker")
                self._start_worker()
                self.server.launch()
                meanwhile()
                self.server.wait_until_healthy()
                progress("waiting for the worker, which creates the deployments")
                self._wait_until_set_up()
                if not self.worker.wait_until_ready():
                    logger.warning("the worker takes no runs yet; its log %s says why", self._worker_log)
                self._start_listener(progress)
                _write_address(self._home, self.server.api_url)
                yield
            finally:
                progress("stopping")
                # On a disk that takes nothing everything is stopped all the same.
                with suppress(OSError):
                    (self._home / "up.json").unlink(missing_ok=True)
                if self.listener:
                    self.listener.stop()
                self.worker.stop()
                self.server.stop()

    def _start_listener(self, progress: Progress) -> None:
        """Start the listener, where there is one; without it everything else goes on, and it is tried again."""
        if self.listener is None:
            return
        progress("starting the listener for what others send")
        self.listener.start()
        if not self.listener.wait_until_ready():
            self.problems.append(f"The listener takes nothing yet; its log {self.listener.log} says why.")

    def _wait_until_set_up(self) -> None:
        """Wait for the worker to set the server up; a part that is killed meanwhile is started again."""
        until = self._parts.clock() + _SET_UP_SECONDS
        while True:
            # Before the report is looked for, which one that gives up may have written.
            has_given_up = self.worker.gave_up
            if self._take_report():
                return
            if has_given_up or self._parts.clock() > until:
                raise Transient(f"The deployments could not be created; the worker's log {self._worker_log} says why.")
            if self._server_runs():
                self._worker_upkeep.look()
            self._parts.pause(_LOOK_SECONDS)

    def _take_report(self) -> bool:
        """Read what became of setting up; returns whether that is done."""
        report = self.worker.take_report()
        if report is None:
            return False
        if report.fault:
            raise report.error
        self.deployments, self.problems, self._is_set_up = report.deployments, report.problems, True
        return True

    def watch(self, stop: threading.Event) -> None:
        """Keep database, server and worker alive, until told to stop.

        Args:
            stop: Set it to end the watch.
        """
        try:
            while not stop.wait(_WATCH_SECONDS):
                self._look()
        except KeyboardInterrupt:
            return

    def _look(self) -> None:
        """Look after all parts; on a disk that takes nothing they are left as they are, and tried again later."""
        self._disk.look()
        if self._listener_upkeep:
            # It needs the case store alone, so that it goes on while the server does not.
            self._listener_upkeep.look()
        if self._server_runs() and self._worker_upkeep.look() and not self._is_set_up:
            try:
                self._take_report()
            except RightsflowError as error:
                logger.warning("%s It is tried again.", error)

    def _server_runs(self) -> bool:
        """Start the database or the server again where it ended; returns whether both run."""
        return self._database_upkeep.look() and self._server_upkeep.look()

    def _restart_database(self) -> None:
        database = self.server.database
        if not database.has_data:
            logger.warning(
                "the files of the Prefect server's database are gone; a new one is made, and the open cases are "
                "started again from the case store, each up to the gate at which it waited"
            )
            # Both would go on with what is deleted.
            self.worker.stop()
            self.server.end()
            database.stop()
            self._is_set_up = False
        elif database.is_running:
            logger.warning("the database of the Prefect server hangs; it is ended, and started again")
            database.stop()
        database.start()
        self._database_pulse.reset()

    def _start_worker(self) -> None:
        if self.worker.is_running:
            logger.warning("the worker hangs; it is ended, and started again")
            self.worker.stop()
        self.worker.start(set_up=not self._is_set_up)
        self._worker_pulse.reset()


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Let Ctrl-C and SIGTERM set the event and interrupt what goes on, once: a second one must not disturb the stop."""
    stop = threading.Event()

    def interrupt(*_: object) -> None:
        if not stop.is_set():
            stop.set()
            raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def running_api_url(home: Path) -> str | None:
    """Return the address of the server that ``up`` runs on this home, or ``None``."""
    try:
        noted = json.loads((home / "up.json").read_text(encoding="utf-8"))
        os.kill(int(noted["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return str(noted["api_url"])


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Let no second ``up`` run on a home for the duration of the block.

    Args:
        home: Rightsflow's home.

    Raises:
        BadInput: One runs.
        Transient: The home's disk takes nothing.
    """
    with naming_disk(str(home)):
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "up.lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"Rightsflow is up already on {home}; stop that one first, or use another home.") from None
        yield


def _write_address(home: Path, api_url: str) -> None:
    with naming_disk(str(home)):
        _ = (home / "up.json").write_text(json.dumps({"api_url": api_url, "pid": os.getpid()}), encoding="utf-8")


def _upkeep_of(listener: LocalListener) -> Upkeep:
    return Upkeep("listener", lambda: listener.is_running, listener.start)
