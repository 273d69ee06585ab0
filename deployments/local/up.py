"""``rightsflow up``: the server, the deployments and a worker on this machine, kept running until they are stopped."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from prefect.exceptions import PrefectException
from prefect.settings import (
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_CLIENT_MAX_RETRIES,
    temporary_settings,
)

from deployments.catalogue import DEFAULT_POOL_TYPE, PoolType
from deployments.form_shapes import people_of
from deployments.keeping.keeper import Keeper
from deployments.local.access import read_secret, secure
from deployments.local.choice import DatabaseChoice
from deployments.local.orphans import end_orphans
from deployments.local.stack_parts import StackParts
from deployments.local.upkeep import Upkeep
from deployments.local.worker_process import LocalWorker
from rightsflow.config.settings import Settings
from rightsflow.domain.errors import BadInput, RightsflowError, Transient
from rightsflow.store import Store

logger = logging.getLogger(__name__)

_WATCH_SECONDS: Final = 2.0
SET_UPS: Final = 5
"""How often the deployments are created at most, where the server does not answer."""
_CLIENT: Final = {
    # A few seconds of waiting and not a minute: who waits is who has to start a server again that ended.
    PREFECT_CLIENT_MAX_RETRIES: 1,
    # Our server asks for no such tokens, and each client would ask whether it does.
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: False,
}
"""How this process talks to its server."""

Progress = Callable[[str], None]


class LocalStack:
    """Server, deployments and worker, started together and stopped together.

    Args:
        home: Rightsflow's home; the server's database and the logs lie under it.
        settings: The configuration.
        store: The case store.
        port: The server's port; 0 takes a free one.
        environment: What the runs need besides this process's own variables.
        pool_type: Who executes the runs.
        database: What the server keeps its runs in.
        public_url: The address of a reverse proxy under which people reach the server; empty for none.
        parts: What it is made of.

    Raises:
        BadInput: That database cannot be had here.
        Misconfigured: The home's sign-in cannot be read, or others can read it.
    """

    def __init__(
        self,
        home: Path,
        settings: Settings,
        store: Store,
        *,
        port: int,
        environment: Mapping[str, str],
        pool_type: PoolType = DEFAULT_POOL_TYPE,
        database: DatabaseChoice = DatabaseChoice.AUTO,
        public_url: str = "",
        parts: StackParts | None = None,
    ) -> None:
        self._parts = parts or StackParts()
        self._home = home
        self._settings = settings
        self._store = store
        self._keeper = Keeper(store, self._parts.duties(store, settings))
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
            desk_home=home if settings.has_desk else None,
        )
        log, note = home / "logs" / "worker.log", self._notes / "worker.json"
        desk = {"RIGHTSFLOW_DESK_URL": public_url or self.server.ui_url}
        self.worker = LocalWorker(self.server.access, pool_type, log, {**desk, **environment}, note)
        self._pool_type = pool_type
        self._database_pulse = self._parts.pulse(chosen.answers)
        self._database_upkeep = Upkeep(
            "database of the Prefect server",
            lambda: chosen.is_running and self._database_pulse.is_felt(),
            self._restart_database,
        )
        self._server_upkeep = Upkeep("Prefect server", lambda: self.server.is_running, self.server.restart)
        self._worker_upkeep = Upkeep("worker", lambda: self.worker.is_running, self._start_worker)
        self._database_is_new = False
        self.deployments: dict[str, str] = {}
        self.problems: list[str] = []

    @contextmanager
    def running(self, progress: Progress) -> Iterator[None]:
        """Hold everything up for the duration of the block, with this process talking to that server.

        Args:
            progress: Told in a few words what is being waited for.

        Raises:
            BadInput: Another ``up`` runs on this home, or the port is in use.
            Misconfigured: The password of the mail server for notifications is missing.
            Transient: The server did not start.
        """
        with _only_one(self._home), temporary_settings(self.server.access.settings | _CLIENT):
            try:
                end_orphans(self._notes)
                progress("starting the Prefect server")
                self.server.start()
                progress("creating the deployments")
                self._set_up()
                progress("starting the worker")
                self.worker.start()
                if not self.worker.wait_until_ready():
                    logger.warning(
                        "the worker takes no runs yet; its log %s says why", self._home / "logs" / "worker.log"
                    )
                _write_address(self._home, self.server.api_url)
                yield
            finally:
                progress("stopping")
                (self._home / "up.json").unlink(missing_ok=True)
                self.worker.stop()
                self.server.stop()

    def _set_up(self) -> None:
        """Bring what is on the server up to date; where the server or its database ends meanwhile, once more."""
        for _ in range(SET_UPS):
            try:
                people = people_of(self._settings)
                self.deployments = self._parts.create(self._settings.controller.timezone, self._pool_type, people)
                self.problems = self._parts.notify(self._settings)
                self._keeper.sweep(worker_is_new=True)
                self._parts.move(self._pool_type.pool, self._store, self._settings.names)
                # What fell due while nothing was up is not to wait for the schedule.
                self._parts.sweep()
            except (httpx.HTTPError, PrefectException) as error:
                logger.warning("the Prefect server does not answer (%s); it is tried again", type(error).__name__)
                self._parts.pause(_WATCH_SECONDS)
                self._server_runs()
            else:
                return
        log = self._home / "prefect" / "server.log"
        raise Transient(f"The Prefect server does not answer while deployments are created; its log {log} says why.")

    def watch(self, stop: threading.Event) -> None:
        """Keep database, server and worker alive and start again what a dead one left, until told to stop.

        Args:
            stop: Set it to end the watch.
        """
        seconds = 0.0
        try:
            while not stop.wait(min(seconds, _WATCH_SECONDS)):
                seconds = self._look()
        except KeyboardInterrupt:
            return
        finally:
            self._keeper.end()

    def _look(self) -> float:
        """Look after all parts, and keep runs going; returns for how many seconds nothing is to be kept."""
        if not (self._server_runs() and self._set_up_anew() and self._worker_upkeep.look()):
            return _WATCH_SECONDS
        return self._keeper.look()

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
            self._database_is_new = True
        elif database.is_running:
            logger.warning("the database of the Prefect server hangs; it is ended, and started again")
            database.stop()
        database.start()
        self._database_pulse.reset()

    def _set_up_anew(self) -> bool:
        """Create on a new database what was on the old one; returns whether it is there."""
        if self._database_is_new:
            try:
                self._set_up()
            except RightsflowError as error:
                logger.warning("%s It is tried again.", error)
                return False
            self._database_is_new = False
        return True

    def _start_worker(self) -> None:
        # Before the worker starts, so that what it takes at once is not mistaken for something left behind.
        self._keeper.sweep(worker_is_new=True)
        self.worker.start()


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
    """The address of the server that ``up`` holds up on this home, or ``None``."""
    try:
        noted = json.loads((home / "up.json").read_text(encoding="utf-8"))
        os.kill(int(noted["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return str(noted["api_url"])


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"Rightsflow is up already on {home}; stop that one first, or use another home.") from None
        yield


def _write_address(home: Path, api_url: str) -> None:
    (home / "up.json").write_text(json.dumps({"api_url": api_url, "pid": os.getpid()}), encoding="utf-8")
