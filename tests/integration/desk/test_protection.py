"""Every route of the desk without a session, with the wrong role, with another's token; and what leads elsewhere."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from deployments.desk.page import ANYBODY, MEMBER, pages_of
from deployments.desk.pages import MODULES
from deployments.desk.protection import ANONYMOUS, SAID, SESSION, form_token, own_path
from rightsflow.domain.accounts import Permission, Role, permissions
from tests.support.signing_in import PASSWORD, PEOPLE

PAGES = list(pages_of(MODULES))
LOOKS = [(page.path, page.needs) for page in PAGES]
ACTS = [(act.path, act.needs) for page in PAGES for act in page.acts]
CLOSED = [one for one in LOOKS if one[1] is not ANYBODY]
CASE = "DSR-2026-7K3M9Q"


def at(path):
    """A route's address, of a case that is not there."""
    return re.sub(r"{\w+}", "guessed", path.replace("{case_id}", CASE))


def of(route):
    return route[0]


@pytest.fixture
def members(rig):
    return {key: rig.browser(key) for key in PEOPLE}


@pytest.mark.apart
def test_a_notice_is_shown_once_and_only_in_the_session_that_it_was_written_for(rig):
    planted = "Your session is over; call 0800 1234."
    for browser, page in ((rig.browser("olga"), "/"), (rig.stranger(), "/sign-in")):
        for value in (quote(planted), f".{quote(planted)}", f"{'0' * 64}.{quote(planted)}"):
            browser.client.cookies.set(SAID, value)
            assert "0800" not in browser.get(page).text
            browser.client.cookies.delete(SAID)
    olga, other = rig.browser("olga"), rig.browser("dana")
    answer = olga.send("/sign-out")
    value = answer.cookies[SAID]
    other.client.cookies.set(SAID, value)
    assert "You are signed out." not in other.get("/").text, "it was written for another session"
    shown = olga.client.get(answer.headers["location"])
    assert "You are signed out." in shown.text
    assert "You are signed out." not in olga.client.get(answer.headers["location"]).text


def test_the_ways_in_are_the_only_open_pages():
    assert {path for path, needs in LOOKS if needs is ANYBODY} == {
        "/desk/sign-in",
        "/desk/sign-in/oidc",
        "/desk/sign-in/oidc/back",
        "/desk/sign-in/oidc/leave",
        "/desk/invitation/{invitation}",
        "/desk/confirm/{case_id}/{number}/{link}",
        "/desk/confirm/recorded",
        "/desk/calendar/{link}",
    }


def test_nobody_sees_a_page_who_is_not_signed_in(rig):
    stranger = rig.stranger().client
    for path, _ in CLOSED:
        answer = stranger.get(at(path))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/sign-in?next={at(path)}"), path


@pytest.mark.apart
def test_nobody_does_anything_who_is_not_signed_in(rig):
    stranger = rig.stranger()
    token = stranger.token("/sign-in")
    for path, needs in ACTS:
        answer = stranger.client.post(at(path), data={"token": token})
        without_a_link = 404 if path.startswith("/desk/confirm/") else 422
        assert answer.status_code == (without_a_link if needs is ANYBODY else 401), path
        assert needs is ANYBODY or 'href="/desk/sign-in?next=/desk/' in answer.text, path


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.apart, id="all"), 6])
def test_each_role_sees_and_does_what_the_table_says(members, every):
    """An answer other than 403 came past the check: the case is not there, or the form is empty.

    In the short run each route is tried by one person of six, another one for each route.
    """
    for place, (key, browser) in enumerate(members.items()):
        allowed = permissions(map(Role, PEOPLE[key][1]))
        token = browser.token("/sign-out")
        for number, (path, needs) in enumerate(LOOKS):
            if (number + place) % every == 0:
                may = needs in {ANYBODY, MEMBER} or needs in allowed
                assert (browser.client.get(at(path)).status_code != 403) is may, (key, path)
        for number, (path, needs) in enumerate(ACTS):
            if (number + place) % every == 0 and not path.startswith("/desk/sign-out"):
                may = needs in {ANYBODY, MEMBER} or needs in allowed
                assert (browser.client.post(at(path), data={"token": token}).status_code != 403) is may, (key, path)


def test_an_auditor_can_do_nothing_but_export_and_keep_filters():
    may = permissions([Role.AUDITOR])
    own_view = {"/desk/cases/search", "/desk/cases/save-filter", "/desk/cases/remove-filter"}
    assert {path for path, needs in ACTS if needs in may} == {"/desk/cases/{case_id}/evidence", *own_view}


def test_a_form_without_the_sessions_token_does_nothing(rig, members):
    case = rig.bench.open("access")
    other = members["ines"].token("/sign-out")
    for token in ("", "guessed", other, form_token("")):
        answer = members["olga"].client.post(f"/desk/cases/{case}/reveal", data={"token": token, "reason": "x"})
        assert answer.status_code == 403
    with rig.bench.file(case) as file:
        assert "PersonalDataRevealed" not in {entry.event for entry in file.ledger.entries()}


def test_a_form_of_before_signing_in_does_not_count_after_it(rig):
    browser = rig.stranger()
    before = browser.token("/sign-in")
    browser.client.cookies.set(SESSION, rig.team.enrol("olga"))
    assert browser.client.post("/desk/sign-out", data={"token": before}).status_code == 403


