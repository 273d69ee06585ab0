"""Recordings under the ids of vendors, as these lay them out, beside a table of calls: a subject and neighbours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.testing.bench import Bench
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.PHONE, "+49 171 3920012")
BEN = identifier(IdentifierKind.PHONE, "+49 171 3920045")
OWN = "+4930901000"
ACCOUNT = "AC5ef8732a3c49700934481addd5ce1659"


def sid(number: int) -> str:
    """An id as Twilio makes them; 1 and 12 begin alike."""
    return f"RE{number}"


TWILIO: list[dict[str, Any]] = [
    {
        "name": "calls",
        "kind": "call",
        "key": ["sid"],
        "occurred_at": "start_time",
        "one_person": False,
        "identities": [
            {"column": "from_number", "kind": "phone", "direction": "incoming"},
            {"column": "to_number", "kind": "phone", "direction": "outgoing"},
        ],
    },
    {
        "name": "recordings",
        "kind": "recording-entry",
        "key": ["sid"],
        "references": [{"column": "call_sid", "table": "calls", "to": "sid"}],
        "file": {
            "column": "sid",
            "layout": [f"{ACCOUNT}/{{id}}.*", "transcripts/{id}.json", "transcripts/{id}.vtt"],
            "optional": True,
        },
    },
]
_CALLS = [
    (1, "+491713920012", OWN),
    (2, OWN, "01713920012"),
    (3, "+491713920045", OWN),
    # Forwarded to another customer: two people on one recording.
    (4, "+491713920012", "+491713920045"),
    # Deleted at the vendor, or never recorded: an entry without a file.
    (5, "+491713920012", OWN),
    (12, "+491713920045", OWN),
]
MINE = {
    f"{ACCOUNT}/RE1.wav",
    "transcripts/RE1.json",
    "transcripts/RE1.vtt",
    f"{ACCOUNT}/RE2.mp3",
}
SHARED = {f"{ACCOUNT}/RE4.wav", "transcripts/RE4.json"}
OTHERS = {
    f"{ACCOUNT}/RE3.wav",
    "transcripts/RE3.json",
    f"{ACCOUNT}/RE12.wav",
    "transcripts/RE12.json",
    # A file that no entry names.
    f"{ACCOUNT}/RE99.wav",
}


def fill_tables(peer: Peer) -> None:
    peer.run(
        "CREATE TABLE calls (sid VARCHAR(34) PRIMARY KEY, from_number VARCHAR(40), to_number VARCHAR(40), "
        "start_time TIMESTAMP NOT NULL)",
        "CREATE TABLE recordings (sid VARCHAR(34) PRIMARY KEY, call_sid VARCHAR(34) NOT NULL)",
    )
    for number, calling, called in _CALLS:
        row = {"sid": f"CA{number}", "from_number": calling, "to_number": called}
        peer.insert("calls", [row | {"start_time": f"2026-03-{number:02d} 09:15:00"}])
        peer.insert("recordings", [{"sid": sid(number), "call_sid": f"CA{number}"}])


def content(peer: Peer, path: str) -> bytes:
    """A file's content, another for each path."""
    if path.endswith(".wav"):
        place = peer.wav(f"../made/{path}", channels=2)
        return place.read_bytes()
    if path.endswith(".json"):
        return json.dumps({"Transcript": [{"ParticipantId": "CUSTOMER", "Content": f"Words of {path}"}]}).encode()
    return f"WEBVTT\n\n00:00.000 --> 00:01.000\nWords of {path}\n".encode()


def fill(peer: Peer) -> None:
    fill_tables(peer)
    for path in sorted({*MINE, *SHARED, *OTHERS}):
        place = peer.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content(peer, path))


def digests(folder: Path) -> dict[str, str]:
    """The files of a folder with the digests of their contents."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def twilio(peer: Peer, **more: Any) -> SqlConnector:
    return peer.connector(TWILIO, own_numbers=[OWN], **more)


CONTACT = "3fa1b2c4-0000-4000-8000-00000000000{}"
"""A contact's id, as Amazon Connect makes them."""
CONTACTS = "exports/contacts-2026-03.csv"
CONNECT: list[dict[str, Any]] = [
    {
        "name": "contacts",
        "kind": "contact",
        "key": ["ContactId"],
        "occurred_at": "InitiationTimestamp",
        "one_person": False,
        "identities": [{"column": "CustomerEndpoint", "kind": "phone"}, {"column": "TransferredTo", "kind": "phone"}],
        "csv": {"path": "exports/contacts-*.csv", "delimiter": ";", "times": {"InitiationTimestamp": "%d.%m.%Y %H:%M"}},
        "file": {
            "column": "ContactId",
            "layout": [
                "connect/acme/CallRecordings/%Y/%m/%d/{id}_*",
                "Analysis/Voice/%Y/%m/%d/{id}_*",
                "Analysis/Voice/Redacted/%Y/%m/%d/{id}_*",
            ],
            "optional": True,
        },
    }
]
_LINES = [
    # A number as a spreadsheet keeps it, a national one over a line end in the queue's name, and as a formula.
    (CONTACT.format(1), "'+491713920012", "", "01.03.2026 23:58", '"Returns\nand repairs"'),
    (CONTACT.format(2), "0171 3920012", "", "02.03.2026 08:00", "Sales"),
    (CONTACT.format(3), "+491713920045", "", "02.03.2026 08:30", '"Sales; ""South"""'),
    (CONTACT.format(4), "+491713920045", '="+491713920012"', "02.03.2026 09:00", "Sales"),
    (CONTACT.format(5), "", "", "02.03.2026 10:00", "Größe"),
    (CONTACT.format(6), "+491713920012", "", "02.03.2026 11:00", "not recorded"),
]


