"""The ways of officer and approver through the ten cases, from the request to the answer that went out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from proofs.minutes.model import Person
from proofs.minutes.town import Brand, Held
from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_requests
from tests.support.batches import HEADER
from tests.support.identity import as_cells
from tests.support.mailing import CODE
from tests.support.request_files import request_file

_HEAD: Final = ("main h1", "main .facts")
_CONTENTS: Final = "section[aria-labelledby=contents]"


@dataclass
class Office:
    """The brand, its officer Olga and its approver Dana, and the person whose case it is."""

    brand: Brand
    olga: Person
    dana: Person
    subject: Any
    case: str = ""

    # -- the request and who sent it -----------------------------------------------------------------------------------

    def opens(self, right: str, phone: str = "") -> None:
        """Open a request that came by e-mail."""
        self.olga.opens("/")
        self.olga.clicks("Open a request")
        self.olga.reads("main > p")
        today = self.brand.moment[0].date().isoformat()
        self.olga.fills({"What the person asks for": right, "Arrived on": today, "How it arrived": "e-mail"})
        person = {"E-mail address": self.subject.emails[0], "Phone number": phone, "Name": self.subject.name}
        self.olga.fills({label: text for label, text in person.items() if text})
        self.olga.submits("Open the request")
        self.case = self.olga.page.url.rpartition("/")[2]
        self.brand.go_on(self.case)

    def proves_by_code(self) -> None:
        """Identity by a code to the address on file."""
        self.olga.opens(f"/cases/{self.case}/identity")
        self.olga.reads(*_HEAD, "section[aria-labelledby=by-code]")
        self.olga.submits("Look up the addresses on file")
        self.olga.fills({"Address on file": ""})
        self.olga.submits("Send a code")
        (code,) = CODE.findall(self.brand.box.messages[-1].get_body(("plain",)).get_content())
        self.olga.fills({"Code that the person gave": code, "How it was given": ""})
        self.olga.submits("Check the code and confirm identity")

    def proves_by_call(self, held_by: str = "helpdesk") -> None:
        """Identity by a call back to the number on file."""
        self.olga.opens(f"/cases/{self.case}/identity")
        self.olga.reads(*_HEAD, "section[aria-labelledby=confirm]")
        now = self.brand.moment[0] + timedelta(minutes=55)  # in Berlin, a few minutes ago
        how = {"How it was checked": "call back to the known number"}
        how |= {"What was done": "Called back at the number on file; gave name and last order."}
        self.olga.fills(how | {"When it was done": now.strftime("%Y-%m-%dT%H:%M"), "Checked against": "phone number"})
        self.olga.fills({"System that holds it": held_by, "On file since": "2024-05-03"})
        self.olga.submits("Confirm identity", self.olga.form("Confirm identity"))

    # -- the package ---------------------------------------------------------------------------------------------------

    def reads_package(self, who: Person) -> None:
        """Read the package from its first page to its last; the officer confirms the redactions of each."""
        if "/package" not in who.page.url:
            who.opens(f"/cases/{self.case}/package")
        who.reads(*_HEAD, "main > p", "section")
        who.submits("Read the package")
        is_last = False
        while not is_last:
            who.reads()
            who.reads_files("a:text-is('Read')")
            confirm = who.page.get_by_role("button", name="Confirm the redactions of record")
            if who is self.olga and confirm.count():
                who.submits(confirm.inner_text())
            is_last = not who.page.get_by_role("link", name="Next page").count()
            note = who.page.get_by_role("button", name="as read")
            if note.count():
                who.clicks(note)
            elif not is_last:
                who.clicks("Next page")

    def mutes(self) -> None:
        """Mute a second of the first recording, and have the package made again."""
        record = self.olga.page.locator("article.record", has=self.olga.page.locator("audio")).first
        self.olga.clicks(record.get_by_role("link", name="Redactions of record"))
        self.olga.reads("section[aria-labelledby=mute]")
        form = self.olga.form("Mute an interval")
        self.olga.types(form.get_by_label("From"), "3.5")
        self.olga.types(form.get_by_label("To", exact=True), "5")
        self.olga.chooses(form.get_by_label("It protects"), "another person's data")
        self.olga.submits("Mute the interval")
        self.olga.submits("Rebuild package")

    def takes_up(self) -> None:
        """The approver comes to the case by the list."""
        self.dana.opens("/")
        self.dana.clicks(self.dana.page.locator(f"a.row[href*='{self.case}']").first)

    def releases(self) -> None:
        """The approver reads the package and releases it."""
        self.takes_up()
        self.reads_package(self.dana)
        if not self.dana.page.url.endswith("/release"):
            self.dana.clicks("Release or refuse")
        self.dana.reads()
        self.dana.submits("Release the package")

    # -- the plan ------------------------------------------------------------------------------------------------------

    def approves_plan(self) -> None:
        """The approver reads the plan group by group, and approves it."""
        dana = self.dana
        self.takes_up()
        dana.reads()
        links = dana.page.locator(f"{_CONTENTS} a.row:not([aria-current])")
        if "All standard records" in dana.page.locator("#records").inner_text():
            links = dana.page.locator(f"{_CONTENTS} > ul a.row")
        for address in links.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
            group = dana.page.locator(f"{_CONTENTS} a.row[href='{address}']").first
            if not group.is_visible():
                dana.unfolds("Standard records")
            dana.clicks(group)
            dana.reads("section[aria-labelledby=records]")
        dana.clicks("Dry run: what would be called")
        dana.reads()
        dana.clicks("Back to the plan")
        dana.submits("Approve the plan and erase")

    def instructs(self) -> None:
        """The officer sends the instruction of the processor, and notes its answer with the document that proves it."""
        olga, form = self.olga, self.olga.page.locator("#act-answer")
        olga.opens(f"/cases/{self.case}/processors")
        olga.reads(*_HEAD, "ul.plain")
        olga.unfolds("Read the text of an instruction")
        olga.submits("Show the text once")
        olga.reads("article.paper")
        olga.mails("privacy@callhouse.example")
        olga.submits("Mark as sent")
        olga.opens(f"/cases/{self.case}/processors")
        olga.unfolds("A processor or colleague has answered")
        olga.reads("#act-answer")
        olga.chooses(form.locator("select").nth(1), "It has done what it was asked")
        olga.fills({"Number of records (optional)": "4"})
        olga.fills({"Who answered, or why it cannot": "Privacy team, by e-mail."})
        (self.brand.folder / "proof.txt").write_text("Erased.")
        olga.clicks(form.locator("input[name=proof]"), leads=False)
        form.locator("input[name=proof]").set_input_files(self.brand.folder / "proof.txt")
        olga.submits("Note the answer")
        self.brand.go_on(self.case)

    def does_tasks(self) -> None:
        """The officer reads the tasks by hand and notes them as done."""
        self.olga.opens(f"/cases/{self.case}/acts?act=task-done")
        self.olga.reads("#act-task-done")
        for box in self.olga.page.locator("#act-task-done input[name=task]:visible").all():
            self.olga.clicks(box, leads=False)
        self.olga.fills({"What became of it": "done"})
        self.olga.submits("Note it")

    # -- the answer ----------------------------------------------------------------------------------------------------

    def hands_over(self, letter: str) -> None:
        """The officer reads the answer and sends it; a package goes with it, its passphrase by telephone."""
        olga, package = self.olga, letter == "L9"
        olga.opens(f"/cases/{self.case}/letters/{letter}")
        olga.reads(*_HEAD, "main > div > p")
        olga.submits("View letter")
        olga.reads("article.paper")
        if olga.page.get_by_role("button", name="Mail it now").count():
            olga.reads("section[aria-labelledby=mail]")
            olga.submits("Mail it now")
        else:
            olga.reads("section[aria-labelledby=sent]", "section[aria-labelledby=mail]")
            if package:
                with olga.page.expect_download():
                    olga.clicks("Save the package", leads=False)
            olga.mails(self.subject.emails[0], files=int(package))
            olga.fills({"How it was sent": "e-mail"})
            olga.submits("Mark as sent")
        if package:
            olga.says(30)


def nothing_held(at: Office) -> None:
    at.opens("access")
    at.proves_by_call("Elsewhere (say where above)")
    at.takes_up()
    at.dana.reads()
    at.dana.submits("Approve “nothing held”")
    at.hands_over("L8")


def access(at: Office) -> None:
    """Identity by a code; nothing to decide on but the release."""
    at.opens("access")
    at.proves_by_code()
    at.releases()
    at.hands_over("L9")


def masked_and_muted(at: Office) -> None:
    at.opens("access")
    at.proves_by_call()
    at.reads_package(at.olga)
    at.mutes()
    at.releases()
    at.hands_over("L9")


def erasure(at: Office) -> None:
    at.opens("erasure")
    at.proves_by_code()
    at.approves_plan()
    at.instructs()
    at.does_tasks()
    at.hands_over("L11")


def namesakes(at: Office) -> None:
    """Access by a landline that several people use: calls of others are in doubt."""
    at.opens("access", phone=at.brand.landline)
    at.proves_by_call()
    at.olga.opens(f"/cases/{at.case}/doubtful")
    at.olga.reads()
    at.olga.clicks(at.olga.page.locator("input[name=record]:enabled").first, leads=False)
    at.olga.fills({"Why you look at it": "whose it is"})
    at.olga.submits("Look at it")
    at.olga.reads("section[aria-labelledby=seen]")
    at.olga.fills({"What shows that it is the person's": "They named day and hour of the call."})
    at.olga.clicks(at.olga.page.get_by_role("button", name="Take record"))
    at.olga.submits("Rebuild package")
    at.releases()
    at.hands_over("L9")


def refusal(at: Office) -> None:
    """A request to which the law of another country applies is refused at the approval gate."""
    at.opens("access")
    at.proves_by_call()
    at.takes_up()
    if "/package" in at.dana.page.url:
        at.dana.clicks("The list of its records")
    at.dana.reads()
    at.dana.unfolds("Refuse the request")
    form = at.dana.form("Refuse the request")
    at.dana.reads("form[aria-label='Refuse the request'] > div")
    at.dana.chooses(form.get_by_label("Why", exact=True), "R9")
    words = "The law of another country applies to you."
    at.dana.fills({"The reason, in words for the person": words, "Law that we checked": "Art. 3 GDPR"})
    at.dana.submits("Refuse the request", form)
    at.hands_over("L7")


def extension(at: Office) -> None:
    at.opens("access")
    at.proves_by_call()
    at.olga.opens(f"/cases/{at.case}")
    at.olga.reads(*_HEAD, "section.next")
    at.olga.clicks("More actions")
    at.olga.unfolds("Extend the period by two months")
    at.olga.reads("#act-extend")
    at.olga.fills({"The concrete reason": "Recordings of three systems have to be screened for the voices of others."})
    at.olga.submits("Write the notice")


def bounced_letter(at: Office) -> None:
    """The answer that nothing is held comes back, and is sent by post."""
    nothing_held(at)
    at.olga.opens(f"/cases/{at.case}/letters/L8")
    at.olga.reads("section[aria-labelledby=arrived]")
    at.olga.submits("Mark as returned")
    at.olga.reads("section[aria-labelledby=sent]")
    at.olga.submits("View letter")
    at.olga.fills({"How it was sent": "post"})
    at.olga.submits("Mark as sent")


def routine(at: Office) -> None:
    """Five imported requests of people who logged in, of whom nothing is held: decided and answered together."""
    day, store = at.brand.moment[0].date().isoformat(), at.brand.runtime.store
    checks = as_cells(f"{day}T09:30", by="Ida Identity")
    rows = [",".join(("access", f"routine.{n}@example.net", "web form", day, *checks)) for n in range(5)]
    before = {case.case_id for case in store.summaries()}
    file = request_file("\n".join([HEADER.replace("email,", "email,channel,"), *rows]))
    assert import_requests(current_app(), file, by="Olga Officer").opened == len(rows)
    cases = sorted({case.case_id for case in store.summaries()} - before)
    for case in cases:
        at.brand.go_on(case)
    at.dana.opens("/cases?state=awaiting+approval")
    for case in cases:
        at.dana.clicks(at.dana.page.get_by_label(f"Choose {case}"), leads=False)
    at.dana.clicks("Decide on the ticked ones")
    at.dana.reads()
    at.dana.fills({"Why these are decided together": "No system knows them."})
    at.dana.submits("Approve “nothing held”")
    at.dana.reads()
    at.olga.opens("/")
    at.olga.clicks("Send these letters by mail")
    for button in ("Read these answers", "Mail these answers"):
        at.olga.reads()
        at.olga.submits(button)
    at.olga.reads()


CASES: Final[Mapping[str, tuple[Held | None, Callable[[Office], None]]]] = {
    "nothing held": (None, nothing_held),
    "3 tickets": (Held(tickets=3), access),
    "18 records, 2 masks, a mute": (Held(tickets=7, calls=2, payments=2, others=2), masked_and_muted),
    "40 tickets, 12 calls, 9 attachments": (Held(tickets=40, calls=12, attachments=9), access),
    "erasure of 20 records, a processor": (Held(tickets=7, calls=3, payments=2), erasure),
    "namesakes": (Held(tickets=3, calls=1), namesakes),
    "refusal": (Held(tickets=2), refusal),
    "extension": (Held(tickets=2), extension),
    "bounced letter": (None, bounced_letter),
    "five routine cases": (None, routine),
}
"""What is held of each person, and the way through the case."""
