"""The worker as a child process: it executes the pool's runs, and reports how setting up the server went."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

from deployments.local.process import Child
from deployments.local.server import online_workers
from deployments.pool_types import PoolType
from deployments.server_access import Access
from rightsflow.domain.errors import BadInput, RightsflowError, Transient
from rightsflow.entry import names
from rightsflow.files.machine import naming_disk


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpReport:
    """The result of setting up the server.

    Args:
        deployments: The deployments' ids by flow name.
        problems: What is missing for the notifications, a sentence each.
        fault: Why it could not be done, in one sentence; empty where it was.
        is_for_a_person: Whether a person has to put the fault right before it can be done.
    """

    deployments: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    fault: str = ""
    is_for_a_person: bool = False

    @property
    def error(self) -> RightsflowError:
        """The fault as an error."""
        return BadInput(self.fault) if self.is_for_a_person else Transient(self.fault)

    def write(self, file: Path) -> None:
        """Write it, at once or not at all.

        Args:
            file: Where.
        """
        fresh = file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            json.dump(asdict(self), opened)
        fresh.replace(file)

    @classmethod
    def read(cls, file: Path) -> SetUpReport | None:
        """Read it; ``None`` where it is not there yet.

        Args:
            file: Where.
        """
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


_RUNS_AT_ONCE: Final = "6"
_READY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.25
_QUERY_SECONDS: Final = {PoolType.RESIDENT: "10"}
"""The interval at which the worker asks for runs: a worker woken by events asks only for missed ones."""


class LocalWorker:
    """A Prefect worker for the runs of this machine.

    Args:
        access: The server and its secret.
        pool_type: Whether it executes the runs itself or starts a process for each.
        log: The file that its output and that of its runs are appended to.
        environment: What the runs need besides this process's own variables.
        note_file: Where its process is noted while it runs.
        store_figures: The port at which it serves the case store's figures; 0 for none.
        launch: Starts its process.
        online: Gives the names of a pool's workers that the server knows to be alive.
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
        store_figures: int = 0,
        launch: Callable[..., Child] = Child,
        online: Callable[[Access, str], set[str]] = online_workers,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._launch, self._online, self._clock, self._pause = launch, online, clock, pause
        self._access = access
        self._pool_type = pool_type
        self._log = log
        self._environment = environment
        self._note_file = note_file
        self._store_figures = store_figures
        self._report_file = log.with_suffix(".report")
        self._alive_file = log.with_suffix(".alive")
        self._alive_at = 0
        self._name = ""
        self._child: Child | None = None
        self._former: list[Child] = []

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child else None

    @property
    def is_running(self) -> bool:
        """True if the process lives."""
        return self._child is not None and self._child.is_running

    @property
    def gave_up(self) -> bool:
        """True if the process ended by itself with a fault; its log states the reason."""
        return self._child is not None and self._child.gave_up

    def answers(self) -> bool:
        """Return whether it has shown a sign of life since it was asked last; on a read-only disk none can be."""
        try:
            before, self._alive_at = self._alive_at, self._alive_file.stat().st_mtime_ns
        except OSError:
            return False
        return self._alive_at != before or not os.access(self._alive_file, os.W_OK)

    def take_report(self) -> SetUpReport | None:
        """Return the result of setting up, once; ``None`` while it is not known."""
        report = SetUpReport.read(self._report_file)
        if report is not None:
            with suppress(OSError):
                self._report_file.unlink(missing_ok=True)
        return report

    def start(self, *, set_up: bool = False) -> None:
        """Start it, also after it died; processes that it left go on by themselves.

        Args:
            set_up: Whether it is to set the server up first, and to report that.
        """
        with naming_disk(str(self._report_file.parent)):
            self._report_file.unlink(missing_ok=True)
        if self._child is not None:
            self._former.append(self._child)
        # Another name each time: the server takes one that died for alive for a while.
        self._name = f"{socket.gethostname()} {uuid4().hex[:8]}"
        self._child = self._launch(
            [
                *(sys.executable, "-P", "-m", "rightsflow.entry", "deployments.local.keeping_worker"),
                *("--type", self._pool_type.value, "--name", self._name, "--limit", _RUNS_AT_ONCE),
                *("--store-figures", str(self._store_figures), "--alive", str(self._alive_file)),
                *(("--set-up", str(self._report_file)) if set_up else ()),
            ],
            {
                **self._access.environment,
                "PREFECT_WORKER_QUERY_SECONDS": _QUERY_SECONDS.get(self._pool_type, "1"),
                "PREFECT_LOGGING_LEVEL": "INFO",
                # It goes to a file, and to find what to colour costs more than to write it.
                "PREFECT_LOGGING_COLORS": "false",
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
        while self.is_running and self._clock() < deadline:
            if self._name in self._online(self._access, self._pool_type.pool):
                return True
            self._pause(_POLL_SECONDS)
        return False

    def stop(self) -> None:
        """Stop it with the runs it started; their cases go on when they are started again."""
        for child in (*self._former, self._child):
            if child is not None:
                child.stop()
        self._former, self._child = [], None
