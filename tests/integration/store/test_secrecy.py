"""Nothing of the subject can be read in the raw database: not in the file's bytes, not in any column."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.file_kinds import ProofFile
from rightsflow.store import Database, Store
from rightsflow.store.case.messages import NewFile
from rightsflow.store.tables import Base
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, located, opened

SUBJECT = (
    Identifier(IdentifierKind.EMAIL, "zaphira.canary@example.com"),
    Identifier(IdentifierKind.PHONE, "+4930901829"),
    Identifier(IdentifierKind.CUSTOMER_ID, "CANARY-100178294"),
    Identifier(IdentifierKind.ACCOUNT_ID, "cus_CanaryAccount", "payments"),
    Identifier(IdentifierKind.NAME, "Zaphira Canarybird"),
    Identifier(IdentifierKind.BIRTH_DATE, "1931-08-27"),
)
FORM = RequestForm(right="access", email="zaphira.canary@example.com", name="Zaphira Canarybird", opened_by="Olga")

# Short and without case, so that parts and other spellings are found as well; five digits alone occur in some digest.
CANARIES = (b"1931-08-27", b"zaphira", b"canary", b"30901829", b"100178294", b"seven canaries", b"kettle")


def filled(store: Store) -> str:
    """A case in which every sealed field holds something of the subject."""
    case_id = opened(store, *SUBJECT)
    with store.case_file(case_id) as file:
        file.findings.replace("calls", [located("2026/+4930901829_canary.wav", *SUBJECT, system="calls")])
        file.findings.resolve()
        file.outbox.keep_secret("passphrase", "seven canaries in a row")
        file.outbox.put(
            template_id="ACK",
            version="1",
            language="en",
            subject_line="To Zaphira Canarybird",
            body="Dear Zaphira, about your kettle",
            variables_hash="f" * 64,
        )
        photo = NewFile(name="kettle of Zaphira.png", kind=ProofFile.PNG, content=b"\x89PNG\r\n\x1a\n canary")
        file.messages.put("Zaphira sends a kettle", [photo], at=file.opened_at, by="Ida")
        file.messages.note("@dana, ask Zaphira for the canary", ["dana"], by="Ida")
        file.decide(
            Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida", reason="Zaphira named her kettle")
        )
    return case_id


def raw_tables(database: Database) -> bytes:
    """Every value of every column, as a dump would show it."""
    dump = bytearray()
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                for value in row:
                    dump += (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()) + b"\n"
    return bytes(dump)


def raw_files(folder: Path) -> bytes:
    """The bytes of the database, its write-ahead log and its index."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("cases.db*")))


def readable(raw: bytes) -> set[bytes]:
    return {canary for canary in CANARIES if canary in raw.lower()}


@pytest.fixture
def sqlite_store(sqlite_url, clock):
    database = Database(sqlite_url)
    database.migrate()
    return Store(database, MasterKey(SECRET), clock)


def test_no_column_shows_anything(store):
    filled(store)
    raw = raw_tables(store.database)
    assert b"Olga Opener" in raw, "the scan reads what is there in clear"
    assert readable(raw) == set()


def test_the_scan_of_the_columns_would_find_it(store):
    case_id = filled(store)
    with store.case_file(case_id) as file:
        file.ledger.append("Planted", note="Zaphira Canarybird")
    with store.database.engine.begin() as connection:
        connection.execute(text("UPDATE findings SET sealed_ref = :value"), {"value": b"call of 30901829"})
    assert readable(raw_tables(store.database)) == {b"zaphira", b"canary", b"30901829"}


@pytest.mark.apart
def test_no_byte_of_the_files_shows_anything(sqlite_store, tmp_path):
    filled(sqlite_store)
    while_open = raw_files(tmp_path)
    sqlite_store.database.close()
    assert len(while_open) > 100_000
    for raw in (while_open, raw_files(tmp_path)):
        assert b"Olga Opener" in raw
        assert readable(raw) == set()


@pytest.mark.apart
def test_the_scan_of_the_files_would_find_it(sqlite_store, tmp_path):
    case_id = filled(sqlite_store)
    with sqlite_store.case_file(case_id) as file:
        file.ledger.append("Planted", note="Zaphira")
    assert readable(raw_files(tmp_path)) == {b"zaphira"}
    sqlite_store.database.close()


def test_without_its_key_a_case_is_forgotten(store):
    """Destroying a case's data key: what is left opens for no one, the master key included."""
    case_id = filled(store)
    with store.database.engine.begin() as connection:
        connection.execute(text("UPDATE cases SET wrapped_key = :value"), {"value": bytes(60)})
    with pytest.raises(Exception, match="vault cannot be opened"), store.case_file(case_id):
        pass
