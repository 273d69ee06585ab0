"""Two people at the desk in a real browser: an access and an erasure, from their invitations to the evidence.

They know the desk's address and have an invitation, and nothing else: no command, no form of Prefect's. What each page
refuses and keeps is tested with the pages; here is that one way through all of them holds together. What a case's run
does between two pages is called in its place; that it does so by itself is tested with the whole stack.
"""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from contextlib import ExitStack
from datetime import date, timedelta

import pyotp
import pytest

from rightsflow.cases.erasure.erasing import settle_plan
from rightsflow.cases.gates.gates import reach_gate
from rightsflow.cases.letters.answering import write_answer
from rightsflow.cases.overview.case_sheet import read_overview
from rightsflow.cases.overview.record_fates import fate_word
from rightsflow.domain.gates.decisions import Gate
from rightsflow.testing.fakes import FakeRecord
from tasks.composition import current_app
from tests.integration.desk.cases import entries, make_again, make_copies, number_of, state, to_approval
from tests.support.bench import ANNA_EMAIL, ANNA_PHONE, ANNA_PROFILE, BORIS
from tests.support.mailing import CODE, mailing
from tests.support.post import smtp_server
from tests.support.serving import served
from tests.support.steps import carry_out
from tests.support.waves import wave

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

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)"),
    pytest.mark.xdist_group("chromium"),
]


class Person:
    """A person who has set up an account by an invitation, in a browser of their own.

    Args:
        rig: The desk.
        chromium: The program.
        address: The desk's address.
        key: Who.
    """

    def __init__(self, rig, chromium, address, key):
        self._rig, self._desk = rig, f"{address}/desk"
        self.page = chromium.new_context(viewport=DESKTOP, accept_downloads=True).new_page()
        self.page.goto(f"{self._desk}/invitation/{rig.team.invite(key)}")
        self._secret = self.page.locator("code.secret").inner_text().replace(" ", "")
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("The same password again").fill(PASSWORD)
        self.page.get_by_label("The code that the app shows now").fill(self.code)
        self.page.get_by_role("button", name="Set up and sign in").click()
        self.page.get_by_role("heading", name="What waits").wait_for()

    @property
    def code(self):
        """What the person's app shows now."""
        return pyotp.TOTP(self._secret).at(self._rig.bench.moment[0])

    def open(self, path):
        """Open a page of the desk."""
        self.page.goto(f"{self._desk}{path}")

    def reads(self):
        """The page is as wide as the screen and no wider, on a phone as on a desk."""
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)
            assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), size

    def press(self, button, then):
        """Press a button, and wait for what the next page says."""
        self.page.get_by_role("button", name=button, exact=True).first.click()
        try:
            self.page.get_by_text(then).first.wait_for(timeout=15_000)
        except Exception as error:
            said = self.page.locator("main").inner_text()
            raise AssertionError(f"{button} did not lead to “{then}” but to: {said}") from error

    def press_with_code(self, button, then):
        """Press a button that needs a fresh proof: without a code it changes nothing."""
        self.press(button, "Nothing was changed")
        fields = self.page.locator("input[name=code]")
        fields.evaluate_all("(all, code) => all.forEach(one => one.value = code)", self.code)
        self.press(button, then)

    def follow(self, link, then):
        """Follow a link, and wait for what the next page says."""
        self.page.get_by_role("link", name=link).first.click()
        self.page.get_by_text(then).first.wait_for()


@pytest.fixture
def box(rig):
    """The person's mailbox, and what the systems hold of them, with a number that another person had too."""
    shared = frozenset({ANNA_PHONE})
    told = "Write to second.address@example.net, or ask my neighbour Zadok Windlestone."
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u9", texts=((ANNA_PROFILE, "profile"),), occurred_on=date(2024, 5, 3)),
        FakeRecord(kind="profile", key="u3", texts=((BORIS | shared, "Boris, who has the number too"),)),
        FakeRecord(kind="ticket", key="t9", profile="u1", texts=((ANNA_PROFILE, told),)),
    )
    rig.bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r3", texts=((shared, "call"),), audio=wave(seconds=3)),
        FakeRecord(kind="recording", key="r9", texts=((ANNA_PROFILE, "a call"),), audio=wave(seconds=3)),
    )
    with smtp_server() as box, mailing(rig.bench, box.port):
        yield box


