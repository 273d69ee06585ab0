"""Legal holds at the desk: placed for a case, approved by a second person, reviewed, released by another."""

from __future__ import annotations

import pytest

from tests.support.bench import CANARIES


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.fixture
def dpo(rig):
    return rig.browser("ines")


def send(browser, act, **typed):
    return browser.send(f"/holds/{act}", "/holds", **typed)


def place(browser, **typed):
    given = {"matter": "claim of 4 May", "owner": "dpo", "place_review_on": "2026-08-31"}
    return send(browser, "place", **(given | typed))


def test_a_hold_goes_its_way(rig, officer, dpo):
    case = rig.bench.open("erasure")
    assert f'value="{case}"' in officer.get(f"/holds?case={case}").text
    assert place(officer, case=case).headers["location"] == "/desk/holds"
    (hold,) = rig.bench.runtime.store.legal_holds.all()
    assert (hold.scope.case_id, hold.placed_by, hold.approved_by) == (case, "Olga Officer", "")
    assert send(officer, "approve", approve_hold="1").status_code == 409
    assert send(dpo, "approve", approve_hold="1").status_code == 303
    assert send(officer, "review", review_hold="1", next_review_on="2026-09-01").status_code == 303
    assert "claim of 4 May" not in officer.get("/holds").text
    assert send(officer, "release", release_hold="1", ended="withdrawn").status_code == 409
    assert send(dpo, "release", release_hold="1", ended="withdrawn").status_code == 303
    assert rig.bench.runtime.store.legal_holds.all() == []


def test_what_cannot_be_placed_is_told_and_of_a_person_only_hashes_are_kept(rig, officer):
    for typed in (
        {"matter": " "},
        {"owner": ""},
        {"place_review_on": "soon"},
        {"place_review_on": "2027-01-01"},
        {"system": "moon"},
        {},
    ):
        page = place(officer, **typed)
        assert (page.status_code, "Nothing was changed" in page.text) == (422, True)
        assert rig.bench.runtime.store.legal_holds.all() == []

    assert place(officer, email="anna.quill@example.com").status_code == 303
    assert [one for one in CANARIES if one in officer.get("/holds").text] == []


def test_who_holds_by_a_number_alone_reads_how_many_cases_share_it_and_confirms_them(rig, officer):
    rig.bench.open("erasure", phone="+49 30 23125 001")
    refused = place(officer, phone="+49 30 23125 001")
    assert refused.status_code == 409
    assert "all who share the phone number: 1 case at present" in refused.text
    assert place(officer, phone="+49 30 23125 001", covers="many").status_code == 422
    assert place(officer, phone="+49 30 23125 001", covers="1").status_code == 303
    assert "all who share the phone number" in officer.get("/holds").text
