"""Fides as its documents say to run it: a web server, a worker of two processes, Redis, and a PostgreSQL of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

STARTING_SECONDS = 300.0
_SERVERS = Path("/usr/lib/postgresql")
_USER = "postgres"
"""The user that runs the database server, which refuses to run as root."""


@dataclass(frozen=True, slots=True)
class Fides:
    """A Fides that takes requests."""

    address: str
    client_id: str
    client_secret: str
    roles: dict[str, int]
    database: str


@contextmanager
def running_fides(installation: Path, folder: Path) -> Iterator[Fides]:
    """Start it with an empty database, and stop it at the end."""
    command, redis = installation / "bin" / "fides", shutil.which("redis-server")
    if not command.exists() or redis is None:
        raise FileNotFoundError(f"{command} or redis-server is missing; call benchmarks/fides/install.sh.")
    work = folder / "fides"
    for name in ("config", "dataset", "icon"):
        # Fides looks for its cloud connectors here, none of which is used.
        (work / "data" / "saas" / name).mkdir(parents=True)
    with ExitStack() as running:
        database, process = running.enter_context(_database())
        at = f"postgresql+psycopg://{_USER}@127.0.0.1:{database}/fides"
        address = f"http://127.0.0.1:{_free_port()}"
        fides = Fides(address, "bench", secrets.token_hex(16), {"databases": process}, at)
        cache, password = _free_port(), secrets.token_hex(16)
        words = [redis, "--port", str(cache), "--bind", "127.0.0.1", "--save", "", "--requirepass", password]
        fides.roles["redis"] = running.enter_context(_process([*words, "--dir", str(work)], work, "redis", {})).pid
        variables = _variables(fides, database, cache, password)
        server = [str(command), "webserver", "--port", fides.address.rpartition(":")[2]]
        web = running.enter_context(_process(server, work, "server", variables))
        _wait(web, fides.address, work / "server.log")
        worker = running.enter_context(_process([str(command), "worker"], work, "worker", variables))
        fides.roles.update(server=web.pid, worker=worker.pid)
        yield fides


def _variables(fides: Fides, database: int, cache: int, password: str) -> dict[str, str]:
    return {
        "FIDES__DATABASE__SERVER": "127.0.0.1",
        "FIDES__DATABASE__PORT": str(database),
        "FIDES__DATABASE__USER": _USER,
        "FIDES__DATABASE__DB": "fides",
        "FIDES__REDIS__HOST": "127.0.0.1",
        "FIDES__REDIS__PORT": str(cache),
        "FIDES__REDIS__PASSWORD": password,
        "FIDES__SECURITY__APP_ENCRYPTION_KEY": secrets.token_hex(16),
        "FIDES__SECURITY__OAUTH_ROOT_CLIENT_ID": fides.client_id,
        "FIDES__SECURITY__OAUTH_ROOT_CLIENT_SECRET": fides.client_secret,
        "FIDES__SECURITY__ENV": "dev",
        "FIDES__LOGGING__LEVEL": "WARNING",
        "FIDES__USER__ANALYTICS_OPT_OUT": "true",
        # The requests go to the worker and not to the web server's own process.
        "FIDES__CELERY__TASK_ALWAYS_EAGER": "false",
        # Its gate: a person approves each request before anything is read.
        "FIDES__EXECUTION__REQUIRE_MANUAL_REQUEST_APPROVAL": "true",
    }


@contextmanager
def _database() -> Iterator[tuple[int, int]]:
    """Start a PostgreSQL of Debian's with an empty database; yield its port and its process."""
    found = sorted(_SERVERS.glob("*/bin/initdb"))
    if not found:
        raise FileNotFoundError("Debian's PostgreSQL is missing; call benchmarks/fides/install.sh.")
    programs, port = found[-1].parent, _free_port()
    folder = Path(tempfile.mkdtemp(prefix="fides"))
    shutil.chown(folder, _USER, _USER)

    def run(program: str, *words: str) -> None:
        command = ["runuser", "-u", _USER, "--", str(programs / program), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=STARTING_SECONDS)

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", _USER, "--auth=trust", "--no-sync")
        # As for the other side of this measurement: no data have to outlive it.
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", _USER, "fides")
            yield port, int(Path(data, "postmaster.pid").read_text().split()[0])
        finally:
            run("pg_ctl", "-D", data, "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _process(command: list[str], work: Path, name: str, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (work / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=work, env=os.environ | variables, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{address}/health", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"Fides did not start: {log.read_text(errors='replace')[-600:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
