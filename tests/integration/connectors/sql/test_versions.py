"""A declared version is raised with each change, so that an open form does not write back what is gone.

Of another person's row it is never raised.
"""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
ISSUES: dict[str, Any] = {
    "name": "issues",
    "key": ["id"],
    "identities": [{"column": "email", "kind": "email"}],
    "version": "version",
    "erase": "blank",
    "blank": {"email": "", "subject": ""},
    "restriction": {"column": "locked", "value": 1, "lifted": 0},
    "rectify": {"subject": "subject"},
    "fields": {"subject": "subject"},
}
VALUES: dict[str, Any] = {
    "name": "further",
    "key": ["id"],
    "references": [{"column": "issue_id", "table": "issues", "to": "id", "raises_version": True}],
    "rectify": {"phone": "value"},
    "fields": {"phone": "value"},
}
ISSUE, FURTHER = RecordRef("telephone", "issues", "[1]"), RecordRef("telephone", "further", "[1]")


@pytest.fixture
def issues(peer: Peer) -> Peer:
    peer.run(
        "CREATE TABLE issues (id INTEGER, email VARCHAR(80), subject VARCHAR(20), locked INTEGER, version INTEGER)",
        "CREATE TABLE further (id INTEGER, issue_id INTEGER, value VARCHAR(20))",
        "INSERT INTO issues VALUES (1, 'anna@example.com', 'Kettle', 0, 3), (2, 'ben@example.com', 'Kettle', 0, 3)",
        "INSERT INTO further VALUES (1, 1, '030 901820'), (2, 2, '030 901820')",
    )
    return peer


def versions(peer: Peer) -> list[int]:
    return [row[0] for row in peer.rows("SELECT version FROM issues ORDER BY id")]


@pytest.mark.parametrize(
    ("ref", "act"),
    [
        (ISSUE, lambda connector, refs: connector.rectify(refs, [Change("subject", "Kettle", "Pan")], KNOWN)),
        (ISSUE, lambda connector, refs: connector.blank(refs, {"subject"}, KNOWN)),
        (ISSUE, lambda connector, refs: connector.erase(refs, Method.RESTRICT, KNOWN)),
        (ISSUE, lambda connector, refs: connector.erase(refs, Method.ERASE, KNOWN)),
        (FURTHER, lambda connector, refs: connector.rectify(refs, [Change("phone", "030 901820", "1")], KNOWN)),
        (FURTHER, lambda connector, refs: connector.blank(refs, {"phone"}, KNOWN)),
        (FURTHER, lambda connector, refs: connector.erase(refs, Method.ERASE, KNOWN)),
    ],
)
def test_every_change_raises_it_and_in_the_row_that_it_is_a_part_of(issues: Peer, ref: RecordRef, act: Any):
    (done,) = act(issues.connector([ISSUES, VALUES]), [ref])
    assert done.kind in set(OutcomeKind) - {OutcomeKind.FAILED, OutcomeKind.UNRECTIFIED}
    assert versions(issues) == [4, 3]


def test_what_changes_nothing_raises_nothing(issues: Peer):
    connector = issues.connector([ISSUES, VALUES])
    (wrong,) = connector.rectify([ISSUE], [Change("subject", "Other", "Pan")], KNOWN)
    (other,) = connector.erase([RecordRef("telephone", "issues", "[2]")], Method.ERASE, KNOWN)
    assert wrong.kind is OutcomeKind.UNRECTIFIED
    assert other.request_id == ""
    assert versions(issues) == [3, 3]


def test_a_version_is_a_number_of_its_own(issues: Peer):
    named = ISSUES | {"version": "note"}
    issues.run("ALTER TABLE issues ADD COLUMN note VARCHAR(20)")
    with pytest.raises(Misconfigured, match="holds no whole numbers"):
        list(issues.connector([named]).locate(KNOWN))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([ISSUES | {"version": "locked"}], "used otherwise"),
        ([{name: one for name, one in ISSUES.items() if name != "version"}, VALUES], "needs the key version"),
        ([ISSUES | {"rectify": {"version": "version"}}], "rectify or fields names"),
    ],
)
def test_what_cannot_be_raised_is_said(sqlite_peer: Peer, tables: list[dict[str, Any]], said: str):
    with pytest.raises(BadInput, match=said):
        sqlite_peer.connector(tables)
