"""What is typed while a session ends is there again after signing in: for the same person and browser, for a while."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from deployments.desk.protection import SESSION
from rightsflow.signin.sessions import LASTS
from tests.support.signing_in import PASSWORD

IDLE, WORDS = timedelta(minutes=31), "zebra-striped kettles in three systems"


@pytest.fixture
def case(rig):
    return rig.bench.open("access", name="Anna Quillfeather")


@pytest.fixture
def officer(rig):
    """Signed in by the page, so that the cookie is the server's own."""
    rig.team.enrol("olga")
    browser = rig.stranger()
    sign_in(rig, browser)
    return browser


def send_too_late(rig, browser, case, act="extend", referer="?act=extend", **typed):
    """A form of the page of acts is sent after its session has ended."""
    token = browser.token(f"/cases/{case}/acts")
    rig.bench.pass_time(IDLE)
    came = {"referer": f"http://testserver/desk/cases/{case}/acts{referer}"}
    data = {"token": token, "code": "123456"} | (typed or {"extend_reason": WORDS})
    return browser.client.post(f"/desk/cases/{case}/acts/{act}", data=data, headers=came)


def sign_in(rig, browser, key="olga", **typed):
    rig.bench.pass_time(timedelta(seconds=60))
    given = {"name": key, "password": PASSWORD, "code": rig.team.code(key)} | typed
    return browser.send("/sign-in", **given)


def test_it_stands_in_its_page_again_once_the_person_signed_in_and_goes_when_it_was_sent(rig, case, officer):
    late = send_too_late(rig, officer, case)
    assert late.status_code == 401
    assert "What you typed is kept for half an hour" in late.text
    assert f'href="/desk/sign-in?next=/desk/cases/{case}/acts%3Fact%3Dextend"' in late.text
    came = sign_in(rig, officer).headers["location"]
    assert came == f"/desk/cases/{case}/acts?act=extend&typed=again"
    for _ in range(2):
        page = officer.get(came.removeprefix("/desk")).text
        assert f">{WORDS}</textarea>" in page
        assert "Nothing of it was sent" in page
    assert 'value="123456"' not in page
    assert WORDS not in officer.get(f"/cases/{case}/acts").text
    token = re.search(r'name="token" value="([0-9a-f]{64})"', page)[1]
    data, from_it = {"token": token, "extend_reason": WORDS}, {"referer": f"http://testserver{came}"}
    assert officer.client.post(f"/desk/cases/{case}/acts/extend", data=data, headers=from_it).status_code == 303
    assert WORDS not in officer.get(came.removeprefix("/desk")).text


def test_it_is_in_no_address_no_cookie_and_no_clear_text_of_the_store(rig, case, officer):
    late = send_too_late(rig, officer, case)
    came = sign_in(rig, officer)
    assert "zebra" not in str([late.headers, came.headers, dict(officer.client.cookies)])
    with rig.bench.runtime.store.database.reading() as session:
        rows = session.execute(text("SELECT holder_hash, purpose, sealed_value FROM challenges")).all()
    assert len(rows) == 1
    assert b"zebra" not in repr(rows).encode() + rows[0].sealed_value


@pytest.mark.apart
def test_it_is_given_to_nobody_else_and_to_no_other_browser(rig, case, officer):
    send_too_late(rig, officer, case)
    other = rig.browser("dana")
    page = f"/cases/{case}/acts?act=extend&typed=again"
    assert WORDS not in other.get(page).text
    rig.team.enrol("ines")
    assert sign_in(rig, officer, "ines").headers["location"] == "/desk/"
    assert WORDS not in officer.get(page).text
    assert sign_in(rig, officer).headers["location"] == "/desk/"


def test_it_is_kept_for_half_an_hour_and_not_at_all_after_signing_out(rig, case, officer):
    send_too_late(rig, officer, case)
    rig.bench.pass_time(LASTS)
    assert sign_in(rig, officer).headers["location"] == "/desk/"
    token, kept = officer.token(f"/cases/{case}/acts"), officer.client.cookies[SESSION]
    officer.send("/sign-out")
    officer.client.cookies.set(SESSION, kept)
    data = {"token": token, "extend_reason": WORDS}
    said = officer.client.post(f"/desk/cases/{case}/acts/extend", data=data)
    assert (said.status_code, "type it again" in said.text) == (401, True)


@pytest.mark.parametrize(
    "typed",
    [{"token": "0" * 64, "extend_reason": WORDS}, {"extend_reason": " "}, {"extend_reason": "x" * 600_000}],
    ids=["another page's form", "nothing typed", "too much"],
)
def test_what_is_not_a_form_of_that_session_or_has_nothing_in_it_is_not_kept(rig, case, officer, typed):
    said = send_too_late(rig, officer, case, **typed)
    assert (said.status_code, "type it again" in said.text) == (401, True)


def test_a_page_of_another_site_is_not_where_one_goes_on(rig, case, officer):
    send_too_late(rig, officer, case, referer="/../../elsewhere?x=1")
    assert sign_in(rig, officer).headers["location"] == f"/desk/cases/{case}/acts?typed=again"


def test_a_page_is_asked_for_again_with_its_query(rig, officer):
    rig.bench.pass_time(IDLE)
    assert officer.get("/cases?right=access").headers["location"] == "/desk/sign-in?next=/desk/cases%3Fright%3Daccess"


def seconds(browser):
    return browser.get("/session", headers={"Accept": "application/json"}).json()


def test_each_page_says_when_its_session_ends_and_another_asks_for_more(rig, case, officer):
    page = officer.get(f"/cases/{case}").text
    assert 'data-seconds="1800"' in page
    assert "You are signed out after 30 minutes without a request" in page
    assert seconds(officer) == {"seconds": 1800}
    for _ in range(20):
        rig.bench.pass_time(timedelta(minutes=29))
        assert officer.get("/session").status_code == 200
    assert seconds(officer) == {"seconds": 1200}, "it ends in any case after ten hours"
    assert "data-session" not in rig.stranger().get("/sign-in").text
