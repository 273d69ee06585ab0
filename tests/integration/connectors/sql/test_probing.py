"""The probe, the settings and the connections: each fault is named with its mend, and nothing is quoted."""

from __future__ import annotations

import traceback
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import fsspec
import pytest
import sqlalchemy as sa
from fsspec.implementations.memory import MemoryFileSystem

from connectors.sql.client import ReadConnection, SqlDatabase, Statement, ask_if_there
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.search import PersonSearch, bound, shape
from connectors.sql.values import instant
from rightsflow.domain.errors import Misconfigured, RightsflowError, Transient
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Method
from tests.integration.connectors.sql import cdr, tickets
from tests.integration.connectors.sql.cdr import CDR
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.tickets import ANNA, BEN

KNOWN = frozenset({cdr.ANNA})


@pytest.fixture
def filled(peer: Peer) -> Peer:
    cdr.fill(peer)
    return peer


@pytest.fixture
def role(postgres_peer: Peer):
    """Makes a role with some rights on the table; roles are the server's, so it is dropped again."""
    cdr.fill(postgres_peer)
    assert postgres_peer.postgres
    name = f"role_{postgres_peer.postgres.name}"

    def make(rights: str) -> str:
        postgres_peer.run(f"CREATE ROLE {name} LOGIN", f"GRANT {rights} ON cdr TO {name}")
        return name

    yield make
    postgres_peer.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_a_user_with_just_the_rights_it_needs_is_fine(postgres_peer: Peer, role):
    user = role("SELECT, UPDATE, DELETE")
    health = cdr.connector(postgres_peer, user=user).probe()
    assert health.ok
    assert health.excessive_rights == ()


def test_rights_that_are_missing_are_named(postgres_peer: Peer, role):
    connector = cdr.connector(postgres_peer, user=role("SELECT"))
    health = connector.probe()
    assert not health.ok
    assert "UPDATE on cdr, DELETE on cdr" in health.detail
    calls = [one.record for one in connector.locate(KNOWN) if one.record.kind == "call"]
    with pytest.raises(Misconfigured, match="grant the right"):
        list(connector.erase(calls, Method.ERASE, KNOWN))


@pytest.mark.apart
def test_a_superuser_has_rights_that_are_not_needed(postgres_peer: Peer):
    cdr.fill(postgres_peer)
    health = cdr.connector(postgres_peer).probe()
    assert health.ok
    assert "superuser" in health.excessive_rights


def test_a_database_that_is_not_there(postgres_peer: Peer):
    cdr.fill(postgres_peer)
    connector = cdr.connector(postgres_peer)
    assert postgres_peer.postgres
    secret = postgres_peer.folder.parent / "url-"
    secret.write_text(secret.read_text().replace(postgres_peer.postgres.name, "no_such_database"))
    assert "mend the keys url" in connector.probe().detail


def test_a_missing_sqlite_file_is_not_made_and_is_no_empty_database(sqlite_peer: Peer):
    assert sqlite_peer.sqlite
    sqlite_peer.sqlite.unlink()
    connector = cdr.connector(sqlite_peer)
    assert not connector.probe().ok
    with pytest.raises(Misconfigured, match="mend the path"):
        list(connector.locate(KNOWN))
    assert not sqlite_peer.sqlite.exists()


def test_a_file_that_is_no_database(sqlite_peer: Peer):
    assert sqlite_peer.sqlite
    sqlite_peer.sqlite.write_text("This is a letter and not a database." * 50)
    health = cdr.connector(sqlite_peer).probe()
    assert not health.ok
    assert "letter" not in health.detail


