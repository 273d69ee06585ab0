"""Recordings under vendors' ids with their transcripts: one record, found by an entry, in any location."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from connectors.sql import SqlConnector
from rightsflow.domain.coverage import PlaceKind
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    Fact,
    Located,
    Method,
    OutcomeKind,
    PresenceState,
    RecordRef,
)
from tests.integration.connectors.sql import vendors
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.vendors import ANNA, MINE, SHARED, digests
from tests.support.peers.sftp import SftpPeer

KNOWN = frozenset({ANNA})


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


def test_files_and_entries_without_each_other_are_named(sqlite_peer: Peer):
    vendors.fill(sqlite_peer)
    connector = vendors.twilio(sqlite_peer)
    # RE99 has no entry; a transcript of another form and an account of another department are in no pattern.
    health = connector.probe()
    assert health.ok
    assert "Of 6 files looked at in AC5ef8732a3c49700934481addd5ce1659, no entry names 1" in health.detail
    (sqlite_peer.folder / "transcripts/RE1.srt").write_text("words")
    (sqlite_peer.folder / "AC2").mkdir()
    (sqlite_peer.folder / "AC2/RE77.wav").write_bytes(b"RIFF")
    places = {place.name: place.looks_like for place in connector.uncovered() if place.kind is PlaceKind.PREFIX}
    assert places == {
        vendors.ACCOUNT: "files that no entry names",
        "transcripts": "files that no entry names",
        "AC2/": "files that no search reads",
    }
    entries = {
        item.record.ref: item.record for item in connector.locate(KNOWN) if item.record.kind == "recording-entry"
    }
    parts = list(connector.extract([entries['["RE5"]'], entries['["RE1"]']], KNOWN))
    assert [part.content.get("recording") for part in parts if isinstance(part, Document)] == ["none is stored", None]


def test_a_row_with_a_stranger_id_leads_nowhere(sqlite_peer: Peer):
    vendors.fill(sqlite_peer)
    outside = sqlite_peer.folder.parent / "outside.wav"
    outside.write_bytes(b"secret")
    sqlite_peer.run("UPDATE recordings SET sid = '../../outside' WHERE sid = 'RE1'")
    sqlite_peer.insert(
        "recordings", [{"sid": sid, "call_sid": "CA1"} for sid in ("..", ".", "*", "AC5/../RE3", "RE3/")]
    )
    connector = vendors.twilio(sqlite_peer)
    found = recordings(connector)
    assert sorted(found) == ["recording:RE2", "recording:RE4"]
    before = digests(sqlite_peer.folder)
    named = [RecordRef("telephone", "recording", f"recording:{sid}") for sid in ("../../outside", "..", "*", "RE3/..")]
    list(connector.extract(named, KNOWN))
    list(connector.erase(named, Method.ERASE, KNOWN))
    assert digests(sqlite_peer.folder) == before
    assert outside.read_bytes() == b"secret"


def test_a_folder_that_cannot_be_listed_is_not_an_empty_one(sqlite_peer: Peer):
    fsspec.register_implementation("refusing", Refusing, clobber=True)
    vendors.fill_tables(sqlite_peer)
    Refusing().pipe_file(f"/audio/{vendors.ACCOUNT}/RE1.wav", b"RIFF")
    connector = vendors.twilio(sqlite_peer, files="refusing://audio")
    with pytest.raises(Misconfigured, match="grant the right"):
        list(connector.locate(KNOWN))


class Refusing(MemoryFileSystem):
    """A location whose folders may not be listed."""

    protocol = "refusing"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("refusing:/").rstrip("/")

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        raise PermissionError(path)


GENESYS: list[dict[str, Any]] = [
    vendors.TWILIO[0] | {"file": {"column": "sid", "layout": ["recordings/{id}/**"], "optional": True}},
]
ASTERISK = {"file": {"column": "sid", "layout": ["%Y/%m/%d/*-{id}.*", "%Y/%m/%d/*-{id}-out.wav"], "optional": True}}


def test_a_folder_for_each_conversation(sqlite_peer: Peer):
    vendors.fill_tables(sqlite_peer)
    mine = {"recordings/CA1/audio/left.wav", "recordings/CA1/metadata.json", "recordings/CA2/call.mp3"}
    others = {"recordings/CA12/metadata.json", "recordings/CA4/metadata.json", "recordings/metadata.json"}
    connector = sqlite_peer.connector(GENESYS, own_numbers=[vendors.OWN])
    _erased(sqlite_peer, connector, mine, others)


def test_both_legs_of_a_call_and_a_folder_of_the_day(sqlite_peer: Peer):
    vendors.fill_tables(sqlite_peer)
    # CA1 began on the 1st and its second leg was written after midnight; CA2-1 is another call than CA2.
    mine = {"2026/03/01/in-0171-CA1.wav", "2026/03/02/in-0171-CA1-out.wav", "2026/03/02/out-201-CA2.wav"}
    others = {"2026/03/12/in-0171-CA12.wav", "2026/03/01/in-0171-CA12.wav", "2026/03/02/in-0171-CA2-CA3.wav"}
    connector = sqlite_peer.connector([vendors.TWILIO[0] | ASTERISK], own_numbers=[vendors.OWN])
    _erased(sqlite_peer, connector, mine, others)


def _erased(peer: Peer, connector: SqlConnector, mine: set[str], others: set[str]) -> None:
    for path in (*mine, *others):
        place = peer.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(vendors.content(peer, path))
    before = digests(peer.folder)
    found = [item.record for item in recordings(connector).values() if Fact.SHARED not in item.facts]
    assert len(list(connector.extract(found, KNOWN))) == len(mine)
    assert {item.kind for item in connector.erase(found, Method.ERASE, KNOWN)} == {OutcomeKind.ERASED}
    assert digests(peer.folder) == {path: digest for path, digest in before.items() if path not in mine}
    assert {item.state for item in connector.presence(found, KNOWN)} == {PresenceState.ABSENT}


def test_who_is_on_another_leg_of_the_call_is_on_its_recording(sqlite_peer: Peer):
    # Anna's call was passed on to Ben: his leg has a row of its own, and no recording.
    vendors.fill_tables(sqlite_peer)
    sqlite_peer.run("ALTER TABLE calls ADD COLUMN linkedid VARCHAR(34)", "UPDATE calls SET linkedid = sid")
    sqlite_peer.run("UPDATE calls SET linkedid = 'CA1' WHERE sid = 'CA3'")
    tables = [vendors.TWILIO[0] | {"group": "linkedid"}, vendors.TWILIO[1]]
    for path in (f"{vendors.ACCOUNT}/RE1.wav", f"{vendors.ACCOUNT}/RE2.wav"):
        (sqlite_peer.folder / path).parent.mkdir(exist_ok=True)
        (sqlite_peer.folder / path).write_bytes(b"RIFF")
    connector = sqlite_peer.connector(tables, own_numbers=[vendors.OWN])
    found = recordings(connector)
    assert {ref: Fact.SHARED in item.facts for ref, item in found.items()} == {
        "recording:RE1": True,
        "recording:RE2": False,
    }
    refs = [item.record for item in found.values()]
    given = [part.record.ref for part in connector.extract(refs, KNOWN) if isinstance(part, Blob)]
    assert given == ["recording:RE2"]
    kinds = {item.record.ref: item.kind for item in connector.erase(refs, Method.ERASE, KNOWN)}
    assert kinds == {"recording:RE1": OutcomeKind.RETAINED, "recording:RE2": OutcomeKind.ERASED}
