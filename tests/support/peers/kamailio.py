"""A real SIP proxy for the tests: Kamailio, which accounts calls in PostgreSQL, and sipp, which makes them.

Kamailio's tables are its own (``acc``, ``missed_calls``, ``acc_cdrs`` and the columns that its default configuration
documents), and so is what it writes: the numbers as the phones sent them, an INVITE and a BYE row for each call.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from deployments.ports import free_ports
from tests.support.peers.postgres import PostgresDatabase, PostgresServer
from tests.support.peers.waiting import wait_until

_CONFIGURATION = Path(__file__).parent / "kamailio.cfg"
_SCENARIOS = Path(__file__).parent / "sipp"
_SCHEMA = Path("/usr/share/kamailio/postgres")
_MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
_LONGEST_SECONDS = 120
_EXTRA = {
    "acc": ("src_user", "src_domain", "src_ip", "dst_ouser", "dst_user", "dst_domain", "subject"),
    "missed_calls": ("src_user", "src_domain", "src_ip", "dst_ouser", "dst_user", "dst_domain", "subject"),
    "acc_cdrs": ("caller", "callee", "callid", "subject"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call to be made.

    Args:
        caller: The calling number as its phone sends it.
        callee: The called one.
        subject: What stands in the call's ``Subject``, unique.
        is_answered: Whether it is taken; a busy line gives a missed call.
    """

    caller: str
    callee: str
    subject: str
    is_answered: bool = True


@dataclass(frozen=True, slots=True)
class Kamailio:
    """A running proxy.

    Args:
        folder: Where its files lie.
        database: Where it accounts.
        port: Its own.
        lines: The ports at which calls are taken, and at which the line is busy.
    """

    folder: Path
    database: PostgresDatabase
    port: int
    lines: tuple[int, int]

    def make(self, calls: Sequence[Call]) -> None:
        """Make calls through it, and wait until they are accounted."""
        for answered in (True, False):
            chosen = [call for call in calls if call.is_answered is answered]
            if chosen:
                self._make(chosen, "answered" if answered else "busy")
        answered_calls = sum(call.is_answered for call in calls)
        wanted = {"acc": 2 * answered_calls, "acc_cdrs": answered_calls, "missed_calls": len(calls) - answered_calls}
        wait_until(lambda: self._accounted() == wanted, within=_LONGEST_SECONDS)

    def _make(self, calls: Sequence[Call], kind: str) -> None:
        given = self.folder / f"{kind}.csv"
        lines = [f"{call.caller};{call.callee};{call.subject}" for call in calls]
        given.write_text("\n".join(["SEQUENTIAL", *lines, ""]), encoding="utf-8")
        (own,) = free_ports(1)
        words = ["-sf", str(_SCENARIOS / f"{kind}.xml"), "-inf", str(given), "-i", "127.0.0.1", "-p", str(own)]
        words += ["-m", str(len(calls)), "-r", "50", "-l", "8", "-nostdin", "-timeout", "100s"]
        # On a busy machine an answer may come twice, which is no reason to break a call off.
        words += ["-default_behaviors", "all,-abortunexp", f"127.0.0.1:{self.port}"]
        done = subprocess.run(
            ["sipp", *words], cwd=self.folder, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
        if done.returncode:
            raise RuntimeError(f"sipp ended with {done.returncode}: {done.stderr[-1000:]}")

    def _accounted(self) -> dict[str, int]:
        with self.database.server.admin(self.database.name) as admin:
            return {name: _count(admin, name) for name in _EXTRA}


def _count(admin: psycopg.Connection, table: str) -> int:
    row = admin.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def running_kamailio(folder: Path, server: PostgresServer) -> Iterator[Kamailio]:
    """Start a proxy on a database of its own, with two lines behind it; skips where it is not installed.

    Args:
        folder: An empty folder.
        server: The PostgreSQL server.
    """
    if not (shutil.which("kamailio") and shutil.which("sipp") and (_MODULES / "db_postgres.so").is_file()):
        pytest.skip("Kamailio is not installed: make strangers-peers (kamailio, kamailio-postgres-modules, sip-tester)")
    with server.database() as database, ExitStack() as stack:
        _set_up(server, database)
        port, answered, busy = free_ports(3)
        for line, scenario in ((answered, ["-sn", "uas"]), (busy, ["-sf", str(_SCENARIOS / "refused.xml")])):
            words = ["sipp", *scenario, "-i", "127.0.0.1", "-p", str(line), "-nostdin"]
            stack.enter_context(_child(words, folder / f"line-{line}.log", {}))
        values = {"PORT": port, "ANSWERED": answered, "BUSY": busy, "DATABASE": database.name, "MODULES": _MODULES}
        configuration = folder / "kamailio.cfg"
        configuration.write_text(_filled(_CONFIGURATION.read_text(encoding="utf-8"), values), encoding="utf-8")
        words = ["kamailio", "-DD", "-E", "-f", str(configuration), "-Y", str(folder), "-m", "32", "-M", "4"]
        # Its PostgreSQL module knows hosts only; the socket's folder comes by libpq's own variable.
        with _child(words, folder / "kamailio.log", {"PGHOST": server.socket}):
            wait_until(lambda: _answers(port), within=20, what="Kamailio did not start.")
            yield Kamailio(folder, database, port, (answered, busy))


def _set_up(server: PostgresServer, database: PostgresDatabase) -> None:
    with server.admin(database.name) as admin:
        for name in ("standard-create.sql", "acc-create.sql", "dialog-create.sql"):
            admin.execute((_SCHEMA / name).read_text(encoding="utf-8"))
        for table, columns in _EXTRA.items():
            for column in columns:
                change = "ALTER TABLE {} ADD COLUMN {} VARCHAR(128) NOT NULL DEFAULT ''"
                names = (psycopg.sql.Identifier(table), psycopg.sql.Identifier(column))
                admin.execute(psycopg.sql.SQL(change).format(*names))


def _answers(port: int) -> bool:
    """Whether it answers a request that no proxy passes on."""
    lines = (
        f"OPTIONS sip:127.0.0.1:{port} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKready",
        "From: <sip:ready@127.0.0.1>;tag=ready",
        f"To: <sip:127.0.0.1:{port}>",
        "Call-ID: ready",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        try:
            asking.connect(("127.0.0.1", port))
            asking.send("\r\n".join((*lines, "", "")).encode())
            return asking.recv(4096).startswith(b"SIP/2.0 200")
        except OSError:
            return False


def _filled(template: str, values: dict[str, object]) -> str:
    for name, value in values.items():
        template = template.replace(f"@{name}@", str(value))
    return template


@contextmanager
def _child(words: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=log.parent, env=os.environ | environment
        )
        try:
            yield
        finally:
            # Kamailio's own children end with their parent.
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
