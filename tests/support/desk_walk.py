"""What a team does at the desk, page by page, from an invitation to an answer: each a part of one way through it."""

from __future__ import annotations

from datetime import date

from tests.support.desk_person import PLAYED
from tests.support.mailing import CODE

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
    page.get_by_label("Arrived on").fill(date.today().isoformat())
    page.get_by_label("How it arrived").select_option("e-mail")
    page.get_by_label("E-mail address").fill(subject.emails[0])
    page.get_by_label("Name", exact=True).fill(subject.name)
    olga.reads("open")
    olga.press("Open the request", "is open; target date")
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
    if not person.page.url.endswith("/package"):
        person.waits_for("Read the package as the person will")
    person.page.get_by_label("Why you read it").fill("the release")
    person.reads("package")
    person.press("Read the package", "What the person will get")
    while not person.page.locator(wanted).count():
        person.follow("Next page", "What the person will get")


def masks_of(person, wanted):
    """The masks of the first record that has something, of those on the page."""
    records = person.page.locator("article.record", has=person.page.locator(wanted))
    records.first.get_by_role("link", name="Redactions of record").click()
    person.sees("Redactions of record")


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
    olga.follow("Rebuild package, release or send back", "To be made again")
    olga.reads("make-again")
    olga.press("Rebuild package", "The package is made again")
    page.goto(case_page)


def talks(olga, dana, desk, case):
    """Write a note to a colleague, who is led to it by the case, and reads it."""
    note = "Hear the recording first, @dana."
    olga.follow("Letters, messages, notes", "Add a note to colleagues")
    olga.page.get_by_label("Note", exact=True).fill(note)
    olga.press("Add note", "It waits in the list of Dana")
    olga.reads("conversation")
    olga.page.goto(f"{desk.address}/cases/{case}")
    dana.page.goto(f"{desk.address}/cases/{case}")
    dana.follow("Read the note", "Add a note to colleagues")
    dana.page.get_by_label("Why you have to read it").fill("the release")
    dana.press("Reveal conversation", note)
    dana.reads("conversation")


def releases(dana, desk, case):
    """Read the package, hear a recording, leave a record out with its ground, release; gives the record's number."""
    page = dana.page
    page.goto(f"{desk.address}/cases/{case}")
    dana.waits_for("Read and decide")
    reads_package(dana, "audio")
    dana.sees("1 muted interval")
    dana.sees("[masked passage]")
    assert page.locator("audio").first.evaluate(PLAYED) > 0, "it is played from its middle too"
    dana.reads("reading")
    box = page.get_by_role("checkbox").last
    number = int(box.get_attribute("value"))
    box.check()
    page.locator("summary", has_text="Leave records out").click()
    page.get_by_label("Ground, if they are left out").select_option("trade secrets")
    dana.press("Leave them out", "the release leaves these records out")
    dana.follow("Release or refuse", "trade secrets")
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
    dana.follow("Ownership unclear", "Look at the ticked records")
    unclear = [int(one.get_attribute("value")) for one in page.locator("input[name=record]").all()]
    for number in unclear:
        page.locator(f"#tick-{number}").check()
    page.get_by_label("Why you look at them").fill("whose they are")
    dana.press("Look at them", "It names:")
    assert page.locator("audio").last.evaluate(PLAYED) > 0, "a call is heard on the plan's page"
    dana.reads("looked")
    # The recording first: as long as it stays, the call by which it is found stays too.
    for number in reversed(unclear):
        dana.follow("Ownership unclear", "Look at the ticked records")
        page.locator(f"#tick-{number}").check()
        page.get_by_label("Decision").select_option("erase")
        dana.press("Note the decision", "it counts with the approval")
    page.locator("summary", has_text="Standard records").click()
    dana.follow("helpdesk ticket: erase", "Decide on records of this page")
    kept = int(page.locator("input[name=record]").first.get_attribute("value"))
    page.locator(f"#tick-{kept}").check()
    page.get_by_label("Decision").select_option("keep")
    page.get_by_label("Ground, if kept").fill("defence of a claim")
    page.get_by_label("Provision, if kept").fill("Art. 17(3)(e)")
    page.locator("#until-these").fill("2031-01-31")
    dana.press("Note the decision", "it counts with the approval")
    dana.reads("noted")
    dana.follow("Dry run", "service tickets")
    dana.reads("dry-run")
    dana.follow("Back to the plan", "What happens")
    desk.pass_time()
    page.reload()
    dana.reads("approve")
    dana.press_with_passkey("Approve the plan and erase", "Approved; the plan is carried out now")
    dana.reads("approved")
    return unclear, kept


def sends(olga, desk, case):
    """Read the answer, and mail it from its page, which closes the case; gives the mail."""
    before = len(desk.mails)
    olga.page.goto(f"{desk.address}/cases/{case}")
    olga.waits_for("Send the answer")
    olga.page.get_by_label("Why you have to read it").fill("to send it")
    if olga.page.locator("input[name=code]").count():
        olga.page.locator("input[name=code]").first.fill(olga.code())
    olga.press("View letter", "Shown once, on this page")
    olga.reads("answer")
    olga.press("Mail it now", "has gone out by mail")
    olga.reads("sent")
    return desk.mail_after(before)


def finds(olga, desk, *cases):
    """Find the cases again by the person's e-mail address."""
    # By its address: the case's own page has a link to other cases besides the header's.
    olga.page.goto(f"{desk.address}/cases")
    olga.sees("Filter")
    desk.pass_time()
    olga.page.reload()
    olga.page.get_by_label("E-mail address").fill(desk.subject.emails[0])
    olga.reads("cases")
    olga.press_with_code("Find", cases[0])
    olga.reads("found")
    for case in cases:
        olga.sees(case)
