"""A ticket system like Redmine: polymorphic attachments, notes by several people, identical files stored once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Located, RecordRef
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
KNOWN = frozenset({ANNA})

_DDL = """
CREATE TABLE users (id INTEGER PRIMARY KEY, type VARCHAR(20), mail VARCHAR(120));
CREATE TABLE issues (id INTEGER PRIMARY KEY, author_id INTEGER, subject VARCHAR(200));
CREATE TABLE journals (
  id INTEGER PRIMARY KEY, journalized_type VARCHAR(20), journalized_id INTEGER, user_id INTEGER, notes TEXT);
CREATE TABLE wiki_pages (id INTEGER PRIMARY KEY, title VARCHAR(80));
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY, container_type VARCHAR(20), container_id INTEGER, author_id INTEGER,
  disk_directory VARCHAR(20), disk_filename VARCHAR(300), description VARCHAR(80))"""

USERS: dict[str, Any] = {
    "name": "users",
    "kind": "account",
    "key": ["id"],
    "where": {"type": ["User", "AnonymousUser"]},
    "identities": [{"column": "mail", "kind": "email"}],
}
ISSUES: dict[str, Any] = {
    "name": "issues",
    "kind": "issue",
    "key": ["id"],
    "references": [{"column": "author_id", "table": "users", "to": "id"}],
}
JOURNALS: dict[str, Any] = {
    "name": "journals",
    "kind": "note",
    "key": ["id"],
    "where": {"journalized_type": "Issue"},
    "author": "user_id",
    "references": [
        {"column": "journalized_id", "table": "issues", "to": "id"},
        {"column": "user_id", "table": "users", "to": "id"},
    ],
}
ATTACHMENTS: dict[str, Any] = {
    "name": "attachments",
    "kind": "attachment-row",
    "key": ["id"],
    "author": "author_id",
    "references": [
        {"column": "container_id", "table": "issues", "to": "id", "where": {"container_type": "Issue"}},
        {"column": "container_id", "table": "journals", "to": "id", "where": {"container_type": "Journal"}},
        {"column": "author_id", "table": "users", "to": "id"},
    ],
    "file": {
        "column": "disk_filename",
        "folder_column": "disk_directory",
        "kind": "attachment",
        "title": "attachments",
    },
}
TABLES = [USERS, ISSUES, JOURNALS, ATTACHMENTS]

USER_ROWS = [(1, "User", "anna@example.com"), (2, "User", "ben@example.com"), (3, "User", "agent@example.com"),
             (4, "Group", "anna@example.com")]  # fmt: skip
ISSUE_ROWS = [(11, 1, "The kettle hums"), (12, 2, "The lid is stuck")]
JOURNAL_ROWS = [
    (21, "Issue", 11, 1, "It hums in A flat."),
    (22, "Issue", 11, 3, "She is a difficult customer."),
    (23, "Issue", 11, 2, "Mine hums too."),
    (24, "Issue", 12, 1, "Try warm water."),
    (25, "Issue", 12, 2, "It will not open."),
    # Another kind of thing with the same number.
    (26, "Document", 11, 2, "Minutes of the board."),
]
ATTACHMENT_ROWS = [
    (31, "Issue", 11, 1, "2026/03", "hum.wav", "the hum"),
    # The same photo, sent by both: stored once.
    (32, "Issue", 11, 1, "2026/03", "kettle.png", "my kettle"),
    (33, "Issue", 12, 2, "2026/03", "kettle.png", "my kettle"),
    # A page of the wiki that has the number of the subject's issue.
    (34, "WikiPage", 11, 3, "2026/03", "salaries.pdf", "internal"),
    (35, "Journal", 22, 3, "2026/03", "trace.txt", "log of the agent"),
    (36, "Journal", 21, 1, "2026/03", "note.txt", "beside my note"),
    (37, "Issue", 12, 2, "2026/03", "lid.png", "the lid"),
]
FILES = ("hum.wav", "kettle.png", "salaries.pdf", "trace.txt", "note.txt", "lid.png")
COLUMNS = {
    "users": ("id", "type", "mail"),
    "issues": ("id", "author_id", "subject"),
    "journals": ("id", "journalized_type", "journalized_id", "user_id", "notes"),
    "attachments": (
        "id", "container_type", "container_id", "author_id", "disk_directory", "disk_filename", "description"
    ),
}  # fmt: skip
ROWS = {"users": USER_ROWS, "issues": ISSUE_ROWS, "journals": JOURNAL_ROWS, "attachments": ATTACHMENT_ROWS}


def fill(peer: Peer) -> None:
    peer.run(*_DDL.split(";"))
    for table, rows in ROWS.items():
        peer.insert(table, [dict(zip(COLUMNS[table], row, strict=True)) for row in rows])
    for name in FILES:
        place = file_of(peer, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(hashlib.sha256(name.encode()).digest() * 100)


def file_of(peer: Peer, name: str) -> Path:
    return peer.folder / "2026/03" / name


def connector(peer: Peer, *changed: dict[str, Any], **more: Any) -> SqlConnector:
    """The system; sections in ``changed`` stand for those of the same name."""
    by_name = {table["name"]: table for table in (*TABLES, *changed)}
    return peer.connector(list(by_name.values()), **more)


def dump(peer: Peer) -> dict[str, Any]:
    """Every row of every table and every file, to compare what is left byte for byte."""
    tables = {
        f"{table} {row[0]}": tuple(row) for table in ROWS for row in peer.rows(f"SELECT * FROM {table} ORDER BY 1")
    }
    files = {f"file {path.name}": path.read_bytes() for path in peer.folder.rglob("*") if path.is_file()}
    return tables | files


def by_ref(found: list[Located]) -> dict[tuple[str, str], Located]:
    return {(one.record.kind, one.record.ref): one for one in found}


def ref(kind: str, key: object) -> RecordRef:
    return RecordRef("telephone", kind, str(key) if kind == "attachment" else f"[{key}]")
