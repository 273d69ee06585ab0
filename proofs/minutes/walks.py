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
_NEXT: Final = (*_HEAD, "section.next")


@dataclass
class Office:
    """The desk with its two people, and the person whose case it is.

    Args:
        brand: The brand.
        rig: Its desk.
        officer: The officer.
        approver: The approver.
        subject: Whose data the case is about.
        case: The case.
    """

    brand: Brand
    rig: Any
    officer: Person
    approver: Person
    subject: Any = None
    case: str = ""

    # -- the request and who sent it -----------------------------------------------------------------------------------

    def opens(self, right: str, phone: str = "") -> None:
        """The officer opens a request that came by e-mail."""
        olga, subject = self.officer, self.subject
        olga.opens("/")
        olga.clicks("Open a request")
        olga.reads("main > p")
        olga.chooses("What the person asks for", right)
        olga.types("Arrived on", self.brand.moment[0].date().isoformat())
        olga.chooses("How it arrived", "e-mail")
        olga.types("E-mail address", subject.emails[0])
        if phone:
            olga.types("Phone number", phone)
        olga.types("Name", subject.name)
        olga.submits("Open the request")
        self.case = olga.page.url.rpartition("/")[2]
        self.brand.go_on(self.case)

    def proves_by_code(self) -> None:
        """Identity by a code to the address on file."""
        olga, box = self.officer, self.brand.box
        olga.opens(f"/cases/{self.case}/identity")
        olga.reads(*_HEAD, "section[aria-labelledby=by-code]")
        olga.submits("Look up the addresses on file")
        olga.chooses("Address on file", self._first_choice("Address on file"))
        olga.submits("Send a code")
        (code,) = CODE.findall(box.messages[-1].get_body(("plain",)).get_content())
        olga.types("Code that the person gave", code)
        olga.chooses("How it was given", self._first_choice("How it was given"))
        olga.submits("Check the code and confirm identity")

    def _first_choice(self, label: str) -> str:
        options = self.officer.page.get_by_label(label, exact=True).first.locator("option")
        return str(options.nth(1).get_attribute("value"))

    def proves_by_call(self, held_by: str = "helpdesk") -> None:
        """Identity by a call back to the number on file."""
        olga = self.officer
        olga.opens(f"/cases/{self.case}/identity")
        olga.reads(*_HEAD, "section[aria-labelledby=confirm]")
        olga.chooses("How it was checked", "call back to the known number")
        olga.types("What was done", "Called back at the number on file; gave name and last order.")
        now = self.brand.moment[0] + timedelta(minutes=55)  # in Berlin, a few minutes ago
        olga.types("When it was done", now.strftime("%Y-%m-%dT%H:%M"))
        olga.chooses("Checked against", "phone number")
        olga.chooses("System that holds it", held_by)
        olga.types("On file since", "2024-05-03")
        olga.submits("Confirm identity", olga.page.get_by_role("form", name="Confirm identity"))

    # -- the package ---------------------------------------------------------------------------------------------------

    def reads_package(self, who: Person) -> None:
        """Read the package from its first page to its last."""
        if "/package" not in who.page.url:
            who.opens(f"/cases/{self.case}/package")
        who.reads(*_HEAD, "main > p", "section")
        who.submits("Read the package")
        is_last = False
        while not is_last:
            who.reads("main")
            self._opens_texts(who)
            self._confirms(who)
            is_last = not who.page.get_by_role("link", name="Next page").count()
            note = who.page.get_by_role("button", name="as read")
            if note.count():
                who.clicks(note)
            elif not is_last:
                who.clicks("Next page")
        if who is self.approver and not who.page.url.endswith("/release"):
            who.clicks("Release or refuse")

    def _confirms(self, who: Person) -> None:
        """Confirm the redactions of the page together, as the officer."""
        confirm = who.page.get_by_role("button", name="Confirm the redactions of record")
        if who is self.officer and confirm.count():
            who.submits(confirm.inner_text())

    def _opens_texts(self, who: Person) -> None:
        """Read the attachments that are text, each in a tab of its own."""
        for address in who.page.locator("a:text-is('Read')").evaluate_all("all => all.map(one => one.href)"):
            if address in who.known:
                continue
            who.known.add(address)
            text = who.page.request.get(address).text()
            who.looks_at(len(text.split()))

    def mutes(self) -> None:
        """Mute a second of the first recording, and have the package made again."""
        olga = self.officer
        record = olga.page.locator("article.record", has=olga.page.locator("audio")).first
        olga.clicks(record.get_by_role("link", name="Redactions of record"))
        olga.reads("section[aria-labelledby=mute]")
        form = olga.page.get_by_role("form", name="Mute an interval")
        olga.types(form.get_by_label("From"), "3.5")
        olga.types(form.get_by_label("To", exact=True), "5")
        olga.chooses(form.get_by_label("It protects"), "another person's data")
        olga.submits("Mute the interval")
        olga.submits("Rebuild package")

    def releases(self) -> None:
        """The approver reads the package and releases it."""
        dana = self.approver
        self._takes_up(dana)
        self.reads_package(dana)
        dana.reads("main")
        dana.submits("Release the package")

    def _takes_up(self, who: Person) -> None:
        who.opens("/")
        who.clicks(who.page.locator(f"a.row[href*='{self.case}']").first)

    # -- the plan ------------------------------------------------------------------------------------------------------

    def approves_plan(self) -> None:
        """The approver reads the plan group by group, and approves it."""
        dana = self.approver
        self._takes_up(dana)
        dana.reads("main")
        path = dana.page.url.partition("/desk")[2].partition("?")[0]
        links = dana.page.locator("section[aria-labelledby=contents] a.row:not([aria-current])")
        if "All standard records" in dana.page.locator("#records").inner_text():
            links = dana.page.locator("section[aria-labelledby=contents] > ul a.row")
        for address in links.evaluate_all("all => all.map(one => one.getAttribute('href'))"):
            found = dana.page.locator(f"section[aria-labelledby=contents] a.row[href='{address}']").first
            if not found.is_visible():
                dana.unfolds("Standard records")
            dana.clicks(found)
            dana.reads("section[aria-labelledby=records]")
        assert path in dana.page.url
        dana.clicks("Dry run: what would be called")
        dana.reads("main")
        dana.clicks("Back to the plan")
        dana.submits("Approve the plan and erase")

    def instructs(self) -> None:
        """The officer sends the instruction of the processor, and notes its answer."""
        olga = self.officer
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
        olga.chooses(olga.page.locator("#act-answer select").nth(1), "It has done what it was asked")
        olga.types("Number of records (optional)", "4")
        olga.types("Who answered, or why it cannot", "Privacy team, by e-mail.")
        path = self.brand.folder / "proof.txt"
        path.write_text("Erased.")
        olga.clicks(olga.page.locator("#act-answer input[name=proof]"), leads=False)
        olga.page.locator("#act-answer input[name=proof]").set_input_files(path)
        olga.submits("Note the answer")
        self.brand.go_on(self.case)

    def does_tasks(self) -> None:
        """The officer reads the tasks by hand and notes each as done."""
        olga = self.officer
        olga.opens(f"/cases/{self.case}/acts?act=task-done")
        form = olga.page.locator("#act-task-done")
        if not form.count():
            return
        olga.reads("#act-task-done")
        for box in form.locator("input[name=task]:visible").all():
            olga.clicks(box, leads=False)
        olga.chooses(form.get_by_label("What became of it"), "done")
        olga.submits("Note it")

    # -- the answer ----------------------------------------------------------------------------------------------------

    def hands_over(self, letter: str, *, package: bool = False) -> None:
        """The officer reads the answer and sends it; a package goes with it, its passphrase by telephone."""
        olga = self.officer
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
            olga.chooses("How it was sent", "e-mail")
            olga.submits("Mark as sent")
        if package:
            olga.says(30)


