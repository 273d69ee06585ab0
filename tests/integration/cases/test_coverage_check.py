"""Coverage over a year: what is new in six systems is told within its week, and nothing else but once a month."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import select

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector, S3Settings
from connectors.sql import SqlConnector, SqlSettings
from connectors.zendesk import ZendeskConnector
from rightsflow.cases.course.follow_up.coverage_check import accept_place, check_coverage, coverage_health
from rightsflow.config.sections.section import validate
from rightsflow.domain.coverage import NotedPlace, PlaceKind, SystemPlace, alert_text, place_words
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.tables import LedgerRow
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import SECRET, Desk, running

PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")
ABOUT = {"purposes": ["service"], "categories": ["contacts"], "source": "you", "retention": "2 years"}
PERSON = "zorblax.7@example.org"
WEEKS = 52
START = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


@dataclass
class Database:
    """A database of a system, and what a change of it is."""

    path: Path

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path)) as opened, opened:
            for statement in statements:
                opened.execute(statement)

    def connector(self, name: str, tables: list[dict[str, Any]], **more: Any) -> SqlConnector:
        url = self.path.with_suffix(".url")
        url.write_text(f"sqlite:///{self.path}")
        section = {"connector": "sql", "url": f"file:{url}", "tables": tables, **ABOUT, **more}
        return SqlConnector(name, validate(SqlSettings, section, name), PLACE)


def people(database: Database, table: str) -> None:
    database.run(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, email VARCHAR(80), note TEXT, status VARCHAR(20))")
    for number in range(12):
        database.run(f"INSERT INTO {table} VALUES ({number}, 'p{number}@example.org', 'x', 'open')")


@pytest.fixture
def relational(tmp_path: Path) -> dict[str, tuple[Database, SqlConnector]]:
    found = {}
    for name in ("shop", "tickets", "calls", "loyalty"):
        database = Database(tmp_path / f"{name}.db")
        people(database, "customer")
        database.run("CREATE TABLE product (id INTEGER PRIMARY KEY, title VARCHAR(80), price INTEGER)")
        identities = [{"column": "email", "kind": "email"}]
        own = {"name": "customer", "key": ["id"], "identities": identities, "not_personal": ["status"]}
        blank = {"erase": "blank", "to_null": ["email", "note"]}
        found[name] = database, database.connector(name, [own | blank])
    return found


@contextmanager
def recordings(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, S3Connector]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("COVERAGE_S3", "secret")
    try:
        where = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
        client = boto3.client("s3", aws_access_key_id="id", aws_secret_access_key="secret", **where)
        client.create_bucket(Bucket="calls")
        client.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
        client.put_object(Bucket="calls", Key="calls/1.wav", Body=b"1", Metadata={"caller": "+4930901820"})
        section = {
            "connector": "s3",
            "bucket": "calls",
            "prefix": "calls/",
            "match": {"by": "metadata", "keys": {"caller": "phone"}},
            "endpoint_url": where["endpoint_url"],
            "access_key_id": "env:COVERAGE_S3",
            "secret_access_key": "env:COVERAGE_S3",
            **ABOUT,
        }
        yield client, S3Connector("recordings", validate(S3Settings, section, "recordings"), PLACE)
    finally:
        server.stop()


SQL_CHANGES = {
    "column customer.mobile": "ALTER TABLE customer ADD COLUMN mobile VARCHAR(30)",
    "column customer.second_email": "ALTER TABLE customer ADD COLUMN second_email VARCHAR(80)",
    "column customer.birth_date": "ALTER TABLE customer ADD COLUMN birth_date DATE",
    "column customer.remark": "ALTER TABLE customer ADD COLUMN remark TEXT",
    "table survey": "CREATE TABLE survey (id INTEGER PRIMARY KEY, contact_mail VARCHAR(80), stars INTEGER)",
    "table repair": (
        "CREATE TABLE repair (id INTEGER PRIMARY KEY, customer_id INTEGER, fault TEXT, "
        "FOREIGN KEY (customer_id) REFERENCES customer (id))"
    ),
}


def relational_changes(databases: dict[str, tuple[Database, SqlConnector]]) -> Iterator[tuple[str, Callable[[], None]]]:
    """The changes in four databases, and the name of the place that has to be told."""
    for name, (database, _) in databases.items():
        for place, change in SQL_CHANGES.items():
            yield f"{name}: {place}", partial(database.run, change)


def other_changes(desk: Desk, client: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    state = desk.state

    def field(where: dict[int, Any], number: int, **shown: Any) -> None:
        where[number] = {"id": number, "active": True, **shown}

    for number, title, type_ in (
        (360001, "Second phone", "text"),
        (360002, "What happened", "textarea"),
        (360003, "Date of birth", "date"),
        (360004, "Customer no", "integer"),
    ):
        yield (
            f"helpdesk: ticket field {number} {title}",
            lambda n=number, t=title, y=type_: field(state.ticket_fields, n, title=t, type=y),
        )
    for number, title in ((370001, "Private e-mail"), (370002, "Remarks")):
        yield (
            f"helpdesk: user field {number} {title}",
            lambda n=number, t=title: field(state.user_fields, n, title=t, type="text", key=f"key_{n}"),
        )
    for number, title in ((380001, "Acme Home"), (380002, "Acme Garden")):
        yield f"helpdesk: brand {number} {title}", lambda n=number, t=title: field(state.brands, n, name=t)
    for folder in ("chats/", "voicemail/", "exports/", "backup-2026/"):
        yield (
            f"recordings: prefix {folder}",
            lambda folder=folder: client.put_object(Bucket="calls", Key=f"{folder}{PERSON}.txt", Body=b"1"),
        )
    for key in ("customer-email", "callee", "agent-comment", "contact-name"):
        yield (
            f"recordings: metadata key {key}",
            lambda key=key: client.put_object(Bucket="calls", Key=f"calls/{key}", Body=b"1", Metadata={key: PERSON}),
        )


def harmless(databases: dict[str, tuple[Database, SqlConnector]], desk: Desk, client: Any, week: int) -> None:
    """What programs change all the time: new columns, tables, fields, keys and objects that are about no person."""
    name = sorted(databases)[week // 8 % len(databases)]
    database = databases[name][0]
    database.run(f"ALTER TABLE product ADD COLUMN size_{week} INTEGER")
    database.run(f"ALTER TABLE customer ADD COLUMN email_verified_{week} BOOLEAN")
    if week % 8 == 0:
        database.run(f"CREATE TABLE tariff_{week} (id INTEGER PRIMARY KEY, title VARCHAR(80), valid_until DATE)")
    desk.state.ticket_fields[week] = {"id": week, "active": True, "title": f"Model {week}", "type": "tagger"}
    client.put_object(
        Bucket="calls", Key=f"calls/{week}.wav", Body=b"1", Metadata={"caller": "+49309018", "codec": "g711"}
    )


@pytest.mark.apart
def test_forty_changes_of_a_year_are_told_within_their_week(bench, relational, tmp_path, monkeypatch):
    monkeypatch.setenv("ZENDESK_TEST_SECRET", SECRET)
    with running(world.data()) as desk, recordings(monkeypatch) as (client, store):
        helpdesk: ZendeskConnector = desk.connector()
        systems = {name: connector for name, (_, connector) in relational.items()}
        app = replace(bench.runtime, connectors={**systems, "helpdesk": helpdesk, "recordings": store})
        changes = [*relational_changes(relational), *other_changes(desk, client)]
        assert len(changes) == 40
        told: list[NotedPlace] = []
        first = check_coverage(app, told.extend)
        assert (first.systems, first.failed) == (6, ())
        for noted in told:
            accept_place(app, noted.number, by="Dana Example", reason="It was there before.")
        told.clear()
        late, false = [], []
        for week in range(WEEKS):
            app = replace(app, now=lambda week=week: START + timedelta(weeks=week))
            now = [changes.pop(0)] if changes else []
            for _, change in now:
                change()
            harmless(relational, desk, client, week)
            check_coverage(app, told.extend)
            words = [f"{noted.system}: {noted.place.words}".rpartition(" (")[0] for noted in told]
            late += [name for name, _ in now if name not in words]
            false += [word for word in words if word not in [name for name, _ in now]]
            assert not told or PERSON not in alert_text(told)
            told.clear()
        assert (late, false, changes) == ([], [], [])
        assert len(app.store.coverage.open()) == 40


class Changing:
    """A system whose places the test says."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.places: list[SystemPlace] | Exception = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def uncovered(self) -> Iterator[SystemPlace]:
        if isinstance(self.places, Exception):
            raise self.places
        yield from self.places