@pytest.fixture
def people(rig, box):
    """An officer and an approver at the desk."""
    from playwright.sync_api import sync_playwright

    with ExitStack() as running:
        address = running.enter_context(served(rig.app))
        driver = running.enter_context(sync_playwright())
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        running.callback(chromium.close)
        yield [Person(rig, chromium, address, key) for key in ("olga", "dana")]


def opens(person, rig, right):
    """Open a request; gives the case."""
    person.open("/open")
    person.reads()
    page = person.page
    page.get_by_label("What the person asks for").select_option(right)
    page.get_by_label("Arrived on").fill(rig.bench.moment[0].date().isoformat())
    page.get_by_label("How it arrived").select_option("e-mail")
    page.get_by_label("E-mail address").fill(ANNA_EMAIL.value)
    page.get_by_label("Name", exact=True).fill("Anna Quillfeather")
    person.press("Open the request", "is open; work to")
    case = page.url.rpartition("/")[2]
    reach_gate(current_app(), case, Gate.IDENTITY)
    return case


def identifies(person, case, right, box):
    """Check identity by a code that arrives in the person's mailbox; then the run goes on to the approval."""
    person.open(f"/cases/{case}/identity")
    person.press("Look up the addresses on file", "Address on file")
    person.reads()
    dated = person.page.locator("#address option", has_text="helpdesk").first.get_attribute("value")
    person.page.locator("#address").select_option(dated)
    person.press("Send a code", "A code went to the address on file")
    texts = [one.get_body(("plain",)).get_content() for one in box.to(ANNA_EMAIL.value)]
    person.page.get_by_label("Code that the person gave").fill(CODE.search(texts[-1])[1])
    person.page.get_by_label("How it was given").select_option(index=1)
    person.press("Check the code and confirm identity", "Identity is confirmed by the code")
    to_approval(case, right)


def reads_package(person, case, wanted):
    """Begin to read a package, up to the first page that has something."""
    person.open(f"/cases/{case}/package")
    person.page.get_by_label("Why you read it").fill("the release")
    person.press("Read the package", "What the person will get")
    while not person.page.locator(wanted).count():
        person.follow("Next page", "What the person will get")
    person.reads()


def masks_of(person, case, wanted):
    """The masks of the first record that has something."""
    reads_package(person, case, wanted)
    records = person.page.locator("article.record", has=person.page.locator(wanted))
    records.first.get_by_role("link", name="Masks of record").click()
    person.page.get_by_role("heading", name="Masks of record").wait_for()
    person.reads()


def prepares(person, case):
    """Reject a hit of the masks, mute an interval of a call, and let the package be made again."""
    page = person.page
    masks_of(person, case, "mark")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Reason", exact=True).fill("it is their own second address")
    person.press("Show it to the person", "1 place to be shown.")
    masks_of(person, case, "audio")
    page.locator("#start").fill("0.5")
    page.locator("#end").fill("0:01.5")
    page.locator("#mute-ground").select_option("another person's data")
    person.press("Mute the interval", "To be muted.")
    person.follow("Make the package again", "To be made again")
    person.press("Make the package again", "The package is made again")
    make_again(case)


def releases(person, rig, case):
    """Hear a recording, leave a record out with its ground, and release with a fresh code."""
    person.open(f"/cases/{case}/approval")
    person.page.get_by_text("muted interval").first.wait_for()
    reads_package(person, case, "audio")
    assert person.page.locator("audio").first.evaluate(PLAYED) > 0, "it is played from its middle too"
    left = number_of(rig.bench, case, "t1")
    person.page.locator(f"#tick-{left}").check()
    person.page.get_by_label("Ground, if they are left out").fill("a secret of the trade")
    person.press("Leave them out", "the release leaves these records out")
    person.follow("Release or refuse", "a secret of the trade")
    person.reads()
    rig.bench.pass_time(timedelta(minutes=6))
    person.page.reload()
    person.press_with_code("Release the package", "Released; the answer is being written.")
    make_copies(case)
    write_answer(current_app(), case)
    return left


