"""The conversation of a case at the desk: read, added to and removed from, by whom it is allowed."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.conversation import put_message, read_conversation, write_note
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.withdrawal import stop_case
from rightsflow.cases.facts.overview.board import waiting_work
from rightsflow.cases.facts.overview.personal_data import keep_words
from rightsflow.cases.facts.people import Duty, record_absence
from rightsflow.cases.work.access.package import assemble_package
from rightsflow.domain.accounts import ALLOWED, Role
from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.conversation import ContributionKind
from rightsflow.domain.people import Absence
from rightsflow.domain.request import RequestForm
from rightsflow.domain.work_list import ToDoKind
from tests.integration.desk.cases import at_approval, entries
from tests.support.packages import opened
from tests.support.signing_in import PEOPLE, settings_with

WORDS = "It is the zebra-striped kettle that I mean."
NOTE = "Ask her for the zebra receipt, @dana."
HTML = b"<script>alert('zebra')</script>"
FILE = ("files", ("zebra <b>.html", HTML, "text/html"))
REASON = "to answer her"


@contextmanager
def with_people(bench):
    """The bench with the people of its desk in the configuration, so that a note can name them."""
    before = bench.runtime
    bench.runtime = replace(before, settings=settings_with(typed_names="allowed"))
    with installed(bench.runtime):
        yield
    bench.runtime = before


@pytest.fixture
def case(bench):
    with with_people(bench):
        yield bench.open("access")


def here(case):
    return f"/cases/{case}/conversation"


def add(browser, case, *files, message=WORDS, received_on="2026-03-05"):
    typed = {"token": browser.token(here(case)), "message": message, "received_on": received_on}
    return browser.client.post(f"/desk{here(case)}/message", data=typed, files=list(files) or None)


def read(browser, case, reason=REASON):
    return browser.send(f"{here(case)}/read", here(case), reason=reason)


def to_read(key):
    """The notes in a person's own list."""
    may = frozenset().union(*(ALLOWED[Role(role)] for role in PEOPLE[key][1]))
    lists = waiting_work(current_app(), key, may).lists
    return [item.work.says for item in lists[ToDoKind.NOTE].shown] if ToDoKind.NOTE in lists else []


def test_a_message_with_a_file_is_read_once_by_a_reason_and_is_in_the_ledger_by_its_hashes(bench, rig, case):
    olga = rig.browser("olga")
    keep_words(current_app(), case, "Please send me everything, zebra.")
    assert add(olga, case, FILE).status_code == 303
    page = olga.get(here(case)).text
    assert "<strong>Message 1</strong> from the person" in page
    assert "text, 31 bytes" in page
    assert "zebra" not in page
    assert "Say why you have to read it" in read(olga, case, "").text
    shown = read(olga, case).text
    assert shown.index("Please send me everything") < shown.index("zebra-striped kettle")
    assert "zebra &lt;b&gt;.html" in shown
    assert "Acknowledgement (L1)" in shown
    assert "We received your message" not in shown, "a letter that has not gone out is opened on its own page"
    record_sent(current_app(), case, "L1", by="Olga Officer")
    assert "We received your message" in read(olga, case).text
    saved = olga.send(f"{here(case)}/file", here(case), message="1", file="1")
    assert saved.content == HTML
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == f'attachment; filename="{case}-message-1-1.txt"'
    noted = entries(bench, case)
    assert {"MessageReceived", "PersonalDataRevealed"} <= noted.keys()
    assert len(noted["MessageReceived"].details["files"]) == 1
    assert "zebra" not in str([entry.details for entry in noted.values()])


def test_what_is_not_accepted_changes_nothing_and_is_said_beside_its_field(bench, rig, case):
    olga = rig.browser("olga")
    before = list(entries(bench, case))
    for typed, field in (
        ({"message": " "}, "message"),
        ({"received_on": "2026-03-06"}, "received_on"),
        ({"received_on": "soon"}, "received_on"),
        ({"message": "x" * 10_001}, "message"),
    ):
        page = add(olga, case, **typed)
        assert (page.status_code, f'href="#{field}"' in page.text) == (422, True), typed
    for content in (b"", b"PK\x03\x04\x00\x00"):
        page = add(olga, case, ("files", ("a.docx", content, "text/plain")))
        assert (page.status_code, 'href="#files"' in page.text) == (422, True)
    many = [("files", (f"{number}.txt", b"x", "text/plain")) for number in range(11)]
    assert add(olga, case, *many).status_code == 413
    assert "no file 1" in olga.send(f"{here(case)}/file", here(case), message="1", file="1").text
    page = olga.send(f"{here(case)}/note", here(case), note="Look at this, @zoe.")
    assert page.status_code == 422
    assert "use @olga, @dana and @ines" in page.text
    assert list(entries(bench, case)) == before