def test_a_place_is_told_once_decided_once_and_comes_back(bench):
    systems = {name: Changing(connector) for name, connector in bench.runtime.connectors.items()}
    first, other = list(systems.values())[:2]
    app, told = replace(bench.runtime, connectors=systems), []
    column = SystemPlace(kind=PlaceKind.COLUMN, name="people.mobile", looks_like="phone number", lines="…")
    prefix = SystemPlace(kind=PlaceKind.PREFIX, name=f"{PERSON}/", looks_like="objects that no search reads")
    first.places, other.places = [column, prefix], Transient("It does not answer; try again.")
    assert coverage_health(app).is_doubtful is False

    def refuse(_: object) -> None:
        raise Transient("The server does not answer; try again.")

    with pytest.raises(Transient):
        check_coverage(app, refuse)
    checked = check_coverage(app, told.extend)
    assert (len(told), checked.new, len(checked.failed)) == (2, 0, 1)
    assert PERSON not in alert_text(told)
    assert "column people.mobile (phone number)" in alert_text(told)
    assert check_coverage(app, told.extend).new == 0
    assert len(told) == 2
    assert coverage_health(app).is_doubtful

    number = told[0].number
    with pytest.raises(BadInput):
        accept_place(app, number, by="Dana Example", reason=" ")
    with pytest.raises(BadInput):
        accept_place(app, 999, by="Dana Example", reason="A test.")
    accept_place(app, number, by="Dana Example", reason="It is the service line's.")
    with pytest.raises(Conflict):
        accept_place(app, number, by="Dana Example", reason="Again.")
    first.places = []
    check_coverage(app, told.extend)
    assert app.store.coverage.open() == []
    first.places = [column, prefix]
    assert check_coverage(app, told.extend).new == 1
    assert [noted.place for noted in told[2:]] == [prefix]
    assert [noted.accepted_by for noted in app.store.coverage.accepted()] == ["Dana Example"]
    with app.store.database.reading() as session:
        entries = [row for row in session.scalars(select(LedgerRow)) if "Coverage" in row.body]
    assert sum(StoreEvent.COVERAGE_PLACE_ACCEPTED.value in row.body for row in entries) == 1
    assert not any(word in row.body for row in entries for word in ("mobile", "service line", PERSON))


def test_names_that_may_be_a_persons_are_not_told():
    for kind, name in (
        (PlaceKind.PREFIX, f"{PERSON}/"),
        (PlaceKind.PREFIX, "+4930901820/"),
        (PlaceKind.METADATA_KEY, "a\nb"),
        (PlaceKind.COLUMN, "x" * 200),
    ):
        assert place_words(kind, name, "free text") == f"{kind.value} whose name is shown at the desk only (free text)"
