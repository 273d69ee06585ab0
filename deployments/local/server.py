"""The Prefect server as a child process with settings for one machine, and calls to it without Prefect's client."""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

from deployments.local.database import ServerDatabase
from deployments.local.process import Child
from deployments.local.starting_page import answer_starting, held_port
from deployments.ports import free_port, is_free
from deployments.server_access import Access, new_secret, own_addresses
from rightsflow.domain.errors import BadInput, Transient

_SECONDS: Final = 2.0
_OK: Final = 200
_ONLINE: Final = "ONLINE"


def serves(api_url: str) -> bool:
    """Return True if a Prefect server serves at an address.

    Args:
        api_url: The address of its API.
    """
    try:
        return _call(Access(api_url), "GET", "/health")[0] == _OK
    except (OSError, HTTPException):
        return False


def online_workers(access: Access, pool: str) -> set[str]:
    """Return the names of a pool's workers that the server takes for alive; none where it does not answer.

    Args:
        access: The server and its secret.
        pool: The work pool.
    """
    try:
        status, answer = _call(access, "POST", f"/work_pools/{quote(pool, safe='')}/workers/filter", {})
        found = json.loads(answer) if status == _OK else []
    except (OSError, HTTPException, ValueError):
        return set()
    return {str(load["name"]) for load in found if load["status"] == _ONLINE}