def decides_on_plan(person, rig, case):
    """Hear a call, decide two unclear records, keep one for a claim, approve with a fresh code; gives their numbers."""
    page = person.page
    person.open(f"/cases/{case}")
    person.reads()
    person.follow("Read and decide", "Unclear whose they are")
    person.follow("Unclear whose they are", "Look at the ticked records")
    unclear = [number_of(rig.bench, case, key, "calls", "recording") for key in ("r1", "r3")]
    for number in unclear:
        page.locator(f"#tick-{number}").check()
    page.get_by_label("Why you look at them").fill("whose they are")
    person.press("Look at them", "It names:")
    assert page.locator("audio").last.evaluate(PLAYED) > 0, "a call is heard on the plan's page"
    person.reads()
    for number in unclear:
        person.follow("Unclear whose they are", "Look at the ticked records")
        page.locator(f"#tick-{number}").check()
        page.get_by_label("Decision").select_option("erase")
        person.press("Note the decision", "it counts with the approval")
        assert page.url.endswith("#records"), "one is back at the records"
    page.locator("summary", has_text="Matters of course").click()
    person.follow("helpdesk ticket: erase", "Decide on records of this page")
    kept = number_of(rig.bench, case, "t1")
    page.locator(f"#tick-{kept}").check()
    page.get_by_label("Decision").select_option("keep")
    page.get_by_label("Ground, if kept").fill("defence of a claim")
    page.get_by_label("Provision, if kept").fill("Art. 17(3)(e)")
    page.locator("#until-these").fill("2031-01-31")
    person.press("Note the decision", "it counts with the approval")
    person.reads()
    rig.bench.pass_time(timedelta(minutes=6))
    page.reload()
    person.press_with_code("Approve the plan and erase", "Approved; the records are erased")
    settle_plan(current_app(), case)
    carry_out(case)
    write_answer(current_app(), case)
    return unclear, kept


def sends(person, case, box):
    """Mail the answer from its page, which closes the case; gives the mail."""
    before = len(box.to(ANNA_EMAIL.value))
    person.open(f"/cases/{case}")
    person.follow("Send the answer", "Send by mail")
    person.reads()
    person.press("Mail it now", "has gone out by mail")
    assert len(box.to(ANNA_EMAIL.value)) == before + 1
    return box.to(ANNA_EMAIL.value)[-1]


def word_of(line):
    """What became of a record, as its line says."""
    return fate_word(line.fate, line.planned)


def evidence_of(person, case, bundle):
    """Download the evidence of a case, and read its page."""
    person.open(f"/cases/{case}")
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="Download the evidence").click()
    download.value.save_as(bundle)
    with zipfile.ZipFile(bundle) as opened:
        return next(opened.read(name).decode() for name in opened.namelist() if name.endswith(".html"))


def test_two_people_take_an_access_and_an_erasure_from_their_invitations_to_the_evidence(rig, people, box, tmp_path):
    olga, dana = people
    access = opens(olga, rig, "access")
    identifies(olga, access, "access", box)
    make_copies(access)
    prepares(olga, access)
    left = releases(dana, rig, access)
    answer = sends(olga, access, box)
    assert any(part.get_filename() == f"{access}.zip" for part in answer.walk()), "the package goes with its answer"

    erasure = opens(olga, rig, "erasure")
    identifies(olga, erasure, "erasure", box)
    unclear, kept = decides_on_plan(dana, rig, erasure)
    sends(olga, erasure, box)

    with rig.bench.file(access) as file:
        assert file.findings.all()[left - 1].decided.ground == "a secret of the trade"
    with rig.bench.file(erasure) as file:
        found = file.findings.all()
    assert [found[number - 1].outcome.value for number in unclear] == ["erased", "erased"]
    assert (found[kept - 1].outcome.value, found[kept - 1].until) == ("retained", date(2031, 1, 31))

    for case in (access, erasure):
        seen = read_overview(current_app(), case)
        assert seen.outcomes() == Counter((one.system, one.category, word_of(one)) for one in seen.records)
    olga.open("/cases")
    olga.page.get_by_label("E-mail address").fill(ANNA_EMAIL.value)
    olga.press_with_code("Find", erasure)
    olga.reads()
    for case in (access, erasure):
        assert (state(rig.bench, case).is_settled, entries(rig.bench, case)["DecisionRecorded"].actor) == (
            True,
            "Dana Decider",
        )
        page = evidence_of(olga, case, tmp_path / f"{case}.zip")
        assert "officer, signed in by password and code" in page
        assert "approver, signed in by password and code" in page
