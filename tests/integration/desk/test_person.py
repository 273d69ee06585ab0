"""What a case knows of its person, at the desk: looked at, added to, corrected, removed; approved by two."""

from __future__ import annotations

import re

import pytest

from rightsflow.domain.gates.decisions import Gate
from tests.integration.desk.cases import at_approval, entries, packaged, state, to_approval
from tests.support.bench import CANARIES

SECOND = "anna.second@example.net"
REASON = "She wrote zebra-striped letters from it."


def choice_of(page, words):
    """The value of a choice by its words."""
    return re.search(rf'<option value="([^"]+)">[^<]*(?:{words})', page)[1]


def add(browser, case, **typed):
    given = {"kind": "email", "value": SECOND, "reason": REASON} | typed
    return browser.send(f"/cases/{case}/person/add", f"/cases/{case}/person", **given)


def known(bench, case):
    with bench.file(case) as file:
        return {item.value for item in file.identifiers.known()}


def test_a_look_before_identity_shows_number_system_and_day_and_is_noted(bench, rig):
    case, olga = bench.open("access"), rig.browser("olga")
    here = f"/cases/{case}/identity"
    assert not [one for one in CANARIES if one in olga.get(here).text + olga.get(f"/cases/{case}/person").text]
    assert "Say why you have to see it" in olga.send(f"{here}/known", here).text
    page = olga.send(f"{here}/known", here, look_reason=REASON)
    assert page.status_code == 200
    assert "anna.quill@example.com" in page.text
    number = page.text.partition("On file before the request")[2]
    assert re.search(r"Telephone</td><td[^>]*>\+493023125001</td><td>helpdesk</td><td>the system gives no day", number)
    assert "boris" not in page.text
    noted = entries(bench, case)
    assert {"PersonalDataRevealed", "AddressesLookedUp"} <= noted.keys()
    assert "zebra" not in str([entry.details for entry in noted.values()])


def test_before_identity_a_detail_is_added_corrected_and_removed_at_once(bench, rig):
    case, olga = bench.open("access", customer_id="C-10001"), rig.browser("olga")
    here = f"/cases/{case}/person"
    assert add(olga, case).status_code == 303
    assert SECOND in known(bench, case)
    assert "The case knows this already" in add(olga, case).text
    mail = choice_of(olga.get(here).text, "customer number|customer id|customer")
    typed = {"which": mail, "right_value": "C-10009", "why": REASON}
    assert olga.send(f"{here}/correct", here, **typed).status_code == 303
    assert "C-10009" in known(bench, case)
    assert "C-10001" not in known(bench, case)
    assert add(olga, case, kind="postal_address", value="1 Kettle Row\nBerlin").status_code == 303
    shown = olga.send(f"{here}/look", here, look_reason="to write to her").text
    assert "1 Kettle Row" in shown
    for _ in range(2):
        which = choice_of(olga.get(here).text, "e-mail address")
        assert olga.send(f"{here}/correct", here, which=which, why=REASON).status_code == 303
    last = choice_of(olga.get(here).text, "customer")
    assert "Nothing would be left to search by" in olga.send(f"{here}/correct", here, which=last, why=REASON).text
    assert "Say how you know it." in add(olga, case, reason="").text
    assert SECOND not in str([entry.details for entry in entries(bench, case).values()])


@pytest.mark.apart
@pytest.mark.parametrize("right", ["erasure", "access"])
def test_after_identity_a_second_person_approves_and_the_systems_are_searched_again(bench, rig, right):
    case = packaged(bench) if right == "access" else at_approval(bench, right)
    ines, dana, here = rig.browser("ines"), rig.browser("dana"), f"/cases/{case}/person"
    assert add(ines, case).status_code == 303
    assert SECOND not in known(bench, case)
    assert "Approve a change of the person" in dana.get("/").text
    assert SECOND not in dana.get(here).text
    assert SECOND in dana.send(f"{here}/look", here, look_reason="to decide").text
    with pytest.raises(Exception, match="waits for a second person"):
        bench.approve(case)
    decided = {"change": "1", "verdict": "approve"}
    assert "four eyes" in ines.send(f"{here}/decide", here, **decided).text
    assert dana.send(f"{here}/decide", here, **decided).status_code == 303
    assert SECOND in known(bench, case)
    assert rig.resumed[-1] == (case, Gate.APPROVAL)
    assert state(bench, case).value == "in progress"
    assert "Approve a change of the person" not in dana.get("/").text
    with bench.file(case) as file:
        assert not file.is_searched
        before = len(file.findings.all())
    to_approval(case, right)
    with bench.file(case) as file:
        assert (file.state.value, file.is_searched) == ("awaiting approval", True)
        assert len(file.findings.all()) == before


@pytest.mark.apart
def test_a_wrong_identifier_goes_with_what_was_learnt_by_it(bench, rig):
    case = at_approval(bench, "erasure", customer_id="C-10001")
    assert "+493023125001" in known(bench, case)
    olga, here = rig.browser("olga"), f"/cases/{case}/person"
    which = choice_of(olga.get(here).text, "e-mail address")
    assert olga.send(f"{here}/correct", here, which=which, why=REASON).status_code == 303
    assert known(bench, case) == {"C-10001"}
    to_approval(case, "erasure")
    assert "+493023125001" in known(bench, case), "a system names it again"


def test_a_declined_change_and_a_late_one_change_nothing(bench, rig):
    case = bench.open("access")
    bench.confirm_identity(case)
    olga, dana, axel = rig.browser("olga"), rig.browser("dana"), rig.browser("axel")
    here = f"/cases/{case}/person"
    assert add(olga, case, kind="postal_address", value="2 Other Street").status_code == 303
    assert dana.send(f"{here}/decide", here, change="1", verdict="decline").status_code == 303
    assert "declined" in olga.get(here).text
    assert "was decided already" in dana.send(f"{here}/decide", here, change="1", verdict="approve").text
    assert "2 Other Street" not in dana.send(f"{here}/look", here, look_reason="to check").text.partition("Changes")[0]
    assert "Add a detail" not in axel.get(here).text
