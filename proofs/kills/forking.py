"""A process that has imported everything and forks a child for each order, since imports take seconds.

A child that is forked has what its template had: for the peers that is their whole state, as good as new each time.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Never

LONGEST = 180
"""Seconds that a child may live; whatever happens, none is left behind for longer."""
READY_SECONDS = 120.0
_ROOT = Path(__file__).parents[2]


def say(**what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def main(module: str, *arguments: object) -> None:
    worker = importlib.import_module(module)
    prepared, ready = worker.prepare(*arguments)
    say(ready=ready)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _be_child(worker, prepared, json.loads(line))
        say(pid=pid)
        _, status = os.waitpid(pid, 0)
        say(ended=os.waitstatus_to_exitcode(status))


def _be_child(worker: ModuleType, prepared: object, order: object) -> Never:
    status = 70
    try:
        signal.alarm(LONGEST)
        status = worker.work(prepared, order)
    except BaseException:  # noqa: BLE001 - the template's own loop must not be entered twice
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


class Template:
    """A template as the harness sees it."""

    def __init__(self, module: str, *arguments: object, log: Path, environment: Mapping[str, str]):
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, module, *map(str, arguments)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, cwd=_ROOT, env={**os.environ, **environment},
                start_new_session=True,
            )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders: IO[bytes] = self._process.stdin
        self._said: IO[bytes] = self._process.stdout
        self._log = log
        self._rest = b""
        self.child: int | None = None

    def fileno(self) -> int:
        return self._said.fileno()

    def wait_ready(self) -> Any:
        return self.hear("ready", READY_SECONDS)

    def order(self, **order: object) -> None:
        self._orders.write(json.dumps(order).encode() + b"\n")
        self._orders.flush()
        self.child = self.hear("pid", READY_SECONDS)

    def signal(self, number: int) -> None:
        assert self.child is not None
        os.kill(self.child, number)

    def ended(self, seconds: float = LONGEST + 5.0) -> int:
        status = int(self.hear("ended", seconds))
        self.child = None
        return status

    def hear(self, what: str, seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        while (heard := self.read(deadline - time.monotonic())) is not None:
            if what in heard:
                return heard[what]
        raise TimeoutError(f"No word of {what!r} came; see {self._log}.")

    def read(self, seconds: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self], [], [], max(0.0, deadline - time.monotonic()))
            more = os.read(self.fileno(), 4096) if ready else b""
            if not more:
                return None
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line))

    def end_child(self) -> None:
        if self.child is not None:
            # One that has ended by itself is not waited for yet, or the template has said so.
            with suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
            self.ended()

    def stop(self) -> None:
        self.end_child()
        self._orders.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
