"""Starts child processes, waits until they answer, and stops them, whatever happens in between."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from deployments.ports import free_port

_LOOK_AGAIN_SECONDS = 0.05
_ANSWER_SECONDS = 2.0
_STOP_SECONDS = 5.0
_GUARD = "rightsflow_sandbox.guard"


class SandboxError(Exception):
    """The sandbox could not be started; the text is one sentence without personal data."""


@dataclass(frozen=True, slots=True)
class SandboxServer:
    """A process of the sandbox's.

    Args:
        name: For messages, for example ``"helpdesk"``.
        port: Where it listens on this machine.
        process: The process.
        log: Where its output goes.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """The address of the process."""
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self, path: str, deadline: float) -> None:
        """Wait until it answers a request, whatever the status.

        Args:
            path: What to ask for.
            deadline: Until when, in :func:`time.monotonic` seconds.

        Raises:
            SandboxError: It ended, or did not answer in time.
        """
        while True:
            status = self.process.poll()
            if status is not None:
                raise SandboxError(f"The sandbox's {self.name} ended with status {status}; see {self.log}.")
            try:
                requests.get(self.url + path, timeout=_ANSWER_SECONDS)
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise SandboxError(
                        f"The sandbox's {self.name} did not answer in time; try again, or see {self.log}."
                    ) from None
                time.sleep(_LOOK_AGAIN_SECONDS)
            else:
                return

    def stop(self) -> None:
        """End it: ask, wait, and if need be force it. Safe to repeat."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


def start(name: str, module: str, options: Sequence[str], log: Path, secrets: Mapping[str, str]) -> SandboxServer:
    """Start a Python module as a child process on a free port; it ends when this process does.

    Args:
        name: For messages.
        module: The module; it takes ``--port``.
        options: Its further options.
        log: Where its output goes.
        secrets: Environment variables on top of this process's.
    """
    port = free_port()
    command = [sys.executable, "-m", _GUARD, module, "--port", str(port), *options]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own modules
            command,
            stdin=subprocess.PIPE,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            env={**os.environ, **secrets},
            # In a session of its own, so that Ctrl-C reaches the parent alone, which then stops it in order.
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    return SandboxServer(name=name, port=port, process=process, log=log)
