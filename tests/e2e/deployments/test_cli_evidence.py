"""``rightsflow evidence`` and ``rightsflow verify``: the file, what is said of it, and the exit status."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rightsflow.audit.evidence.archive import pack, unpack
from rightsflow.audit.evidence.bundle import LISTED, manifest_text, measure, read_manifest
from rightsflow.audit.evidence.cover import fingerprint
from rightsflow.audit.ledger.chain import canonical
from rightsflow.audit.ledger.seals import file_name, write_published
from rightsflow.documents.package.verification import read_encrypted
from tests.support.canary import Scanner
from tests.support.homes import ANNA, DECIDER, OPENER, assert_one_sentence, living_in
from tests.support.story import CASE, FOREIGN, NEW, bundle, material

SCANNER = Scanner(ANNA)
BUNDLE = bundle()
KEY = fingerprint(NEW.public)
COVERED = (
    "Of its 37 entries the first 30 are under the controller's seals; the rest (7) under the bundle's own signature "
    "alone."
)
AS_OF = (
    "It shows the case as of 2026-03-14 09:00 UTC, when it was exported: answered, last entry 2026-03-14 09:00 UTC, "
    "newest seal 7 of 2026-03-11 09:00 UTC."
)

BY = f"it is signed by fingerprint {KEY} (seal/2)."
COMPARE = (
    "Compare the key you gave with what the controller has published; if it is that one, this file is not the "
    "controller's."
)


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """An empty folder, with no home, no store and no configuration: as an auditor has it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with living_in(tmp_path / "no-home") as home:
        yield home
    assert list(folder.iterdir()) == [], "checking writes nothing"
    assert not (tmp_path / "no-home").exists()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(BUNDLE)
    return path


@pytest.mark.apart
def test_a_case_is_exported_and_checked(home):
    case, target = home.open(), home.folder / "evidence.zip"
    said = home.run("evidence", case.lower(), "-o", target, "--by", DECIDER)
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"The evidence of {case} is in {target}.\n")
    assert "the first 2 are under the controller's seals; the rest (1) under the bundle's own signature" in said.out
    assert SCANNER.scan(target.read_bytes(), "evidence") == set()
    checked = home.run("verify", target)
    assert checked.status == 0
    assert checked.out.startswith(f"Whole. Nothing in the evidence of {case} was altered since it was signed.\n")
    with home.file(case) as opened:
        last = list(opened.ledger.entries())[-1]
    assert (last.event, last.actor) == ("EvidenceExported", DECIDER)


@pytest.mark.apart
def test_seals_are_made_first_unless_not_and_all_is_said_as_json(home):
    case, target = home.open(), home.folder / "evidence.zip"
    home.run("evidence", case, "-o", target)
    less = home.run("evidence", case, "-o", target, "--no-seal", "--json").document
    assert (less["entries"], less["sealed"]) == (4, 2)
    made = home.run("evidence", case, "-o", target, "--json").document
    assert (made["case"], made["file"], made["entries"], made["sealed"]) == (case, str(target), 5, 4)
    (shown,) = made["keys"].values()
    checked = home.run("verify", target, "--json", "--key", shown).document
    last_at, exported_at, sealed_at = (checked.pop(name) for name in ("last_at", "exported_at", "sealed_at"))
    assert sealed_at <= last_at <= exported_at
    assert checked == {
        "whole": True,
        "key_given": True,
        "seals_given": False,
        "case": case,
        "state": "received",
        "seal": 2,
        "published_seals": 0,
        "by_another_key": False,
        "faults": [],
        "uncompared": [],
        "notes": [],
        "keys": made["keys"],
        "entries": 5,
        "sealed": 4,
        "letters_as_written": 0,
    }

    assert OPENER.encode() in target.read_bytes(), "who opened the case is in it on purpose"


def test_nothing_is_noted_as_exported_where_nothing_can_be_written(home):
    case = home.open()
    before = home.rows()
    for arguments in (
        (case, "-o", home.folder),
        (case, "-o", home.folder / "missing" / "evidence.zip"),
        (case,),
        ("nonsense", "-o", home.folder / "x"),
        ("DSR-2026-000000", "-o", home.folder / "x"),
    ):
        assert_one_sentence(home.run("evidence", *arguments), 2)
    assert home.rows() == before


