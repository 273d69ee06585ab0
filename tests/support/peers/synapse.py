"""A real Matrix server for the tests: matrix-synapse in a virtual environment of its own, on SQLite.

It is filled through its client API by the people themselves, and read past the connector in its database.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from deployments.ports import free_ports
from tests.support.peers.waiting import wait_until

ENVIRONMENT: Final = "RIGHTSFLOW_TEST_SYNAPSE"
"""Names the virtual environment that matrix-synapse is installed in."""
SERVER: Final = "example.org"
_DEFAULT: Final = Path(__file__).parents[3] / ".peers" / "synapse"
_FREE: Final = {"per_second": 10_000, "burst_count": 10_000}


@dataclass(slots=True)
class Synapse:
    """A running server.

    Args:
        address: Where it is.
        database: The file of its database.
        secret: Registers accounts.
        admin: The access token of its administrator.
    """

    address: str
    database: Path
    secret: str = field(repr=False)
    admin: str = field(default="", repr=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def call(self, method: str, path: str, token: str = "", **more: Any) -> Any:
        """Make a call of an account, and return its answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(
            method, self.address + path, headers=headers | more.pop("headers", {}), timeout=30, **more
        )
        answer.raise_for_status()
        return answer.json()

    def register(self, name: str, *, is_admin: bool = False) -> str:
        """Make an account, and return its access token."""
        nonce = self.call("GET", "/_synapse/admin/v1/register")["nonce"]
        parts = [nonce, name, "an-invented-one", "admin" if is_admin else "notadmin"]
        mac = hmac.new(self.secret.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": parts[2], "admin": is_admin, "mac": mac}
        token: str = self.call("POST", "/_synapse/admin/v1/register", json=body)["access_token"]
        return token

    def person(self, local: str, name: str, email: str) -> str:
        """Make the account of a customer, and return its access token."""
        token = self.register(local)
        threepids = [{"medium": "email", "address": email}]
        body = {"displayname": name, "threepids": threepids}
        self.call("PUT", f"/_synapse/admin/v2/users/@{local}:{SERVER}", self.admin, json=body)
        return token

    def room(self, title: str, tokens: list[str]) -> str:
        """Make a room of the administrator that some accounts join."""
        made = self.call(
            "POST", "/_matrix/client/v3/createRoom", self.admin, json={"name": title, "preset": "public_chat"}
        )
        for token in tokens:
            self.call("POST", f"/_matrix/client/v3/rooms/{made['room_id']}/join", token, json={})
        room: str = made["room_id"]
        return room

    def say(self, token: str, room: str, text: str, **content: str) -> None:
        """Let an account write in a room."""
        path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/{next(self._numbers)}"
        self.call("PUT", path, token, json={"msgtype": "m.text", "body": text, **content})

    def attach(self, token: str, room: str, name: str, content: bytes) -> None:
        """Let an account put a file into a room."""
        headers = {"Content-Type": "text/plain"}
        path = f"/_matrix/media/v3/upload?filename={name}"
        made = self.call("POST", path, token, data=content, headers=headers)
        self.say(token, room, name, msgtype="m.file", url=made["content_uri"])

    def rows(self, statement: str, *given: str) -> list[tuple[Any, ...]]:
        """Read its database."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, given).fetchall()


@contextmanager
def running_synapse(folder: Path) -> Iterator[Synapse]:
    """An empty server with an administrator; skips where matrix-synapse is not installed.

    Args:
        folder: An empty folder.
    """
    python = Path(os.environ.get(ENVIRONMENT, _DEFAULT)) / "bin" / "python"
    if not python.is_file():
        pytest.skip("matrix-synapse is not installed: make strangers-peers")
    (port,) = free_ports(1)
    settings = folder / "homeserver.yaml"
    settings.write_text(json.dumps(_settings(folder, port)), encoding="utf-8")
    words = [str(python), "-m", "synapse.app.homeserver", "-c", str(settings)]
    subprocess.run([*words, "--generate-keys"], cwd=folder, check=True, capture_output=True, timeout=120)
    synapse = Synapse(f"http://127.0.0.1:{port}", folder / "homeserver.db", "registers")
    with (folder / "serving.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(synapse.address), within=90, what="matrix-synapse did not start.")
            synapse.admin = synapse.register("support", is_admin=True)
            yield synapse
        finally:
            process.terminate()
            process.wait(30)


def _settings(folder: Path, port: int) -> dict[str, Any]:
    """Return its settings; JSON is YAML."""
    listener = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "type": "http",
        "resources": [{"names": ["client", "media"], "compress": False}],
    }
    return {
        "server_name": SERVER,
        "report_stats": False,
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": "registers",
        "macaroon_secret_key": "invented",
        "form_secret": "invented",
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "listeners": [listener],
        "rc_message": _FREE,
        "rc_login": {"address": _FREE, "account": _FREE},
        "rc_joins": {"local": _FREE},
        "rc_joins_per_room": _FREE,
        "rc_room_creation": _FREE,
    }


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/_matrix/client/versions", timeout=2).ok
    except requests.RequestException:
        return False
