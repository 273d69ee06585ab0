"""The package read at the desk before its release: by whom, what is shown, what is left out, what is released."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from deployments.desk.rendering import file_answer
from rightsflow.app import current_app
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.facts.overview.account import PackageFile
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.access.package_index import Indexes
from rightsflow.documents.package.verification import verify
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.keeping import PASSPHRASE
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, entries, number_of, read, state
from tests.support.bench import ANNA_PROFILE, ANNA_TEXT, BORIS
from tests.support.desk_client import hidden_of
from tests.support.kept_cases import brought

SOUND = b"RIFF" * 1000
HTML = "<script>alert(1)</script><img src=http://evil.example/x>"


@pytest.fixture
def case(bench):
    bench.systems["helpdesk"].add(
        FakeRecord(
            kind="ticket",
            key="t9",
            profile="u1",
            texts=((ANNA_PROFILE, f"{HTML} call +49 30 23125 099 or write to boris@example.org"), (BORIS, "x")),
        )
    )
    return brought(bench, "a package to read", lambda: packaged(bench))


def packaged(bench):
    made = at_approval(bench, "access")
    assemble_package(current_app(), made)
    return made


@pytest.fixture
def approver(rig):
    return rig.browser("dana")


def release_form(browser, here):
    """What the release's form sends."""
    return hidden_of(browser.get(f"{here}/release").text, f"/desk{here}/release/approve")


def player(page):
    return re.search(r'<audio [^>]*src="/desk([^"]+)"', page)[1]


