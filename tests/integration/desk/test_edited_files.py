"""A recording that cannot be muted here is edited by hand, and the copy goes out in its place, named everywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.domain.disclosure.mask_choices import MOST_EDITED_BYTES
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import (
    entries,
    make_again,
    make_copies,
    masks_of,
    packaged,
    read,
    released,
    sent_again,
    state,
)
from tests.support.bench import ANNA_PROFILE
from tests.support.kept_cases import brought
from tests.support.packages import opened
from tests.support.waves import mp3, wave

CALL, EDITED = mp3(seconds=4, fill=7), mp3(seconds=4, fill=0)
CHOICE = re.compile(r'name="choice" value="(\d+)"')
DIGEST, EDITED_DIGEST = sha256(CALL).hexdigest(), sha256(EDITED).hexdigest()


@pytest.fixture
def case(bench):
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r9", texts=((ANNA_PROFILE, "a call"),), audio=CALL),
        FakeRecord(kind="recording", key="r8", texts=((ANNA_PROFILE, "another"),), audio=wave(seconds=2)),
    )
    return brought(bench, "a call that cannot be muted", lambda: packaged(bench))


@pytest.fixture
def officer(rig, case):
    return rig.browser("olga")


def masks_page(rig, browser, case, key="r9"):
    here, _ = masks_of(rig.bench, browser, case, key, system="calls", kind="recording")
    return here


def send_copy(browser, here, content, **typed):
    fields = {"token": browser.token(here), "file": "1", "edit-ground": "another person's data"} | typed
    files = {"copy": ("call.mp3", content, "audio/mpeg")} if content is not None else {}
    return browser.client.post(f"/desk{here}/replace", data=fields, files=files)


@pytest.mark.apart
def test_the_copy_goes_out_in_the_place_of_the_original_and_is_named_everywhere_and_in_the_evidence(rig, case, officer):
    here = masks_page(rig, officer, case)
    assert "a WAV or MP3 file" in officer.get(here).text
    before = rig.bench.runtime.store.case_file
    with before(case) as file:
        package = file.what_is_approved()
    answer = send_copy(officer, here, EDITED, **{"edit-remark": "Her neighbour speaks at the end."})
    assert answer.status_code == 303, answer.text
    assert "not in the package yet" in officer.get(here).text
    assert released(rig.browser("dana"), case).status_code == 409, "the package was made without it"
    noted = entries(rig.bench, case)["MasksDecided"]
    assert (noted.actor, noted.details["act"], noted.details["package"]) == ("Olga Officer", "edit", package)
    assert noted.details["edited"] == [f"copy {EDITED_DIGEST} of the original {DIGEST}"]
    assert "neighbour" not in str(noted.details)

    sent_again(rig, officer, case, here)
    files = opened(rig.bench, case)
    assert EDITED in files.values()
    assert CALL not in files.values()
    assert "(1 file edited by hand)" in files["letter.txt"].decode()
    pages = b"".join(content for name, content in files.items() if name.endswith(".html")).decode()
    assert DIGEST in pages
    assert "a person in charge" in pages
    assert "Olga Officer" not in pages, "the person is not told names of employees"
    page = officer.get(read(officer, case)).text
    assert "a copy that Olga Officer edited by hand" in page[page.index('id="chapter-1"') :]

    refused = released(officer, case)
    assert refused.status_code in {403, 409}, "four eyes"
    assert released(rig.browser("dana"), case).status_code == 303
    assert state(rig.bench, case) is CaseState.EXECUTING

    make_copies(case)
    write_answer(current_app(), case)
    assert EDITED in opened(rig.bench, case).values()
    with rig.bench.file(case) as file:
        [choice] = file.masks.all()
        with pytest.raises(BadInput, match="This copy is gone"):
            file.masks.copy_of(choice.number)
    with ZipFile(BytesIO(export_evidence(current_app(), case, by="Dana Decider").content)) as archive:
        page = next(archive.read(name).decode() for name in archive.namelist() if name.endswith(".html"))
    assert f"copy {EDITED_DIGEST} of the original {DIGEST}" in page
    told = page[: page.index(EDITED_DIGEST)]
    assert "Olga Officer" in told[told.rindex("<tr>") :]


def test_the_copy_lies_encrypted_in_the_case_store_and_in_no_ledger(rig, case, officer):
    send_copy(officer, masks_page(rig, officer, case), EDITED)
    database = Path(rig.bench.runtime.store.database.engine.url.database)
    kept = b"".join(one.read_bytes() for one in database.parent.glob(f"{database.name}*"))
    assert kept
    assert EDITED[:1000] not in kept


@pytest.mark.apart
def test_a_later_copy_takes_the_place_of_an_earlier_one_and_what_is_taken_back_is_not_in_the_package(
    rig, case, officer
):
    here, later = masks_page(rig, officer, case), mp3(seconds=3, fill=1)
    for _ in range(2):
        assert send_copy(officer, here, EDITED).status_code == 303
    assert send_copy(officer, here, later).status_code == 303
    with rig.bench.file(case) as file:
        [choice] = file.masks.all()
        assert choice.edited.sha256 == sha256(later).hexdigest()
    sent_again(rig, officer, case, here)
    assert later in opened(rig.bench, case).values()

    here = masks_page(rig, officer, case)
    assert officer.send(f"{here}/take-back", here, choice=CHOICE.findall(officer.get(here).text)).status_code == 303
    sent_again(rig, officer, case, here)
    assert CALL in opened(rig.bench, case).values()
    with rig.bench.file(case) as file:
        assert file.masks.all() == []


@pytest.mark.apart
def test_what_is_no_copy_of_this_recording_or_comes_from_another_person_is_refused(rig, case, officer):
    here = masks_page(rig, officer, case)
    for content, said in (
        (None, "missing, or empty"),
        (b"", "The file is empty"),
        (CALL, "the original itself"),
        (mp3(seconds=9), "lasts 9.0 seconds and the original 4.0"),
        (b"%PDF-1.7 of another case", "not of the original"),
        (b"RIFF\x00\x00\x00\x00WAVEdata", "No sound can be read"),
    ):
        answer = send_copy(officer, here, content, **{"edit-remark": "what was typed"})
        assert (answer.status_code, said in answer.text) == (422, True), answer.text
        assert 'id="copy-wrong"' in answer.text
        assert 'value="what was typed"' in answer.text
        with rig.bench.file(case) as file:
            assert file.masks.all() == []

    assert send_copy(officer, here, bytes(MOST_EDITED_BYTES + 1)).status_code == 422
    assert send_copy(officer, here, bytes(MOST_EDITED_BYTES + (1 << 20))).status_code == 413

    rig.bench.pass_time(timedelta(minutes=6))
    refused = send_copy(officer, here, EDITED)
    assert (refused.status_code, "code-wrong" in refused.text) == (422, True)
    auditor = rig.browser("axel")
    data = {"token": auditor.token("/sign-out"), "file": "1", "edit-ground": "a trade secret"}
    sent = auditor.client.post(f"/desk{here}/replace", data=data, files={"copy": ("call.mp3", EDITED)})
    assert sent.status_code == 403
    with rig.bench.file(case) as file:
        assert file.masks.all() == []


@pytest.mark.apart
def test_an_interval_and_a_copy_exclude_each_other(rig, case, officer):
    here, interval = masks_page(rig, officer, case, "r8"), {"recording": "1", "start": "0", "end": "1"}
    assert officer.send(f"{here}/mute", here, **interval, **{"mute-ground": "a trade secret"}).status_code == 303
    refused = send_copy(officer, here, EDITED[:20_000])
    assert (refused.status_code, "take that back first" in refused.text) == (422, True)
    officer.send(f"{here}/take-back", here, choice=CHOICE.findall(officer.get(here).text))
    assert send_copy(officer, here, EDITED[:20_000]).status_code == 303
    refused = officer.send(f"{here}/mute", here, **interval, **{"mute-ground": "a trade secret"})
    assert (refused.status_code, "take that back first" in refused.text) == (422, True)


@pytest.mark.apart
def test_of_a_recording_that_changed_since_a_person_is_asked_again_and_nothing_of_it_is_released(rig, case, officer):
    here = masks_page(rig, officer, case)
    send_copy(officer, here, EDITED)
    calls = rig.bench.systems["calls"]
    calls.add(FakeRecord(kind="recording", key="r9", texts=((ANNA_PROFILE, "a call"),), audio=mp3(seconds=5, fill=9)))
    release = f"{here.partition('/records/')[0]}/release"
    copied = officer.send(f"{release}/send-back", release, again="copy again", remark="it was recorded anew")
    assert copied.status_code == 303, copied.text
    make_again(case)
    assert "decide again, or take it back" in officer.get(masks_page(rig, officer, case)).text
    assert released(rig.browser("dana"), case).status_code == 409
