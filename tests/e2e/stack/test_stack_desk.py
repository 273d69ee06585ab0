"""Two people at the desk, in a real browser, before a whole stack: from their invitations to the evidence."""

from __future__ import annotations

import shutil
import zipfile
from contextlib import ExitStack
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyotp
import pytest
import requests
from prefect.client.orchestration import get_client
from prefect.settings import temporary_settings

from rightsflow.domain.request import Right
from rightsflow_sandbox.center import SandboxCenter
from tests.e2e.stack.setting import TODAY
from tests.support.homes import living_in
from tests.support.identity import TYPED
from tests.support.stack import APPROVE, Stack, Up, connect, until

CHROMIUM = shutil.which("chromium")
PASSWORD = "four kettles on a blue stove"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PLAYED = """async player => {
  player.muted = true;
  await player.play();
  player.currentTime = player.duration / 2;
  await new Promise(done => player.addEventListener("seeked", done, {once: true}));
  return player.currentTime;
}"""
"""What lets a recording begin, and go on from its middle; gives where it is."""
SELECTED = """() => {
  const texts = document.createTreeWalker(document.querySelector("#record"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, found = /Zadok Windlestone/.exec(text.data);
    if (!found) continue;
    const range = document.createRange();
    range.setStart(text, found.index);
    range.setEnd(text, found.index + found[0].length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return found[0];
  }
}"""
"""What selects a name in a record, as a person does who drags over it; gives the name."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)")


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A sandbox and ``up`` with a desk, at which typed names do not decide."""
    folder = tmp_path_factory.mktemp("desk")
    with ExitStack() as running:
        home = running.enter_context(living_in(folder))
        center = running.enter_context(SandboxCenter(folder / "sandbox", today=TODAY, customers=25))
        connect(home, center)
        home.config.write_text(home.config.read_text().replace(TYPED, ""))
        up = Up(home)
        running.callback(up.stop)
        up.start()
        running.enter_context(temporary_settings(up.access.settings))
        yield Stack(center, home, up)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def enrolled(stack, chromium, key, size):
    """A page of a person who has set up an account by an invitation."""
    link = stack.home.run("people", "invite", key, "--json").document["link"]
    page = chromium.new_context(viewport=size, accept_downloads=True).new_page()
    page.goto(link)
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_label("The code that the app shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up and sign in").click()
    page.get_by_role("heading", name="What waits").wait_for()
    return page