def sign_in(rig, browser, **more):
    """Sign Dana in by the form."""
    rig.bench.pass_time(timedelta(seconds=30))
    typed = {"name": "dana", "password": PASSWORD, "code": rig.team.code("dana")}
    return browser.send("/sign-in", **typed, **more)


def test_a_session_that_somebody_else_chose_is_not_taken(rig):
    """Session fixation: what the browser brought along is not what it is signed in by."""
    rig.team.enrol("dana")
    browser = rig.stranger()
    browser.client.cookies.set(SESSION, "chosen-by-another")
    answer = sign_in(rig, browser)
    given = answer.cookies[SESSION]
    assert given != "chosen-by-another"
    assert rig.team.door.known("chosen-by-another") is None
    assert rig.team.door.known(given).member.key == "dana"


def test_signing_in_again_ends_the_session_before(rig):
    first = rig.team.enrol("dana")
    browser = rig.stranger()
    browser.client.cookies.set(SESSION, first)
    sign_in(rig, browser)
    assert rig.team.door.known(first) is None


ELSEWHERE = (
    *("https://evil.example/", "//evil.example", "/\\evil.example", "/desk\\..\\evil", "javascript:alert(1)"),
    *("/\n/evil.example", " //evil.example", "desk", ""),
)


def test_signing_in_leads_to_the_page_that_was_asked_for_and_to_no_other_site(rig):
    assert {own_path(asked, "/desk/") for asked in ELSEWHERE} == {"/desk/"}
    rig.team.enrol("dana")
    for asked in ELSEWHERE[:3]:
        assert sign_in(rig, rig.stranger(), next=asked).headers["location"] == "/desk/"
    answer = sign_in(rig, rig.stranger(), next=f"/desk/cases/{CASE}")
    assert answer.headers["location"] == f"/desk/cases/{CASE}"


def test_no_line_can_be_put_into_the_headers(rig):
    answer = rig.stranger().client.get("/desk/cases/x%0d%0aSet-Cookie:%20evil=1")
    assert "evil" not in str(answer.headers.get("set-cookie", ""))


def test_cookies_are_for_this_site_alone_and_for_https_where_there_is_https(rig):
    rig.team.enrol("dana")
    plain = sign_in(rig, rig.stranger()).headers.get_list("set-cookie")
    secure = sign_in(rig, rig.stranger("https://testserver")).headers.get_list("set-cookie")
    for cookies, is_secure in ((plain, False), (secure, True)):
        session = next(one for one in cookies if one.startswith(f"{SESSION}=") and "Max-Age=0" not in one)
        assert "HttpOnly" in session
        assert "SameSite=lax" in session
        assert ("Secure" in session) is is_secure
        assert "Expires" not in session
    assert any(one.startswith(f'{ANONYMOUS}="";') for one in plain)


@pytest.mark.apart
def test_a_browser_is_known_again_after_its_person_signed_in_and_strangers_lock_it_out_no_more(rig):
    rig.team.enrol("dana")
    browser, name = rig.stranger(), rig.team.door.browsers.cookie_of("dana")
    given = [one for one in sign_in(rig, browser).headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    assert len(given) == 1
    assert all(one in given[0] for one in ("HttpOnly", "SameSite=lax", "Max-Age=15552000"))
    assert "dana" not in given[0].lower()
    browser.send("/sign-out")
    stranger = rig.stranger()
    for _ in range(6):
        last = stranger.send("/sign-in", name="dana", password="guessed", code="1")
    assert (last.status_code, "too often" in last.text) == (409, True)
    answer = sign_in(rig, browser)
    assert answer.status_code == 303, "from the same address, and known"
    assert not [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]


def test_nothing_is_kept_by_browsers_and_caches(members):
    for path in ("/desk/", "/desk/sign-in", f"/desk/cases/{CASE}"):
        assert members["olga"].client.get(path).headers["cache-control"] == "no-store"


def test_what_is_more_than_a_form_holds_is_refused(members):
    browser = members["olga"]
    answer = browser.client.post("/desk/sign-in", content=b"a" * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413


ACTS_ON = ("invite", "sign-out")


def test_what_is_typed_is_shown_as_text(rig):
    page = rig.stranger().send("/sign-in", name='"><script>alert(1)</script>', password="x", code="1")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


def test_who_was_invited_is_not_chosen_to_be_signed_out(rig, members):
    """Found: one button below, and the person who was just invited would have been signed out."""
    ada = members["ada"]
    page = ada.send("/people/invite", "/people", person="dana", code=rig.team.code("ada"))
    assert "/desk/invitation/" in page.text
    invite, out = (page.text.partition(f'action="/desk/people/{act}"')[2].partition("</form>")[0] for act in ACTS_ON)
    assert ('value="dana" selected' in invite, "selected" in out) == (True, False)
    answer = ada.send("/people/sign-out", "/people", whom="olga", code=rig.team.code("ada"))
    assert (answer.status_code, members["olga"].get("/cases").status_code) == (303, 303)


def test_what_went_wrong_inside_is_not_shown(rig, members, caplog):
    rig.bench.runtime.store.database.engine.dispose()
    secret = "zebra-striped"

    def broken(*_):
        raise RuntimeError(secret)

    rig.team.door.members = broken
    page = members["ada"].client.get("/desk/people")
    assert (page.status_code, "look whether it was done already" in page.text) == (500, True)
    assert secret not in page.text + caplog.text


def test_every_permission_of_an_act_is_one_of_the_table():
    assert {needs for _, needs in [*LOOKS, *ACTS]} <= {ANYBODY, MEMBER, *Permission}