def test_the_named_colleague_finds_the_note_in_to_do_until_it_is_read(bench, rig, case):
    olga, dana, ines = rig.browser("olga"), rig.browser("dana"), rig.browser("ines")
    assert olga.send(f"{here(case)}/note", here(case), note=NOTE).status_code == 303
    assert to_read("dana") == ["Read note 1 of Olga Officer."]
    assert to_read("olga") == to_read("ines") == []
    home = dana.get("/").text
    assert "Notes to read" in home
    assert "zebra" not in home
    assert "Read note 1 of Olga Officer." in dana.get(f"/cases/{case}").text
    read(ines, case)
    assert to_read("dana"), "only a look of the colleague, or the deputy, counts"
    assert "zebra receipt" in read(dana, case).text
    assert to_read("dana") == []
    assert dana.send(f"{here(case)}/note", here(case), note="Done, @olga.").status_code == 303
    away = Absence(person="olga", deputy="ines", first_on=current_app().today, last_on=current_app().today)
    record_absence(current_app(), away, by="Olga Officer")
    assert Duty.of(current_app()).answering("olga") == "ines"
    assert to_read("ines") == ["Read note 2 of Dana Decider."]
    read(ines, case)
    assert to_read("ines") == []


@pytest.mark.apart
def test_each_role_sees_reads_and_adds_what_the_table_allows(bench, rig, case):
    put_message(current_app(), case, WORDS, by="Olga Officer")
    expected = {
        # key: sees, reads, adds a message, writes a note, removes
        "olga": (200, 200, 303, 303, 303),
        "ines": (200, 200, 303, 303, 409),
        "dana": (200, 200, 403, 303, 403),
        "axel": (200, 403, 403, 403, 403),
        "aura": (200, 403, 403, 403, 403),
        "ada": (403, 403, 403, 403, 403),
    }
    for key, statuses in expected.items():
        browser = rig.browser(key)
        page = browser.get(here(case))
        token = {"token": browser.token("/sign-out")}

        def sent(act, browser=browser, token=token, **typed):
            return browser.client.post(f"/desk{here(case)}/{act}", data=token | typed).status_code

        found = (
            page.status_code,
            sent("read", reason=REASON),
            sent("message", message="More.", received_on="2026-03-05"),
            sent("note", note="Seen."),
            sent("remove", entry="1", why="a scan of her passport"),
        )
        assert found == statuses, key
        assert "zebra" not in page.text


def test_a_reply_is_proposed_as_the_answer_and_recorded_by_the_act_on_the_question(bench, rig, case):
    olga = rig.browser("olga")
    bench.confirm_identity(case)
    assert olga.send(f"/cases/{case}/acts/ask", f"/cases/{case}/acts", areas="kettles, calls").status_code == 303
    put_message(current_app(), case, "Earlier, about something else.", by="Olga Officer")
    bench.pass_time(timedelta(days=1))
    record_sent(current_app(), case, "L3", by="Olga Officer")
    bench.pass_time(timedelta(days=1))
    olga = rig.browser("olga")
    assert "may be the answer" not in olga.get(here(case)).text
    assert add(olga, case, received_on="2026-03-07").status_code == 303
    page = olga.get(here(case)).text
    assert "Message 2, which arrived on" in page
    assert f"/cases/{case}/acts?act=clarified" in page
    form = olga.get(f"/cases/{case}/acts?act=clarified").text
    choice = form.partition("clarified_message")[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\d)"', choice) == ["2"]
    both = {"clarified_message": "2", "clarified_words": "this"}
    assert "leave one of them empty" in olga.send(f"/cases/{case}/acts/clarified", f"/cases/{case}/acts", **both).text
    sent = olga.send(f"/cases/{case}/acts/clarified", f"/cases/{case}/acts", clarified_message="2")
    assert sent.status_code == 303
    assert entries(bench, case)["MessageTakenAsAnswer"].details["number"] == 2
    assert "answer to our question" in olga.get(here(case)).text
    assert "which data they mean" in olga.get(f"/cases/{case}").text
    assert read_conversation(current_app(), case).question is None
    with bench.file(case) as file:
        assert file.messages.answer == WORDS


