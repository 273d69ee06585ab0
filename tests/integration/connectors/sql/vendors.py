"""Recordings under the ids of vendors, as these lay them out, beside a table of calls: a subject and neighbours."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
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
