"""A demonstration that stays up, and what is asked of it beside its pages."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests

_COMMAND: Final = str(Path(sys.executable).parent / "rightsflow")
_READY_SECONDS: Final = 300.0
_CASE: Final = re.compile(r"DSR-\d{4}-\w{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demonstration that stays up.

    Args:
        folder: Where it runs.
        server: The address of the desk and of Prefect's pages.
        access: The access case that it answered.
        erasure: The erasure case that it answered.
    """

    folder: Path
    server: str
    access: str
    erasure: str

    def invitation(self, person: str) -> str:
        """The link by which a person of the demonstration sets up an account.

        Args:
            person: Their key.
        """
        home = {**os.environ, "RIGHTSFLOW_HOME": str(self.folder / "demo/.rightsflow")}
        invite = [_COMMAND, "people", "invite", person, "--json"]
        said = subprocess.run(invite, env=home, capture_output=True, text=True, check=True)
        return str(json.loads(said.stdout)["link"])

    def deployment(self, name: str) -> str:
        """The id of a form of Prefect's pages."""
        return str(self._ask("/deployments/filter", deployments={"name": {"any_": [name]}})["id"])

    def board(self) -> str:
        """The id of the deadline board, made anew."""
        watch = self.deployment("watch-deadlines")
        run = self._call(f"/deployments/{watch}/create_flow_run", {})
        which = {"id": {"any_": [run["id"]]}}
        deadline = time.monotonic() + _READY_SECONDS
        while self._ask("/flow_runs/filter", flow_runs=which)["state_type"] != "COMPLETED":
            if time.monotonic() > deadline:
                raise SystemExit("Waited in vain for the deadline board.")
            time.sleep(0.5)
        newest = self._ask("/artifacts/latest/filter", artifacts={"key": {"any_": ["deadline-board"]}})
        return str(newest["latest_id"])

    def _ask(self, path: str, **which: Mapping[str, object]) -> dict[str, Any]:
        (found,) = self._call(path, which)
        return dict(found)

    def _call(self, path: str, body: Mapping[str, object]) -> Any:
        """Call Prefect's server as programs do."""
        secret = (self.folder / "demo/.rightsflow/prefect-sign-in").read_text(encoding="utf-8").strip()
        user, _, word = secret.partition(":")
        answer = requests.post(f"{self.server}/api{path}", json=body, auth=(user, word), timeout=60)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start the demonstration, and stop it at the end.

    Args:
        folder: An empty folder.
    """
    log = folder / "demo.log"
    with log.open("wb") as out:
        environment = {**os.environ, "COLUMNS": "250"}
        process = subprocess.Popen([_COMMAND, "demo", "--stay"], cwd=folder, stdout=out, stderr=out, env=environment)
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while "Staying up" not in (said := log.read_text(encoding="utf-8", errors="replace")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The demonstration did not come up:\n{said}")
            time.sleep(0.5)
        access, erasure = list(dict.fromkeys(_CASE.findall(said)))[:2]
        (server,) = re.findall(r"Desk: (http://[^;\s]+)", said)
        yield Demo(folder=folder, server=server, access=access, erasure=erasure)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)