def test_a_table_and_a_column_that_are_not_there_are_named(filled: Peer):
    assert "no table calls" in cdr.connector(filled, CDR | {"name": "calls"}).probe().detail
    assert "no column voice" in cdr.connector(filled, CDR | {"hide": ["voice"]}).probe().detail
    with pytest.raises(Misconfigured):
        list(cdr.connector(filled, CDR | {"hide": ["voice"]}).locate(KNOWN))


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("not a url", "write one like postgresql"),
        ("sqlite://", "sqlite:////absolute/path"),
        ("oracle://h/x", "install"),
        ("nosuch://h/x", "install"),
    ],
)
def test_an_unusable_url_is_told_without_being_quoted(sqlite_peer: Peer, url: str, mend: str):
    connector = cdr.connector(sqlite_peer)
    (sqlite_peer.folder.parent / "url-").write_text(url)
    health = connector.probe()
    assert not health.ok
    assert mend in health.detail


def test_a_server_that_is_not_there_is_transient(sqlite_peer: Peer):
    connector = cdr.connector(sqlite_peer, timeout_seconds=2)
    # Port 1 of the loopback interface is open nowhere.
    (sqlite_peer.folder.parent / "url-").write_text("postgresql://anna:hush@127.0.0.1:1/x")
    with pytest.raises(Transient) as caught:
        list(connector.locate(KNOWN))
    assert "hush" not in str(caught.value)
    assert not connector.probe().ok


def test_a_location_that_no_driver_opens(sqlite_peer: Peer):
    with pytest.raises(Misconfigured, match="fsspec"):
        sqlite_peer.connector([CDR], files="nosuch://place")


class Angry(MemoryFileSystem):
    """A location whose driver raises errors of its own, with paths in their texts."""

    protocol = "angry"

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        raise RuntimeError(f"403 for {path} of anna@example.com")


def test_errors_of_a_locations_own_driver_are_not_passed_on(sqlite_peer: Peer):
    fsspec.register_implementation("angry", Angry, clobber=True)
    cdr.fill(sqlite_peer)
    connector = sqlite_peer.connector([CDR], files="angry://recordings")
    with pytest.raises(Transient) as caught:
        list(connector.locate(KNOWN))
    assert "anna" not in "".join(traceback.format_exception(caught.value))
    assert not connector.probe().ok


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing finds it": (CDR | {"identities": []}, "give identities or references"),
    "nothing to blank": (CDR | {"erase": "blank"}, "blank or to_null"),
    "key is blanked": (cdr.BLANKED | {"key": ["src"]}, "key column"),
    "identity is kept": (CDR | {"blank": {"src": ""}}, "every identity column"),
    "folder without time": (CDR | {"occurred_at": ""}, "occurred_at"),
    "unknown key": (CDR | {"colums": []}, "not known"),
    "reference to nothing": (CDR | {"references": [{"column": "a", "table": "b", "to": "c"}]}, "not configured"),
    "circle": (CDR | {"references": [{"column": "a", "table": "cdr", "to": "c"}]}, "circle"),
    "embedded e-mail": (CDR | {"identities": [{"column": "a", "kind": "email", "form": "embedded"}]}, "phone numbers"),
    "kind twice": (CDR | {"kind": "recording"}, "same kind"),
}