@pytest.mark.apart
def test_the_package_is_read_as_the_person_will_with_its_recordings_and_files(rig, case, approver):
    page = approver.get(read(approver, case)).text
    assert ANNA_TEXT in page
    assert "his own matter" not in page
    assert entries(rig.bench, case)["PersonalDataRevealed"].actor == "Dana Decider"
    assert page.index("With something masked") < page.index("helpdesk: ")

    assert re.search(r"<mark>\[other person&#39;s (phone number|e-mail)\]</mark>", page)
    assert "boris@example.org" not in page
    assert "<script>" not in page
    assert "<img" not in page

    sound = player(approver.get(read(approver, case)).text)
    whole = approver.get(sound)
    assert (whole.content, whole.headers["content-type"]) == (SOUND, "audio/wav")
    assert whole.headers["cache-control"] == "no-store"
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = approver.get(sound, headers={"Range": "bytes=6-13"})
    assert (part.status_code, part.content) == (206, SOUND[6:14])
    assert part.headers["content-range"] == f"bytes 6-13/{len(SOUND)}"
    assert approver.get(sound, headers={"Range": "bytes=-4"}).content == SOUND[-4:]
    assert approver.get(sound, headers={"Range": "bytes=3990-"}).content == SOUND[3990:]
    beyond = approver.get(sound, headers={"Range": "bytes=4000-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */4000")
    assert approver.get(sound, headers={"Range": "bytes=9-2"}).status_code == 416
    assert approver.get(sound, headers={"Range": "lines=1-2"}).status_code == 200

    here = read(approver, case)
    for below in (
        "calls/0",  # a document
        "calls/999",
        "calls/000001x",
        "nobody/1",
        "..%2Fcalls/1",
        "%2E%2E/1",
        "calls/..%2F..%2Fextracted%2Fcalls%2F1",
        f"{case}.zip/1",
    ):
        assert approver.get(f"{here}/files/{below}").status_code == 404, below

    with rig.bench.file(case) as file:
        secret = file.outbox.secret(PASSPHRASE)
    here = read(approver, case)
    for path in (here, f"{here}/release", f"/cases/{case}/package"):
        assert secret not in approver.get(path).text


@pytest.mark.apart
def test_the_case_leads_who_may_read_to_its_package_and_nobody_else(rig, case):
    link = f'href="/desk/cases/{case}/package"'
    assert {key: link in rig.browser(key).get(f"/cases/{case}").text for key in ("olga", "dana", "axel")} == {
        "olga": True,
        "dana": True,
        "axel": False,
    }
    erasure = at_approval(rig.bench, "erasure")
    assert f"/desk/cases/{erasure}/package" not in rig.browser("olga").get(f"/cases/{erasure}").text


@pytest.mark.apart
def test_without_a_reason_or_a_fresh_code_nothing_is_shown(rig, case, approver):
    start = f"/cases/{case}/package"
    assert approver.send(f"{start}/read", start, reason=" ").status_code == 422
    rig.bench.pass_time(timedelta(minutes=6))
    assert approver.send(f"{start}/read", start, reason="the release").status_code == 422
    assert "PersonalDataRevealed" not in entries(rig.bench, case)
    assert ANNA_TEXT not in approver.get(start).text


@pytest.mark.apart
def test_a_reading_counts_in_its_own_session_for_its_own_case_and_for_an_hour(rig, case, approver):
    here = read(approver, case)
    other = at_approval(rig.bench, "access", email="boris.other@example.org")
    assemble_package(current_app(), other)
    sound = player(approver.get(here).text)
    assert rig.browser("ines").get(here).status_code == 409
    assert rig.browser("axel").get(here).status_code == 403
    assert rig.stranger().get(sound).status_code == 303
    for address in (here, sound):
        assert approver.get(address.replace(case, other)).status_code == 409
    for _ in range(3):
        rig.bench.pass_time(timedelta(minutes=20))
        last = approver.get(sound)
    assert last.status_code == 409


@pytest.mark.parametrize(
    ("media_type", "shown", "kind"),
    [
        ("text/html", "attachment", "application/octet-stream"),
        ("image/svg+xml", "attachment", "application/octet-stream"),
        ("application/pdf", "attachment", "application/octet-stream"),
        ("audio/mpeg\r\nX-Evil: 1", "attachment", "application/octet-stream"),
        ("text/plain; charset=utf-7", "inline", "text/plain; charset=utf-8"),
        ("AUDIO/MPEG", "inline", "audio/mpeg"),
    ],
)
def test_what_a_file_says_it_is_is_not_believed(media_type, shown, kind):
    name = '../x"\r\nSet-Cookie: a=b\u202e.html'
    found = PackageFile(record=4, name=name, media_type=media_type, size=1, open=lambda: iter([b"x"]))
    headers = file_answer(found, "").headers
    assert headers["content-type"] == kind
    assert headers["content-disposition"].startswith(f'{shown}; filename="record-4"; ')
    assert not {"\r", "\n"} & set("".join(headers.values()))
    assert (headers["x-content-type-options"], "sandbox" in headers["content-security-policy"]) == ("nosniff", True)


@pytest.mark.apart
def test_a_record_is_left_out_with_its_ground_and_the_package_is_made_without_it(rig, case, approver):
    here, number = read(approver, case), number_of(rig.bench, case, "t1")
    typed = {"record": str(number), "ground": "trade secrets", "provision": "Art. 15(4)"}
    assert approver.send(f"{here}/leave-out?page=1", here, **typed).status_code == 303
    assert "To be left out: trade secrets" in approver.get(here).text
    answer = approver.client.post(f"/desk{here}/release/approve", data=release_form(approver, here))
    assert answer.status_code == 303, answer.text
    assert rig.resumed[-1][0] == case
    with rig.bench.file(case) as file:
        left = next(one for one in file.findings.all() if one.number == number)
        assert (left.decided.act.value, left.decided.ground) == ("leave out", "trade secrets")
    for system in make_copies_again(current_app(), case):
        extract_records(current_app(), case, system)
        redact_third_parties(current_app(), case, system)
    assert approver.get(here).status_code == 409


@pytest.mark.apart
def test_what_belongs_to_a_record_is_left_out_with_it_and_is_given_only_with_it(rig, bench, approver):
    helpdesk = bench.systems["helpdesk"]
    helpdesk.kinds = tuple(replace(kind, is_profile=False) for kind in helpdesk.kinds)
    case = packaged(bench)
    here = read(approver, case)
    entry, part = number_of(bench, case, "u1", kind="profile"), number_of(bench, case, "t1")
    approver.send(f"{here}/leave-out?page=1", here, record=str(entry), ground="rights of others")
    page = approver.get(here).text
    parts = re.findall(r"found through them too: ([0-9, ]+)\.", page)[0].split(", ")
    assert str(part) in parts
    assert page.count("To be left out: rights of others") == 1 + len(parts)
    torn = approver.send(f"{here}/give?page=1", here, record=str(part))
    assert (torn.status_code, f"was found through record {entry}" in torn.text) == (422, True)
    approver.send(f"{here}/give?page=1", here, record=[str(entry), *parts])
    assert "To be left out" not in approver.get(here).text

    approver.send(f"{here}/leave-out?page=1", here, record=str(part), ground="rights of others")
    page = approver.get(here).text
    assert page.count("To be left out: rights of others") == 1, "the entry may be given without its part"
    assert page.count(f"Check against record {part}, withheld in whole or in part by a person.") == len(parts), (
        "entry and siblings"
    )


@pytest.mark.apart
def test_a_release_by_number_takes_along_what_belongs_to_a_record(rig, bench):
    helpdesk = bench.systems["helpdesk"]
    helpdesk.kinds = tuple(replace(kind, is_profile=False) for kind in helpdesk.kinds)
    case = packaged(bench)
    entry = str(number_of(bench, case, "u1", kind="profile"))
    bench.approve(case, f"{entry}: leave out | rights of others")
    with bench.file(case) as file:
        left_out = {one.ref.ref for one in file.findings.all() if one.decided is not None}
    assert {"u1", "t1"} <= left_out


@pytest.mark.apart
def test_the_package_is_saved_once_the_answer_is_written_and_not_before(rig, case, approver):
    officer, here = rig.browser("olga"), f"/cases/{case}"
    assert officer.send(f"{here}/package-file", here).status_code == 409
    reading = read(approver, case)
    assert approver.send(f"{reading}/release/approve", f"{reading}/release").status_code == 303
    assert officer.send(f"{here}/package-file", here).status_code == 409, "what was left out may still be in it"
    assert "Passphrase of the package" not in officer.send(f"{here}/reveal", here, reason="to send it").text
    write_answer(current_app(), case)
    assert "Passphrase of the package" in officer.send(f"{here}/reveal", here, reason="to send it").text
    saved = officer.send(f"{here}/package-file", here)
    assert saved.status_code == 200, saved.text
    assert saved.headers["content-disposition"] == f'attachment; filename="{case}.zip"'
    with rig.bench.file(case) as file:
        passphrase = file.outbox.secret(PASSPHRASE)
        path = current_app().workspace(file).put_file("copy.zip", iter([saved.content]))
    assert verify(path, passphrase).ok
    assert entries(rig.bench, case)["PersonalDataRevealed"].actor == "Olga Officer"
    assert rig.browser("axel").send(f"{here}/package-file", here).status_code == 403


@pytest.mark.apart
def test_what_is_noted_meanwhile_stops_the_release_until_it_is_given_after_all(rig, case, approver):
    here = read(approver, case)
    for typed in (
        {"record": "1"},
        {"ground": "x"},
        {"record": "x", "ground": "x"},
        {"record": "9999", "ground": "x"},
        {"record": "1", "ground": "x", "provision": "because"},
    ):
        assert approver.send(f"{here}/leave-out?page=1", here, **typed).status_code == 422, typed
    assert "to be left out</span>" not in approver.get(here).text

    here, number = read(approver, case), number_of(rig.bench, case, "t1")
    approver.send(f"{here}/leave-out?page=1", here, record=str(number), ground="rights of others")
    assert approver.send(f"{here}/release/approve", f"{here}/release").status_code == 409
    old = release_form(approver, here)
    approver.send(f"{here}/leave-out?page=1", here, record=str(number), ground="trade secrets")
    assert approver.client.post(f"/desk{here}/release/approve", data=old).status_code == 409, "another ground"
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL

    approver.send(f"{here}/leave-out?page=1", here, record=str(number), ground="rights of others")
    answer = approver.send(f"/cases/{case}/approval/approve", f"/cases/{case}/approval?list=all")
    assert (answer.status_code, f"({number})" in answer.text) == (409, True)
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL

    approver.send(f"{here}/leave-out?page=1", here, record=str(number), ground="trade secrets")
    assert approver.send(f"{here}/give?page=1", here, record=str(number)).status_code == 303
    assert "a mistake" not in approver.get(f"{here}/release").text
    assert approver.send(f"{here}/give?page=1", here, record=str(number)).status_code == 422
    assert approver.send(f"{here}/release/approve", f"{here}/release").status_code == 303
    assert state(rig.bench, case) is CaseState.EXECUTING


@pytest.mark.apart
def test_who_opened_the_request_does_not_release_it_and_who_may_not_decide_notes_nothing(rig, approver):
    own = at_approval(rig.bench, "access", opened_by="Dana Decider")
    assemble_package(current_app(), own)
    here = read(approver, own)
    assert "another person decides" in approver.get(f"{here}/release").text
    token = approver.token(here)
    answer = approver.client.post(f"/desk{here}/release/approve", data={"token": token})
    assert answer.status_code == 409
    officer = rig.browser("olga")
    there = read(officer, own)
    token = officer.token(f"/cases/{own}/package")
    for act in ("leave-out", "give", "release/approve", "release/refuse"):
        assert officer.client.post(f"/desk{there}/{act}", data={"token": token}).status_code == 403


def test_a_package_that_was_made_again_is_not_released_by_an_old_reading(rig, case, approver):
    here = read(approver, case)
    with rig.bench.file(case) as file:
        file.steps.take_back(StepName.ASSEMBLE)
    assemble_package(current_app(), case)
    assert approver.get(here).status_code == 409
    assert "made again" in approver.get(here).text


@pytest.mark.apart
def test_many_records_are_paged(rig, approver):
    rig.bench.systems["helpdesk"].add(
        *(
            FakeRecord(kind="ticket", key=f"m{n}", profile="u1", texts=((ANNA_PROFILE, f"matter {n}."),))
            for n in range(60)
        )
    )
    case = at_approval(rig.bench, "access")
    assemble_package(current_app(), case)
    here = read(approver, case)
    shown = [approver.get(f"{here}?page={page}").text.count('<article class="record') for page in (1, 2, 3, "x", 99)]
    with rig.bench.file(case) as file:
        total = len(file.findings.all())
    assert shown == [25, 25, total - 50, 25, total - 50]


def test_a_refusal_after_reading(rig, case, approver):
    here = read(approver, case)
    page = approver.send(f"{here}/release/refuse", f"{here}/release")
    assert page.status_code == 422
    assert 'id="refusal-wrong"' in page.text


def test_an_index_is_made_once_for_each_package_and_few_are_kept(rig, case):
    indexes, app = Indexes(most=1), current_app()
    with rig.bench.file(case) as file:
        first = indexes.of(file, app, "one")
        assert indexes.of(file, app, "one") is first
        assert indexes.of(file, app, "another") is not first
        assert indexes.of(file, app, "one") is not first
    assert sum(one.records for one in first.chapters) == len(first.order) == len(first.places)
