"""What is looked at and what was found in it; and controls, planted in each place, which the scans have to find."""

from __future__ import annotations

import logging
import os
import smtplib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

import requests
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas import State
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, LogFilter, LogFilterFlowRunId
from prefect.events import emit_event
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.worker import EventsWorker
from prefect.input.actions import create_flow_run_input
from prefect.logging import get_run_logger
from prefect.logging.handlers import APILogWorker
from prefect.runtime import flow_run
from prefect.states import Completed
from prefect.variables import Variable
from psycopg import sql

from proofs.canaries.person import CANARIES, SHORT, TYPED_AT_REVEAL
from proofs.canaries.servers import Post
from tests.support.canary import DISGUISES, Hit, Scanner, batches, files
from tests.support.flow_runs import order_run, post_run
from tests.support.peers.postgres import PostgresDatabase


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


# What is no text cannot stand in a log line; PostgreSQL takes no NUL either.
_SAYABLE = [wrap for wrap in DISGUISES.values() if _is_text(wrap("planted-log00-Übung"))]
DISGUISED = frozenset(f"log{number:02}" for number in range(len(_SAYABLE)))
"""One log line for each disguise."""
IN_PREFECT = DISGUISED | {
    "artifact",
    "event",
    "parameters",
    "state",
    "input",
    "automation",
    "variable",
    "tag",
}
"""What Prefect's database holds."""


def control(name: str) -> str:
    return f"planted-{name}-Übung"


def labels() -> dict[str, str]:
    """Return all controls by their labels in the scanner."""
    places = (
        "stdout", "stderr", "logs", "server", "mail", "webhook", "answer", "store", "work", "file", "temporary",
        "client", "command", "address",
    )  # fmt: skip
    names = {*IN_PREFECT, *places}
    return {f"control {name}": control(name) for name in names}


@flow(name="controls", persist_result=False, flow_run_name="controls")
def _say_controls() -> State[None]:
    for name, wrap in zip(sorted(DISGUISED), _SAYABLE, strict=True):
        get_run_logger().info("it says %s", wrap(control(name)).decode())
    create_markdown_artifact(control("artifact"), key="control")
    create_flow_run_input("control", control("input"), flow_run_id=flow_run.id)
    return Completed(message=control("state"))


def plant_in_prefect(deployment_id: str) -> None:
    """Controls in as many tables as a client can write to."""
    _say_controls(return_state=True)
    emit_event("control", {"prefect.resource.id": "control"}, payload={"text": control("event")})
    Variable.set("control", control("variable"))
    # As a program does that holds the server's secret; the server takes no such value otherwise.
    post_run(deployment_id, parameters={"case_id": control("parameters")})
    trigger = EventTrigger(expect={"never"}, posture=Posture.Reactive, threshold=1)
    with get_client(sync_client=True) as client:
        client.create_automation(
            AutomationCore(name="control", description=control("automation"), trigger=trigger, actions=[DoNothing()])
        )
        run = order_run(deployment_id, case_id="DSR-2026-0000A0")
        client.update_flow_run(run.id, tags=[control("tag")])


def await_in_prefect(seconds: float = 120) -> None:
    """Wait until the server has written what it writes by and by: an event and log lines, each some seconds late.

    On a busy machine it is many seconds, since SQLite lets one write at a time and the server tries again.
    """
    EventsWorker.drain_all(timeout=seconds)
    APILogWorker.drain_all(timeout=seconds)
    deadline = time.monotonic() + seconds
    wanted = {"filter": {"resource": {"id": ["control"]}}}
    with get_client(sync_client=True) as client:
        while time.monotonic() < deadline:
            (run,) = client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=["controls"])))
            said = client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])), limit=200)
            events = client.request("POST", "/events/filter", json=wanted).json()["events"]
            if events and sum(line.message.startswith("it says ") for line in said) >= len(_SAYABLE):
                return
            time.sleep(0.2)
    raise AssertionError(f"the server has not written the controls within {seconds:.0f} seconds")


def plant_in_process(server_log: Path) -> None:
    sys.stdout.write(f"on stdout: {control('stdout')}\n")
    os.write(2, f"on stderr: {control('stderr')}\n".encode())
    logging.getLogger("prefect.flow_runs").debug("it says %s", control("logs"))
    with server_log.open("a") as log:
        log.write(f"{control('server')}\n")


def plant_in_post(post: Post) -> None:
    mail = EmailMessage()
    mail["From"] = mail["To"] = "control@example.com"
    mail["Subject"] = "control"
    mail.set_content(control("mail"))
    with smtplib.SMTP("127.0.0.1", post.mailbox.port) as smtp:
        smtp.send_message(mail)
    requests.post(post.hook.url, json={"body": control("webhook")}, timeout=10)


