"""New texts of a ticket database: of customers alone, since an instant, in columns of every type that holds a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.errors import Misconfigured
from tests.integration.connectors.sql.peer import Peer

SINCE = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
"""Ten in Berlin."""
BERLIN = "2026-03-05 10:00:00"
TIMES = {
    "DATETIME": ("2026-03-05 09:59:59", BERLIN, "2026-03-06 09:00:00"),
    "VARCHAR(30)": ("2026-03-05T08:59:59Z", "2026-03-05T09:00:00Z", "2026-03-06 09:00:00+01:00"),
    "INTEGER": tuple(int(SINCE.timestamp()) + seconds for seconds in (-1, 0, 82_800)),
}


def made(peer: Peer, type_: str, **more: Any) -> SqlConnector:
    if type_ == "DATETIME" and peer.postgres:
        type_ = "TIMESTAMP"
    peer.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80))",
        f"CREATE TABLE issues (id INTEGER PRIMARY KEY, nr VARCHAR(20), person INTEGER REFERENCES people (id), "
        f"subject VARCHAR(200), body TEXT, source VARCHAR(10), made {type_})",
        f"CREATE TABLE notes (id INTEGER PRIMARY KEY, issue INTEGER REFERENCES issues (id), body TEXT, staff INTEGER, "
        f"written {type_})",
        "INSERT INTO people VALUES (1, 'anna@example.com')",
    )
    tables = [
        {"name": "people", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]},
        {
            "name": "issues",
            "key": ["id"],
            "references": [{"column": "person", "table": "people", "to": "id"}],
            "occurred_at": "made",
        },
        {
            "name": "notes",
            "key": ["id"],
            "references": [{"column": "issue", "table": "issues", "to": "id"}],
            "occurred_at": "written",
        },
    ]
    section = {
        "table": "issues",
        "key": "nr",
        "requester": "person",
        "email": "email",
        "agent_when": {"source": "internal"},
        "texts": ["subject", "body"],
        "replies": {"table": "notes", "ticket": "issue", "texts": ["body"], "agent_when": {"staff": 1}},
    }
    return peer.connector(tables, tickets=section | more)


@pytest.mark.parametrize("type_", TIMES)
def test_texts_of_customers_since_an_instant_are_read_with_their_ticket(peer: Peer, type_: str):
    connector = made(peer, type_)
    before, there, after = TIMES[type_]
    issue = {"person": 1, "subject": "Kettle", "body": "It hums.", "source": "web"}
    peer.insert(
        "issues", [{"id": 1, "nr": "T-1", "made": before, **issue}, {"id": 2, "nr": "T-2", "made": there, **issue}]
    )
    peer.insert("issues", [{"id": 3, "nr": "T-3", "made": after, **issue, "source": "internal"}])
    note = {"issue": 1, "body": "Delete my data.", "staff": 0}
    peer.insert("notes", [{"id": 1, "written": before, **note}, {"id": 2, "written": after, **note}])
    peer.insert("notes", [{"id": 3, "written": after, **note, "staff": 1}])
    texts = list(connector.new_texts(SINCE))
    assert [(one.ticket, one.record.ref, one.text) for one in texts] == [
        ("T-2", "[2]", "Kettle\n\nIt hums."),
        ("T-1", "[1]", "Delete my data."),
    ]
    assert [one.received_at for one in texts] == [
        SINCE,
        SINCE + timedelta(hours=23),
    ]
    assert len(list(connector.texts_of(texts[1].record))) == 3
    assert "hums" not in repr(texts)
    assert connector.requester_of("T-1").identifiers


def test_a_section_that_says_of_no_time_or_no_column_is_refused(peer: Peer):
    connector = made(peer, "DATETIME", texts=["subject", "wanting"])
    with pytest.raises(Misconfigured, match="no column wanting"):
        list(connector.new_texts(SINCE))


def test_a_time_that_cannot_be_read_is_a_fault_and_no_silence(peer: Peer):
    connector = made(peer, "VARCHAR(30)")
    issue = {"id": 1, "nr": "T-1", "person": 1, "subject": "Data", "body": "Delete them.", "source": "web"}
    peer.insert("issues", [issue | {"made": "06.03.2026 09:00"}])
    with pytest.raises(Misconfigured, match="cannot be read"):
        list(connector.new_texts(SINCE))
