"""Calls in CSV files beside their recordings: found, given and erased by line, every other line as it was."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sql import SqlConnector
from connectors.sql.csv_files import CsvFile, read_table
from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.domain.vocabulary.records import Document, Fact, Located, Method, OutcomeKind, PresenceState
from tests.integration.connectors.sql import vendors
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.vendors import ANNA, CONTACT, CONTACTS, digests

KNOWN = frozenset({ANNA})


@pytest.fixture
def peer(sqlite_peer: Peer) -> Peer:
    vendors.fill_connect(sqlite_peer)
    return sqlite_peer


def located(connector: SqlConnector) -> list[Located]:
    return [item for item in connector.locate(KNOWN) if not item.is_context]


def test_contacts_in_a_csv_file_lead_to_their_recordings(peer: Peer):
    before, connector = digests(peer.folder), vendors.connect(peer)
    health = connector.probe()
    assert health.ok, health.detail
    found = located(connector)
    contacts = {item.record.ref: Fact.SHARED in item.facts for item in found if item.record.kind == "contact"}
    # Two customers on one contact; the contact without a recording.
    assert contacts == {f'["{CONTACT.format(number)}"]': number == 4 for number in (1, 2, 4, 6)}
    families = {item.record.ref: item for item in found if item.record.kind == "recording"}
    assert sorted(families) == [
        f"recording:{CONTACT.format(number)}@2026-03-0{day}" for number, day in ((1, 1), (2, 2), (4, 2))
    ]
    refs = [item.record for item in found if Fact.SHARED not in item.facts]
    files = [ref for ref in refs if ref.kind == "recording"]
    assert len(list(connector.extract(files, KNOWN))) == 6
    rows = [ref for ref in refs if ref.kind == "contact"]
    (first, *_) = [part for part in connector.extract(rows[:1], KNOWN) if isinstance(part, Document)]
    assert first.content["CustomerEndpoint"] == "+491713920012"

    for group in (files, rows):
        assert {item.kind for item in connector.erase(group, Method.ERASE, KNOWN)} == {OutcomeKind.ERASED}
    assert {item.state for item in connector.presence(refs, KNOWN)} == {PresenceState.ABSENT}
    gone = {path for number in "12" for path in before if CONTACT.format(number) in path}
    after = digests(peer.folder)
    assert {path: digest for path, digest in after.items() if path != CONTACTS} == {
        path: digest for path, digest in before.items() if path not in {*gone, CONTACTS}
    }
    lines = vendors.csv_text().encode().split(b"\r\n")
    kept = [line for line in lines if not any(CONTACT.format(number).encode() in line for number in (1, 2, 6))]
    assert (peer.folder / CONTACTS).read_bytes() == b"\r\n".join(kept)
    assert not [path for path in after if path.endswith(".rightsflow")]


def test_a_shared_contact_is_redacted_in_its_line_alone(peer: Peer):
    blank = {"blank": {"CustomerEndpoint": "", "TransferredTo": ""}}
    tables = [vendors.CONNECT[0] | blank]
    connector = peer.connector(tables, own_numbers=[vendors.OWN], url=None)
    (shared,) = [
        item.record for item in located(connector) if item.record.kind == "contact" and Fact.SHARED in item.facts
    ]
    (outcome,) = connector.erase([shared], Method.REDACT, KNOWN)
    assert outcome.kind is OutcomeKind.REDACTED
    expected = vendors.csv_text().replace('+491713920045;="+491713920012"', "+491713920045;")
    assert (peer.folder / CONTACTS).read_bytes().decode() == expected


def test_a_file_written_meanwhile_is_not_overwritten(peer: Peer):
    connector = vendors.connect(peer)
    rows = [
        item.record for item in located(connector) if item.record.kind == "contact" and Fact.SHARED not in item.facts
    ]
    path = peer.folder / CONTACTS
    more = path.read_bytes() + (CONTACT.format(7) + ";+491713920012;;02.03.2026 12:00;new\r\n").encode()
    path.write_bytes(more)
    # A line that was added since is there, and found by the next look.
    list(connector.erase(rows, Method.ERASE, KNOWN))
    assert CONTACT.format(7).encode() in path.read_bytes()
    assert f'["{CONTACT.format(7)}"]' in {item.record.ref for item in located(connector)}


def test_where_one_of_two_files_cannot_be_written_the_next_look_is_at_what_they_hold(peer: Peer):
    path = peer.folder / CONTACTS
    second = path.with_name("contacts-2026-04.csv")
    (head, *_) = path.read_bytes().split(b"\r\n")
    second.write_bytes(head + b"\r\n" + CONTACT.format(8).encode() + b";+491713920012;;02.04.2026 12:00;new\r\n")
    connector = vendors.connect(peer)
    rows = [
        item.record for item in located(connector) if item.record.kind == "contact" and Fact.SHARED not in item.facts
    ]
    second.with_name(f".{second.name}.rightsflow").mkdir()
    with suppress(Transient):
        list(connector.erase(rows, Method.ERASE, KNOWN))
    assert CONTACT.format(8).encode() in second.read_bytes()
    seen = {item.record for item in located(connector) if item.record.kind == "contact"}
    assert seen == {item.record for item in located(vendors.connect(peer)) if item.record.kind == "contact"}


WRONG: dict[str, tuple[bytes, dict[str, Any], type[Exception], str]] = {
    "cut in a field": (vendors.csv_text().encode()[:-4], {}, Transient, "cut"),
    "cut in a line": (vendors.csv_text().encode()[:-20] + b"\r\n", {}, Transient, "cut"),
    "cut in quotes": (vendors.csv_text().encode()[:150], {"open_end": True}, Transient, "cut"),
    "another delimiter": (vendors.csv_text().encode(), {"delimiter": ","}, Misconfigured, "no column"),
    "another encoding": (vendors.csv_text().encode("cp1252"), {}, Misconfigured, "not text in utf-8"),
    "utf-16 read as cp1252": (vendors.csv_text().encode("utf-16-le"), {"encoding": "cp1252"}, Misconfigured, "NUL"),
    "digits lost": (vendors.csv_text().replace("0171 3920012", "4,91714E+12").encode(), {}, Misconfigured, "shortened"),
    "another time": (
        vendors.csv_text().replace("01.03.2026", "2026-03-01").encode(),
        {},
        Misconfigured,
        "another time",
    ),
    "a column twice": (vendors.csv_text().replace("Queue", "contactid").encode(), {}, Misconfigured, "first line"),
    "no lines": (b"", {}, Misconfigured, "first line"),
}


@pytest.mark.parametrize("name", WRONG)
def test_files_that_are_refused(peer: Peer, name: str):
    content, settings, error, sentence = WRONG[name]
    (peer.folder / CONTACTS).write_bytes(content)
    connector = vendors.connect(peer, settings)
    with pytest.raises(error, match=sentence) as caught:
        list(connector.locate(KNOWN))
    assert "3920012" not in str(caught.value)
    assert not connector.probe().ok
    assert (peer.folder / CONTACTS).read_bytes() == content


def test_a_later_export_with_another_column_is_read(peer: Peer):
    connector, path = vendors.connect(peer), peer.folder / CONTACTS
    assert len(located(connector)) == 7
    lines = path.read_bytes().split(b"\r\n")
    # A column with a number that no search reads: the weekly look names it.
    path.write_bytes(b"\r\n".join([lines[0] + b";CallbackPhone", *(line + b";+4930555" for line in lines[1:-1]), b""]))
    assert len(located(connector)) == 7
    assert "contacts.CallbackPhone" in {place.name for place in connector.uncovered()}
    assert all(sample.readable for sample in connector.samples() if "CustomerEndpoint" in sample.what)


def test_no_file_is_not_an_empty_one(peer: Peer):
    (peer.folder / CONTACTS).unlink()
    with pytest.raises(Misconfigured, match="no file"):
        list(vendors.connect(peer).locate(KNOWN))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_kept(peer: Peer, encoding: str):
    path = peer.folder / CONTACTS
    path.write_bytes(vendors.csv_text().encode(encoding))
    connector = vendors.connect(peer, {"encoding": encoding.removesuffix("-sig")})
    alone = [item.record for item in located(connector) if Fact.SHARED not in item.facts]
    rows = [ref for ref in alone if ref.kind == "contact"]
    assert len(rows) == 3
    list(connector.erase([ref for ref in alone if ref.kind == "recording"], Method.ERASE, KNOWN))
    list(connector.erase(rows, Method.ERASE, KNOWN))
    kept = [line for line in vendors.csv_text().split("\r\n") if not any(CONTACT.format(n) in line for n in (1, 2, 6))]
    assert path.read_bytes() == "\r\n".join(kept).encode(encoding)


def test_a_repeated_id_is_both_calls(peer: Peer):
    # Another customer's line with the same id: the recording is shared, and no one's to give or to erase.
    path = peer.folder / CONTACTS
    path.write_bytes(path.read_bytes() + (CONTACT.format(1) + ";+491713920045;;01.03.2026 23:59;x\r\n").encode())
    connector = vendors.connect(peer)
    shared = [item for item in located(connector) if item.record.ref.startswith(f"recording:{CONTACT.format(1)}")]
    assert [Fact.SHARED in item.facts for item in shared] == [True]
    (outcome,) = connector.erase([shared[0].record], Method.ERASE, KNOWN)
    assert outcome.kind is OutcomeKind.RETAINED


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(FIELDS, min_size=2, max_size=2), max_size=6), st.sampled_from(["\n", "\r\n"]), st.data())
def test_lines_that_stay_keep_their_bytes(rows: list[list[str]], end: str, data: st.DataObject):
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [",".join(map(quoted, row)) + end for row in rows]
    content = ("id,name" + end + "".join(lines)).encode()
    settings = CsvFile(path="calls.csv")
    try:
        table = read_table(content, settings, "telephone")
    except Misconfigured as error:
        assert "shortened" in str(error)
        return
    assert [list(line.fields) for line in table.lines] == rows
    assert table.without(frozenset(), {}) == content
    gone = frozenset(data.draw(st.sets(st.integers(0, max(len(rows) - 1, 0)))))
    kept = [line for number, line in enumerate(lines) if number not in gone]
    assert table.without(gone, {}) == ("id,name" + end + "".join(kept)).encode()
