"""A real Request Tracker 5 for the tests, on a PostgreSQL of the tests: its own schema, tools and classes.

It is filled by its own classes in Perl, so that it numbers rows, copies the mails that it sends and keeps its lists of
members as it does for everybody. Its pages and its REST interface are served only where a test asks for it.
"""

from __future__ import annotations

import json
import os
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

_SETUP = Path("/usr/sbin/rt-setup-database-5")
_DRIVER = Path("/usr/share/doc/rt5-db-postgresql")
_SCRIPTS = Path(__file__).parent / "request_tracker_scripts"
_SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
_LONGEST_SECONDS = 300
PASSWORD = "an-invented-one"
"""Of the account ``root``."""
_CONFIGURATION = """Set($rtname, 'example.com');
Set($Organization, 'example.com');
Set($WebDomain, 'localhost');
Set($WebPath, '');
Set($DatabaseType, 'Pg');
Set($DatabaseHost, '{host}');
Set($DatabaseName, '{name}');
Set($DatabaseUser, 'postgres');
Set($DatabasePassword, 'unused');
Set($MailCommand, 'testfile');
Set($LogToSyslog, undef);
Set($LogDir, '{folder}');
1;
"""


@dataclass(frozen=True, slots=True)
class RequestTracker:
    """An instance of its own.

    Args:
        folder: The instance's folder.
        database: Its database.
    """

    folder: Path
    database: PostgresDatabase

    def run(self, script: str, given: object) -> Any:
        """Run one of ``request_tracker_scripts`` with its classes.

        Args:
            script: The file's name.
            given: What the script reads, as JSON.

        Returns:
            What it wrote, from JSON.
        """
        given_at, answer_at = self.folder / "given.json", self.folder / "answer.json"
        given_at.write_text(json.dumps(given), encoding="utf-8")
        self._perl(str(_SCRIPTS / script), str(given_at), str(answer_at))
        return json.loads(answer_at.read_text(encoding="utf-8"))

    def set_up(self) -> None:
        """Write its settings and make its tables."""
        (self.folder / "settings").mkdir(parents=True)
        host, name = self.database.server.socket, self.database.name
        settings = _CONFIGURATION.replace("{host}", host).replace("{name}", name)
        (self.folder / "RT_SiteConfig.pm").write_text(settings.replace("{folder}", str(self.folder)), encoding="utf-8")
        password = self.folder / "password"
        password.write_text(f"{PASSWORD}\n", encoding="utf-8")
        dba = ("--dba", "postgres", "--dba-password", "unused", "--root-password-file", str(password))
        self._perl(str(_SETUP), "--action", "init", "--skip-create", *dba)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve it as long as the block lasts; gives its address."""
        (port,) = free_ports(1)
        address = f"http://127.0.0.1:{port}"
        words = ["perl", str(_SERVER), "--host", "127.0.0.1", "--port", str(port), "--server", "Starlet"]
        with (self.folder / "serving.log").open("wb") as log:
            process = subprocess.Popen(
                [*words, "--max-workers=2"], cwd=self.folder, env=os.environ | self._ours, stdout=log, stderr=log
            )
            try:
                wait_until(lambda: _answers(address), within=90, what="Request Tracker did not start.")
                yield address
            finally:
                process.terminate()
                process.wait(10)

    @property
    def _ours(self) -> dict[str, str]:
        return {
            "RT_SITE_CONFIG": str(self.folder / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self.folder / "settings"),
        }

    def _perl(self, *words: str) -> None:
        done = subprocess.run(
            ["perl", *words],
            cwd=self.folder,
            env=os.environ | self._ours,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"Request Tracker: {' '.join(words[:3])} failed: {done.stderr[-1500:]}")


@contextmanager
def running_request_tracker(folder: Path, server: PostgresServer) -> Iterator[RequestTracker]:
    """An empty instance on a database of its own; skips where Request Tracker is not installed.

    Args:
        folder: An empty folder.
        server: The PostgreSQL server.
    """
    if not (_SETUP.is_file() and _DRIVER.is_dir()):
        pytest.skip("Request Tracker is not installed: apt-get install request-tracker5 rt5-db-postgresql")
    with server.database() as database:
        tracker = RequestTracker(folder / "rt", database)
        tracker.set_up()
        yield tracker


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/REST/2.0/rt", timeout=5).status_code == 401
    except requests.RequestException:
        return False
