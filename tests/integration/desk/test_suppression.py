"""The suppression list at the desk: counts, yes or no, put on, taken off with a reason, and nothing of anyone."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.work.erasure.suppression import are_suppressed
from tests.support.bench import ANNA_EMAIL, CANARIES

HERE = "/suppression"


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


def send(browser, act, **typed):
    return browser.send(f"{HERE}/{act}", HERE, **typed)


def told(browser):
    return browser.get(HERE).text


def listed():
    return [one.value for one in are_suppressed(current_app(), [ANNA_EMAIL.value])]


@pytest.mark.apart
def test_a_person_is_put_on_it_asked_for_and_taken_off(rig, officer):
    assert send(officer, "put", put_email=ANNA_EMAIL.value).status_code == 303
    assert "1 address" in told(officer)
    assert listed() == ["yes"]
    assert send(officer, "remove", remove_email=ANNA_EMAIL.value, reason="").status_code == 422
    assert listed() == ["yes"]
    assert send(officer, "remove", remove_email=ANNA_EMAIL.value, reason="called on 5 March").status_code == 303
    assert listed() == ["no"]
    assert [one for one in CANARIES if one in told(officer)] == []

    rig.bench.open("objection")
    assert send(officer, "ask", contact="no address").status_code == 422
    answer = send(officer, "ask", contact="Anna.Quill@example.com")
    assert answer.headers["location"] == "/desk/suppression"
    page = told(officer)
    assert "Yes: it is on the suppression list." in page
    assert [one for one in (*CANARIES, "DSR-") if one in page] == []


def test_who_only_reads_sees_counts_alone(rig):
    reader = rig.browser("axel")
    rig.bench.open("objection")
    page = told(reader)
    assert "Listed today" in page
    assert "Take a person off" not in page
    data = {"token": reader.token("/sign-out"), "put_email": ANNA_EMAIL.value}
    assert reader.client.post("/desk/suppression/put", data=data).status_code == 403
