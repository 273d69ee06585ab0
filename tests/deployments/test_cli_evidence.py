"""``rightsflow evidence`` and ``rightsflow verify``: the file, what is said of it, and the exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from rightsflow.evidence.fingerprints import fingerprint
from rightsflow.ledger.seals import write_published
from tests.canary import Scanner
from tests.deployments.homes import ANNA, DECIDER, OPENER, Home, assert_one_sentence, living_in
from tests.rightsflow.evidence.story import CASE, FOREIGN, NEW, bundle, material

SCANNER = Scanner(ANNA)
BUNDLE = bundle()
KEY = fingerprint(NEW.public)
COVERED = (
    "Of its 37 entries the first 30 are under the controller's seals; the rest (7) under the bundle's own signature "
    "alone."
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


def test_a_case_is_exported_and_checked(home: Home):
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


def test_seals_can_be_made_first_and_all_is_said_as_json(home: Home):
    case, target = home.open(), home.folder / "evidence.zip"
    home.run("evidence", case, "-o", target)
    made = home.run("evidence", case, "-o", target, "--seal", "--json").document
    assert (made["case"], made["file"], made["entries"], made["sealed"]) == (case, str(target), 4, 3)
    (shown,) = made["keys"].values()
    checked = home.run("verify", target, "--json", "--key", shown).document
    assert checked == {
        "whole": True,
        "key_given": True,
        "case": case,
        "faults": [],
        "notes": [],
        "keys": made["keys"],
        "entries": 4,
        "sealed": 3,
    }


def test_nothing_is_noted_as_exported_where_nothing_can_be_written(home: Home):
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


def test_it_is_checked_without_home_store_and_network(nowhere: Home, file: Path):
    said = nowhere.run("verify", file)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"Whole. Nothing in the evidence of {CASE} was altered since it was signed.",
        COVERED,
        f"Signed by seal/2, fingerprint {KEY}",
        "Compare this with what the controller has published; whoever has another key can make another bundle.",
    ]


def test_with_the_published_key_nothing_is_left_to_compare(nowhere: Home, file: Path, tmp_path: Path):
    published = tmp_path / "key.txt"
    published.write_text(f"seal/2 {NEW.public}\n")
    seal = tmp_path / "seal-00000007.json"
    seal.write_text(write_published(material().seals[-1]))
    for key in (KEY, KEY.upper(), published, seal):
        said = nowhere.run("verify", file, "--key", key)
        assert said.status == 0
        assert said.out.splitlines()[-1] == "It is signed by the key you gave, or by one that it leads to."


def test_another_key_is_a_fault(nowhere: Home, file: Path):
    said = nowhere.run("verify", file, "--key", fingerprint(FOREIGN.public))
    assert said.status == 1
    assert "altered: manifest.json is signed by another key than the one that was given." in said.out


def test_what_was_done_to_it_is_named(nowhere: Home, file: Path):
    file.write_bytes(BUNDLE.replace(b'"actor":"Dana Decider"', b'"actor":"Dana Deceive"'))
    said = nowhere.run("verify", file)
    assert said.status == 1
    lines = said.out.splitlines()
    assert lines[0] == "Not whole."
    assert f"altered: Entry 18 of {CASE} does not have the hash that was kept of it." in lines
    document = nowhere.run("verify", file, "--json").document
    assert document["whole"] is False
    assert ("altered", f"entry 18 of {CASE}") in [(one["kind"], one["place"]) for one in document["faults"]]


@pytest.mark.parametrize("content", [b"", b"no bundle", b"PK\x03\x04" + bytes(30)])
def test_what_is_no_bundle_is_one_sentence(nowhere: Home, file: Path, content: bytes):
    file.write_bytes(content)
    assert_one_sentence(nowhere.run("verify", file), 2)


def test_what_cannot_be_read_is_one_sentence(nowhere: Home, file: Path, tmp_path: Path):
    for arguments in (
        (tmp_path,),
        (tmp_path / "missing",),
        ("nul\0",),
        (),
        (file, "--key", "x"),
        (file, "--key", "\0"),
        (file, "--key", "f" * 5000),
        (file, "--key", file.parent),
    ):
        assert_one_sentence(nowhere.run("verify", *arguments), 2)


def test_who_opened_the_case_is_in_it_on_purpose(home: Home):
    case, target = home.open(), home.folder / "evidence.zip"
    home.run("evidence", case, "-o", target)
    assert OPENER.encode() in target.read_bytes()
