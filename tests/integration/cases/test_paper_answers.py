"""A request by letter is answered on paper: one document with all that can be printed (Art. 12(1), (3) GDPR)."""

from __future__ import annotations

import io
import json
import re

import pytest
import pyzipper

from rightsflow.app import current_app, installed
from rightsflow.cases.work.access.package import package_name
from rightsflow.store.case.keeping import PASSPHRASE
from tests.support.own_databases import answer, letter, searched, with_databases

TABLES = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, mail TEXT, what TEXT, street TEXT);
INSERT INTO orders VALUES (1, 'anna.quill@example.com', 'kettle < 2 l & blue', 'Zebra Lane 7');
INSERT INTO orders VALUES (2, 'anna.quill@example.com', 'toaster', 'Zebra Lane 7');
INSERT INTO orders VALUES (3, 'boris.other@example.org', 'iron', 'Lion Road 1');
CREATE TABLE calls (id INTEGER PRIMARY KEY, mail TEXT, wav TEXT);
INSERT INTO calls VALUES (1, 'anna.quill@example.com', 'a.wav');
"""
BY_MAIL = {"key": ["id"], "identities": [{"column": "mail", "kind": "email"}]}


def shop(folder):
    (folder / "a.wav").write_bytes(b"RIFF$\x00\x00\x00WAVEfmt ")
    files = {"column": "wav", "kind": "recording", "title": "call recordings"}
    tables = [{"name": "orders", **BY_MAIL}, {"name": "calls", "file": files, **BY_MAIL}]
    return {"shop": (TABLES, {"tables": tables, "files": folder.as_uri()})}


def answered(bench, folder, monkeypatch, **fields):
    with_databases(bench, folder, monkeypatch, shop(folder))
    with installed(bench.runtime):
        case_id = searched(bench, "access", **fields)
        answer(bench, case_id, "access")
        with bench.file(case_id) as file:
            passphrase = file.outbox.secret(PASSPHRASE)
            content = b"".join(current_app().workspace(file).read_file(package_name(case_id)))
        with pyzipper.AESZipFile(io.BytesIO(content)) as package:
            package.setpassword(passphrase.encode())
            return letter(bench, case_id, "L9"), {name: package.read(name) for name in package.namelist()}


@pytest.mark.apart
def test_a_request_by_letter_gets_one_document_to_print(bench, tmp_path, monkeypatch):
    body, package = answered(bench, tmp_path, monkeypatch, channel="letter", name="Anna Quillfeather")
    paper = package["paper.html"].decode()
    assert "A copy of your data is enclosed, printed." in body
    assert not re.search("7-Zip|passphrase|package|index.html|unpack", body)
    assert "Recordings and other files that cannot be printed are listed at its end." in body
    assert paper.index("Dear Anna Quillfeather") < paper.index("Your data: Shop") < paper.index("toaster")
    assert "kettle &lt; 2 l &amp; blue" in paper
    assert paper.count("Zebra Lane 7") == 2
    assert "1 recording or file of yours cannot be printed." in paper
    assert "on a data carrier, free of charge" in paper
    assert "in this package" not in paper
    assert not re.search('Lion Road|boris|<script|<audio|href="index', paper)
    assert "paper.html" in {one["path"] for one in json.loads(package["manifest.json"])["files"]}


def test_a_request_by_mail_gets_the_archive(bench, tmp_path, monkeypatch):
    body, package = answered(bench, tmp_path, monkeypatch, channel="e-mail")
    assert "paper.html" not in package
    assert "7-Zip" in body
