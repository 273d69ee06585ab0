"""What is tried at the desk by who is signed in elsewhere, was signed in before, or claims to come by another way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from deployments.desk.addresses import OUTWARD
from deployments.desk.page import ANYBODY, MEMBER, pages_of
from deployments.desk.pages import MODULES
from deployments.desk.protection import SESSION
from deployments.front.guard import Guard
from deployments.server_access import Addresses
from rightsflow.domain.accounts import Role
from tests.integration.desk.cases import at_approval
from tests.support.desk_client import Browser, DeskRig
from tests.support.signing_in import PASSWORD, Team

PAGES = list(pages_of(MODULES))
LOOKS = [(page.path, page.needs) for page in PAGES]
ACTS = [(act.path, act.needs) for page in PAGES for act in page.acts]
SOME_LOOKS, SOME_ACTS = LOOKS[::3], ACTS[::3]
"""For what is asked of the session, before it is asked of the route."""
ALL_ROLES = [role.value for role in Role]
PAUSE = timedelta(seconds=30)
PUBLIC = "https://desk.example.com"
CLAIMS = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "8080",
    "X-Forwarded-Prefix": "//evil.example",
    "X-Forwarded-For": "127.0.0.1",
    "Forwarded": "host=evil.example;proto=http",
    "X-Original-URL": "/desk/people",
    "X-Rewrite-URL": "/desk/people",
    "X-HTTP-Method-Override": "DELETE",
}


def at(path, case):
    return re.sub(r"{\w+}", "guessed", path.replace("{case_id}", case))


@pytest.fixture
def everything(rig):
    """A person who may do all."""
    rig.team.people["olga"] = ("Olga Officer", ALL_ROLES)
    return rig.browser("olga")


def events(rig, case):
    with rig.bench.file(case) as file:
        return [entry.number for entry in file.ledger.entries()]


@pytest.mark.apart
def test_no_form_takes_the_token_of_another_session_not_even_of_the_same_person(rig, everything):
    case = at_approval(rig.bench, "access")
    other = everything.token("/sign-out")
    again = rig.stranger()
    again.client.cookies.set(SESSION, rig.team.sign_in("olga"))
    before = events(rig, case)
    for path, _ in ACTS:
        answer = again.client.post(f"{at(path, case)}", data={"token": other, "reason": "x", "person": "dana"})
        if path.startswith(OUTWARD):
            # Before any form, a page for who has no account is there by its own link alone, and this one is guessed.
            assert answer.status_code == 404, path
        else:
            assert (answer.status_code, "not from your present session" in answer.text) == (403, True), path
    assert events(rig, case) == before


@pytest.mark.apart
def test_whose_role_was_taken_away_is_out_of_every_page_and_every_act_at_once(rig, everything):
    case, token = at_approval(rig.bench, "access"), everything.token("/sign-out")
    assert everything.get(f"/cases/{case}").status_code == 200
    before = events(rig, case)
    del rig.team.people["olga"]
    for path, needs in SOME_LOOKS:
        if needs is not ANYBODY:
            answer = everything.client.get(at(path, case))
            assert (answer.status_code, "/desk/sign-in?next=" in answer.headers["location"]) == (303, True), path
    for path, needs in SOME_ACTS:
        if needs is not ANYBODY:
            assert everything.client.post(at(path, case), data={"token": token}).status_code == 401, path
    assert events(rig, case) == before


@pytest.mark.apart
def test_whose_role_was_changed_sees_no_case_any_more_that_is_open_in_another_tab(rig, everything):
    case, token = at_approval(rig.bench, "access"), everything.token("/sign-out")
    assert case in everything.get(f"/cases/{case}").text
    before = events(rig, case)
    rig.team.people["olga"] = ("Olga Officer", ["admin"])
    of_cases = [(path, needs) for path, needs in LOOKS if "{case_id}" in path]
    assert len(of_cases) > 8
    for path, needs in of_cases:
        if needs not in {ANYBODY, MEMBER} and "prefect" not in str(needs).lower():
            answer = everything.client.get(at(path, case))
            assert (answer.status_code, case in answer.text) == (403, False), path
    for path, needs in ACTS:
        if "{case_id}" in path and needs not in {ANYBODY, MEMBER}:
            assert everything.client.post(at(path, case), data={"token": token}).status_code == 403, path
    assert events(rig, case) == before


@pytest.mark.apart
def test_who_is_signed_out_is_out_with_every_form_that_is_still_open(rig, everything):
    session, token = everything.client.cookies[SESSION], everything.token("/sign-out")
    everything.send("/sign-out")
    everything.client.cookies.set(SESSION, session)
    for path, needs in SOME_ACTS:
        if needs is not ANYBODY:
            assert everything.client.post(at(path, "DSR-2026-7K3M9Q"), data={"token": token}).status_code == 401, path


@pytest.fixture
def guarded(bench):
    """A desk behind the guard, as it is served: under a public address, and on this machine."""
    addresses = Addresses.of([PUBLIC, "http://127.0.0.1:4200"])
    rig = DeskRig(bench, Team(bench), addresses=addresses)
    rig.guard = Guard(rig.app, addresses)
    return rig


def client(guarded, host=PUBLIC, **headers):
    made = TestClient(guarded.guard, base_url=host, follow_redirects=False)
    made.headers.update({"Origin": host, "Sec-Fetch-Site": "same-origin"} | headers)
    return made


def test_what_a_request_claims_of_its_way_changes_nothing(guarded):
    """Neither where it leads to, nor whether cookies are for https alone, nor the link of an invitation."""
    guarded.team.enrol("ada")
    browser = Browser(client(guarded, **CLAIMS))
    token = browser.token("/sign-in")
    guarded.bench.pass_time(PAUSE)
    typed = {"name": "ada", "password": PASSWORD, "code": guarded.team.code("ada"), "token": token}
    answer = browser.client.post("/desk/sign-in", data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/")
    assert all("Secure" in one for one in answer.headers.get_list("set-cookie"))
    page = browser.send("/people/invite", "/people", person="dana")
    assert re.search(r'<code class="secret">(https://desk\.example\.com/desk/invitation/[\w-]{43})</code>', page.text)
    assert "evil" not in page.text + str(page.headers)
    assert browser.get("/cases").status_code == 403, "an address in a header is no address"


@pytest.mark.parametrize("host", ["evil.example", "desk.example.com.evil.example", "127.0.0.1"])
def test_by_another_name_the_desk_answers_nothing(guarded, host):
    answer = client(guarded).get("/desk/sign-in", headers={"Host": host})
    assert answer.status_code == 421
    assert host not in answer.text


def test_a_name_with_something_behind_it_is_another_name(guarded):
    for host in (f"desk.example.com@{'evil.example'}", "desk.example.com/evil", "desk.example.com, evil.example", ""):
        assert client(guarded).get("/desk/sign-in", headers={"Host": host}).status_code == 421, host


def test_an_answer_holds_no_line_that_was_typed(rig):
    rig.team.enrol("dana")
    for path in ("/sign-in?next=/desk%0d%0aSet-Cookie:%20evil=1", "/invitation/x%0d%0aX-Evil:%201"):
        answer = rig.stranger().get(path)
        assert "evil" not in str(answer.headers).lower(), path


@pytest.mark.apart
def test_forms_take_as_many_files_fields_and_bytes_as_they_need(everything):
    def post(**sent):
        return everything.client.post("/desk/open", **sent).status_code

    assert post(files={"token": ("a.txt", b"x")}) == 403, "a file is no text that was typed"
    assert post(files=[("file", ("a.txt", b"x"))] * 20) == 413
    assert post(data={"token": "x" * (2 * 1024 * 1024)}) == 413
    assert post(data={f"field-{number}": "" for number in range(20_001)}) == 413
    assert post(content=iter([b"token=x"])) == 403, "a body without a length is counted as it is read"
    assert post(content=iter([b"token=" + b"x" * 1024 * 1024] * 2)) == 413
    assert post(content=b"token=x", headers={"Content-Length": "-1"}) == 413
    assert post(content=b"\xff\xfe\x00", headers={"Content-Type": "application/x-www-form-urlencoded"}) == 403
    assert post(content=b'{"token": 1}', headers={"Content-Type": "application/json"}) == 403
