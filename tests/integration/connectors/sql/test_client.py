"""Connections that lie ready, and statements that read."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.sql.client import ReadConnection, SqlDatabase, Statement, ask_if_there
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.search import PersonSearch, bound, shape
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from tests.integration.connectors.sql import tickets
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.tickets import ANNA, BEN

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
