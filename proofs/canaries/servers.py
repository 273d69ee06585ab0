"""What surrounds the proof: Prefect's server on its two databases, people who are told, and folders of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.settings import PREFECT_HOME, PREFECT_LOCAL_STORAGE_PATH, temporary_settings

from deployments.local.database import SqliteFile
from deployments.local.server import LocalServer
from deployments.notifications.automations import apply_notifications
from flows.watching import watch_deadlines
from rightsflow.app import installed
from tests.support.bench import Bench
from tests.support.notices import CHANNEL, server_at, settings_with
from tests.support.peers.postgres import PostgresDatabase, running_postgres
from tests.support.post import Hook, Mailbox, smtp_server, wait_for, webhook
from tests.support.processors import told_of_erasures
from tests.support.servers import running_server


@dataclass(frozen=True)
class Databases:
    """Where things are kept."""

    server: LocalServer
    prefect: PostgresDatabase | None
    store: PostgresDatabase | None

    @property
    def file(self) -> Path:
        database = self.server.database
        assert isinstance(database, SqliteFile)
        return database.file


@contextmanager
def running_servers(folder: Path, *, on_postgres: bool) -> Iterator[Databases]:
    """Run a Prefect server that this process talks to, its log at DEBUG; all on SQLite, or all on PostgreSQL."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("PREFECT_LOGGING_SERVER_LEVEL", "PREFECT_SERVER_LOGGING_LEVEL"):
            patch.setenv(name, "DEBUG")
        prefect = store = None
        variables: dict[str, str] = {}
        if on_postgres:
            peer = stack.enter_context(running_postgres())
            prefect, store = (stack.enter_context(peer.database()) for _ in range(2))
            url = prefect.url().replace("postgresql:", "postgresql+asyncpg:")
            variables["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
        yield Databases(stack.enter_context(running_server(folder, **variables)), prefect, store)


@contextmanager
def confined(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        patch.setenv("RIGHTSFLOW_HOME", str(folder / "home"))
        home = folder / "client"
        with temporary_settings({PREFECT_HOME: home, PREFECT_LOCAL_STORAGE_PATH: home / "storage"}):
            yield


@contextmanager
def diverted(file: Path) -> Iterator[None]:
    """Send what this process and its libraries print to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with file.open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        try:
            with redirect_stdout(output), redirect_stderr(output):
                yield
        finally:
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)


@dataclass
class Post:
    """Where notices arrive."""

    mailbox: Mailbox
    hook: Hook

    @property
    def received(self) -> list[tuple[str, bytes]]:
        mails = [("a mail", envelope.content) for _, envelope in self.mailbox.envelopes]
        return mails + [("a webhook's post", repr(post).encode()) for post in self.hook.posts]

    def wait(self) -> None:
        assert wait_for(lambda: self.mailbox.messages and self.hook.posts), "no alert arrived"


@contextmanager
def people_are_told(bench: Bench) -> Iterator[Post]:
    """While entered, the bench's cases are watched for people who are told by mail and by webhook."""
    with smtp_server() as mailbox, webhook() as hook:
        CustomWebhookNotificationBlock(
            name="privacy-hook",
            url=hook.url,
            json_data={"subject": "{{subject}}", "body": "{{body}}"},
            headers=None,
            cookies=None,
        ).save("privacy-hook", overwrite=True)
        settings = told_of_erasures(settings_with(server_at(mailbox.port), (CHANNEL,)))
        assert apply_notifications(settings) == []
        bench.runtime = replace(bench.runtime, settings=settings)
        with installed(bench.runtime):
            yield Post(mailbox, hook)


def sweep() -> str:
    return str(watch_deadlines(return_state=True).name)
