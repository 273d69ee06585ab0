"""Controls: values that the scans have to find, planted in each place that is scanned."""

from __future__ import annotations

import logging
import os
import smtplib
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from email.message import EmailMessage
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

from proofs.canaries.telling import Post
from tests.support.canary import DISGUISES
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
    """All controls by their labels in the scanner."""
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