def plant_in_files(store: Path | None, work: Path, client: Path) -> None:
    if store is not None:
        with closing(sqlite3.connect(store)) as connection, connection:
            connection.execute("CREATE TABLE control (text TEXT)")
            connection.execute("INSERT INTO control VALUES (?)", (control("store"),))
    (work / f"{control('file')}.txt").write_bytes(DISGUISES["gzip in Base64 in JSON"](control("work")))
    (client / "control").write_text(control("client"))
    # Not removed on purpose: what a process leaves behind when it is killed.
    descriptor, _ = tempfile.mkstemp()
    os.write(descriptor, control("temporary").encode())
    os.close(descriptor)


def plant_on_postgres(store: PostgresDatabase) -> None:
    with store.server.admin(store.name) as admin:
        admin.execute("CREATE TABLE control (text bytea)")
        admin.execute("INSERT INTO control VALUES (%s)", [control("store").encode()])


REASON_AT_REVEAL = "reason at reveal"
"""The label of what is typed where personal data are revealed."""
SCANNER = Scanner(CANARIES | labels() | {REASON_AT_REVEAL: TYPED_AT_REVEAL}, SHORT)
_OF_THE_PERSON = CANARIES.keys() | SHORT.keys() | {REASON_AT_REVEAL}


class Place(StrEnum):
    """Where is looked."""

    BY_SQL = "Prefect's database, by SQL"
    FILES = "Prefect's database files, the server running"
    STOPPED = "Prefect's database files, after the end"
    HOME = "Prefect's home: the server's log and the rest"
    LOGS = "logs of all loggers at DEBUG"
    OUTPUT = "what the process prints"
    COMMANDS = "what the commands print"
    BROWSERS = "addresses, headers and titles of the desk's answers"
    LISTENER = "what the listener for others answers"
    POST = "mails and webhooks"
    STORE_BY_SQL = "case store, by SQL"
    STORE = "case store's files"
    WORK = "working folder"
    TEMPORARY = "temporary files"
    CLIENT = "Prefect home of the runs' process"


Pieces = Iterable[tuple[str, bytes]]
"""Bytes with what they are, such as a file or a table."""


_RAW = frozenset({Place.FILES, Place.STOPPED})
_CUT_BY_PAGES = 2


@dataclass(frozen=True)
class Look:
    """What was found in one place."""

    place: Place
    size: int
    planted: frozenset[str]
    hits: frozenset[Hit] = field(repr=False)

    @property
    def found(self) -> frozenset[str]:
        return self.planted & {hit.canary.removeprefix("control ") for hit in self.hits}

    @property
    def has_its_controls(self) -> bool:
        missed = len(self.planted - self.found)
        return bool(self.planted) and missed <= (_CUT_BY_PAGES if self.place in _RAW else 0)

    @property
    def leaks(self) -> list[tuple[str, str, tuple[str, ...]]]:
        ours = [hit for hit in self.hits if hit.canary in _OF_THE_PERSON]
        return sorted((hit.canary, hit.place, hit.wrappings) for hit in ours)


def look(place: Place, pieces: Pieces, planted: Iterable[str]) -> Look:
    size, hits = 0, set()
    for name, data in pieces:
        size += len(data)
        hits |= SCANNER.scan(data, name)
    assert size, f"nothing to scan in {place}"
    return Look(place, size, frozenset(planted), frozenset(hits))


_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 't') AND n.nspname <> 'information_schema' ORDER BY 1, 2
"""
"""All tables of all schemas with Prefect's catalogue and the parts of long values; foreign to none."""
_COLUMNS = """
SELECT a.attname, a.atttypid = 'bytea'::regtype FROM pg_attribute a
WHERE a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


def postgres_tables(database: PostgresDatabase) -> Iterator[tuple[str, bytes]]:
    with database.server.admin(database.name) as admin:
        for schema, table in admin.execute(_TABLES).fetchall():
            columns = admin.execute(_COLUMNS, [schema, table]).fetchall()
            wanted = [
                sql.Identifier(name) if is_binary else sql.SQL("{}::text").format(sql.Identifier(name))
                for name, is_binary in columns
            ]
            query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(wanted), sql.Identifier(schema, table))
            rows = admin.execute(query)
            yield from batches(f"table {schema}.{table}", (value for row in rows for value in row))


_RELATIONS = """
SELECT pg_relation_filepath(oid), oid::regclass::text FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL
"""


def postgres_files(database: PostgresDatabase) -> Iterator[tuple[str, bytes]]:
    with database.server.admin(database.name) as admin:
        admin.execute("CHECKPOINT")
        names = dict(admin.execute(_RELATIONS).fetchall())
        [shown] = admin.execute("SHOW data_directory").fetchall()
        folder = Path(shown[0])
    for path, data in files(folder):
        kind = "the write-ahead log" if path.startswith("pg_wal/") else path
        yield f"the file of {names[path]}" if path in names else kind, data
