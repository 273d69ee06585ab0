"""Masks of a package decided on at the desk: shown, accepted, added, muted, and the package made again with them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.work.access.package import assemble_package, make_copies_again
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import (
    at_approval,
    entries,
    make_again,
    masks_of,
    packaged,
    read,
    released,
    sent_again,
    state,
)
from tests.support.bench import ANNA_PROFILE, ANNA_TEXT, BORIS
from tests.support.kept_cases import brought
from tests.support.packages import opened
from tests.support.waves import wave

OTHER, LINE = "cousin@example.net", "+49 30 23125 099"
TEXT = f"Write to {OTHER} or call {LINE}. My neighbour Zadok Windlestone heard it."
CHOICE = re.compile(r'name="choice" value="(\d+)"')
OTHERS = {"hide-ground": "another person's data"}


@pytest.fixture
def case(bench):
    bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="t9", profile="u1", texts=((ANNA_PROFILE, TEXT),)),
    )
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r9", texts=((ANNA_PROFILE, "a call"),), audio=wave(seconds=3))
    )
    return brought(bench, "a package to mask", lambda: packaged(bench))


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.mark.apart
def test_a_mask_that_is_wrong_is_shown_once_the_package_is_made_again_and_another_person_releases_it(rig, case):
    officer = rig.browser("dana")
    here, places = masks_of(rig.bench, officer, case)
    email = next(one for one in places if f'value="{one}"' in officer.get(here).text.split("Phone number")[0])
    assert officer.send(f"{here}/show", here, place=email).status_code == 422
    assert officer.send(f"{here}/show", here, place=email, reason="her own second address").status_code == 303
    assert "not in the package yet" in officer.get(here).text
    assert released(rig.browser("ines"), case).status_code == 409
    sent_again(rig, officer, case, here)

    page = officer.get(read(officer, case)).text
    assert f"Write to {OTHER} or call <mark>" in page
    assert LINE not in page
    assert OTHER in opened(rig.bench, case)["data/helpdesk/service-tickets.json"].decode()
    decided = entries(rig.bench, case)["MasksDecided"]
    assert (decided.actor, decided.details["act"], decided.details["count"]) == ("Dana Decider", "show", 1)
    assert "second address" not in str(decided.details)
    assert "another person releases" in officer.get(f"{read(officer, case)}/release").text
    refused = released(officer, case)
    assert (refused.status_code, "four eyes" in refused.text) == (409, True)
    answer = released(rig.browser("ines"), case)
    assert answer.status_code == 303, answer.text
    assert state(rig.bench, case) is CaseState.EXECUTING
    assert make_copies_again(current_app(), case) == [], "what was read is what is released"


@pytest.mark.apart
def test_who_takes_back_what_another_masked_does_not_release_the_package_either(rig, case, officer):
    here, places = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/hide", here, passage="Zadok Windlestone", **OTHERS)
    officer.send(f"{here}/show", here, place=places[0], reason="hers")
    sent_again(rig, officer, case, here)
    dana = rig.browser("dana")
    here, _ = masks_of(rig.bench, dana, case)
    dana.send(f"{here}/take-back", here, choice=CHOICE.findall(dana.get(here).text))
    sent_again(rig, dana, case, here)
    assert "Zadok Windlestone" in dana.get(read(dana, case)).text
    refused = released(dana, case)
    assert (refused.status_code, "four eyes" in refused.text) == (409, True)
    assert released(rig.browser("ines"), case).status_code == 303


@pytest.mark.apart
def test_who_accepts_a_mask_that_another_let_be_shown_does_not_release_the_package_either(rig, case, officer):
    here, places = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/show", here, place=places[0], reason="hers")
    sent_again(rig, officer, case, here)
    dana = rig.browser("dana")
    here, _ = masks_of(rig.bench, dana, case)
    dana.send(f"{here}/accept", here, place=places[0])
    sent_again(rig, dana, case, here)
    assert released(dana, case).status_code == 409
    assert entries(rig.bench, case)["MasksDecided"].details["act"] == "accept"


@pytest.mark.apart
def test_what_is_hidden_is_shown_on_demand_alone_and_the_look_is_in_the_ledger(rig, case, officer):
    here, places = masks_of(rig.bench, officer, case)
    before = entries(rig.bench, case)["PersonalDataRevealed"].number
    assert officer.send(f"{here}/look", here, place=places[0]).status_code == 422
    assert officer.send(f"{here}/look", here, reason="whose it is").status_code == 422
    assert OTHER not in officer.get(here).text
    looked = officer.send(f"{here}/look", here, place=places[0], reason="whose it is").text
    assert (OTHER in looked, LINE in looked) == (True, False)
    assert entries(rig.bench, case)["PersonalDataRevealed"].number > before
    assert OTHER not in officer.get(here).text


@pytest.mark.apart
def test_each_field_has_an_id_of_its_own_where_a_fresh_code_is_asked_for(rig, case, officer):
    here, _ = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/hide", here, passage="My neighbour", **OTHERS)
    release = f"{here.partition('/records/')[0]}/release"
    rig.bench.pass_time(timedelta(minutes=6))
    for page in (here, release):
        ids = re.findall(r' id="([^"]+)"', officer.get(page).text)
        assert any(one.startswith("code") for one in ids)
        assert [one for one in ids if ids.count(one) > 1] == []


def test_masks_are_accepted_without_another_package(rig, case):
    dana = rig.browser("dana")
    here, places = masks_of(rig.bench, dana, case)
    assert dana.send(f"{here}/accept", here, place=places).status_code == 303
    assert dana.get(here).text.count("Accepted by Dana Decider") >= len(places)
    assert released(dana, case).status_code == 303


@pytest.mark.apart
def test_a_passage_is_masked_an_interval_muted_and_the_person_reads_why(rig, case, officer):
    here, _ = masks_of(rig.bench, officer, case, "r9", system="calls", kind="recording")
    typed = {"recording": "1", "start": "0:01", "end": "1,5", "channel": "2", "mute-ground": "another person's data"}
    assert officer.send(f"{here}/mute", here, **typed).status_code == 303
    here, _ = masks_of(rig.bench, officer, case)
    typed = {"passage": "  my NEIGHBOUR zadok\r\n windlestone", "hide-remark": "asked not to be named"} | OTHERS
    assert officer.send(f"{here}/hide", here, **typed).status_code == 303
    sent_again(rig, officer, case, here)
    files = opened(rig.bench, case)
    assert not [name for name, content in files.items() if b"windlestone" in content.lower()]
    assert "[masked passage] heard it." in files["data/helpdesk/service-tickets.json"].decode()
    letter = files["letter.txt"].decode()
    assert "- Helpdesk: service tickets (1 passage)." in letter
    assert "The ground: another person's data. (Art. 15(4) GDPR)" in letter
    assert "asked not to be named" not in letter
    with rig.bench.file(case) as file:
        assert next(one for one in file.steps.all() if (one.step, one.system) == ("redact", "helpdesk")).counts == {
            "email": 1,
            "passage": 1,
            "phone": 1,
        }
    assert "1 passage" in rig.browser("dana").get(f"/cases/{case}/approval?list=all").text

    [muted] = [content for name, content in files.items() if name.startswith("recordings/") and len(content) > 5000]
    plain = wave(seconds=3)
    frames = [44 + 4 * frame for frame in range(8000, 12000)]
    expected = bytearray(plain)
    for at in frames:
        expected[at + 2 : at + 4] = b"\x00\x00"
    assert muted == bytes(expected)
    assert muted != plain
    assert "(1 muted interval)" in letter
    page = officer.get(read(officer, case)).text
    first = page.index('id="chapter-1"')
    assert "With something masked" in page[first : page.index('id="chapter-2"')]
    assert "1 muted interval in the recording" in page[first : page.index('id="chapter-2"')]


@pytest.mark.apart
def test_what_cannot_be_decided_is_told_and_changes_nothing(rig, case, officer):
    here, _ = masks_of(rig.bench, officer, case)
    for act, typed in (
        ("hide", {"passage": "not to be found here"} | OTHERS),
        ("hide", {"passage": "neighbour"}),
        ("show", {"place": "0-0-0-4", "reason": "hers"}),
        ("show", {"place": "../../etc", "reason": "hers"}),
        ("accept", {}),
        ("take-back", {"choice": "1"}),
        ("take-back", {"choice": "x"}),
        ("mute", {"recording": "0", "start": "1", "end": "2", "mute-ground": "a trade secret"}),
    ):
        answer = officer.send(f"{here}/{act}", here, **typed)
        assert answer.status_code == 422, answer.text
        assert "Nothing was changed" in answer.text
        with rig.bench.file(case) as file:
            assert not file.masks.all()


@pytest.mark.apart
def test_an_interval_that_the_recording_does_not_have_is_refused(rig, case, officer):
    here, _ = masks_of(rig.bench, officer, case, "r9", system="calls", kind="recording")
    for typed in (
        {"start": "2", "end": "9"},
        {"start": "-1", "end": "2"},
        {"start": "1", "end": "2", "recording": "7"},
        {"start": "1e3", "end": "2"},
    ):
        given = {"recording": "1", "mute-ground": "a trade secret"} | typed
        assert officer.send(f"{here}/mute", here, **given).status_code == 422

    here, _ = masks_of(rig.bench, officer, case, "r1", system="calls", kind="recording")
    page = officer.get(here).text
    assert "nothing else can be muted here; give a copy edited by hand" in page
    assert f'action="/desk{here}/mute"' not in page


@pytest.mark.apart
def test_a_record_and_a_choice_of_another_case_are_refused(rig, case, officer):
    here, places = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/show", here, place=places[0], reason="hers")
    [theirs] = set(CHOICE.findall(officer.get(here).text))
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="t8", profile="u2", texts=((BORIS, f"I am at {OTHER}."),))
    )
    other = at_approval(rig.bench, "access", email="boris.other@example.org")
    assemble_package(current_app(), other)
    there, _ = masks_of(rig.bench, officer, other, "t8")
    assert officer.send(f"{there}/take-back", there, choice=theirs).status_code == 422
    assert officer.get(here.replace(case, other)).status_code == 409
    assert officer.get(f"{read(officer, case)}/records/999").status_code == 404


@pytest.mark.apart
def test_who_may_not_prepare_changes_nothing_and_a_code_is_asked_for_again(rig, case, officer):
    here, places = masks_of(rig.bench, officer, case)
    token = officer.token(here)
    for act in ("look", "accept", "show", "hide", "mute", "take-back"):
        assert officer.client.post(f"/desk{here}/{act}", data={"place": places}).status_code == 403
        assert rig.browser("axel").client.post(f"/desk{here}/{act}", data={"token": token}).status_code == 403
    rig.bench.pass_time(timedelta(minutes=6))
    assert officer.send(f"{here}/show", here, place=places[0], reason="hers").status_code == 422
    with rig.bench.file(case) as file:
        assert not file.masks.all()


@pytest.mark.apart
def test_a_record_that_changed_is_decided_on_again(rig, case, officer):
    here, places = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/show", here, place=places[0], reason="hers")
    officer.send(f"{here}/hide", here, passage="Zadok Windlestone", **OTHERS)
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="t9", profile="u1", texts=((ANNA_PROFILE, f"Hello. {TEXT}"),))
    )
    release = f"{here.partition('/records/')[0]}/release"
    sent = officer.send(f"{release}/send-back", release, again="copy again", remark="it was reopened")
    assert sent.status_code == 303, sent.text
    make_again(case)
    refused = released(rig.browser("dana"), case)
    assert (refused.status_code, "changed" in refused.text) == (409, True)
    here, _ = masks_of(rig.bench, officer, case)
    page = officer.get(here).text
    as_read = page.partition('id="hits"')[0]
    assert (OTHER in as_read, "Windlestone" in as_read) == (False, False), "what hides goes on, what shows does not"
    assert page.count("The record changed since") == 2
    assert "it was reopened" in officer.get(here.partition("/records/")[0]).text
    officer.send(f"{here}/take-back", here, choice=CHOICE.findall(page))
    sent_again(rig, officer, case, here)
    assert "Windlestone heard" in officer.get(read(officer, case)).text
    assert released(rig.browser("dana"), case).status_code == 303


@pytest.mark.apart
def test_a_choice_that_is_taken_back_leaves_the_package_as_it_was(rig, case, officer):
    before = opened(rig.bench, case)["data/helpdesk/service-tickets.json"]
    here, places = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/show", here, place=places[0], reason="hers")
    sent_again(rig, officer, case, here)
    assert opened(rig.bench, case)["data/helpdesk/service-tickets.json"] != before
    here, _ = masks_of(rig.bench, officer, case)
    officer.send(f"{here}/take-back", here, choice=CHOICE.findall(officer.get(here).text))
    sent_again(rig, officer, case, here)
    assert opened(rig.bench, case)["data/helpdesk/service-tickets.json"] == before
    with rig.bench.file(case) as file:
        assert not file.masks.all()
    assert released(rig.browser("dana"), case).status_code == 303


@pytest.mark.apart
def test_a_search_finds_what_the_systems_have_by_now(rig, case, officer):
    release = f"{read(officer, case)}/release"
    assert officer.send(f"{release}/send-back", release, again="search again").status_code == 422
    assert officer.send(f"{release}/send-back", release, again="never", remark="x").status_code == 422
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="t7", profile="u1", texts=((ANNA_PROFILE, "a late letter"),))
    )
    assert officer.send(f"{release}/send-back", release, again="search again", remark="one lacks").status_code == 303
    assert state(rig.bench, case) is CaseState.IN_PROGRESS
    make_again(case)
    page = officer.get(read(officer, case)).text
    assert ("a late letter" in page, ANNA_TEXT in page) == (True, True)
    assert entries(rig.bench, case)["PackageSentBack"].details["again"] == "search again"
