"""After-sales service in four systems that know people by devices and repairs: a database, a described API, a helpdesk
and a store of recordings. One phone was Anna's, then Ben's; records beside theirs name nothing but the phone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector
from connectors.sql import SqlConnector, SqlSettings
from rightsflow.app import installed
from rightsflow.cases.app import App
from rightsflow.config.sections.identifier_settings import IdentifierSettings, included_kinds
from tests.integration.connectors.rest.rig import connector_on
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.shop import settings as s3_settings
from tests.integration.connectors.zendesk.desk import SECRET, Desk, running
from tests.support.bench import Bench
from tests.support.kinds import imei
from tests.support.listening import listening
from tests.support.peers.seaweedfs import running_seaweedfs

PHONE, SPARE = imei(1).value, imei(7).value
NEIGHBOURS = [(1000 + at, imei(1000 + at).value, f"n{at}@example.org") for at in range(200)]
SYSTEMS = ("helpdesk", "payments", "calls", "recordings")
_PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")

_REPAIRS = [
    # number, repair, device, address, day: Anna's, then Ben's; between their turns no one can tell.
    (1, "RMA-2024-00001", f"{PHONE[:8]}-{PHONE[8:]}", "anna@example.com", "2024-03-01"),
    (2, "rma-2024-00002", PHONE, "ben@example.com", "2024-09-01"),
    (3, None, PHONE, None, "2024-02-10"),
    (4, None, PHONE, None, "2024-08-01"),
    (5, None, PHONE, None, "2024-05-01"),
    (6, None, PHONE, None, None),
]
_TABLE: dict[str, Any] = {
    "name": "repairs",
    "kind": "repair",
    "key": ["id"],
    "identities": [
        {"column": "rma", "kind": "rma"},
        {"column": "device", "kind": "imei"},
        {"column": "email", "kind": "email"},
    ],
    "occurred_at": "happened",
    "document_class": "none",
}
_DESCRIPTION = """
[system]
title = "Device register"
base = "{address}"
auth = {{ kind = "bearer", value = "Token {{secret}}" }}
page = {{ by = "none" }}

[system.probe]
get = "/devices"

