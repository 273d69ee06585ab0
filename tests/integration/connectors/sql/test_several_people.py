"""Rows that name two people by what names one person: sender and recipient, or a list of addresses."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.records import Document, Fact, Method, OutcomeKind
from rightsflow.testing.bench import find
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
KNOWN = frozenset({ANNA})
MAILS: dict[str, Any] = {
    "name": "mails",
    "kind": "mail",
    "key": ["id"],
    "one_person": False,
    "identities": [{"column": "sender", "kind": "email"}, {"column": "recipients", "kind": "email"}],
    "blank": {"sender": "", "recipients": "", "body": ""},
}
ROWS = [
    (1, "anna@example.com", "ben@example.com", "from Anna to Ben"),
    (2, "ben@example.com", "carl@example.com", "from Ben to Carl"),
    (3, "ben@example.com", "carl@example.com, Anna <anna@example.com>", "from Ben to both"),
]


@pytest.fixture
def mails(peer: Peer) -> Peer:
    peer.run(
        "CREATE TABLE mails (id INTEGER PRIMARY KEY, sender VARCHAR(99), recipients VARCHAR(99), body VARCHAR(99))"
    )
    peer.insert("mails", [dict(zip(("id", "sender", "recipients", "body"), row, strict=True)) for row in ROWS])
    return peer


@pytest.mark.parametrize("says", [True, False])
def test_who_a_person_writes_to_is_not_the_person(says: bool, mails: Peer) -> None:
    """Before, an address beside the subject's was learnt as theirs, and then all that its owner had was theirs too."""
    table = {name: value for name, value in MAILS.items() if says or name != "one_person"}
    found = find(mails.connector([table]), KNOWN)
    assert found.known == KNOWN
    assert sorted(one.record.ref for one in found.subject) == ["[1]", "[3]"]
    assert {one.facts for one in found.subject} == {frozenset({Fact.SHARED})}


def test_the_other_persons_address_is_masked(mails: Peer) -> None:
    connector = mails.connector([MAILS])
    refs = [one.record for one in connector.locate(KNOWN)]
    given = {one.record.ref: one.others for one in connector.extract(refs, KNOWN) if isinstance(one, Document)}
    assert given == {
        "[1]": frozenset({"ben@example.com"}),
        "[3]": frozenset({"ben@example.com", "carl@example.com"}),
    }


def test_a_redaction_leaves_the_other_persons_address(mails: Peer) -> None:
    connector = mails.connector([MAILS])
    refs = [one.record for one in connector.locate(KNOWN)]
    outcomes = {one.record.ref: one.kind for one in connector.erase(refs, Method.REDACT, KNOWN)}
    assert outcomes == {"[1]": OutcomeKind.REDACTED, "[3]": OutcomeKind.RESIDUE}
    assert mails.rows("SELECT sender, recipients, body FROM mails ORDER BY id") == [
        ("", "ben@example.com", ""),
        ROWS[1][1:],
        ("ben@example.com", "carl@example.com, Anna <anna@example.com>", ""),
    ]


@pytest.mark.parametrize(
    ("said", "is_asked"), [({}, True), ({"one_person": True}, False), ({"one_person": False}, False)]
)
def test_the_doctor_asks_whether_two_columns_name_one_person(
    said: dict[str, bool], is_asked: bool, mails: Peer
) -> None:
    table = {name: value for name, value in MAILS.items() if name != "one_person"} | said
    health = mails.connector([table]).probe()
    assert (health.ok, health.is_doubtful) == (True, is_asked)
    assert ("the columns sender and recipients, which count as different people's" in health.detail) is is_asked


def test_spellings_of_other_keyboards_are_found(peer: Peer) -> None:
    """The database was asked for plain digits and a plain @ only."""
    peer.run("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(99), phone VARCHAR(99))")
    texts = [
        ("", "０１７１３９２００１２"),
        ("", "491713920012.0"),
        ("anna＠example.com", ""),
        ("anna%40example.com", ""),
    ]
    peer.insert("people", [{"id": n, "email": email, "phone": phone} for n, (email, phone) in enumerate(texts)])
    identities = [{"column": "email", "kind": "email"}, {"column": "phone", "kind": "phone"}]
    connector = peer.connector([{"name": "people", "key": ["id"], "identities": identities}])
    who = KNOWN | {identifier(IdentifierKind.PHONE, "+491713920012")}
    assert [one.record.ref for one in connector.locate(who)] == ["[0]", "[1]", "[2]", "[3]"]
