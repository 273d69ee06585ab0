"""A home-grown ticket database: customers, their tickets with comments and attachments, orders, a newsletter."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.testing.bench import Bench
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
BEN = identifier(IdentifierKind.EMAIL, "ben@example.com")
STRANGER = identifier(IdentifierKind.EMAIL, "nobody@example.com")

_DDL = """
CREATE TABLE customers (
  id INTEGER PRIMARY KEY, number VARCHAR(20), email VARCHAR(120), phone VARCHAR(40), name VARCHAR(80));
CREATE TABLE "Ticket List" (
  id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id), opened TIMESTAMP, subject VARCHAR(200),
  agent VARCHAR(40));
CREATE TABLE ticket_comments (
  ticket_id INTEGER NOT NULL REFERENCES "Ticket List" (id), position INTEGER, author VARCHAR(120),
  author_name VARCHAR(80), body TEXT, attachment VARCHAR(200), PRIMARY KEY (ticket_id, position));
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_email VARCHAR(120), item VARCHAR(80), total NUMERIC(8, 2), ordered DATE,
  note VARCHAR(200))"""

TABLES: list[dict[str, Any]] = [
    {
        "name": "customers",
        "kind": "customer",
        "key": ["id"],
        "identities": [
            {"column": "number", "kind": "customer_id"},
            {"column": "email", "kind": "email"},
            {"column": "phone", "kind": "phone"},
            {"column": "name", "kind": "name"},
        ],
    },
    {
        "name": "Ticket List",
        "kind": "ticket",
        "title": "service tickets",
        "key": ["id"],
        "references": [{"column": "customer", "table": "customers", "to": "id"}],
        "occurred_at": "opened",
        "hide": ["agent"],
    },
    {
        "name": "ticket_comments",
        "kind": "comment",
        "key": ["ticket_id", "position"],
        "author": "author",
        "references": [{"column": "ticket_id", "table": "Ticket List", "to": "id"}],
        "identities": [
            {"column": "author", "kind": "email", "form": "caller_id"},
            {"column": "author_name", "kind": "name"},
        ],
        "blank": {"author": "", "body": ""},
        "to_null": ["author_name", "attachment"],
        "file": {"column": "attachment", "kind": "attachment", "title": "attachments"},
    },
    {
        "name": "orders",
        "kind": "order",
        "key": ["id"],
        "identities": [{"column": "customer_email", "kind": "email"}],
        "occurred_at": "ordered",
        "erase": "blank",
        "to_null": ["customer_email", "note"],
        "facts": ["accounting"],
    },
]


TICKETS: dict[str, Any] = {
    "table": "Ticket List",
    "key": "id",
    "requester": "customer",
    "email": "email",
    "phone": "phone",
    "customer_id": "number",
    "name": "name",
    "agent_when": {"agent": "agent-0"},
}


def fill(peer: Peer) -> None:
    peer.run(*_DDL.split(";"))
    columns = ("id", "number", "email", "phone", "name")
    people = [
        (1, "C-1001", "Anna@Example.COM", "0171 / 39 200 12", "Anna Example"),
        (2, "C-2002", "ben@example.com", "0171 3920045", "Ben Example"),
        (3, "C-3003", "johanna@example.com", None, "Johanna Example"),
    ]
    peer.insert("customers", [dict(zip(columns, row, strict=True)) for row in people])
    columns = ("id", "customer", "opened", "subject", "agent")
    tickets = [
        (11, 1, "2026-02-01 08:00:00", "The kettle hums", "agent-7"),
        (12, 1, "2026-02-02 08:00:00", "It hums again", "agent-7"),
        (13, 2, "2026-02-03 08:00:00", "The lid is stuck", "agent-9"),
        (14, None, "2026-02-04 08:00:00", "Who is it?", "agent-9"),
        (15, 2, "2026-02-05 08:00:00", "Our own note", "agent-0"),
    ]
    peer.insert('"Ticket List"', [dict(zip(columns, row, strict=True)) for row in tickets])
    columns = ("ticket_id", "position", "author", "author_name", "body", "attachment")
    comments = [
        (11, 1, '"Anna Example" <anna@example.com>', "Anna Example", "It hums in A flat.", "11/hum.wav"),
        (11, 2, "ben@example.com", "Ben Example", "Mine hums too.", None),
        (12, 1, "anna@example.com", "Anna Example", "Still.", None),
        (13, 1, "ben@example.com", "Ben Example", "It will not open.", "13/lid.wav"),
        (13, 2, "anna@example.com", "Anna Example", "Try warm water.", None),
    ]
    peer.insert("ticket_comments", [dict(zip(columns, row, strict=True)) for row in comments])
    columns = ("id", "customer_email", "item", "total", "ordered", "note")
    orders = [
        (1, "anna@example.com", "kettle", 39.9, "2025-12-01", "Leave it with the neighbour."),
        (2, "ben@example.com", "kettle", 39.9, "2025-12-02", None),
    ]
    peer.insert("orders", [dict(zip(columns, row, strict=True)) for row in orders])
    peer.wav("11/hum.wav")
    peer.wav("13/lid.wav")


def connector(peer: Peer, **more: Any) -> SqlConnector:
    return peer.connector(TABLES, **{"batch_size": 2, "tickets": TICKETS} | more)


def neighbours(peer: Peer) -> str:
    seen = [
        peer.rows("SELECT * FROM customers WHERE id <> 1 ORDER BY id"),
        peer.rows('SELECT * FROM "Ticket List" WHERE customer <> 1 ORDER BY id'),
        peer.rows("SELECT * FROM ticket_comments WHERE author = 'ben@example.com' ORDER BY ticket_id"),
        peer.rows("SELECT * FROM orders WHERE id <> 1 OR customer_email = 'ben@example.com' ORDER BY id"),
        # What is kept of the subject's order is not the subject's data.
        peer.rows("SELECT item, total, ordered FROM orders WHERE id = 1"),
        (peer.folder / "13/lid.wav").read_bytes(),
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _give_order_to_ben(peer: Peer) -> RecordRef:
    """The number of her order is given out again."""
    peer.run("UPDATE orders SET customer_email = 'ben@example.com', note = 'For Ben.' WHERE id = 1")
    return RecordRef("telephone", "order", "[1]")


def bench(peer: Peer) -> Bench:
    fill(peer)
    return Bench(
        connector=connector(peer),
        known=frozenset({ANNA}),
        nobody=frozenset({STRANGER}),
        expected={"customer": 1, "ticket": 2, "comment": 4, "order": 1, "attachment": 1},
        canaries=frozenset({"anna@", "Anna@", "Anna Example", "C-1001", "39 200 12", "3920012", "A flat", "hum.wav"}),
        neighbours=lambda: neighbours(peer),
        outage=peer.outage,
        method_for={"attachment": Method.ERASE, "comment": Method.REDACT, "order": Method.REDACT},
        wrong_credentials=lambda: connector(peer, user="nobody_known") if peer.postgres else None,
        shared=frozenset({RecordRef("telephone", "comment", "[11,2]")}),
        given=frozenset({"It hums in A flat.", "Still.", "Try warm water.", "Leave it with the neighbour."}),
        withheld=frozenset({"Mine hums too.", "It will not open."}),
        held=lambda: repr([peer.rows("SELECT body FROM ticket_comments"), peer.rows("SELECT * FROM orders")]),
        change_hands=lambda: _give_order_to_ben(peer),
        tickets={"11": ANNA, "13": BEN, "14": WhyNot.NO_REQUESTER, "15": WhyNot.AGENT, "11b": WhyNot.NO_TICKET},
        first=(("comment", "ticket"), ("attachment", "comment"), ("ticket", "customer")),
    )
