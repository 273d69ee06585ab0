"""The worker as a child process: it executes the runs of the pool itself, or in processes of their own."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import WorkerStatus

from deployments.catalogue import PoolType
from deployments.local.access import Access
from deployments.local.process import Child
from rightsflow.entry import names

_RUNS_AT_ONCE: Final = "6"
_READY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.25
_QUERY_SECONDS: Final = {PoolType.RESIDENT: "10"}
"""How often the worker asks for runs: one that is woken by events asks for what it may have missed."""


_client = partial(get_client, sync_client=True)


class LocalWorker:
    """A Prefect worker for the runs of this machine.

    Args:
        access: The server and its secret.
        pool_type: Whether it executes the runs itself or starts a process for each.
        log: The file that its output and that of its runs are appended to.
        environment: What the runs need besides this process's own variables.
        note_file: Where its process is noted while it runs.
        launch: Starts its process.
        connect: Gives a client of the server.
        clock: Gives seconds that only grow.
        pause: Waits some seconds.
    """

    def __init__(
        self,
        access: Access,
        pool_type: PoolType,
        log: Path,
        environment: Mapping[str, str],
        note_file: Path | None = None,
        *,
        launch: Callable[..., Child] = Child,
        connect: Callable[[], AbstractContextManager[SyncPrefectClient]] = _client,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._launch, self._connect, self._clock, self._pause = launch, connect, clock, pause
        self._access = access
        self._pool_type = pool_type
        self._log = log
        self._environment = environment
        self._note_file = note_file
        self._name = ""
        self._child: Child | None = None
        self._former: list[Child] = []

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child else None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._child is not None and self._child.is_running

    def start(self) -> None:
        """Start it, also after it died; processes that it left go on by themselves."""
        if self._child is not None:
            self._former.append(self._child)
        # Another name each time: the server takes one that died for alive for a while.
        self._name = f"{socket.gethostname()} {uuid4().hex[:8]}"
        self._child = self._launch(
            [
                *(sys.executable, "-m", "prefect", "worker", "start"),
                *("--pool", self._pool_type.pool, "--type", self._pool_type.value),
                *("--name", self._name, "--limit", _RUNS_AT_ONCE),
            ],
            {
                **self._access.environment,
                "PREFECT_WORKER_QUERY_SECONDS": _QUERY_SECONDS.get(self._pool_type, "1"),
                "PREFECT_LOGGING_LEVEL": "INFO",
                # The server asks for no such tokens, and each client would ask whether it does.
                "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
                "DO_NOT_TRACK": "1",
                # Else glibc gives each of the many threads memory of its own, a tenth more in all.
                "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
                **(names.environment() if self._pool_type is PoolType.PROCESS else {}),
                **self._environment,
            },
            self._log,
            note_file=self._note_file,
        )

    def wait_until_ready(self) -> bool:
        """Wait until it takes runs; returns whether it does. If not, its log says why."""
        deadline = self._clock() + _READY_SECONDS
        with self._connect() as client:
            while self.is_running and self._clock() < deadline:
                workers = []
                # A server that ends meanwhile is started again later on.
                with suppress(httpx.HTTPError):
                    workers = client.read_workers_for_work_pool(self._pool_type.pool)
                if any(one.name == self._name and one.status is WorkerStatus.ONLINE for one in workers):
                    return True
                self._pause(_POLL_SECONDS)
        return False

    def stop(self) -> None:
        """Stop it with the runs it started; their cases go on when they are started again."""
        for child in (*self._former, self._child):
            if child is not None:
                child.stop()
        self._former, self._child = [], None
