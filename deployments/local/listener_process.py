"""The listener for what others send, as a child process of ``up``: it is there where the configuration has it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deployments.local.process import Child

_READY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.25
_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to look for one that listens so


@dataclass(frozen=True, slots=True)
class ListenerAddress:
    """The address of the listener.

    Args:
        host: The address of this machine.
        port: The port.
    """

    host: str
    port: int

    def is_answered(self) -> bool:
        """Return True if a process listens at the address."""
        try:
            with socket.create_connection((_EVERY_ADDRESS.get(self.host, self.host), self.port), 1):
                return True
        except OSError:
            return False


class LocalListener:
    """The listener of this machine.

    Args:
        address: Where it listens.
        log: The file that its output is appended to.
        environment: What it needs besides this process's own variables.
        note_file: Where its process is noted while it runs.
        launch: Starts its process.
        clock: Gives seconds that only grow.
        pause: Waits some seconds.
    """

    def __init__(
        self,
        address: ListenerAddress,
        log: Path,
        environment: Mapping[str, str],
        note_file: Path | None = None,
        *,
        launch: Callable[..., Child] = Child,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._launch, self._clock, self._pause = launch, clock, pause
        self.address = address
        self.log = log
        self._environment = environment
        self._note_file = note_file
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child else None

    @property
    def is_running(self) -> bool:
        """True if the process lives."""
        return self._child is not None and self._child.is_running

    def start(self) -> None:
        """Start it, also after it died."""
        self._child = self._launch(
            [
                *(sys.executable, "-P", "-m", "rightsflow.entry", "deployments.inbound.inbound_process"),
                *("--host", self.address.host, "--port", str(self.address.port)),
            ],
            # Else glibc gives each of the many threads memory of its own.
            {"MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"), **self._environment},
            self.log,
            note_file=self._note_file,
        )

    def wait_until_ready(self) -> bool:
        """Wait until it answers; returns whether it does. If not, its log says why."""
        deadline = self._clock() + _READY_SECONDS
        while self.is_running and self._clock() < deadline:
            if self.address.is_answered():
                return True
            self._pause(_POLL_SECONDS)
        return False

    def stop(self) -> None:
        """Stop it."""
        if self._child is not None:
            self._child.stop()
        self._child = None
