"""The sandbox call centre as a whole: three systems with an invented brand's customers, up for as long as needed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rightsflow_sandbox import configuration
from rightsflow_sandbox.helpdesk.helpdesk_data import helpdesk_data
from rightsflow_sandbox.inspection.holdings import HeldRecord, holdings
from rightsflow_sandbox.inspection.inspector import Inspector
from rightsflow_sandbox.inspection.snapshot import snapshot
from rightsflow_sandbox.payments.payments_data import seed_data
from rightsflow_sandbox.processes import SandboxError, SandboxServer, start
from rightsflow_sandbox.telephony.cdr import create_call_store
from rightsflow_sandbox.world.model import Customer
from rightsflow_sandbox.world.world import World

DEFAULT_SEED = 20261124
DEFAULT_CUSTOMERS = 300
READY_SECONDS = 60.0
"""The time in seconds that the processes may take to answer, on a busy machine too."""

_OURS = ".rightsflow-sandbox"
_MARKER = ".monitor"
_CLIENT_ID = "rightsflow"


@dataclass(frozen=True, slots=True)
class _Places:
    """The places of files below the sandbox's folder."""

    folder: Path

    @property
    def recordings(self) -> Path:
        return self.folder / "monitor"

    @property
    def database(self) -> Path:
        return self.folder / "asteriskcdrdb.sqlite"

    @property
    def client_secret(self) -> Path:
        return self.folder / "secrets" / "helpdesk-client-secret"

    @property
    def payments_key(self) -> Path:
        return self.folder / "secrets" / "payments-api-key"

    @property
    def database_url(self) -> Path:
        return self.folder / "secrets" / "recordings-database-url"

    def prepare(self) -> None:
        """Make the folder, or empty it if an earlier sandbox left it.

        Raises:
            SandboxError: Something else lies there.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(self.folder.iterdir()) and not (self.folder / _OURS).exists():
            raise SandboxError(f"The folder {self.folder} holds other things; give the sandbox an empty one.")
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (self.folder / _OURS).touch()
        for name in ("secrets", "logs", "monitor"):
            (self.folder / name).mkdir(mode=0o700)
        (self.recordings / _MARKER).touch()


class SandboxCenter:
    """The call centre as a context manager: it is up inside the block, and stopped after it in any case.

    Args:
        folder: Where its files go; empty, missing, or left by an earlier sandbox.
        today: The day before which everything in the world happened.
        seed: What the world is made from; the same gives the same world.
        customers: How many customers.
        database_url: SQLAlchemy URL of a database without a table ``cdr``; by default SQLite in the folder.
        plan: The helpdesk's plan, whose rate limits it holds its clients to; by default it has none.
    """

    def __init__(
        self,
        folder: Path,
        *,
        today: date,
        seed: int = DEFAULT_SEED,
        customers: int = DEFAULT_CUSTOMERS,
        database_url: str = "",
        plan: str = "",
    ) -> None:
        self.folder = folder.absolute()
        self.world = World.make(seed=seed, customers=customers, today=today)
        self._places = _Places(self.folder)
        self._database_url = database_url or f"sqlite:///{self._places.database}"
        self._plan = ["--plan", plan] if plan else []
        self._running = ExitStack()
        self._children: dict[str, SandboxServer] = {}

    def __enter__(self) -> Self:
        """Start everything and wait until it answers.

        Raises:
            SandboxError: It cannot be started; nothing is left running.
        """
        try:
            self._start()
        except BaseException:
            # Ctrl-C while it starts must not leave processes behind either.
            self._running.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self._running.close()

    @property
    def helpdesk_url(self) -> str:
        """The address of the helpdesk."""
        return self._children["helpdesk"].url

    @property
    def payments_url(self) -> str:
        """The address of the payment provider."""
        return self._children["payments"].url

    @property
    def processes(self) -> dict[str, int]:
        """The numbers of its processes, by the system."""
        return {name: child.process.pid for name, child in self._children.items()}

    @property
    def recordings_folder(self) -> Path:
        """The folder of the recordings."""
        return self._places.recordings

    @property
    def access_subject(self) -> Customer:
        """The person who asks for their data in the demonstration."""
        return self.world.access_subject

    @property
    def erasure_subject(self) -> Customer:
        """The person who asks for erasure in the demonstration."""
        return self.world.erasure_subject

    def ticket_of(self, person: Customer) -> str:
        """Return the number of the person's newest ticket at the helpdesk.

        Raises:
            SandboxError: The person has none.
        """
        own = [ticket.id for ticket in self.world.tickets if ticket.requester_id == person.user_id]
        if not own:
            raise SandboxError("The person has no ticket; choose another.")
        return str(max(own))

    @property
    def inspector(self) -> Inspector:
        """Looks straight into the systems."""
        return Inspector(
            helpdesk_url=self.helpdesk_url,
            payments_url=self.payments_url,
            payments_key=self._places.payments_key.read_text(encoding="ascii"),
            database_url=self._database_url,
            recordings=self.recordings_folder,
        )

    def systems_toml(self) -> str:
        """Return the sections of ``rightsflow.toml`` for the three systems; secrets are references to files."""
        return configuration.systems_toml(
            helpdesk_url=self.helpdesk_url,
            client_id=_CLIENT_ID,
            client_secret=self._places.client_secret,
            payments_url=self.payments_url,
            payments_key=self._places.payments_key,
            database_url=self._places.database_url,
            recordings=self.recordings_folder,
            marker=_MARKER,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment variables that Rightsflow needs for the sandbox: none, the secrets are in files."""
        return {}

    def snapshot(self, *, excluding: Customer) -> dict[str, str]:
        """Return digests of all other people's records in the systems; see :func:`.inspection.snapshot.snapshot`."""
        return snapshot(self.inspector, self.world, excluding)

    def holdings(self, person: Customer) -> list[HeldRecord]:
        """Return the records that each system holds on a person; see :func:`.inspection.holdings.holdings`."""
        return holdings(self.inspector, self.world, person)

    def _start(self) -> None:
        places = self._places
        places.prepare()
        client_secret, payments_key = secrets.token_urlsafe(32), f"rk_test_{secrets.token_hex(16)}"
        _write(places.client_secret, client_secret)
        _write(places.payments_key, payments_key)
        _write(places.database_url, self._database_url)
        deadline = time.monotonic() + READY_SECONDS
        data = {"payments": seed_data(self.world), "helpdesk": helpdesk_data(self.world)}
        state = ["--state", str(self.folder / "localstripe.pickle")]
        self._launch("payments", "payments", data, state, {"PAYMENTS_API_KEY": payments_key})
        credentials = {"HELPDESK_CLIENT_ID": _CLIENT_ID, "HELPDESK_CLIENT_SECRET": client_secret}
        self._launch("helpdesk", "helpdesk", data, ["--admin", *self._plan], credentials)
        # The processes read their data while the telephone system is made.
        create_call_store(self.world, self._database_url, places.recordings)
        for child, path in (("payments", "/v1/balance"), ("helpdesk", "/api/v2/users/me")):
            self._children[child].wait_until_ready(path, deadline)
            # No copy may stay beside the systems that are to forget.
            self._data_file(child).unlink()

    def _launch(
        self, name: str, module: str, data: Mapping[str, Any], options: list[str], environment: Mapping[str, str]
    ) -> None:
        source = self._data_file(name)
        _write(source, json.dumps(data[name], ensure_ascii=False))
        options = ["--data", str(source), *options]
        log = self.folder / "logs" / f"{name}.log"
        child = start(name, f"rightsflow_sandbox.{module}", options, log, environment)
        self._running.callback(child.stop)
        self._children[name] = child

    def _data_file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _write(path: Path, text: str) -> None:
    """Write a file that only this user can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
