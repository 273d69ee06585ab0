"""A real Roundup for the tests: a tracker of its classic template on SQLite, filled by its customers' calls."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from deployments.ports import free_ports
from tests.support.peers.waiting import wait_until

ENVIRONMENT: Final = "RIGHTSFLOW_TEST_ROUNDUP"
"""Names the virtual environment that Roundup is installed in."""
PASSWORD: Final = "an-invented-one"
_DEFAULT: Final = Path(__file__).parents[3] / ".peers" / "roundup"
_SERVE: Final = Path(__file__).parent / "roundup_scripts" / "serve.py"


@dataclass(frozen=True, slots=True)
class Roundup:
    """A running tracker.

    Args:
        address: Where it is.
        home: Its folder.
    """

    address: str
    home: Path

    def call(self, method: str, path: str, user: str = "admin", **more: Any) -> Any:
        """Make a call of a user, and return the data of its answer."""
        headers = {"X-Requested-With": "rest", "Origin": self.address, "Referer": f"{self.address}/"}
        answer = requests.request(
            method,
            f"{self.address}/rest/data/{path}",
            auth=(user, PASSWORD),
            headers=headers | more.pop("headers", {}),
            timeout=30,
            **more,
        )
        answer.raise_for_status()
        return answer.json()["data"]

    def add(self, kind: str, user: str = "admin", **fields: Any) -> str:
        """Let a user make an item, and return its id."""
        number: str = self.call("POST", kind, user, json=fields)["id"]
        return number

    def reply(self, issue: str, user: str, text: str) -> None:
        """Let a user write a message in an issue."""
        message = self.add("msg", user, content=text)
        shown = self.call("GET", f"issue/{issue}")
        ids = [item["id"] for item in shown["attributes"]["messages"]]
        body, headers = {"data": [*ids, message]}, {"If-Match": shown["@etag"]}
        self.call("PUT", f"issue/{issue}/messages", user, json=body, headers=headers)

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns."""
        with closing(sqlite3.connect(self.home / "db" / "db")) as connection:
            return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of its database, and its files by their places."""
        with closing(sqlite3.connect(self.home / "db" / "db")) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in sorted(names)}
        files = (path for path in sorted((self.home / "db" / "files").rglob("*")) if path.is_file())
        return rows | {"files": [(path.name, path.read_bytes()) for path in files]}


@contextmanager
def running_roundup(folder: Path) -> Iterator[Roundup]:
    """An empty tracker; skips where Roundup is not installed.

    Args:
        folder: An empty folder.
    """
    programs = Path(os.environ.get(ENVIRONMENT, _DEFAULT)) / "bin"
    if not (programs / "roundup-admin").is_file():
        pytest.skip("Roundup is not installed: make strangers-peers")
    home, (port,) = folder / "tracker", free_ports(1)
    roundup = Roundup(f"http://127.0.0.1:{port}", home)
    _admin(programs, home, "install", "classic", "sqlite")
    settings = (home / "config.ini").read_text(encoding="utf-8")
    # Each call signs in, which takes a second with as many rounds as it has by default.
    rounds = ("password_pbkdf2_default_rounds", "1000")
    for name, value in (("domain", "care.example.com"), ("web", f"{roundup.address}/"), rounds):
        settings = re.sub(rf"(?m)^#?{name} =.*$", f"{name} = {value}", settings)
    (home / "config.ini").write_text(settings, encoding="utf-8")
    # It would send mails.
    (home / "detectors" / "nosyreaction.py").unlink()
    _admin(programs, home, "initialise", PASSWORD)
    with (folder / "serving.log").open("wb") as log:
        words = [str(programs / "python"), str(_SERVE), str(home), str(port)]
        process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(roundup), within=60, what="Roundup did not start.")
            yield roundup
        finally:
            process.terminate()
            process.wait(10)


def _admin(programs: Path, home: Path, *words: str) -> None:
    command = [str(programs / "roundup-admin"), "-i", str(home), *words]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def _answers(roundup: Roundup) -> bool:
    try:
        return bool(roundup.call("GET", "user"))
    except requests.RequestException:
        return False
