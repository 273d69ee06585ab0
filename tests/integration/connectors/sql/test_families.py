"""Recordings under vendors' ids with their transcripts: one record, found by an entry, in any location."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, Located, Method, OutcomeKind, PresenceState
from tests.integration.connectors.sql import vendors
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.vendors import ANNA, MINE, SHARED, digests
from tests.support.peers.sftp import SftpPeer, running_sftp

KNOWN = frozenset({ANNA})


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpPeer]:
    with running_sftp(tmp_path_factory.mktemp("sftp")) as peer:
        yield peer


def recordings(connector: SqlConnector, known: Identifiers = KNOWN) -> dict[str, Located]:
    return {item.record.ref: item for item in connector.locate(known) if item.record.kind == "recording"}


def test_recording_and_transcripts_are_given_and_erased_as_one(sqlite_peer: Peer):
    vendors.fill(sqlite_peer)
    _given_and_erased(sqlite_peer, vendors.twilio(sqlite_peer))


@pytest.mark.apart
def test_the_same_on_an_sftp_server(sqlite_peer: Peer, sftp: SftpPeer):
    vendors.fill(sqlite_peer)
    connector = vendors.twilio(sqlite_peer, files=sftp.url(sqlite_peer.folder), files_options=sftp.options)
    _given_and_erased(sqlite_peer, connector)


def _given_and_erased(peer: Peer, connector: SqlConnector) -> None:
    before = digests(peer.folder)
    health = connector.probe()
    assert health.ok, health.detail
    found = recordings(connector)
    # The recording of two customers is found and shared; the neighbour's, whose id begins alike, is not found.
    assert {ref: Fact.SHARED in item.facts for ref, item in found.items()} == {
        "recording:RE1": False,
        "recording:RE2": False,
        "recording:RE4": True,
    }
    parts = list(connector.extract([item.record for item in found.values()], KNOWN))
    blobs = [part for part in parts if isinstance(part, Blob)]
    assert sorted(part.media_type for part in blobs) == ["audio/mpeg", "audio/wav", "text/vtt"]
    sounds = [part for part in blobs if part.media_type == "audio/wav"]
    assert b"".join(sounds[0].open()) == (peer.folder / vendors.ACCOUNT / "RE1.wav").read_bytes()
    assert sounds[0].metadata["channels"] == 2
    documents = {part.record.ref: part.content for part in parts if isinstance(part, Document)}
    assert documents["recording:RE1"]["Transcript"][0]["Content"] == "Words of transcripts/RE1.json"
    assert "another person" in documents["recording:RE4"]["note"]

    refs = [item.record for item in found.values()]
    outcomes = {item.record.ref: item.kind for item in connector.erase(refs, Method.ERASE, KNOWN)}
    assert outcomes == {
        "recording:RE1": OutcomeKind.ERASED,
        "recording:RE2": OutcomeKind.ERASED,
        "recording:RE4": OutcomeKind.RETAINED,
    }
    after = digests(peer.folder)
    assert after == {path: digest for path, digest in before.items() if path not in MINE}
    assert {*after} >= SHARED
    states = {item.record.ref: item.state for item in connector.presence(refs, KNOWN)}
    assert states.pop("recording:RE4") is PresenceState.PRESENT
    assert {*states.values()} == {PresenceState.ABSENT}
    # The entries go after their files, although their ids cannot be emptied.
    rows = [item.record for item in connector.locate(KNOWN) if not (item.is_context or Fact.SHARED in item.facts)]
    for kind in ("recording-entry", "call"):
        of_kind = [ref for ref in rows if ref.kind == kind]
        assert {item.kind for item in connector.erase(of_kind, Method.ERASE, KNOWN)} == {OutcomeKind.ERASED}
    assert peer.rows("SELECT sid FROM recordings ORDER BY sid") == [("RE12",), ("RE3",), ("RE4",)]
    assert peer.rows("SELECT sid FROM calls ORDER BY sid") == [("CA12",), ("CA3",), ("CA4",)]


@pytest.mark.apart
def test_an_sftp_server_is_known_by_its_key(sqlite_peer: Peer, sftp: SftpPeer, tmp_path: Path):
    vendors.fill(sqlite_peer)
    other = tmp_path / "known"
    other.write_text(f"[127.0.0.1]:{sftp.port} {(sftp.folder / 'other.pub').read_text()}")
    url = sftp.url(sqlite_peer.folder)
    wrong_host = vendors.twilio(sqlite_peer, files=url, files_options=sftp.options | {"known_hosts": str(other)})
    with pytest.raises(Misconfigured, match="known hosts"):
        list(wrong_host.locate(KNOWN))
    wrong_key = sftp.options | {"private_key": f"file:{sftp.folder}/other"}
    with pytest.raises(Misconfigured, match="refuses the login"):
        list(vendors.twilio(sqlite_peer, files=url, files_options=wrong_key).locate(KNOWN))