@pytest.mark.parametrize(("table", "mend"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_section_is_told_with_its_mend(sqlite_peer: Peer, table: dict[str, Any], mend: str):
    with pytest.raises(Misconfigured, match=mend):
        sqlite_peer.connector([table])


@pytest.mark.parametrize(
    "more", [{"own_numbers": ["030 901"]}, {"timezone": "Berlin"}, {"files": ""}, {"url": "postgresql://plain"}]
)
def test_a_wrong_key_of_the_system_is_told(sqlite_peer: Peer, more: dict[str, Any]):
    with pytest.raises(RightsflowError):
        sqlite_peer.connector([CDR], **more)


def test_times_as_they_are_stored():
    for value, expected in (
        (datetime(2026, 3, 1, 9, 15), "2026-03-01T09:15:00+01:00"),
        (datetime(2026, 7, 1, 9, 15, tzinfo=UTC), "2026-07-01T11:15:00+02:00"),
        ("2026-07-01 09:15:00", "2026-07-01T09:15:00+02:00"),
        (date(2026, 3, 1), "2026-03-01T00:00:00+01:00"),
        (1772352900, "2026-03-01T09:15:00+01:00"),
        (Decimal("1772352900.5"), "2026-03-01T09:15:00.500000+01:00"),
        ("soon", None),
        (None, None),
    ):
        read = instant(value, ZoneInfo("Europe/Berlin"))
        assert (read.isoformat() if read else None) == expected


ANNAS = frozenset({ANNA, identifier(IdentifierKind.PHONE, "+49 171 3920012")})


def engine_of(peer: Peer, clock: list[float]) -> sa.Engine:
    engine = sa.create_engine(peer.url.replace("postgresql:", "postgresql+psycopg:"))
    ask_if_there(engine, lambda: clock[0])
    return engine


def number(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_a_connection_that_lay_ready_and_has_ended_is_made_anew(postgres_peer: Peer) -> None:
    clock = [100.0]
    engine = engine_of(postgres_peer, clock)
    first = number(engine)
    assert number(engine) == first
    postgres_peer.rows(f"SELECT pg_terminate_backend({first}, 5000)")
    clock[0] += 2.0
    second = number(engine)
    assert second != first
    engine.dispose()


def test_one_that_ends_a_moment_after_it_was_used_is_an_error_once(postgres_peer: Peer) -> None:
    clock = [100.0]
    engine = engine_of(postgres_peer, clock)
    first = number(engine)
    postgres_peer.rows(f"SELECT pg_terminate_backend({first}, 5000)")
    clock[0] += 1.9
    with pytest.raises(sa.exc.OperationalError) as caught:
        number(engine)
    assert caught.value.connection_invalidated
    assert number(engine) != first
    engine.dispose()


def site_of(peer: Peer) -> SqlSite:
    return tickets.connector(peer)._site


def found(rows: TableRows, known: Identifiers) -> list[object]:
    return sorted(str(row["id"]) for row, _ in rows.search(known))


def test_a_statement_that_one_persons_search_made_finds_another_person_alone(peer: Peer) -> None:
    tickets.fill(peer)
    rows = site_of(peer).table("customers")
    together = {person: found(rows, frozenset({person})) for person in (ANNA, BEN, ANNA)}
    apart = {person: found(site_of(peer).table("customers"), frozenset({person})) for person in (ANNA, BEN)}
    assert together == apart
    assert all(len(ids) == 1 for ids in apart.values())
    assert apart[ANNA] != apart[BEN]


def test_a_kept_statement_holds_no_value_of_a_search(peer: Peer) -> None:
    tickets.fill(peer)
    site = site_of(peer)
    for name in ("customers", "Ticket List", "orders"):
        rows = site.table(name)
        refs = [rows.ref(row) for row, _ in rows.search(ANNAS)]
        assert rows.with_keys(refs, "extract").keys() == {*refs}
        list(rows.with_values(rows.settings.key[0], [1, 2], "locate"))
        kept = [one for one in rows.table.info["rightsflow_statements"].values() if isinstance(one, Statement)]
        assert kept
        values = {value for one in kept for value in one.whole.compile().params.values()}
        assert values <= {None}


def test_as_many_values_as_are_sought_are_bound(peer: Peer) -> None:
    tickets.fill(peer)
    site = site_of(peer)
    rows = site.table("customers")
    search = PersonSearch(rows.settings, site.phones, site.system)
    sought = search.sought(rows.table, ANNAS)
    places = sa.select(search.condition(rows.table, sought)).compile().params
    assert places.keys() <= bound(sought).keys()
    assert shape(sought) == shape(search.sought(rows.table, frozenset({BEN, *(ANNAS - {ANNA})})))


def test_each_statement_of_a_reading_sees_what_is_new(peer: Peer) -> None:
    tickets.fill(peer)
    site = site_of(peer)
    table = site.database.table(site.table("customers").settings)
    everything = Statement.of(table, sa.true())
    assert isinstance(site.database, SqlDatabase)
    with ReadConnection(site.database) as reading:
        before = len(list(reading.read(everything, {})))
        peer.insert("customers", [{"id": 9001, "email": "new@example.com"}])
        assert len(list(reading.read(everything, {}))) == before + 1