def csv_text() -> str:
    """The contacts as a CSV file with Windows' line ends, in which no field has quotes but those that need them."""
    head = "ContactId;CustomerEndpoint;TransferredTo;InitiationTimestamp;Queue\r\n"
    return head + "".join(";".join(line) + "\r\n" for line in _LINES)


def _files_of_contact(number: int, day: str, next_day: str = "") -> dict[str, str]:
    name, stamp = CONTACT.format(number), day.replace("/", "")
    later = next_day or day
    at = f"{later.replace('/', '-')}T09:00:00Z"
    return {
        f"connect/acme/CallRecordings/{day}/{name}_{stamp}T09:00_UTC.wav": "sound",
        # Analysed when the call was connected to an agent, which may be a day later.
        f"Analysis/Voice/{later}/{name}_analysis_{at}.json": "analysis",
        f"Analysis/Voice/Redacted/{later}/{name}_analysis_redacted_{at}.json": "redacted",
    }


def fill_connect(peer: Peer) -> dict[str, set[str]]:
    """Put contacts and files in place; gives the files by the contact's number."""
    of_contact: dict[str, set[str]] = {}
    for number in range(1, 6):
        day, later = ("2026/03/01", "2026/03/02") if number == 1 else ("2026/03/02", "")
        made = _files_of_contact(number, day, later)
        of_contact[str(number)] = {*made}
        for path in made:
            place = peer.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content(peer, path))
    (peer.folder / "exports").mkdir()
    (peer.folder / CONTACTS).write_bytes(csv_text().encode())
    return of_contact


def connect(peer: Peer, contacts: Mapping[str, Any] | None = None, **more: Any) -> SqlConnector:
    """A connector that knows the contacts from the CSV file."""
    tables = [CONNECT[0] | {"csv": CONNECT[0]["csv"] | dict(contacts or {})}]
    return peer.connector(tables, own_numbers=[OWN], url=None, **more)


STRANGER = identifier(IdentifierKind.PHONE, "+49 30 23125999")


def twilio_bench(peer: Peer, connector: SqlConnector) -> Bench:
    """The conformance suite's bench on Twilio's layout."""
    return Bench(
        connector=connector,
        known=frozenset({ANNA}),
        nobody=frozenset({STRANGER}),
        expected={"call": 4, "recording-entry": 4, "recording": 3},
        canaries=frozenset({"1713920012", "Words of transcripts/RE1"}),
        neighbours=lambda: _digest(peer, [*SHARED, *OTHERS], "SELECT * FROM calls WHERE sid IN ('CA3', 'CA12')"),
        outage=peer.outage,
        method_for={"recording": Method.ERASE, "recording-entry": Method.ERASE, "call": Method.ERASE},
        shared=frozenset(
            {
                RecordRef("telephone", "recording", "recording:RE4"),
                RecordRef("telephone", "recording-entry", '["RE4"]'),
                RecordRef("telephone", "call", '["CA4"]'),
            }
        ),
        first=(("recording", "recording-entry"), ("recording-entry", "call")),
    )


def connect_bench(peer: Peer) -> Bench:
    """The same on Amazon Connect's layout, with the contacts in a CSV file."""
    files = fill_connect(peer)
    others = [path for number in "345" for path in files[number]]
    name = CONTACT.format(4)
    return Bench(
        connector=connect(peer),
        known=frozenset({ANNA}),
        nobody=frozenset({STRANGER}),
        expected={"contact": 4, "recording": 3},
        canaries=frozenset({"1713920012", "171 3920012", "Returns"}),
        neighbours=lambda: _digest(peer, others) + str(CONTACT.format(3) in (peer.folder / CONTACTS).read_text()),
        outage=lambda: _away(peer.folder),
        method_for={"recording": Method.ERASE, "contact": Method.ERASE},
        shared=frozenset(
            {
                RecordRef("telephone", "recording", f"recording:{name}@2026-03-02"),
                RecordRef("telephone", "contact", f'["{name}"]'),
            }
        ),
        first=(("recording", "contact"),),
    )


def _digest(peer: Peer, paths: Sequence[str], query: str = "") -> str:
    digest = hashlib.sha256(repr(peer.rows(query)).encode() if query else b"")
    for path in sorted(paths):
        digest.update((peer.folder / path).read_bytes())
    return digest.hexdigest()


@contextmanager
def _away(folder: Path) -> Iterator[None]:
    away = folder.rename(folder.with_name("away"))
    try:
        yield
    finally:
        away.rename(folder)
