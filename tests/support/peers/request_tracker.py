"""A real Request Tracker 5 for the tests, on a PostgreSQL of the tests: its own schema, tools and classes.

It is filled by its own classes in Perl, so that it numbers rows, copies the mails that it sends and keeps its lists of
members as it does for everybody. No page is served, so it needs no port.
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

from tests.support.peers.postgres import PostgresDatabase, PostgresServer

_SETUP = Path("/usr/sbin/rt-setup-database-5")
_DRIVER = Path("/usr/share/doc/rt5-db-postgresql")
_SCRIPTS = Path(__file__).parent / "request_tracker_scripts"
_LONGEST_SECONDS = 300
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
        password.write_text("an-invented-one\n", encoding="utf-8")
        dba = ("--dba", "postgres", "--dba-password", "unused", "--root-password-file", str(password))
        self._perl(str(_SETUP), "--action", "init", "--skip-create", *dba)

    def _perl(self, *words: str) -> None:
        ours = {
            "RT_SITE_CONFIG": str(self.folder / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self.folder / "settings"),
        }
        done = subprocess.run(
            ["perl", *words],
            cwd=self.folder,
            env=os.environ | ours,
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
