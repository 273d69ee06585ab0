"""A request opened at the desk."""

from __future__ import annotations

import io
import zipfile

import pytest

from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.domain.people import Proof
from rightsflow.domain.vocabulary.rights import Right
from tests.integration.desk.cases import entries

TYPED = {
    "right": "erasure",
    "received": "2026-03-04",
    "channel": "letter",
    "email": "new.person@example.com",
    "country": "DE",
    "form_id": "a" * 32,
}


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


def cases(rig):
    return [one.case_id for one in rig.bench.runtime.store.summaries(closed_too=True)]


@pytest.mark.apart
def test_a_request_becomes_a_case_with_its_run_and_ledger_and_evidence_say_who_opened_it(rig, officer):
    answer = officer.send("/open", **TYPED)
    (case,) = cases(rig)
    assert answer.headers["location"] == f"/desk/cases/{case}"
    assert f"{case} is open" in officer.get(f"/cases/{case}").text
    assert rig.started == [(case, Right.ERASURE)]
    opened = entries(rig.bench, case)["CaseOpened"]
    assert (opened.actor, opened.details["signed_in"]) == ("Olga Officer", Proof.PASSWORD_AND_CODE.value)

    answer = officer.send(f"/cases/{case}/evidence", f"/cases/{case}")
    assert check_bundle(answer.content).faults == ()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        texts = [bundle.read(name).decode() for name in bundle.namelist()]
    assert any("signed in by password and code" in text for text in texts)


def test_the_same_form_sent_twice_is_one_case_and_a_second_one_is_opened_only_where_that_is_said(rig, officer):
    first, second = (officer.send("/open", **TYPED).headers["location"] for _ in range(2))
    assert first == second
    assert len(cases(rig)) == 1

    again = TYPED | {"form_id": "b" * 32}
    before = [entry.event for entry in entries_of(rig.bench, first)]
    page = officer.send("/open", **again)
    assert (page.status_code, "Open a second case" in page.text) == (409, True)
    assert [entry.event for entry in entries_of(rig.bench, first)] == before, "what is refused changes nothing"
    assert officer.send("/open", **again, duplicate="join").headers["location"] == first
    assert [entry.event for entry in entries_of(rig.bench, first)] == [*before, "RequestJoined"]
    assert len(cases(rig)) == 1
    assert officer.send("/open", **again, duplicate="second").status_code == 303
    assert len(cases(rig)) == 2


def entries_of(bench, address):
    with bench.file(address.rpartition("/")[2]) as file:
        return list(file.ledger.entries())


def test_what_cannot_be_used_is_told_beside_its_field_and_opens_nothing(rig, officer):
    for field, value in (
        ("right", ""),
        ("channel", ""),
        ("received", ""),
        ("received", "2026-03-06"),
        ("received", "2016-03-04"),
        ("email", "no address"),
        ("country", "Germany"),
    ):
        page = officer.send("/open", **TYPED | {field: value})
        assert (page.status_code, f'id="{field}-wrong"' in page.text) == (422, True)
        assert '<option value="erasure" selected>' in page.text or field == "right"
        assert cases(rig) == []

    assert 'id="words-wrong"' in officer.send("/open", **TYPED, words="a" * 10_001).text
    assert cases(rig) == []

    typed = TYPED | {"received": "2026-02-10"}
    page = officer.send("/open", **typed)
    assert (page.status_code, "It arrived 23 days ago?" in page.text) == (422, True)
    assert cases(rig) == []
    assert page.text.index('id="received"') < page.text.index('id="is_long_ago"') < page.text.index('id="words"')
    assert officer.send("/open", **typed, is_long_ago="yes").status_code == 303


def test_the_persons_own_words_are_kept_encrypted_and_shown_to_who_says_why(rig, officer):
    words = "Please delete all of it.\r\n  Zebra-striped kettle."
    officer.send("/open", **TYPED, words=words)
    (case,) = cases(rig)
    assert "Zebra" not in officer.get(f"/cases/{case}").text
    page = officer.send(f"/cases/{case}/reveal", f"/cases/{case}", reason="to see what is asked for")
    assert "Please delete all of it.\n  Zebra-striped kettle." in page.text
    assert "<dt>E-mail address</dt>" in page.text


def test_the_postal_address_is_kept_encrypted_and_shown_to_who_says_why(rig, officer):
    officer.send("/open", **TYPED, postal_address=" Kesselweg 1 \r\n\r\n 10115  Berlin")
    (case,) = cases(rig)
    assert "Kesselweg" not in officer.get(f"/cases/{case}").text
    page = officer.send(f"/cases/{case}/reveal", f"/cases/{case}", reason="to send the letter")
    assert "Kesselweg 1\n10115 Berlin" in page.text