def nothing_held(at: Office) -> None:
    """No system knows the person."""
    at.opens("access")
    at.proves_by_call("Elsewhere (say where above)")
    _approves_nothing(at)
    at.hands_over("L8")


def _approves_nothing(at: Office) -> None:
    at._takes_up(at.approver)
    at.approver.reads("main")
    at.approver.submits("Approve “nothing held”")


def three_tickets(at: Office) -> None:
    """Access with three tickets, identity by a code."""
    at.opens("access")
    at.proves_by_code()
    at.releases()
    at.hands_over("L9", package=True)


def eighteen_records(at: Office) -> None:
    """Access with 18 records, two masks and a mute, identity by a call back."""
    at.opens("access")
    at.proves_by_call()
    at.reads_package(at.officer)
    at.mutes()
    at.releases()
    at.hands_over("L9", package=True)


def many_records(at: Office) -> None:
    """Access with 40 tickets, 12 calls and 9 attachments."""
    at.opens("access")
    at.proves_by_code()
    at.releases()
    at.hands_over("L9", package=True)


def erasure(at: Office) -> None:
    """Erasure of 20 records, with a processor and tasks by hand."""
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
    olga = at.officer
    olga.opens(f"/cases/{at.case}/doubtful")
    olga.reads("main")
    olga.clicks(olga.page.locator("input[name=record]:enabled").first, leads=False)
    olga.types("Why you look at it", "whose it is")
    olga.submits("Look at it")
    olga.reads("section[aria-labelledby=seen]")
    olga.types("What shows that it is the person's", "They named day and hour of the call.")
    olga.clicks(olga.page.get_by_role("button", name="Take record"))
    olga.submits("Rebuild package")
    at.releases()
    at.hands_over("L9", package=True)


