"""A finished package is checked before it goes out."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
import pyzipper

from rightsflow.documents.package import verify
from rightsflow.domain.errors import BadInput
from tests.unit.documents.package import sample
from tests.unit.documents.package.opened import Make, contents


def rewritten(path: Path, files: dict[str, bytes], *, encrypted: bool = True) -> Path:
    """The same package with other contents, by a person who has the passphrase."""
    kind = pyzipper.WZ_AES if encrypted else None
    with pyzipper.AESZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, encryption=kind) as archive:
        if encrypted:
            archive.setpassword(sample.PASSPHRASE.encode())
        for name, data in files.items():
            archive.writestr(name, data)
    return path


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


@pytest.mark.parametrize("heard", ["7k3m 9qtx o4wb hn2e r6vd", "7K3M9QTX04WBHN2ER6VD"])
def test_the_passphrase_may_be_typed_as_it_was_heard(make: Make, heard: str) -> None:
    assert verify(make(), heard).ok


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
