"""The indexes that the documentation names for large databases are those that the searches use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rightsflow.domain.identifiers import IdentifierKind, identifier
from tests.integration.connectors.sql.peer import Peer

PAGE = Path(__file__).parents[4] / "docs/how-to/operators/large-databases.md"
KNOWN = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.CUSTOMER_ID, "C-100"),
        identifier(IdentifierKind.PHONE, "+49 30 901820"),
    }
)
TABLES: list[dict[str, Any]] = [
    {"name": "comments", "key": ["id"], "identities": [{"column": "author", "kind": "email"}]},
    {"name": "accounts", "key": ["id"], "identities": [{"column": "customer", "kind": "customer_id"}]},
    {"name": "callers", "key": ["id"], "identities": [{"column": "phone", "kind": "phone"}]},
    {
        "name": "calls",
        "key": ["id"],
        "references": [{"column": "account", "table": "accounts", "to": "id"}],
        "file": {"column": "recording", "kind": "recording"},
    },
]
TABLES_OF = {"comments": "author", "accounts": "customer", "callers": "phone", "calls": "recording"}


@contextmanager
def listening() -> Iterator[list[tuple[str, Any]]]:
    """The statements with their parameters that are executed meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        heard.append((statement, parameters))

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", hear)


def plans(peer: Peer, statement: str, parameters: Any) -> str:
    """How the database goes about it, where reading a whole table is its last resort."""
    with peer.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


def test_the_documented_indexes_are_used(postgres_peer: Peer) -> None:
    peer = postgres_peer
    peer.run(
        "CREATE TABLE comments (id INTEGER PRIMARY KEY, author TEXT)",
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, customer TEXT)",
        "CREATE TABLE callers (id INTEGER PRIMARY KEY, phone VARCHAR(40))",
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, account INTEGER, recording TEXT)",
        *(
            one.replace("%", "%%")
            for one in re.findall(r"```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        ),
    )
    peer.insert("comments", [{"id": 1, "author": "Anna <Anna@Example.com>"}])
    peer.insert("accounts", [{"id": 1, "customer": "C-100 "}])
    peer.insert("callers", [{"id": 1, "phone": "030/90 18 20"}, {"id": 2, "phone": "030 ９٠१820"}])
    peer.insert(
        "calls", [{"id": 1, "account": 1, "recording": "A/INBOX-1.wav"}, {"id": 2, "account": None, "recording": ""}]
    )
    (peer.folder / "A").mkdir()
    (peer.folder / "A/INBOX-1.wav").write_bytes(b"RIFF")
    connector = peer.connector(TABLES)
    with listening() as heard:
        assert {one.record.kind for one in connector.locate(KNOWN)} == {*TABLES_OF, "recording"}
    for table, column in TABLES_OF.items():
        (asked,) = (one for one in heard if f".{column}" in one[0].partition("WHERE")[2])
        assert f"on {table}" in (plan := plans(peer, *asked))
        assert "Seq Scan" not in plan


def test_each_search_is_planned_for_what_it_searches_for(postgres_peer: Peer) -> None:
    """After ten searches PostgreSQL planned for any address, and went three times through the index for each."""
    peer, found = postgres_peer, set()
    peer.run("CREATE TABLE accounts (id INTEGER PRIMARY KEY, customer TEXT)")
    peer.insert("accounts", [{"id": 1, "customer": "C-100"}])

    def ask(connection: sa.Connection, *_: object) -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute("SHOW plan_cache_mode")
            found.update(cursor.fetchone() or ())

    sa.event.listen(sa.engine.Engine, "after_cursor_execute", ask)
    try:
        assert len(list(peer.connector(TABLES[1:2]).locate(KNOWN))) == 1
    finally:
        sa.event.remove(sa.engine.Engine, "after_cursor_execute", ask)
    assert found == {"force_custom_plan"}