def refusal(at: Office) -> None:
    """A request that is manifestly excessive is refused at the approval gate."""
    at.opens("access")
    at.proves_by_call()
    dana = at.approver
    at._takes_up(dana)
    if "/package" in dana.page.url:
        dana.clicks("The list of its records")
    dana.reads("main")
    dana.unfolds("Refuse the request")
    form = dana.page.get_by_role("form", name="Refuse the request")
    dana.reads("form[aria-label='Refuse the request'] > div")
    dana.chooses(form.get_by_label("Why", exact=True), "R9")
    dana.types(form.get_by_label("The reason, in words for the person"), "The law of another country applies to you.")
    dana.types(form.get_by_label("Law that we checked"), "Art. 3 GDPR")
    dana.submits("Refuse the request", form)
    at.hands_over("L7")


def extension(at: Office) -> None:
    """The period is extended."""
    at.opens("access")
    at.proves_by_call()
    olga = at.officer
    olga.opens(f"/cases/{at.case}")
    olga.reads(*_NEXT)
    olga.clicks("More actions")
    olga.unfolds("Extend the period by two months")
    olga.reads("#act-extend")
    olga.types("The concrete reason", "Recordings of three systems have to be screened for the voices of others.")
    olga.submits("Write the notice")


def bounced_letter(at: Office) -> None:
    """The answer that nothing is held comes back, and is sent by post."""
    nothing_held(at)
    olga = at.officer
    olga.opens(f"/cases/{at.case}/letters/L8")
    olga.reads("section[aria-labelledby=arrived]")
    olga.submits("Mark as returned")
    olga.reads("section[aria-labelledby=sent]")
    olga.submits("View letter")
    olga.chooses("How it was sent", "post")
    olga.submits("Mark as sent")


def routine(at: Office) -> None:
    """Five imported requests of people who logged in, of whom nothing is held: decided together."""
    day = at.brand.moment[0].date().isoformat()
    checks = as_cells(f"{day}T09:30", by="Ida Identity")
    emails = [f"routine.{number}@example.net" for number in range(5)]
    rows = [",".join(("access", email, "web form", day, *checks)) for email in emails]
    header = HEADER.replace("email,", "email,channel,")
    before = {one.case_id for one in at.brand.runtime.store.summaries()}
    report = import_requests(current_app(), request_file("\n".join([header, *rows])), by="Olga Officer")
    assert report.opened == len(emails), report
    cases = sorted({one.case_id for one in at.brand.runtime.store.summaries()} - before)
    for case in cases:
        at.brand.go_on(case)
    dana = at.approver
    dana.opens("/cases?state=awaiting+approval")
    for case in cases:
        dana.clicks(dana.page.get_by_label(f"Choose {case}"), leads=False)
    dana.clicks("Decide on the ticked ones")
    dana.reads("main")
    dana.types("Why these are decided together", "No system knows them.")
    dana.submits("Approve “nothing held”")
    dana.reads("main")
    olga = at.officer
    olga.opens("/")
    olga.clicks("Send several answers")
    olga.reads("main")
    olga.submits("Read these answers")
    olga.reads("main")
    olga.submits("Mail these answers")
    olga.reads("main")


CASES: Final[Mapping[str, tuple[Held | None, Callable[[Office], None]]]] = {
    "nothing held": (None, nothing_held),
    "3 tickets": (Held(tickets=3), three_tickets),
    "18 records, 2 masks, a mute": (Held(tickets=7, calls=2, payments=2, others=2), eighteen_records),
    "40 tickets, 12 calls, 9 attachments": (Held(tickets=40, calls=12, attachments=9), many_records),
    "erasure of 20 records, a processor": (Held(tickets=7, calls=3, payments=2), erasure),
    "namesakes": (Held(tickets=3, calls=1), namesakes),
    "refusal": (Held(tickets=2), refusal),
    "extension": (Held(tickets=2), extension),
    "bounced letter": (None, bounced_letter),
    "five routine cases": (None, routine),
}
"""What is held of each person, and the way through the case."""