@pytest.mark.apart
def test_a_reply_to_the_question_for_proof_leads_to_the_check_of_identity(bench, rig, case):
    ask_identity(current_app(), case, doubt="The request names no number that we could call back.", by="Olga Officer")
    record_sent(current_app(), case, "L2", by="Olga Officer")
    bench.pass_time(timedelta(hours=1))
    said = put_message(current_app(), case, WORDS, by="Olga Officer")
    assert said.endswith("The case waits for the person's answer: if this is it, record it as such.")
    page = rig.browser("olga").get(here(case)).text
    assert "The clock waits for the person" in page
    assert f'href="/desk/cases/{case}/identity"' in page


def test_removed_content_is_gone_for_good_and_its_hashes_stay(bench, rig, case):
    olga = rig.browser("olga")
    add(olga, case, FILE)
    typed = {"entry": "1", "why": "a scan of her zebra passport"}
    assert olga.send(f"{here(case)}/remove", here(case), **typed).status_code == 303
    shown = read(olga, case).text
    assert "The content was removed" in shown
    assert "zebra" not in shown
    assert "was removed" in olga.send(f"{here(case)}/file", here(case), message="1", file="1").text
    assert "removed already" in olga.send(f"{here(case)}/remove", here(case), **typed).text
    noted = entries(bench, case)
    assert noted["MessageReceived"].details["files"]
    assert "zebra" not in str(noted["MessageRemoved"].details)


@pytest.mark.apart
def test_a_duplicate_takes_no_message_and_a_request_made_again_has_its_words_in_the_first(bench, rig, case):
    form = RequestForm(right="access", email="Anna.Quill@example.com", opened_by="Olga Opener", channel="e-mail")
    second = open_request_form(current_app(), form, despite_duplicate=True).case_id
    stop_case(current_app(), second, StopReason.DUPLICATE, "She said so.", by="Ines Example", duplicate_of=case)
    olga = rig.browser("olga")
    page = olga.get(here(second)).text
    assert "Add a message of the person" not in page
    assert here(case) in page
    typed = {"message": WORDS, "received_on": "2026-03-05"}
    refused = olga.send(f"{here(second)}/message", here(second), **typed)
    assert (refused.status_code, case in refused.text) == (409, True)
    assert olga.send(f"{here(second)}/note", here(second), note="Both are hers.").status_code == 303
    again = {
        "right": "access",
        "received": "2026-03-05",
        "channel": "e-mail",
        "email": "anna.quill@example.com",
        "words": "Again: everything, zebra.",
        "duplicate": "join",
    }
    assert olga.send("/open", "/open", **again).status_code == 303
    shown = read(olga, case).text
    assert "Again: everything, zebra." in shown
    kinds = [entry.kind for entry in read_conversation(current_app(), case).entries]
    assert kinds.count(ContributionKind.REQUEST) == 2


@pytest.mark.apart
def test_an_access_package_contains_neither_messages_nor_notes(bench):
    case = at_approval(bench, "access")
    put_message(current_app(), case, WORDS, [("zebra.txt", b"zebra stripes")], by="Olga Officer")
    write_note(current_app(), case, NOTE, by="Olga Officer")
    assemble_package(current_app(), case)
    files = opened(bench, case)
    assert len(files) > 5
    said = (WORDS.encode(), b"zebra receipt", b"zebra stripes")
    assert not [name for name, content in files.items() if "zebra" in name or any(mark in content for mark in said)]


def test_a_note_without_colleagues_to_sign_in_names_no_one(bench):
    case = bench.open("access")
    assert write_note(current_app(), case, NOTE, by="Olga") == "Note 1 is saved."
