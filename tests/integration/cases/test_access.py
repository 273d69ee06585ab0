"""Copying, masking and packing for an access request: whole or not at all, and once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.work.access.package import (
    EXTRACTED,
    REDACTED,
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.documents.package import verify
from rightsflow.domain.errors import Conflict, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Document
from rightsflow.store.case.keeping import PASSPHRASE
from tests.support import looks
from tests.support.bench import ANNA_TEXT, CANARIES
from tests.support.canary import Scanner
from tests.support.steps import SYSTEMS, pack, searched


@pytest.fixture
def case_id(bench):
    return searched(bench, "access")


def copies(bench, case_id, area, system):
    with bench.file(case_id) as file:
        workspace = bench.runtime.workspace(file)
    return list(workspace.read(area, system))


def package(bench, case_id):
    with bench.file(case_id) as file:
        return Path(file.outbox.secret("package")), file.outbox.secret(PASSPHRASE)


@pytest.mark.apart
def test_only_the_subjects_records_are_copied_only_their_part_anew_where_it_broke_off_and_nothing_in_clear(
    bench, case_id
):
    bench.systems["helpdesk"].fail("extract", after=2)
    with pytest.raises(Transient):
        extract_records(current_app(), case_id, "helpdesk")
    assert extract_records(current_app(), case_id, "helpdesk") == {"customer profiles": 1, "service tickets": 2}
    assert len(copies(bench, case_id, EXTRACTED, "helpdesk")) == 3
    parts = copies(bench, case_id, EXTRACTED, "helpdesk")
    assert {part.record.ref for part in parts} == {"u1", "t1", "t2"}
    texts = [text for part in parts if isinstance(part, Document) for text in part.content["texts"]]
    assert ANNA_TEXT in texts
    assert "me too" not in texts
    for system in SYSTEMS:
        extract_records(current_app(), case_id, system)
    redact_third_parties(current_app(), case_id, "helpdesk")
    scanner = Scanner({value: value for value in CANARIES})
    assert not scanner.scan_folder(Path(bench.runtime.work_location))


@pytest.mark.parametrize("lost", ["one file", "all of them"])
def test_lost_copies_never_look_like_a_system_that_holds_nothing(bench, case_id, lost):
    extract_records(current_app(), case_id, "helpdesk")
    files = sorted(Path(bench.runtime.work_location, case_id, EXTRACTED, "helpdesk").iterdir())
    for path in files[: 1 if lost == "one file" else None]:
        path.unlink()
    with pytest.raises(Conflict, match="The working copies of helpdesk are"):
        redact_third_parties(current_app(), case_id, "helpdesk")
    with pytest.raises(Conflict):
        assemble_package(current_app(), case_id)


@pytest.mark.apart
@pytest.mark.parametrize("lost", ["work folder", "copies of one system", "package"])
def test_lost_copies_are_made_again(bench, case_id, lost):
    """Before, the case never went on: "The working copies of helpdesk are missing here"."""
    counts = pack(case_id)
    assert not make_copies_again(current_app(), case_id)
    path, passphrase = package(bench, case_id)
    folder = Path(bench.runtime.work_location)
    gone = {"work folder": folder, "copies of one system": folder / case_id / EXTRACTED / "helpdesk", "package": path}
    if lost == "copies of one system":
        # They are needed until there is a package.
        with bench.file(case_id) as file:
            file.steps.take_back("assemble")
    shutil.rmtree(gone[lost]) if gone[lost].is_dir() else gone[lost].unlink()
    assert make_copies_again(current_app(), case_id)
    assert pack(case_id) == counts
    path, passphrase = package(bench, case_id)
    assert verify(path, passphrase).ok
    assert not make_copies_again(current_app(), case_id)
    assert [one.details for one in looks.entries(bench, case_id, "WorkingCopiesLost")] == [{"systems": 3}]


def test_copies_that_an_answer_removed_before_it_was_cut_short_are_not_lost(bench, case_id):
    """Killed just then, the run took its copies for lost: it extracted all again, and a person had to release twice."""
    pack(case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    with bench.file(case_id) as file:
        bench.runtime.workspace(file).purge(EXTRACTED, REDACTED)
    assert not make_copies_again(current_app(), case_id)


def test_the_package_opens_with_its_passphrase_holds_what_was_counted_and_is_made_once(bench, case_id):
    counts = pack(case_id)
    assert counts == {"customer profiles": 2, "service tickets": 2, "invoices": 1, "call recordings": 1}
    path, passphrase = package(bench, case_id)
    checked = verify(path, passphrase)
    assert checked.ok, checked
    assert checked.case_id == case_id
    before = path.stat().st_mtime_ns, path.read_bytes()
    calls = {name: system.calls["extract"] for name, system in bench.systems.items()}
    pack(case_id)
    assert package(bench, case_id) == (path, passphrase)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    assert {name: system.calls["extract"] for name, system in bench.systems.items()} == calls
    assert len(list(path.parent.glob("*.zip*"))) == 1