[kinds.device]
title = "device registrations"
category = "contact data"
document_class = "none"
names = {{ imei = ["imei"], email = ["email"] }}
occurred_at = "registered"
find = [
  {{ by = "imei", get = "/devices", query = {{ imei = "{{value}}" }}, every_spelling = true }},
  {{ by = "email", get = "/devices", query = {{ email = "{{value}}" }} }},
]
read = {{ get = "/devices/{{id}}" }}
erase = {{ steps = [{{ delete = "/devices/{{id}}" }}] }}
"""


@dataclass
class AfterSales:
    """The four systems.

    Args:
        database: The repairs' file.
        devices: What the register holds, by its keys.
        desk: The helpdesk.
        s3: A client of the recordings' store.
    """

    database: Path
    devices: dict[str, dict[str, Any]]
    desk: Desk
    s3: Any

    def repairs(self) -> dict[int, tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return {row[0]: row for row in connection.execute("SELECT * FROM repairs ORDER BY id")}

    def recordings(self) -> dict[str, str]:
        listed = self.s3.list_objects_v2(Bucket="recordings").get("Contents", ())
        return {item["Key"]: item["ETag"] for item in listed}

    def users(self) -> dict[int, str]:
        with self.desk.state.lock:
            held = json.loads(self.desk.everything())
        return {item["id"]: json.dumps(item, sort_keys=True) for item in held["users"]}

    def everything(self) -> dict[tuple[str, str], object]:
        """Every record, to see which of them changed."""
        held = {
            "payments": self.repairs(),
            "calls": self.devices,
            "helpdesk": self.users(),
            "recordings": self.recordings(),
        }
        return {(system, str(key)): value for system, of in held.items() for key, value in dict(of).items()}


def _handler(devices: dict[str, dict[str, Any]]) -> type[BaseHTTPRequestHandler]:
    class Register(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: object = None) -> None:
            content = json.dumps(body).encode() if body is not None else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            key = parts.path.removeprefix("/devices").strip("/")
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if key:
                self._answer(200, devices[key]) if key in devices else self._answer(404)
                return
            found = [row for row in devices.values() if all(row.get(name) == value for name, value in asked.items())]
            self._answer(200, found if asked else [])

        def do_DELETE(self) -> None:
            gone = devices.pop(urlsplit(self.path).path.rpartition("/")[2], None)
            self._answer(204 if gone else 404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Register


def _devices() -> dict[str, dict[str, Any]]:
    spelt = f"{PHONE[:2]}-{PHONE[2:8]}-{PHONE[8:14]}-{PHONE[14]}"
    rows = [
        ("a1", PHONE, "anna@example.com", "2024-01-10T10:00:00Z"),
        ("a2", spelt, "", "2024-02-20T10:00:00Z"),
        ("b1", PHONE, "ben@example.com", "2024-06-01T10:00:00Z"),
        ("b2", PHONE, "", "2024-08-20T10:00:00Z"),
        ("x1", PHONE, "", "2024-12-24T10:00:00Z"),
    ]
    rows += [(f"n{number}", device, email, "2024-02-20T10:00:00Z") for number, device, email in NEIGHBOURS]
    return {key: {"id": key, "imei": device, "email": email, "registered": day} for key, device, email, day in rows}


def _desk_data() -> dict[str, Any]:
    users = [
        {"id": 11, "name": "Ina Admin", "email": "ina@desk.example", "role": "admin"},
        {"id": 101, "name": "Anna Quill", "email": "anna@example.com", "user_fields": {"device": PHONE}},
        {"id": 102, "name": "Ben Kern", "email": "ben@example.com", "user_fields": {"device": PHONE}},
    ]
    users += [
        {"id": number, "name": f"Neighbour {number}", "email": email, "user_fields": {"device": device}}
        for number, device, email in NEIGHBOURS
    ]
    return {"users": users, "identities": [], "tickets": [], "comments": [], "suspended_tickets": []}


def _fill(database: Path, s3: Any) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        columns = "id INTEGER PRIMARY KEY, rma TEXT, device TEXT, email TEXT, happened DATE"
        connection.execute(f"CREATE TABLE repairs ({columns})")
        others = [(number, f"RMA-{number}", device, email, "2024-02-10") for number, device, email in NEIGHBOURS]
        connection.executemany("INSERT INTO repairs VALUES (?, ?, ?, ?, ?)", [*_REPAIRS, *others])
    s3.create_bucket(Bucket="recordings")
    days = ["2024-02-15", "2024-07-20", "2024-12-25"]
    for day in days:
        s3.put_object(Bucket="recordings", Key=f"calls/{day}/{PHONE}/call.wav", Body=f"sound of {day}".encode())
    s3.put_object(Bucket="recordings", Key=f"calls/2024-02-15/{SPARE}/call.wav", Body=b"a neighbour's")


@contextmanager
def after_sales(bench: Bench, folder: Path, monkeypatch: Any) -> Iterator[AfterSales]:
    """Let the bench's systems be those of after-sales service."""
    devices, database = _devices(), folder / "repairs.sqlite"
    secrets = {
        "TEST_TOKEN": "t",
        "ZENDESK_TEST_SECRET": SECRET,
        "TEST_REPAIRS": f"sqlite:///{database}",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    with (
        running_seaweedfs(folder) as store,
        listening(_handler(devices)) as port,
        running(_desk_data()) as desk,
    ):
        monkeypatch.setenv("TEST_S3_ID", store.access_key)
        monkeypatch.setenv("TEST_S3_SECRET", store.secret_key)
        described = folder / "register.toml"
        described.write_text(_DESCRIPTION.format(address=f"http://127.0.0.1:{port}"))
        place = AfterSales(database, devices, desk, client(store.endpoint, store.access_key, store.secret_key))
        _fill(database, place.s3)
        fields = {"identifier_fields": {"device": "imei"}, "account_id_fields": {}, "search_deleted": False}
        stored = s3_settings("recordings", {"by": "key", "template": "calls/{date}/{imei}/"}, store.endpoint)
        connectors = {
            "payments": _repairs_of(bench),
            "calls": connector_on(f"http://127.0.0.1:{port}", str(described), "env:TEST_TOKEN", system="calls"),
            "helpdesk": desk.connector(**fields),
            "recordings": S3Connector("recordings", stored, _PLACE, attempts=1),
        }
        bench.runtime = _with_systems(bench.runtime, connectors)
        with installed(bench.runtime):
            yield place


def _repairs_of(bench: Bench) -> SqlConnector:
    section = {
        "connector": "sql",
        "purposes": ["repairs"],
        "categories": ["repairs"],
        "source": "the data subject",
        "retention": "24 months",
        "url": "env:TEST_REPAIRS",
        "tables": [_TABLE],
    }
    return SqlConnector("payments", SqlSettings.model_validate(section), _PLACE, lambda: bench.moment[0])


def _with_systems(app: App, connectors: dict[str, Any]) -> App:
    kinds = {name: IdentifierSettings.model_validate(included_kinds()[name]) for name in ("imei", "rma")}
    section = next(iter(app.systems.values()))
    systems = {name: {"connector": "fake"} for name in connectors}
    settings = app.settings.model_copy(update={"identifiers": kinds, "systems": systems})
    return replace(app, settings=settings, connectors=connectors, systems=dict.fromkeys(connectors, section))