def _call(access: Access, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    at = urlsplit(access.api_url)
    connection = HTTPConnection(at.hostname or "", at.port, timeout=_SECONDS)
    headers = {"Content-Type": "application/json"}
    if access.secret:
        headers["Authorization"] = f"Basic {base64.b64encode(access.secret.encode()).decode()}"
    try:
        connection.request(method, f"{at.path}{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


DEFAULT_PORT: Final = 4200
_READY_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.25

# Batches spare SQLite most of its lock waits; nothing is sent to anybody outside.
_SETTINGS: Final = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # By whatever address the UI is opened, it calls the API by the same.
    "PREFECT_SERVER_UI_API_URL": "/api",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "5",
    # What looks for work every few seconds looks less often: nothing of ours waits for it. Our worker hears of runs by
    # events, takes what is due by itself and asks every ten seconds besides; gates have no time at which they expire,
    # and the silence of the watch is told after an hour.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT60S",
    # Else glibc gives each of the server's threads memory of its own.
    "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
}

_KEPT_CONNECTIONS: Final = {"sqlite": "2", "postgresql": "3"}
"""The number of connections that stay open while idle, by database; up to ten more are opened on demand, which
on PostgreSQL takes a process and tens of milliseconds each."""


class LocalServer:
    """A Prefect server on the loopback interface.

    Args:
        folder: Where its log and its own files lie.
        database: What it keeps its runs in; started before it and stopped after it.
        port: Its port; 0 takes a free one.
        secret: What it asks programs and people for; one of its own by default, which ends with it.
        public_url: The address of a reverse proxy under which people reach it; empty for none.
        note_file: Where its process is noted while it runs.
        desk_home: Rightsflow's home, where the desk is served in front of Prefect's pages; ``None`` for no desk.
        variables: Prefect's settings that are to differ from ours, as variables.
        launch: Starts its process.
        is_healthy: Says of the address of its API whether it serves.
        ready_seconds: How long it may take until it serves.
    """

    def __init__(
        self,
        folder: Path,
        database: ServerDatabase,
        port: int = DEFAULT_PORT,
        *,
        secret: str = "",
        public_url: str = "",
        note_file: Path | None = None,
        desk_home: Path | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        launch: Callable[..., Child] = Child,
        is_healthy: Callable[[str], bool] = serves,
        ready_seconds: float = _READY_SECONDS,
    ) -> None:
        self._ready_seconds = ready_seconds
        self._variables = dict(variables)
        self._start_process = launch
        self._is_healthy = is_healthy
        self._desk_home = desk_home
        self._folder = folder
        self.database = database
        self.port = port or free_port()
        self._secret = secret or new_secret()
        self._addresses = own_addresses(self.port, public_url)
        self._note_file = note_file
        self._child: Child | None = None
        self._held: socket.socket | None = None

    @property
    def api_url(self) -> str:
        """The address for ``PREFECT_API_URL``."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def access(self) -> Access:
        """The access of a program to the server."""
        return Access(self.api_url, self._secret)

    @property
    def ui_url(self) -> str:
        """The address for the browser."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """True if the process lives."""
        return self._child is not None and self._child.is_running

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child else None

    def start(self, waiting: Callable[[], None] = lambda: None) -> None:
        """Start it and wait until it is healthy.

        Args:
            waiting: Called now and then meanwhile, to show progress.

        Raises:
            BadInput: The port is in use, or the database cannot be used here.
            Transient: It or its database did not become healthy; a log says why.
        """
        self.launch()
        self.wait_until_healthy(waiting)

    def launch(self) -> None:
        """Start its database and its process, which serves some seconds later.

        Raises:
            BadInput: The port is in use, or the database cannot be used here.
            Transient: The database did not become healthy; its log says why.
        """
        if not is_free(self.port):
            raise BadInput(f"The port {self.port} is in use; stop what uses it, or give another with --port.")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.database.start()
        try:
            self._launch()
        except Transient:
            self.stop()
            raise

    def wait_until_healthy(self, waiting: Callable[[], None] = lambda: None) -> None:
        """Wait for the process that was launched; one that does not become healthy is stopped.

        Args:
            waiting: Called now and then meanwhile, to show progress.

        Raises:
            Transient: It did not become healthy; its log says why.
        """
        try:
            self._wait(waiting)
        except Transient:
            self.stop()
            raise

    def restart(self) -> None:
        """Start it again after it ended, at the same address; the database goes on.

        Raises:
            Transient: It did not become healthy; its log says why.
        """
        self.end()
        self._launch()
        self._wait(lambda: None)

    def _launch(self) -> None:
        self._held = self._held or held_port(self.port)
        self._child = self._start_process(
            [
                sys.executable,
                "-P",
                "-m",
                "rightsflow.entry",
                "deployments.front",
                "--port",
                str(self.port),
                "--listening",
                str(self._held.fileno()),
                *self._desk(),
            ],
            _SETTINGS
            | self.access.environment
            | {
                "PREFECT_HOME": str(self._folder),
                "PREFECT_SERVER_API_AUTH_STRING": self._secret,
                "RIGHTSFLOW_SERVER_ADDRESSES": " ".join(self._addresses),
                "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(self._addresses),
                "PREFECT_SERVER_DATABASE_CONNECTION_URL": self.database.url,
                "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": _KEPT_CONNECTIONS[self.database.url.partition("+")[0]],
            }
            | ({"RIGHTSFLOW_HOME": str(self._desk_home)} if self._desk_home else {})
            | self._variables,
            self._folder / "server.log",
            note_file=self._note_file,
            pass_fds=(self._held.fileno(),),
        )

    def _wait(self, waiting: Callable[[], None]) -> None:
        deadline = time.monotonic() + self._ready_seconds
        while not self._is_healthy(self.api_url):
            if not self.is_running or time.monotonic() > deadline:
                raise Transient(self._why_not())
            waiting()
            if self._held:
                answer_starting(self._held)
            time.sleep(_POLL_SECONDS)

    def _why_not(self) -> str:
        """End what did not start, and say why: one that is only slow has nothing of that in its log."""
        log, lives = self._folder / "server.log", self.is_running
        self.end()
        if not lives:
            return f"The Prefect server ended before it served; its log {log} says why."
        return (
            f"The Prefect server did not answer within {self._ready_seconds:.0f} seconds; start it again once the "
            f"machine has less to do. If it has little to do, look into its log {log}."
        )

    def _desk(self) -> tuple[str, ...]:
        return ("--desk",) if self._desk_home else ()

    def stop(self) -> None:
        """Stop it with everything it started, and give back its port."""
        self.end()
        if self._held:
            self._held.close()
            self._held = None
        self.database.stop()

    def end(self) -> None:
        """End its process; the database goes on."""
        if self._child is not None:
            self._child.stop()
            self._child = None