def fits(page):
    """Whether nothing is wider than the page."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def confirm(page):
    """Fill in the identity gate's form."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    page.get_by_label("How it was checked").select_option("call back to the known number")
    page.get_by_label("What was done").fill("They were called back and confirmed the request.")
    page.get_by_label("When it was done").fill(now.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Checked against").select_option("phone number")
    page.get_by_label("System that holds it").select_option("helpdesk")
    page.get_by_label("On file since").fill("2024-05-03")
    page.get_by_role("button", name="Confirm identity").click()


def write_to_helpdesk(stack, subject, body):
    """A ticket of the person's with a text, as a mail of theirs makes it."""
    secret = (stack.center.folder / "secrets" / "helpdesk-client-secret").read_text().strip()
    form = {"grant_type": "client_credentials", "client_id": "rightsflow", "client_secret": secret}
    url = stack.center.helpdesk_url
    token = requests.post(f"{url}/oauth/tokens", json=form | {"scope": "read write"}, timeout=10).json()["access_token"]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        search = session.get(f"{url}/api/v2/users/search", params={"query": subject.emails[0]}, timeout=10)
        [user] = search.json()["users"]
        ticket = {"subject": "Delivery", "comment": {"body": body}, "requester_id": user["id"]}
        assert session.post(f"{url}/api/v2/tickets", json={"ticket": ticket}, timeout=10).status_code == 201


def to_record(page, stack, case, *, heard=False):
    """Begin to read a package, and open the masks of the first record that has some, or the first with a recording."""
    page.goto(f"{stack.up.access.api_url.removesuffix('/api')}/desk/cases/{case}/package")
    page.get_by_label("Why you read it").fill("to prepare the release")
    page.get_by_role("button", name="Read the package").click()
    page.get_by_role("heading", name="What the person will get").wait_for()
    wanted = page.locator("audio" if heard else "mark")
    while not wanted.count():
        page.get_by_role("link", name="Next page").first.click()
        page.get_by_role("heading", name="What the person will get").wait_for()
    records = page.locator("article.record", has=wanted)
    records.first.get_by_role("link", name="Masks of record").click()
    page.get_by_role("heading", name="Masks of record").wait_for()


def prepared(page, stack, case):
    """Show what a mask hides, mask a passage that is selected, mute an interval, and let the package be made again."""
    to_record(page, stack, case)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Show it to the person").click()
    page.get_by_text("Say why it is not another person's").first.wait_for()
    assert page.get_by_role("checkbox").first.is_checked(), "what was chosen is kept"
    page.get_by_label("Reason", exact=True).fill("it is their own second address")
    page.get_by_role("button", name="Look at what is hidden").click()
    page.get_by_text("Hidden there:").wait_for()
    page.get_by_label("Reason", exact=True).fill("it is their own second address")
    page.get_by_role("button", name="Show it to the person").click()
    page.get_by_text("1 place to be shown.").wait_for()
    page.get_by_role("button", name="Take what is selected in the record").wait_for()
    passage = page.evaluate(SELECTED)
    page.get_by_role("button", name="Take what is selected in the record").click()
    assert page.get_by_label("Passage", exact=True).input_value() == passage
    page.locator("#hide-ground").select_option("another person's data")
    page.get_by_role("button", name="Mask the passage").click()
    page.get_by_text("To be masked at").wait_for()
    to_record(page, stack, case, heard=True)
    assert fits(page)
    page.locator("#start").fill("0.5")
    page.locator("#end").fill("0:01.5")
    page.locator("#mute-ground").select_option("another person's data")
    page.get_by_role("button", name="Mute the interval").click()
    page.get_by_text("To be muted.").wait_for()
    page.get_by_role("link", name="Make the package again").click()
    assert fits(page)
    page.get_by_role("button", name="Make the package again").click()
    page.get_by_text("The package is made again").wait_for()


def test_an_erasure_is_checked_by_one_and_approved_by_another(stack, chromium, tmp_path):
    officer, subject = stack.officer, stack.center.erasure_subject
    case = officer.case_of(officer.fill_in(Right.ERASURE, subject.emails[0], subject.name, TODAY))
    stack.wait_at(case, "identity-0")

    ben = enrolled(stack, chromium, "case_owner", DESKTOP)
    ben.get_by_role("link", name=case).first.click()
    confirm(ben)
    ben.get_by_text("Identity is confirmed").wait_for()
    stack.wait_at(case, "approval-0")

    with get_client(sync_client=True) as client:
        client.resume_flow_run(stack.run_of(case).id, run_input=APPROVE | {"decided_by": "Mickey Mouse"})
    stack.wait_at(case, "approval-1")
    assert f"/desk/cases/{case}" in str(stack.form_of(case)), "a typed name is told where people decide"

    dana = enrolled(stack, chromium, "dana", PHONE)
    dana.goto(f"{stack.up.access.api_url.removesuffix('/api')}/desk/cases/{case}")
    assert fits(dana)
    dana.get_by_role("link", name="Read and decide").click()
    assert fits(dana)
    for size in (DESKTOP, PHONE):
        dana.set_viewport_size(size)
        assert fits(dana)
    dana.get_by_role("checkbox").first.check()
    number = int(dana.get_by_role("checkbox").first.get_attribute("value"))
    dana.get_by_label("Why you look at them").fill("whose it is")
    dana.get_by_role("button", name="Look at them").click()
    dana.get_by_text("It names:").wait_for()
    assert fits(dana)
    dana.get_by_role("link", name="Dry run").click()
    dana.get_by_role("cell", name="/api/v2/tickets/destroy_many").first.wait_for()
    assert fits(dana)
    dana.get_by_role("link", name="Back to the plan").click()
    dana.get_by_role("checkbox").first.check()
    dana.get_by_label("Decision").select_option("keep")
    dana.get_by_label("Ground, if kept").fill("defence of a claim")
    dana.get_by_label("Provision, if kept").fill("Art. 17(3)(e)")
    dana.get_by_role("button", name="Note the decision").click()
    dana.get_by_text("Say until which day it is kept").first.wait_for()
    assert dana.get_by_label("Ground, if kept").input_value() == "defence of a claim", "what was typed right is kept"
    dana.locator("#until-these").fill("2031-01-31")
    dana.get_by_role("button", name="Note the decision").click()
    dana.get_by_text("it counts with the approval").wait_for()
    dana.get_by_role("button", name="Approve the plan and erase").click()
    dana.get_by_text("the records are erased now").wait_for()
    until(lambda: stack.overview(case)["state"] == "answered", f"{case} to be answered")
    kept = next(one for one in stack.overview(case)["records"] if one["number"] == number)
    assert (kept["outcome"], kept["until"]) == ("retained", "2031-01-31")

    dana.reload()
    with dana.expect_download() as download:
        dana.get_by_role("button", name="Download the evidence").click()
    bundle = tmp_path / "evidence.zip"
    download.value.save_as(bundle)
    assert stack.home.run("verify", bundle).status == 0
    with zipfile.ZipFile(bundle) as opened:
        page = next(opened.read(name).decode() for name in opened.namelist() if name.endswith(".html"))
    assert "officer, admin, signed in by password and code" in page
    assert "approver, signed in by password and code" in page


@pytest.mark.timeout(480)  # three people's ways through a browser, beside a whole stack
def test_a_package_is_read_and_heard_before_it_is_released(stack, chromium):
    officer, subject = stack.officer, stack.center.access_subject
    write_to_helpdesk(
        stack, subject, "Please write to second.address@example.net, or ask my neighbour Zadok Windlestone."
    )
    case = officer.case_of(officer.fill_in(Right.ACCESS, subject.emails[0], subject.name, TODAY))
    stack.wait_at(case, "identity-0")
    ben = enrolled(stack, chromium, "case_owner", PHONE)
    ben.goto(f"{stack.up.access.api_url.removesuffix('/api')}/desk/cases/{case}/identity")
    confirm(ben)
    stack.wait_at(case, "approval-0")
    prepared(ben, stack, case)
    stack.wait_at(case, "approval-1")

    dana = enrolled(stack, chromium, "dana", DESKTOP)
    dana.goto(f"{stack.up.access.api_url.removesuffix('/api')}/desk/cases/{case}/approval")
    dana.get_by_text("muted interval").wait_for()
    dana.get_by_role("link", name="Read the package as the person will").click()
    dana.get_by_label("Why you read it").fill("the release")
    dana.get_by_role("button", name="Read the package").click()
    dana.get_by_role("heading", name="What the person will get").wait_for()
    dana.get_by_text("[masked passage]").first.wait_for()
    for size in (PHONE, DESKTOP):
        dana.set_viewport_size(size)
        assert fits(dana)
    while not dana.locator("audio").count():
        dana.get_by_role("link", name="Next page").first.click()
        dana.get_by_role("heading", name="What the person will get").wait_for()
    assert dana.locator("audio").first.evaluate(PLAYED) > 0, "the recording is played from its middle too"

    box = dana.get_by_role("checkbox").first
    number = int(box.get_attribute("value"))
    box.check()
    dana.get_by_label("Ground, if they are left out").fill("a secret of the trade")
    dana.get_by_role("button", name="Leave them out").click()
    dana.get_by_text("the release leaves these records out").wait_for()
    dana.get_by_role("link", name="Release or refuse").first.click()
    dana.get_by_text("a secret of the trade").wait_for()
    dana.get_by_role("button", name="Release the package").click()
    dana.get_by_text("Released; the answer is being written.").wait_for()
    until(lambda: stack.overview(case)["state"] == "answered", f"{case} to be answered")
    left = next(one for one in stack.overview(case)["records"] if one["number"] == number)
    assert left["fate"] == "left out"


def test_who_is_not_signed_in_sees_neither_the_desk_nor_prefect(stack, chromium):
    server = stack.up.access.api_url.removesuffix("/api")
    page = chromium.new_context().new_page()
    for path in ("/", "/v2/runs", "/desk/people"):
        page.goto(server + path)
        page.get_by_role("heading", name="Sign in").wait_for()
    assert requests.post(f"{server}/api/flow_runs/filter", json={}, timeout=10).status_code == 401


def test_prefects_pages_open_without_a_second_sign_in(stack, chromium):
    page = enrolled(stack, chromium, "case_owner", DESKTOP)
    page.get_by_role("link", name="Prefect").click()
    page.get_by_text("Deployments").first.wait_for()
    assert "/login" not in page.url
