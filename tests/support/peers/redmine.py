"""A real Redmine for the tests, on a PostgreSQL of the tests: its own schema, files and models.

It is filled by its own models in ``rails runner``, so that it stores identical attachments once, writes its own
journals and numbers rows as it does for everybody. No page is served, so it needs no port.
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

from tests.support.peers.postgres import PostgresDatabase, PostgresServer

_HOME = Path("/usr/share/redmine")
_SCRIPTS = Path(__file__).parent / "redmine_scripts"
_LONGEST_SECONDS = 300
# Redmine's own asks for the drivers of the instances that the package has set up, of which ours is none.
_GEMS = f'eval_gemfile "{_HOME}/Gemfile"\ngem "pg" unless dependencies.any? {{ |one| one.name == "pg" }}\n'
_FOLDERS = ("config", "log", "files", "plugins", "public/assets", "tmp")


@dataclass(frozen=True, slots=True)
class Redmine:
    """An instance of its own.

    Args:
        folder: The instance's folder.
        database: Its database.
    """

    folder: Path
    database: PostgresDatabase

    @property
    def files(self) -> Path:
        """Where it keeps attachments."""
        return self.folder / "files"

    @property
    def _gemfile(self) -> Path:
        return self.folder / "Gemfile"

    def run(self, script: str, given: object) -> Any:
        """Run one of ``redmine_scripts`` within it.

        Args:
            script: The file's name.
            given: What the script reads, as JSON.

        Returns:
            What it wrote, from JSON.
        """
        given_at, answer_at = self.folder / "given.json", self.folder / "answer.json"
        given_at.write_text(json.dumps(given), encoding="utf-8")
        self._ruby("bin/rails", "runner", str(_SCRIPTS / script), str(given_at), str(answer_at))
        return json.loads(answer_at.read_text(encoding="utf-8"))

    def set_up(self) -> None:
        """Lay its folders and make its tables."""
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True)
        host, name = self.database.server.socket, self.database.name
        lines = ("production:", "  adapter: postgresql", f"  database: {name}", f"  host: {host}")
        text = "\n".join((*lines, "  username: postgres", "  encoding: utf8", ""))
        (self.folder / "config" / "database.yml").write_text(text, encoding="utf-8")
        (self.folder / "config" / "secret_key.txt").write_text(secrets.token_hex(32), encoding="utf-8")
        self._gemfile.write_text(_GEMS, encoding="utf-8")
        self._ruby("bin/rake", "db:migrate")

    def _ruby(self, *words: str) -> None:
        # Redmine looks below its own folder of instances; four steps up is the root from wherever that folder links to.
        instance = f"../../../..{self.folder.resolve()}"
        ours = {"REDMINE_INSTANCE": instance, "RAILS_ENV": "production", "BUNDLE_GEMFILE": str(self._gemfile)}
        # Migrating writes the schema down beside the code, unless told where else.
        ours["SCHEMA"] = str(self.folder / "schema.rb")
        done = subprocess.run(
            ["ruby", *words],
            cwd=_HOME,
            env=os.environ | ours,
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"Redmine: {' '.join(words[:3])} failed: {done.stderr[:1500]}")


@contextmanager
def running_redmine(folder: Path, server: PostgresServer) -> Iterator[Redmine]:
    """An empty instance on a database of its own; skips where Redmine is not installed.

    Args:
        folder: An empty folder.
        server: The PostgreSQL server.
    """
    if not (_HOME / "bin" / "rails").is_file():
        pytest.skip("Redmine is not installed: make strangers-peers (Debian's redmine and redmine-pgsql)")
    with server.database() as database:
        redmine = Redmine(folder, database)
        redmine.set_up()
        yield redmine