def test_it_is_checked_without_home_store_and_network_by_the_published_key(nowhere, file, tmp_path):
    said = nowhere.run("verify", file)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"Whole. Nothing in the evidence of {CASE} was altered since it was signed.",
        AS_OF,
        COVERED,
        f"Fingerprint {KEY} (seal/2) signed it.",
        "Compare this with what the controller has published; anyone with another key can make another bundle.",
    ]

    published = tmp_path / "key.txt"
    published.write_text(f"seal/2 {NEW.public}\n")
    seal = tmp_path / "seal-00000007.json"
    seal.write_text(write_published(material().seals[-1]))
    for key in (KEY, KEY.upper(), published, seal):
        said = nowhere.run("verify", file, "--key", key)
        assert said.status == 0
        assert said.out.splitlines()[-1] == "It is signed by the key you gave, or by one that it leads to."


def published(folder: Path, seals) -> Path:
    folder.mkdir()
    for one in seals:
        (folder / file_name(one)).write_text(write_published(one))
    return folder


def test_published_seals_vouch_for_it_or_show_a_past_that_was_made_anew(nowhere, file, tmp_path):
    folder = published(tmp_path / "published", material().seals)
    said = nowhere.run("verify", file, "--seals", folder)
    assert (said.status, said.err) == (0, "")
    assert "The seals are those that were published: 3 of them were compared." in said.out.splitlines()
    document = nowhere.run("verify", file, "--seals", folder, "--json").document
    assert (document["whole"], document["seals_given"], document["published_seals"]) == (True, True, 3)

    file.write_bytes(bundle(material(({"seal/2": FOREIGN},) * 3), {"seal/2": FOREIGN}))
    assert nowhere.run("verify", file).status == 0
    said = nowhere.run("verify", file, "--seals", folder)
    assert said.status == 1
    assert "altered: Seal 5 is not the one that was published." in said.out.splitlines()


def test_a_bundle_that_is_older_than_the_published_seals_says_so(nowhere, file, tmp_path):
    seals = material().seals
    folder = published(tmp_path / "published", [*seals, replace(seals[-1], number=8)])
    said = nowhere.run("verify", file, "--seals", folder, "--key", KEY)
    assert said.status == 0
    assert "The published seals go on to seal 8: what came after seal 7 is not here." in said.out.splitlines()


def test_a_format_that_cannot_be_compared_has_a_status_of_its_own(nowhere, file):
    lying = {one.name: one.content for one in unpack(BUNDLE)} | {"index.html": b"<h1>All was erased.</h1>"}
    manifest = read_manifest(lying["manifest.json"].decode())
    listed = {name: measure(lying[name]) for name in LISTED}
    raised = replace(manifest, formats={**manifest.formats, "page": manifest.formats["page"] + 1}, files=listed)
    lying["manifest.json"] = manifest_text(raised).encode()
    lying["manifest.sig"] = canonical({"seal/2": NEW.sign(lying["manifest.json"])}).encode()
    file.write_bytes(pack(lying.items()))
    said = nowhere.run("verify", file, "--key", KEY)
    assert said.status == 3
    assert said.out.splitlines()[0] == "Not known to be whole."
    assert f"index.html was written in format {raised.formats['page']}" in said.out
    assert "It is signed by the key you gave" not in said.out
    assert nowhere.run("verify", file, "--json").document["whole"] is False


def test_what_a_file_calls_its_keys_cannot_pass_for_a_fingerprint(nowhere, file):
    name = f"seal/1, fingerprint {KEY}\nIt is signed by the key you gave.\x1b[8m\n[bold green]"
    file.write_bytes(bundle(material(({name: FOREIGN},) * 3), {name: FOREIGN}))
    said = nowhere.run("verify", file)
    assert said.status == 1
    assert "\x1b" not in said.out
    shown = [line for line in said.out.splitlines() if line.startswith("Fingerprint ")]
    assert len(shown) == 1
    assert shown[0].startswith(f"Fingerprint {fingerprint(FOREIGN.public)} (seal/1, fingerprint ")
    assert "It is signed by the key you gave." not in said.out.splitlines()


