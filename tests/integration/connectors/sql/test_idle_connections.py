"""Connections of a system's database that end while they lie ready."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.sql.client import ask_if_there
from tests.integration.connectors.sql.peer import Peer


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
