"""The archive: what lies where, encrypted, never contrary to the findings, and how it is verified."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyzipper

from rightsflow.documents.package import LeftOut, PackageFinding, assemble, verify
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.vocabulary.records import Document, Part, RecordRef
from tests.unit.documents.package import sample
from tests.unit.documents.package.opened import Make, contents


@pytest.mark.long
def test_everything_lies_where_the_design_says(make: Make) -> None:
    files = contents(make())
    assert list(files)[-1] == "manifest.json"
    assert set(files) == {
        "data/helpdesk/service-tickets.json",
        "data/helpdesk/service-tickets.csv",
        "data/helpdesk/attachments.json",
        "data/helpdesk/attachments.csv",
        "data/payments/payments-and-refunds.json",
        "data/payments/payments-and-refunds.csv",
        "data/recordings/call-recordings.json",
        "data/recordings/call-recordings.csv",
        "attachments/helpdesk-0001.pdf",
        "recordings/recordings-0001.wav",
        "recordings/recordings-0002.wav",
        "letter.html",
        "letter.txt",
        "index.html",
        "manifest.json",
    }


def test_every_file_is_encrypted_with_aes_256_and_a_stranger_sees_nothing(make: Make) -> None:
    path = make()
    with pyzipper.AESZipFile(path) as archive:
        for entry in archive.infolist():
            assert entry.flag_bits & 1
            # Extra field 0x9901: vendor version 2 (AE-2), "AE", strength 3 (256 bits).
            assert b"\x01\x99\x07\x00\x02\x00AE\x03" in entry.extra
        archive.setpassword(b"0000-0000-0000-0000-0000")
        with pytest.raises(RuntimeError):
            archive.read("index.html")
    raw = path.read_bytes()
    assert not [word for word in (b"Schmidt", b"CON.pdf", b"Headset", b"anna@") if word in raw]


def test_the_program_that_most_people_have_opens_it(make: Make) -> None:
    program = shutil.which("7z") or shutil.which("7zz")
    if program is None:
        pytest.skip("7-Zip is not installed")
    path = make()
    for passphrase, status in ((sample.PASSPHRASE, 0), ("0000-0000-0000-0000-0000", 2)):
        done = subprocess.run([program, "t", f"-p{passphrase}", str(path)], check=False, capture_output=True)
        assert done.returncode == status, done.stdout.decode()


@pytest.mark.long
def test_data_are_given_as_they_are(make: Make) -> None:
    files = contents(make())
    given = [part for part in sample.parts() if isinstance(part, Document)]
    for path, category in (
        ("data/helpdesk/service-tickets.json", "service tickets"),
        ("data/payments/payments-and-refunds.json", "payments and refunds"),
    ):
        assert json.loads(files[path]) == [part.content for part in given if part.category == category] != []
    assert files["recordings/recordings-0001.wav"] == sample.tone()
    call, _ = json.loads(files["data/recordings/call-recordings.json"])
    assert call["file"] == "recordings/recordings-0001.wav"
    assert call["name"] == "Call of 3 March 2026.wav"
    assert (call["direction"], call["seconds"]) == ("inbound", 2)
    assert call["sha256"] == hashlib.sha256(sample.tone()).hexdigest()


@pytest.mark.long
def test_tables_hold_one_row_per_record_and_no_formula(make: Make) -> None:
    files = contents(make())
    tickets = _table(files["data/helpdesk/service-tickets.csv"])
    assert [row["id"] for row in tickets] == ["4711", "4802"]
    assert tickets[0]["satisfaction_rating.score"] == "", "a column that only the second record has"
    assert tickets[1]["satisfaction_rating.comment"].startswith("'=HYPERLINK")
    payments = _table(files["data/payments/payments-and-refunds.csv"])
    assert payments[2]["amount"] == "-19.90"
    assert payments[0]["billing_details.address.city"] == "Erlangen"


@pytest.mark.long
def test_the_manifest_lists_each_file_with_hash_and_size(make: Make) -> None:
    files = contents(make())
    manifest = json.loads(files.pop("manifest.json"))
    assert (manifest["schema"], manifest["schema_version"]) == ("rightsflow/access-package", 1)
    assert manifest["case_id"] == "DSR-2026-7K3M9Q"
    assert {entry["path"]: (entry["sha256"], entry["size"]) for entry in manifest["files"]} == {
        path: (hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items()
    }
    assert manifest["counts"]["helpdesk"] == {
        "service tickets": {"records": 2, "files": 0},
        "attachments": {"records": 1, "files": 1},
    }
    assert manifest["counts"]["shop"] == {}
    assert manifest["findings"]["shop"] == "nothing held"
    assert manifest["findings"]["legacy-crm"] == "not searched"


def test_the_source_is_read_once() -> None:
    reads = []

    def parts() -> Iterator[Part]:
        reads.append(1)
        yield from sample.parts()

    assert b"".join(assemble(parts, sample.info(), sample.PASSPHRASE)).startswith(b"PK")
    assert reads == [1]


def test_data_of_a_system_said_to_hold_none_stop_the_package() -> None:
    for finding in (PackageFinding.NOTHING, PackageFinding.NOT_SEARCHED):
        systems = tuple(
            sample.system("payments", "Payments", finding, finding_reason="x") if one.name == "payments" else one
            for one in sample.info().systems
        )
        with pytest.raises(Conflict, match="data of payments"):
            list(assemble(sample.parts, sample.info(systems=systems), sample.PASSPHRASE))


def test_a_failed_source_never_looks_like_an_empty_one() -> None:
    """Data were found in the helpdesk and none arrive: that is not the same as none held."""
    with pytest.raises(Conflict, match="found in Helpdesk and none are in the package"):
        list(assemble(lambda: iter(()), sample.info(), sample.PASSPHRASE))


def test_a_source_that_breaks_off_leaves_an_archive_that_nobody_can_open(tmp_path: Path) -> None:
    def parts() -> Iterator[Part]:
        yield from list(sample.parts())[:3]
        raise Transient("The helpdesk did not answer.")

    path = tmp_path / "cut.zip"
    with path.open("wb") as file, pytest.raises(Transient):
        file.writelines(assemble(parts, sample.info(), sample.PASSPHRASE))
    with pytest.raises(pyzipper.BadZipFile):
        pyzipper.AESZipFile(path)


def test_what_was_left_out_wholly_needs_no_data(make: Make) -> None:
    left = LeftOut(
        system="recordings", what="2 recordings", reason="Others speak in them.", legal_basis="Art. 15(4) GDPR", count=2
    )
    info = sample.info(systems=(sample.system("recordings", "Call recordings"),), left_out=(left,))
    files = contents(make(lambda: iter(()), info))
    assert "Held, but left out" in files["index.html"].decode()
    assert "2 recordings (2 records). Others speak in them. (Art. 15(4) GDPR)" in files["letter.txt"].decode()


def test_categories_that_differ_in_letters_only_get_folders_of_their_own(make: Make) -> None:
    def parts() -> Iterator[Part]:
        for category in ("Öffnung", "offnung", "тикеты", "вызовы", "aux"):
            yield Document(record=RecordRef("helpdesk", "x", category), category=category, content={"of": category})

    info = sample.info(systems=(sample.system("helpdesk", "Helpdesk"),), left_out=())
    files = contents(make(parts, info))
    given = {path: json.loads(data) for path, data in files.items() if path.startswith("data/") and "json" in path}
    assert given == {
        "data/helpdesk/offnung.json": [{"of": "Öffnung"}],
        "data/helpdesk/offnung-2.json": [{"of": "offnung"}],
        "data/helpdesk/data.json": [{"of": "тикеты"}],
        "data/helpdesk/data-2.json": [{"of": "вызовы"}],
        "data/helpdesk/data-aux.json": [{"of": "aux"}],
    }


def test_broken_characters_of_a_system_do_not_stop_the_answer(make: Make) -> None:
    def parts() -> Iterator[Part]:
        yield sample.ticket(1, "half a \ud83d face", ("You", "2026-03-02T08:12:00Z", "nul \x00 and \udfff"))

    files = contents(make(parts, sample.info(systems=(sample.system("helpdesk", "Helpdesk"),), left_out=())))
    assert json.loads(files["data/helpdesk/service-tickets.json"])[0]["subject"] == "half a ? face"
    assert "half a ? face" in files["index.html"].decode()


def _table(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "Excel reads accents only after a byte order mark"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rewritten(path: Path, files: dict[str, bytes], *, encrypted: bool = True) -> Path:
    """The same package with other contents, by a person who has the passphrase."""
    kind = pyzipper.WZ_AES if encrypted else None
    with pyzipper.AESZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, encryption=kind) as archive:
        if encrypted:
            archive.setpassword(sample.PASSPHRASE.encode())
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.mark.apart
def test_a_package_is_in_order_as_it_was_made_and_what_was_changed_is_named(make: Make) -> None:
    # A package as it was made is in order.
    path = make()
    result = verify(path, sample.PASSPHRASE)
    files = contents(path)
    assert result.ok
    assert (result.case_id, result.files) == ("DSR-2026-7K3M9Q", len(files) - 1)
    assert result.manifest_sha256 == hashlib.sha256(files["manifest.json"]).hexdigest()
    assert result.size == sum(len(data) for name, data in files.items() if name != "manifest.json")
    # What was changed is named.
    path = make()
    files = contents(path)
    files["letter.txt"] += b"and no more"
    files["extra.txt"] = b"x"
    del files["data/payments/payments-and-refunds.csv"]
    result = verify(rewritten(path, files), sample.PASSPHRASE)
    assert not result.ok
    assert result.altered == ("letter.txt",)
    assert result.missing == ("data/payments/payments-and-refunds.csv",)
    assert result.unlisted == ("extra.txt",)
    # One flipped bit is found.
    path = make()
    with pyzipper.AESZipFile(path) as archive:
        entry = archive.getinfo("recordings/recordings-0001.wav")
    raw = bytearray(path.read_bytes())
    raw[entry.header_offset + 200] ^= 1
    path.write_bytes(raw)
    assert verify(path, sample.PASSPHRASE).altered == ("recordings/recordings-0001.wav",)
    # Files that are not encrypted are found.
    path = make()
    files = contents(path)
    result = verify(rewritten(path, files, encrypted=False), sample.PASSPHRASE)
    assert set(result.altered) == set(files) - {"manifest.json"}
    # A cut off file is no package.
    path = make()
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(BadInput, match="not a complete access package"):
        verify(path, sample.PASSPHRASE)
    # A later versions package is not judged.
    path = make()
    files = contents(path)
    files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | {"schema_version": 2}).encode()
    with pytest.raises(BadInput, match="version"):
        verify(rewritten(path, files), sample.PASSPHRASE)


@pytest.mark.long
@pytest.mark.parametrize("heard", ["7k3m 9qtx o4wb hn2e r6vd", "7K3M9QTX04WBHN2ER6VD"])
def test_the_passphrase_may_be_typed_as_it_was_heard(make: Make, heard: str) -> None:
    assert verify(make(), heard).ok


@pytest.mark.long
@pytest.mark.parametrize("wrong", ["7K3M-9QTX-04WB-HN2E-R6VE", "letmein", ""])
def test_a_wrong_passphrase_is_named_and_not_quoted(make: Make, wrong: str) -> None:
    with pytest.raises(BadInput, match="passphrase does not open") as raised:
        verify(make(), wrong)
    assert not wrong or wrong not in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"hello"])
def test_another_file_is_no_package(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(BadInput, match="not a complete access package"):
        verify(path, sample.PASSPHRASE)
    with pytest.raises(BadInput):
        verify(tmp_path / "missing.zip", sample.PASSPHRASE)
