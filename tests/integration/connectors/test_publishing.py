"""Seals in a folder and in a mailbox: put once, whole, and never over something else."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.mail import SmtpServer
from connectors.publishing import Folder, Mailbox, place_of
from connectors.publishing_s3 import LockedBucket
from rightsflow.config.sections.mail_server import Seals
from rightsflow.domain.errors import Misconfigured, Refused, Transient
from rightsflow.domain.publication import Publication
from tests.support.post import smtp_server

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def seal(number: int = 1, text: str = '{"number":1}\n') -> Publication:
    return Publication(number=number, name=f"seal-{number:08d}.json", text=text, digest="ab" * 32)


def server(port: int) -> SmtpServer:
    return SmtpServer(host="127.0.0.1", port=port, security="none", sender_email="rights@example.com")


def test_a_seal_is_a_file_that_stays_as_it_is(tmp_path: Path) -> None:
    # A seal is a file that others can read.
    before = os.umask(0o077)
    try:
        Folder(tmp_path).publish(seal())
    finally:
        os.umask(before)
    (path,) = tmp_path.iterdir()
    assert (path.name, path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (
        "seal-00000001.json",
        '{"number":1}\n',
        0o644,
    )
    # The same seal again changes nothing and another is refused.
    Folder(tmp_path).publish(seal())
    was = (tmp_path / "seal-00000001.json").stat()
    Folder(tmp_path).publish(seal())
    with pytest.raises(Refused, match=r"holds another file as seal-00000001\.json"):
        Folder(tmp_path).publish(seal(text="{}\n"))
    (path,) = tmp_path.iterdir()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (was.st_ino, was.st_mtime_ns)


def test_what_was_cut_short_is_no_seal_and_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("connectors.publishing.os.fsync", full)
        with pytest.raises(Transient, match="No space left"):
            Folder(tmp_path).publish(seal())
    assert list(tmp_path.iterdir()) == []
    Folder(tmp_path).publish(seal())
    assert [path.name for path in tmp_path.iterdir()] == ["seal-00000001.json"]


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """It may be a share that is not mounted."""
    with pytest.raises(Misconfigured, match="mount its share"):
        Folder(tmp_path / "share").publish(seal())
    assert not (tmp_path / "share").exists()


def test_a_mail_holds_the_seal_and_its_digest() -> None:
    # A mail holds the seal and its digest and is known again.
    with smtp_server() as box:
        for _ in range(2):
            Mailbox(server(box.port), "auditor@example.com").publish(seal(7, '{"number":7}\n'))
    one, two = box.messages
    assert (one["To"], one["Subject"]) == ("auditor@example.com", "Seal 7 of the ledger")
    lines = one.get_content().splitlines()
    assert "ab" * 32 in lines
    assert lines[-1] == '{"number":7}'
    assert one["Message-ID"] == two["Message-ID"] == "<seal-7.abababababababab@example.com>"
    with pytest.raises(Transient):
        Mailbox(server(9), "auditor@example.com").publish(seal())


def test_a_place_is_what_its_name_says(tmp_path: Path) -> None:
    settings = Seals.model_validate({"s3": {"region": "eu-central-1"}, "keep_years": 3})

    def made(name: str) -> object:
        return place_of(name, settings, lambda: server(25), lambda: NOW)

    assert made(f"file:{tmp_path}") == Folder(tmp_path)
    assert made("mailto:auditor@example.com") == Mailbox(server(25), "auditor@example.com")
    bucket = made("s3://example-seals/ledger")
    assert isinstance(bucket, LockedBucket)
    assert (bucket.name, bucket.prefix, bucket.keep_years) == ("example-seals", "ledger/", 3)


def test_no_mail_server_is_needed_where_nothing_is_mailed(tmp_path: Path) -> None:
    made = place_of(f"file:{tmp_path}", Seals(), lambda: pytest.fail("asked for a mail server"), lambda: NOW)
    assert made == Folder(tmp_path)
