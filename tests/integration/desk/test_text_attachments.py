"""Attachments at the release gate: a text is masked with its places shown; others are marked as not looked into."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.domain.disclosure.mask_choices import MaskState
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Blob, RecordRef
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.integration.desk.cases import at_approval, number_of, read
from tests.support import made_files
from tests.support.bench import ANNA_PROFILE
from tests.support.packages import opened
from tests.support.steps import search

OTHER = "cousin@example.net"
TEXT = f"Our chat: write to {OTHER} instead.".encode()


class WithFiles(FakeSystem):
    """A fake system whose bytes are the file that each test says.

    Args:
        name: What it is called.
        media_type: What it says that it is.
    """

    def __init__(self, name, media_type):
        super().__init__(system="calls")
        self._file = {"name": name, "media_type": media_type}

    def _parts(self, refs, known):
        for part in super()._parts(refs, known):
            yield replace(part, **self._file) if isinstance(part, Blob) else part


def as_blob(content):
    ref = RecordRef("calls", "recording", "r9")
    return Blob(record=ref, category="calls", name="a", media_type="", open=lambda: iter([content]))


def packed(bench, name, media_type, content=TEXT):
    """A package with such a file, at its gate."""
    bench.systems["calls"] = WithFiles(name, media_type)
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r9", texts=((ANNA_PROFILE, "a chat"),), audio=content),
    )
    case = at_approval(bench, "access")
    assemble_package(current_app(), case)
    return case


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


def file_at(page):
    return re.search(r'href="/desk([^"]+/files/calls/\d+)"', page)[1]


def make_again(officer, case):
    """The package is made again, as is decided by now."""
    release = f"{read(officer, case)}/release"
    officer.send(f"{release}/make-again", release)
    search(case)
    for system in make_copies_again(current_app(), case):
        extract_records(current_app(), case, system)
        redact_third_parties(current_app(), case, system)
    assemble_package(current_app(), case)
    reach_gate(current_app(), case, Gate.APPROVAL)


@pytest.mark.apart
def test_a_text_is_masked_and_its_place_can_be_shown_like_any_other(rig, officer):
    case = packed(rig.bench, "chat.txt", "text/plain")
    page = officer.get(read(officer, case)).text
    assert "Not scanned" not in page
    assert OTHER.encode() not in officer.get(file_at(page)).content
    here = f"{read(officer, case)}/records/{number_of(rig.bench, case, 'r9', system='calls', kind='recording')}"
    (place,) = re.findall(r'name="place" value="([\d-]+)"', officer.get(here).text)
    assert officer.send(f"{here}/show", here, place=place, reason="her own second address").status_code == 303
    make_again(officer, case)
    assert TEXT in opened(rig.bench, case).values()


@pytest.mark.apart
def test_a_passage_of_a_text_stays_decided_when_the_package_is_made_again(rig, officer):
    case = packed(rig.bench, "chat.txt", "text/plain")
    here = f"{read(officer, case)}/records/{number_of(rig.bench, case, 'r9', system='calls', kind='recording')}"
    typed = {"passage": "our CHAT", "hide-ground": "a trade secret"}
    assert officer.send(f"{here}/hide", here, **typed).status_code == 303
    for _ in range(2):
        make_again(officer, case)
        with rig.bench.runtime.store.case_file(case) as file:
            assert [(one.state, one.places) for one in file.masks.all()] == [(MaskState.APPLIED, 1)]
    assert not [one for one in opened(rig.bench, case).values() if b"Our chat" in one]


@pytest.mark.parametrize(
    ("name", "media_type", "content", "said"),
    [
        ("scan.pdf", "application/pdf", b"%PDF-1.7 and no more", "open it"),
        ("a.wav", "audio/wav", TEXT, "listen to it"),
    ],
)
def test_any_other_file_is_said_not_to_be_looked_into(rig, officer, name, media_type, content, said):
    case = packed(rig.bench, name, media_type, content)
    page = officer.get(read(officer, case)).text
    assert f"Not scanned: {said} before you release it." in page
    listed = officer.get(f"{read(officer, case)}/release").text
    assert ("the PDF is broken" in listed) is (said == "open it")


@pytest.mark.apart
def test_files_in_a_mail_are_read_and_masked_beside_their_record(rig, officer):
    other = made_files.docx([f"Please ask {OTHER} for it"], hidden=OTHER, author="Bob Meyer")
    rows = made_files.xlsx([["when", "who"], ["today", OTHER]])
    content = made_files.mail("Our chat", sender="anna@example.com", to=OTHER, files={"a.docx": other, "b.xlsx": rows})
    case = packed(rig.bench, "chat.eml", "message/rfc822", content)
    here = read(officer, case)
    page = officer.get(here).text
    assert (OTHER in page, "Please ask <mark>" in page, "<td>today</td>" in page) == (False, True, True)
    assert "Not scanned" not in page
    assert "document properties" in page
    whole = officer.get(f"{file_at(page)}/text").text
    assert (OTHER in whole, "Our chat" in whole) == (False, True)
    record = f"{here}/records/{number_of(rig.bench, case, 'r9', system='calls', kind='recording')}"
    assert len(re.findall(r'name="place" value="([\d-]+)"', officer.get(record).text)) > 2
    typed = {"passage": "ask [other person's e-mail] for it", "hide-ground": "a trade secret"}
    assert officer.send(f"{record}/hide", record, **typed).status_code == 303
    make_again(officer, case)
    given = next(one for name, one in opened(rig.bench, case).items() if name.endswith(".eml"))
    texts = [run.text for run in current_app().file_reader.open(as_blob(given)).runs]
    assert "Please [masked passage]" in texts
    assert not [text for text in texts if OTHER in text]