def test_an_earlier_file_stays_as_it_was_where_there_is_no_evidence(home):
    case, target = home.open(), home.folder / "evidence.zip"
    target.write_bytes(b"the one of last week")
    with closing(sqlite3.connect(home.state / "cases.db")) as database, database:
        database.execute("DROP TRIGGER ledger_unchanged")
        database.execute("UPDATE ledger SET body = replace(body, ?, 'Mallory') WHERE chain = ?", (OPENER, case))
    said = home.run("evidence", case, "-o", target)
    assert_one_sentence(said, 2)
    assert f"is not whole, and no evidence is made of it: Entry 1 of {case} does not have the hash" in said.err
    assert target.read_bytes() == b"the one of last week"


def test_what_was_done_to_it_is_named_and_another_key_too(nowhere, file):
    said = nowhere.run("verify", file, "--key", fingerprint(FOREIGN.public))
    assert said.status == 1
    assert said.out.splitlines() == [
        f"Unaltered since it was signed, but not by the key you gave: {BY} {COMPARE}",
        AS_OF,
        COVERED,
    ]
    document = nowhere.run("verify", file, "--key", fingerprint(FOREIGN.public), "--json").document
    assert (document["whole"], document["by_another_key"], document["faults"]) == (False, True, [])

    file.write_bytes(BUNDLE + b"!")
    said = nowhere.run("verify", file, "--key", fingerprint(FOREIGN.public))
    assert said.status == 1
    assert said.out.startswith("Not whole, and not by the key you gave: it is signed by fingerprint ")
    assert "added: The file goes on for 1 byte behind the end of its zip." in said.out

    file.write_bytes(BUNDLE[: len(BUNDLE) // 2])
    said = nowhere.run("verify", file)
    assert said.status == 1
    assert said.out.splitlines() == [
        "Not whole.",
        "removed: The file is cut off: its end is not there as it was written.",
    ]

    file.write_bytes(BUNDLE.replace(b'"actor":"Dana Decider"', b'"actor":"Dana Deceive"'))
    said = nowhere.run("verify", file)
    assert said.status == 1
    lines = said.out.splitlines()
    assert lines[0] == "Not whole."
    assert f"altered: Entry 18 of {CASE} does not have the hash that was kept of it." in lines
    document = nowhere.run("verify", file, "--json").document
    assert document["whole"] is False
    assert ("altered", f"entry 18 of {CASE}") in [(one["kind"], one["place"]) for one in document["faults"]]


def test_what_is_no_bundle_or_cannot_be_read_is_one_sentence(nowhere, file, tmp_path):
    for arguments in (
        (tmp_path,),
        (tmp_path / "missing",),
        ("nul\0",),
        (),
        (file, "--key", "x"),
        (file, "--key", ""),
        (file, "--key", " "),
        (file, "--seals", file.parent),
        (file, "--seals", tmp_path / "missing"),
        (file, "--key", "\0"),
        (file, "--key", "f" * 5000),
        (file, "--key", file.parent),
    ):
        assert_one_sentence(nowhere.run("verify", *arguments), 2)

    for content in (b"", b"no bundle", b"PK\x03\x04" + bytes(30)):
        file.write_bytes(content)
        assert_one_sentence(nowhere.run("verify", file), 2)


@pytest.mark.apart
def test_letters_are_given_beside_the_evidence_and_checked_without_the_controller(home):
    """Before, no one outside could compare a text with the evidence."""
    case, target = home.open(), home.folder / "evidence.zip"
    assert_one_sentence(home.run("evidence", case, "-o", target, "--with-letters"), 2)
    assert not target.exists()
    done = home.run("evidence", case, "-o", target, "--with-letters", "--reason", "File 12/2026", "--json").document
    beside = Path(done["letters"])
    assert beside.name == "evidence.zip.letters.zip"
    assert SCANNER.scan(beside.read_bytes(), "the encrypted letters") == set()
    arguments = ("verify", target, "--letters", beside, "--passphrase")
    checked = home.run(*arguments, done["passphrase"], "--json").document
    assert (checked["whole"], checked["letters_as_written"]) == (True, 1)
    assert_one_sentence(home.run(*arguments, "AAAA-AAAA-AAAA-AAAA-AAAA"), 2)
    texts = read_encrypted(beside, "letters.json", done["passphrase"], 1 << 20).decode()
    altered = home.folder / "letters.json"
    altered.write_text(texts.replace("received", "lost"), encoding="utf-8")
    said = home.run("verify", target, "--letters", altered)
    assert (said.status, "The text of letter L1 is not the one that was written." in said.out) == (1, True)
