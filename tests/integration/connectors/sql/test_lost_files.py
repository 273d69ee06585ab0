"""Files that rows name and that are not in the location when they are searched for, or not where they were then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    Method,
    Outcome,
    OutcomeKind,
    PresenceState,
    RecordRef,
)
from rightsflow.testing.bench import find
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
TABLE: dict[str, Any] = {
    "name": "calls",
    "key": ["id"],
    "identities": [{"column": "email", "kind": "email"}],
    "occurred_at": "day",
    "file": {"column": "path", "kind": "recording", "folder": "%Y/%m", "extensions": [".wav"]},
}
CONVERTED: dict[str, Any] = TABLE | {"file": TABLE["file"] | {"extensions": [".wav", ".mp3"]}}
LOST = RecordRef("telephone", "recording", "/c1")


@pytest.fixture(
    params=["sqlite_peer", pytest.param("postgres_peer", marks=pytest.mark.apart),
            pytest.param("mariadb_peer", marks=pytest.mark.apart)]
)  # fmt: skip
def calls(request: pytest.FixtureRequest) -> Peer:
    peer: Peer = request.getfixturevalue(request.param)
    peer.run("CREATE TABLE calls (id INTEGER PRIMARY KEY, email VARCHAR(99), day DATE, path VARCHAR(99))")
    add(peer, 1, "anna@example.com", "2024-05-02")
    return peer


def add(peer: Peer, key: int, email: str, day: str) -> None:
    peer.insert("calls", [{"id": key, "email": email, "day": day, "path": "c1"}])


def restored(peer: Peer, month: str = "05") -> Path:
    path = peer.folder / "2024" / month / "c1.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"recording")
    return path


def erased(connector: SqlConnector) -> Outcome:
    (outcome,) = connector.erase([LOST], Method.ERASE, KNOWN)
    return outcome


def seen(connector: SqlConnector) -> PresenceState:
    (presence,) = connector.presence([LOST], KNOWN)
    return presence.state


def test_a_file_that_is_there_again_goes(calls: Peer) -> None:
    """Before, it was called erased, was proved absent, and stayed."""
    connector = calls.connector([TABLE])
    assert LOST in find(connector, KNOWN).refs
    assert (erased(connector).kind, seen(connector)) == (OutcomeKind.FAILED, PresenceState.UNKNOWN)
    file = restored(calls)
    assert seen(connector) is PresenceState.PRESENT
    (given,) = connector.extract([LOST], KNOWN)
    assert isinstance(given, Blob)
    assert b"".join(given.open()) == b"recording"
    assert (erased(connector).kind, file.exists()) == (OutcomeKind.ERASED, False)
    assert calls.rows("SELECT path FROM calls") == [("",)]
    assert (seen(connector), erased(connector).kind) == (PresenceState.ABSENT, OutcomeKind.ERASED)


def test_one_that_a_neighbours_row_names_too_stays_and_is_named(calls: Peer) -> None:
    connector = calls.connector([TABLE])
    find(connector, KNOWN)
    add(calls, 2, "ben@example.com", "2024-05-03")
    file = restored(calls)
    outcome = erased(connector)
    assert (outcome.kind, outcome.refused, file.exists()) == (OutcomeKind.RETAINED, True, True)
    assert "another person" in outcome.reason
    assert seen(connector) is PresenceState.PRESENT


def test_the_file_of_a_neighbours_call_with_the_same_name_is_another(calls: Peer) -> None:
    connector = calls.connector([TABLE])
    add(calls, 2, "ben@example.com", "2024-09-03")
    theirs = restored(calls, "09")
    assert (erased(connector).kind, seen(connector)) == (OutcomeKind.FAILED, PresenceState.UNKNOWN)
    mine = restored(calls)
    assert (erased(connector).kind, mine.exists(), theirs.exists()) == (OutcomeKind.ERASED, False, True)
    assert calls.rows("SELECT id, path FROM calls ORDER BY id") == [(1, ""), (2, "c1")]
    assert seen(connector) is PresenceState.ABSENT


def test_which_of_two_files_of_the_subject_it_was_no_one_guesses(calls: Peer) -> None:
    """The other one has a record of its own, perhaps with another decision."""
    connector = calls.connector([TABLE])
    add(calls, 2, "anna@example.com", "2024-09-03")
    files = [restored(calls), restored(calls, "09")]
    assert (erased(connector).kind, seen(connector)) == (OutcomeKind.FAILED, PresenceState.UNKNOWN)
    assert all(file.exists() for file in files)


def test_one_whose_row_went_meanwhile_goes_unless_a_neighbours_row_names_it(calls: Peer) -> None:
    connector = calls.connector([TABLE])
    calls.run("DELETE FROM calls")
    file = calls.folder / "c1.wav"
    file.write_bytes(b"recording")
    assert (seen(connector), erased(connector).kind) == (PresenceState.PRESENT, OutcomeKind.ERASED)
    assert not file.exists()
    add(calls, 2, "ben@example.com", "2024-09-03")
    file.write_bytes(b"his")
    assert (seen(connector), erased(connector).kind) == (PresenceState.ABSENT, OutcomeKind.ERASED)
    assert file.exists()


@pytest.mark.parametrize("to", ["2024/05/c1.mp3", "c1.wav"])
def test_a_file_that_moved_to_where_its_row_may_lead_is_followed(calls: Peer, to: str) -> None:
    """Before, it counted as gone: nothing was given, it was called erased, and it stayed."""
    file = restored(calls)
    connector = calls.connector([CONVERTED])
    (ref,) = (one for one in find(connector, KNOWN).refs if one.kind == "recording")
    file.rename(calls.folder / to)
    (given,) = connector.extract([ref], KNOWN)
    assert isinstance(given, Blob)
    (outcome,) = connector.erase([ref], Method.ERASE, KNOWN)
    assert (outcome.kind, (calls.folder / to).exists()) == (OutcomeKind.ERASED, False)
    assert calls.rows("SELECT path FROM calls") == [("",)]


def test_one_that_moved_elsewhere_is_a_persons_task_unless_another_row_names_that(calls: Peer) -> None:
    """Before, it was called erased, and neither given nor named in a copy."""
    file = restored(calls)
    connector = calls.connector([TABLE])
    (ref, row) = sorted(find(connector, KNOWN).refs, key=lambda one: one.kind, reverse=True)
    file.rename(calls.folder / "moved-c1.wav")
    (calls.folder / "archive").mkdir()
    moved = (calls.folder / "moved-c1.wav").rename(calls.folder / "archive" / "c1.wav")
    assert [isinstance(part, Document) for part in connector.extract([ref], KNOWN)] == [True]
    (outcome,) = connector.erase([ref], Method.ERASE, KNOWN)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.FAILED, True)
    (outcome,) = connector.erase([row], Method.ERASE, KNOWN)
    assert (outcome.kind, len(calls.rows("SELECT id FROM calls"))) == (OutcomeKind.FAILED, 1)
    # What another row names is that one's file.
    calls.insert("calls", [{"id": 2, "email": "ben@example.com", "day": "2024-05-02", "path": "archive/c1.wav"}])
    (outcome,) = connector.erase([ref], Method.ERASE, KNOWN)
    assert (outcome.kind, moved.exists()) == (OutcomeKind.ERASED, True)


@pytest.mark.parametrize("place", ["2024/05/c1.wav", "archive/c2.wav"])
def test_a_row_stays_whose_file_is_there_again_or_was_moved_with_it(calls: Peer, place: str) -> None:
    """Before, the row went, and the file stayed without a word and without a trace."""
    connector = calls.connector([TABLE])
    refs = sorted(find(connector, KNOWN).refs, key=lambda one: one.kind)
    (row, _) = refs
    assert erased(connector).kind is OutcomeKind.FAILED
    (calls.folder / place).parent.mkdir(parents=True)
    (calls.folder / place).write_bytes(b"recording")
    calls.run(f"UPDATE calls SET path = '{'c1' if place.startswith('2024') else place}'")
    (outcome,) = connector.erase([row], Method.ERASE, KNOWN)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.FAILED, True)
    assert len(calls.rows("SELECT id FROM calls")) == 1
    # A neighbour's row leads to it as well: then it is theirs, and the row is no trace of it.
    calls.insert("calls", [{"id": 2, "email": "ben@example.com", "day": "2024-05-02", "path": place}])
    (outcome,) = connector.erase([row], Method.ERASE, KNOWN)
    assert (outcome.kind, calls.rows("SELECT id FROM calls")) == (OutcomeKind.ERASED, [(2,)])
    assert (calls.folder / place).exists()
