"""A real django-helpdesk for the tests, in a virtual environment of its own, on a PostgreSQL of the tests.

It is filled by its own means: e-mails that it takes in, answers by its agents. Its REST API is served on a free port.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from deployments.ports import free_ports
from tests.support.peers.postgres import PostgresDatabase, PostgresServer
from tests.support.peers.waiting import wait_until

_SITE = Path(__file__).parent / "helpdesk_site"
_LONGEST_SECONDS = 300
ENVIRONMENT = "RIGHTSFLOW_TEST_HELPDESK"
"""Names the virtual environment that django-helpdesk is installed in."""
_DEFAULT = Path(__file__).parents[3] / ".peers" / "helpdesk"


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """A site.

    Args:
        python: The interpreter of its virtual environment.
        folder: Where its files lie.
        database: Its database.
        password: Of the account ``api``, once it is filled.
    """

    python: Path
    folder: Path
    database: PostgresDatabase
    password: str

    @property
    def files(self) -> Path:
        """Where it keeps attachments."""
        return self.folder / "media"

    def fill(self, given: dict[str, Any]) -> list[int]:
        """Let e-mails and answers arrive.

        Args:
            given: What ``helpdesk_site/fill.py`` reads.

        Returns:
            The tickets' numbers, in the order given.
        """
        given_at, answer_at = self.folder / "given.json", self.folder / "answer.json"
        given_at.write_text(json.dumps(given | {"password": self.password}), encoding="utf-8")
        self._run(str(_SITE / "fill.py"), str(given_at), str(answer_at))
        numbers: list[int] = json.loads(answer_at.read_text(encoding="utf-8"))
        return numbers

    def set_up(self) -> None:
        """Make its tables and its configuration."""
        self.files.mkdir()
        database = {"NAME": self.database.name, "USER": "postgres", "HOST": self.database.server.socket}
        site = {"secret": secrets.token_hex(16), "files": str(self.files), "database": database}
        (self.folder / "site.json").write_text(json.dumps(site), encoding="utf-8")
        self._run("-m", "django", "migrate", "--verbosity", "0")

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve it as long as the block lasts; gives its address."""
        (port,) = free_ports(1)
        words = ["-m", "django", "runserver", "--noreload", "--nothreading", f"127.0.0.1:{port}"]
        address = f"http://127.0.0.1:{port}"
        with (self.folder / "serving.log").open("wb") as log:
            process = subprocess.Popen([self.python, *words], env=self._environment, stdout=log, stderr=log)
            try:
                wait_until(lambda: _answers(address), within=60, what="django-helpdesk did not start.")
                yield address
            finally:
                process.terminate()
                process.wait(10)

    @property
    def _environment(self) -> dict[str, str]:
        site = {"HELPDESK_SITE": str(self.folder / "site.json"), "DJANGO_SETTINGS_MODULE": "settings"}
        return os.environ | site | {"PYTHONPATH": str(_SITE), "PYTHONDONTWRITEBYTECODE": "1"}

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            [self.python, *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"django-helpdesk: {words[0]} failed: {done.stderr[-2000:]}")


@contextmanager
def running_helpdesk(folder: Path, server: PostgresServer) -> Iterator[Helpdesk]:
    """An empty site on a database of its own; skips where django-helpdesk is not installed.

    Args:
        folder: An empty folder.
        server: The PostgreSQL server.
    """
    python = Path(os.environ.get(ENVIRONMENT, _DEFAULT)) / "bin" / "python"
    if not python.is_file():
        pytest.skip("django-helpdesk is not installed: make strangers-peers")
    with server.database() as database:
        helpdesk = Helpdesk(python, folder, database, secrets.token_urlsafe(12))
        helpdesk.set_up()
        yield helpdesk


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/api/tickets/", timeout=2).status_code == 401
    except requests.RequestException:
        return False
