"""Gates decided at the desk: by whom, on what, with which proof."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
import pyzipper

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.desk.cases import CHECK, at_approval, entries, state
from tests.support.signing_in import settings_with

MINUTE = timedelta(minutes=1)


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.fixture
def approver(rig):
    return rig.browser("dana")


@pytest.mark.apart
def test_identity_is_confirmed_by_who_is_signed_in_and_the_run_goes_on(rig, officer):
    case = rig.bench.open("access")
    reach_gate(current_app(), case, Gate.IDENTITY)
    page = officer.send(f"/cases/{case}/identity/confirm", f"/cases/{case}/identity", **CHECK | {"done": ""})
    assert page.status_code == 422
    assert 'id="done-wrong"' in page.text
    assert '<option value="call back to the known number" selected>' in page.text
    assert state(rig.bench, case) is CaseState.IDENTITY_PENDING
    assert rig.resumed == []

    answer = officer.send(f"/cases/{case}/identity/confirm", f"/cases/{case}/identity", **CHECK)
    assert answer.headers["location"] == f"/desk/cases/{case}"
    assert rig.resumed == [(case, Gate.IDENTITY)]
    decided = entries(rig.bench, case)["DecisionRecorded"]
    assert decided.actor == "Olga Officer"
    assert (decided.details["role"], decided.details["signed_in"]) == ("officer", Proof.PASSWORD_AND_CODE.value)
    assert "Identity is confirmed" in officer.get(f"/cases/{case}").text


@pytest.mark.apart
def test_who_opened_the_case_cannot_approve_it_by_another_role_either(rig):
    rig.team.people["olga"] = ("Olga Officer", ["officer", "approver"])
    case = at_approval(rig.bench, "access", opened_by="Olga Officer")
    both = rig.browser("olga")
    assert "another person decides" in both.get(f"/cases/{case}/approval").text
    page = both.client.post(f"/desk/cases/{case}/approval/approve", data={"token": both.token("/sign-out")})
    assert page.status_code == 409
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL


@pytest.mark.apart
def test_an_approval_needs_a_code_that_is_not_older_than_five_minutes(rig, approver):
    case = at_approval(rig.bench, "access")
    rig.bench.pass_time(5 * MINUTE)
    where = (f"/cases/{case}/approval/approve", f"/cases/{case}/approval")
    assert "Authenticator code" in approver.get(where[1]).text
    for code in ({}, {"code": "000000"}):
        page = approver.send(*where, **code)
        assert (page.status_code, 'id="code-wrong"' in page.text) == (422, True)
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL
    assert approver.send(*where, code=rig.team.code("dana")).status_code == 303


def test_a_name_that_was_typed_does_not_decide_where_there_is_a_desk(rig):
    case = at_approval(rig.bench, "erasure")
    decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Mickey Mouse")
    with installed(replace(rig.bench.runtime, settings=settings_with(), desk_address="https://desk.example.com")):
        with pytest.raises(Conflict, match=f"https://desk.example.com/desk/cases/{case}"):
            record_decision(current_app(), case, decision)
        proved = replace(decision, by=Actor("Dana Decider", role="approver", proof=Proof.PASSKEY))
        record_decision(current_app(), case, proved)
    assert entries(rig.bench, case)["Approved"].details["signed_in"] == "signed in by passkey"


def test_it_does_where_the_configuration_allows_it_and_the_entry_does_not_say_signed_in(rig):
    case = at_approval(rig.bench, "erasure")
    decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
    with installed(replace(rig.bench.runtime, settings=settings_with(typed_names="allowed"))):
        record_decision(current_app(), case, decision)
    assert "signed_in" not in entries(rig.bench, case)["DecisionRecorded"].details


@pytest.mark.apart
def test_a_request_is_refused_with_its_reason_and_what_that_has_to_say(rig, approver):
    case = at_approval(rig.bench, "access")
    where = (f"/cases/{case}/approval/refuse", f"/cases/{case}/approval")
    typed = {"refusal": "R6", "refusal_reason": "Secrecy."}
    assert approver.send(*where, **typed).status_code == 422
    assert approver.send(*where, **typed, **{"R6-1": "§ 29 BDSG"}).status_code == 303
    assert state(rig.bench, case) is CaseState.REFUSED


@pytest.mark.apart
def test_the_evidence_says_how_each_of_them_was_signed_in(rig, approver):
    case = at_approval(rig.bench, "access")
    assert approver.send(f"/cases/{case}/approval/approve", f"/cases/{case}/approval").status_code == 303
    answer = approver.send(f"/cases/{case}/evidence", f"/cases/{case}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{case}-evidence.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist() if name.endswith((".html", ".json"))}
    page = next(text for name, text in texts.items() if name.endswith(".html"))
    assert "approver, signed in by password and code" in page
    assert "name typed, not signed in" in page


@pytest.mark.apart
def test_the_letters_texts_are_given_in_an_encrypted_file_for_a_reason_and_once(rig, approver):
    case = at_approval(rig.bench, "access")
    where = (f"/cases/{case}/letters-file", f"/cases/{case}")
    assert approver.send(*where).status_code == 422
    page = approver.send(*where, letters_reason="File 12/2026")
    content = base64.b64decode(re.search(r'href="data:application/zip;base64,([^"]+)"', page.text)[1])
    passphrase = re.search(r'id="passphrase">([^<]+)<', page.text)[1]
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(passphrase.encode())
        assert case in archive.read("L1.txt").decode()
    noted = entries(rig.bench, case)["PersonalDataRevealed"]
    assert (noted.actor, "12/2026" in str(noted.details)) == ("Dana Decider", False)
    rig.bench.pass_time(6 * MINUTE)
    assert approver.send(*where, letters_reason="File 12/2026").status_code == 422
    assert rig.browser("axel").client.post(f"/desk/cases/{case}/letters-file").status_code == 403
