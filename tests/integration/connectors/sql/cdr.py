"""A telephone system's database as FreePBX makes it, with calls of a subject and of neighbours."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.testing.bench import Bench
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.PHONE, "+49 171 3920012")
BEN = identifier(IdentifierKind.PHONE, "+49 171 3920045")
STRANGER = identifier(IdentifierKind.PHONE, "+49 30 23125999")
ANNAS_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-1001")
BENS_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-2002")
OWN = ("+4930901000", "+49309011*")

# FreePBX's columns; old tables have no primary key.
_DDL = """
CREATE TABLE cdr (
  calldate TIMESTAMP NOT NULL, clid VARCHAR(80) NOT NULL DEFAULT '', src VARCHAR(80) NOT NULL DEFAULT '',
  dst VARCHAR(80) NOT NULL DEFAULT '', dcontext VARCHAR(80) NOT NULL DEFAULT '',
  channel VARCHAR(80) NOT NULL DEFAULT '',
  dstchannel VARCHAR(80) NOT NULL DEFAULT '', lastapp VARCHAR(80) NOT NULL DEFAULT '',
  lastdata VARCHAR(80) NOT NULL DEFAULT '', duration INTEGER NOT NULL DEFAULT 0, billsec INTEGER NOT NULL DEFAULT 0,
  disposition VARCHAR(45) NOT NULL DEFAULT '', amaflags INTEGER NOT NULL DEFAULT 0,
  accountcode VARCHAR(20) NOT NULL DEFAULT '', uniqueid VARCHAR(32) NOT NULL DEFAULT '',
  userfield VARCHAR(255) NOT NULL DEFAULT '', did VARCHAR(50) NOT NULL DEFAULT '',
  recordingfile VARCHAR(255) NOT NULL DEFAULT '', cnum VARCHAR(80) NOT NULL DEFAULT '',
  cnam VARCHAR(80) NOT NULL DEFAULT '', outbound_cnum VARCHAR(80) NOT NULL DEFAULT '',
  outbound_cnam VARCHAR(80) NOT NULL DEFAULT '', dst_cnam VARCHAR(80) NOT NULL DEFAULT '',
  linkedid VARCHAR(32) NOT NULL DEFAULT '', peeraccount VARCHAR(80) NOT NULL DEFAULT '',
  sequence INTEGER NOT NULL DEFAULT 0
)"""

CDR: dict[str, Any] = {
    "name": "cdr",
    "kind": "call",
    "title": "call detail records",
    "key": ["uniqueid", "sequence", "calldate", "dstchannel"],
    "occurred_at": "calldate",
    "group": "linkedid",
    "one_person": False,
    "identities": [
        {"column": "src", "kind": "phone", "direction": "incoming"},
        {"column": "dst", "kind": "phone", "direction": "outgoing"},
        {"column": "clid", "kind": "phone", "form": "caller_id"},
        {"column": "cnum", "kind": "phone"},
        {"column": "lastdata", "kind": "phone", "form": "embedded"},
        {"column": "accountcode", "kind": "customer_id"},
    ],
    "hide": ["channel", "dstchannel", "lastdata"],
    "file": {"column": "recordingfile", "folder": "%Y/%m/%d", "extensions": [".mp3"]},
    "manual_step": "Remove the calls from /var/log/asterisk/full and Master.csv.",
}
BLANKED: dict[str, Any] = CDR | {
    "erase": "blank",
    "blank": dict.fromkeys(("src", "dst", "clid", "cnum", "cnam", "lastdata", "accountcode", "userfield"), ""),
    "key": ["uniqueid", "sequence", "calldate"],
}


def call(number: int, calldate: str, **columns: Any) -> dict[str, Any]:
    """One row; ``number`` makes its unique id."""
    return {
        "calldate": calldate,
        "uniqueid": f"1772352900.{number}",
        "linkedid": f"1772352900.{number}",
        "sequence": number,
        "dstchannel": f"PJSIP/201-{number:08x}",
        "channel": f"PJSIP/trunk-{number:08x}",
        **columns,
    }


IN = "in-4930901000-01713920012-20260301-091500-1772352900.10.wav"
TRANSFER = "exten-202-201-20260301-091800-1772352900.12.wav"
OUT = "out-00491713920012-201-20260301-100000-1772352900.20.wav"
MIDNIGHT = "in-4930901000-+49 171 392-00-12-20260301-235950-node-1772352900.30.wav"
CONFERENCE = "in-4930901000-01713920045-20260303-120000-1772352900.50.wav"
BENS = "in-4930901000-017139200123-20260303-130000-1772352900.60.wav"

CALLS = [
    call(10, "2026-03-01 09:15:00", src="01713920012", dst="600", clid='"Anna Example" <01713920012>',
         cnam="Anna Example", cnum="01713920012", recordingfile=IN, did="+4930901000"),
    call(11, "2026-03-01 09:15:04", src="01713920012", dst="201", recordingfile=IN, linkedid="1772352900.10"),
    # The transfer leg names no one, and its recording is named after the agents.
    call(12, "2026-03-01 09:18:00", src="201", dst="202", recordingfile=TRANSFER, linkedid="1772352900.10"),
    call(20, "2026-03-01 10:00:00", src="201", dst="00491713920012", clid='"Support" <+4930901000>', recordingfile=OUT,
         lastdata="PJSIP/trunk/+491713920012,300,T"),
    # Over midnight: the file lies under the day on which the call began, with dashes in number and server name.
    call(30, "2026-03-02 00:00:10", src="+49 171 392-00-12", dst="+49309011201", recordingfile=MIDNIGHT),
    call(40, "2026-03-02 09:00:00", src="491713920012", dst="201"),
    # A conference: one file, two callers, named after the first.
    call(50, "2026-03-03 12:00:00", src="01713920045", dst="8000", recordingfile=CONFERENCE),
    call(51, "2026-03-03 12:01:00", src="01713920012", dst="8000", recordingfile=CONFERENCE,
         linkedid="1772352900.50"),
    # Another person's number that begins with the subject's, and one that ends with it.
    call(60, "2026-03-03 13:00:00", src="017139200123", dst="201", recordingfile=BENS),
    call(61, "2026-03-03 14:00:00", src="+43171 3920012", dst="201"),
    call(62, "2026-03-03 15:00:00", src="anonymous", dst="201", clid='"" <anonymous>'),
    call(63, "2026-03-03 16:00:00", src="", dst="s"),
]  # fmt: skip


def fill(peer: Peer) -> None:
    peer.run(_DDL)
    peer.insert("cdr", CALLS)
    for path in (IN, TRANSFER, OUT, MIDNIGHT):
        peer.wav(f"2026/03/01/{path}")
    for path in (CONFERENCE, BENS):
        peer.wav(f"2026/03/03/{path}")


def connector(peer: Peer, table: dict[str, Any] = CDR, **more: Any) -> SqlConnector:
    return peer.connector([table], own_numbers=list(OWN), batch_size=3, **more)


ANNAS_CALLS = (10, 11, 12, 20, 30, 40, 51)


def neighbours(peer: Peer) -> str:
    columns = "uniqueid, src, dst, clid, recordingfile, accountcode, calldate"
    rows = [row for row in peer.rows(f"SELECT sequence, {columns} FROM cdr ORDER BY 1") if row[0] not in ANNAS_CALLS]
    digest = hashlib.sha256(repr(rows).encode())
    for path in (CONFERENCE, BENS):
        digest.update((peer.folder / "2026/03/03" / path).read_bytes())
    return digest.hexdigest()


def bench(peer: Peer, table: dict[str, Any], method: Method) -> Bench:
    fill(peer)
    peer.run("UPDATE cdr SET accountcode = 'KD-100482' WHERE sequence = 10")
    return Bench(
        connector=connector(peer, table),
        known=frozenset({ANNA}),
        nobody=frozenset({STRANGER}),
        expected={"call": 7, "recording": 5},
        canaries=frozenset({"1713920012", "171 392-00-12", "Anna Example", IN, TRANSFER, "1772352900.10"}),
        neighbours=lambda: neighbours(peer),
        outage=peer.outage,
        method_for={"recording": Method.ERASE, "call": method},
        wrong_credentials=lambda: _refused(peer, table),
        shared=frozenset({RecordRef("telephone", "recording", f"2026/03/03/{CONFERENCE}")}),
        first=(("recording", "call"),),
    )


def _refused(peer: Peer, table: dict[str, Any]) -> SqlConnector | None:
    return connector(peer, table, user="nobody_known") if peer.postgres else None
