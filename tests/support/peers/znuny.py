"""A real Znuny for the tests, unpacked by ``make strangers-peers``: its own schema, modules and web services."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from deployments.ports import free_ports
from tests.support.peers.waiting import wait_until

_PACKAGE = Path(__file__).parents[3] / ".peers" / "znuny"
_SCRIPTS = Path(__file__).parent / "znuny_scripts"
_OWN = ("Config", "run", "spool", "tmp", "log", "article", "sessions")
_LONGEST_SECONDS = 1800
PASSWORD = "an-invented-one"
"""Of the agent ``root@localhost``, once its web service is set up."""


@dataclass(frozen=True, slots=True)
class Znuny:
    """An instance of its own.

    Args:
        home: Its folder.
    """

    home: Path

    def perl(self, *words: str) -> None:
        """Run a program in Perl with its modules.

        Args:
            words: The program and its arguments.
        """
        _called(["perl", *words], cwd=self.home, environment=self.environment)

    def run(self, script: Path, given: object) -> Any:
        """Run a script that reads and writes JSON with its modules.

        Args:
            script: The script.
            given: What it reads.

        Returns:
            What it wrote.
        """
        given_at, answer_at = self.home / "var" / "given.json", self.home / "var" / "answer.json"
        given_at.write_text(json.dumps(given), encoding="utf-8")
        self.perl(str(script), str(given_at), str(answer_at))
        return json.loads(answer_at.read_text(encoding="utf-8"))

    @property
    def environment(self) -> Mapping[str, str]:
        """Where its modules are."""
        return {"PERL5LIB": f"{self.home}:{self.home}/Kernel/cpan-lib:{self.home}/Custom"}

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve its web service ``rightsflow`` as long as the block lasts; gives the service's address."""
        self.run(_SCRIPTS / "serve.pl", {"password": PASSWORD})
        (port,) = free_ports(1)
        address = f"http://127.0.0.1:{port}/nph-genericinterface.pl/Webservice/rightsflow"
        program = self.home / "bin" / "cgi-bin" / "app.psgi"
        words = ["plackup", "--server", "Starlet", "--host", "127.0.0.1", "--port", str(port), "--max-workers", "2"]
        with (self.home / "var" / "serving.log").open("wb") as log:
            process = subprocess.Popen(
                [*words, str(program)], cwd=self.home, env={**os.environ, **self.environment}, stdout=log, stderr=log
            )
            try:
                wait_until(lambda: _answers(address), within=120, what="Znuny did not start.")
                yield address
            finally:
                process.terminate()
                process.wait(10)


def made_znuny(home: Path, socket: Path | str, database: str) -> Znuny:
    """Make an empty instance; skips where Znuny is not unpacked.

    Args:
        home: Its folder, which is not there yet.
        socket: The socket of MariaDB.
        database: An empty database there.
    """
    program, stored = _PACKAGE.resolve() / "usr/share/otrs", _PACKAGE.resolve() / "var/lib/otrs"
    if not program.is_dir():
        pytest.skip("Znuny is not installed: make strangers-peers (Debian's znuny, in non-free)")
    for source, target, left in (
        (program, home, {"Kernel", "var", "bin"}),
        (program / "Kernel", home / "Kernel", {"Config.pm", "Config"}),
        (program / "Kernel" / "Config", home / "Kernel" / "Config", {"Files", "Backups", "GenericAgent.pm"}),
        (stored, home / "var", set(_OWN)),
    ):
        target.mkdir()
        for item in source.iterdir():
            if item.name not in left:
                (target / item.name).symlink_to(item)
    # Its programs look for their modules beside themselves.
    shutil.copytree(program / "bin", home / "bin")
    shutil.copytree(stored / "Config", home / "var" / "Config")
    (home / "Kernel" / "Config" / "Files").symlink_to(home / "var" / "Config" / "Files")
    for name in _OWN[1:]:
        (home / "var" / name).mkdir()
    (home / "Kernel" / "Config.pm").write_text(_settings(home, f"{socket}", database), encoding="utf-8")
    client = ["mariadb", f"--socket={socket}", "-uroot", database]
    for name in ("schema", "initial_insert", "schema-post"):
        script = (program / "scripts" / "database" / f"{name}.mysql.sql").read_bytes()
        _called(client, given=script)
    made = Znuny(home)
    made.perl("bin/otrs.Console.pl", "Maint::Config::Rebuild", "--allow-root")
    return made


def _settings(home: Path, socket: str, database: str) -> str:
    dsn = f"DBI:mysql:database={database};mysql_socket={socket};"
    values = {"DatabaseDSN": dsn, "DatabaseUser": "root", "DatabasePw": "", "Home": str(home), "CheckMXRecord": "0"}
    values |= {"SendmailModule": "Kernel::System::Email::DoNotSendEmail", "CheckEmailAddresses": "0"}
    lines = "".join(f"$Self->{{{name}}} = '{value}';\n" for name, value in values.items())
    return (
        "package Kernel::Config;\nuse strict;\nuse warnings;\nuse utf8;\n"
        f"sub Load {{\nmy $Self = shift;\n{lines}$Self->{{SecureMode}} = 1;\nreturn 1;\n}}\n"
        "use Kernel::Config::Defaults;\nuse parent qw(Kernel::Config::Defaults);\n1;\n"
    )


def _called(
    words: list[str], *, given: bytes = b"", cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> None:
    ours = {**os.environ, **(environment or {})}
    done = subprocess.run(
        words, cwd=cwd, env=ours, input=given, capture_output=True, timeout=_LONGEST_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(f"Znuny: {' '.join(words[:3])} failed: {done.stderr.decode()[-1500:]}")


def _answers(address: str) -> bool:
    try:
        return "Error" in requests.get(f"{address}/Ticket/1", timeout=20).text
    except requests.RequestException:
        return False
