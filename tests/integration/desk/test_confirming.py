"""The page on which a processor answers by its link: without an account, limited, and in a browser at both widths."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from deployments.desk.application import make_desk
from deployments.desk.page import WITH_FILES
from deployments.desk.protection import WINDOW_SECONDS, CallLimit
from deployments.front.guard import judge
from deployments.server_access import Addresses
from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.processors.processor_answers import MOST_PROOF_BYTES, record_instruction_sent
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.terms import InstructionStanding
from tests.integration.desk.cases import entries, read
from tests.support.bench import ANNA_ID, CANARIES
from tests.support.desk_client import Browser
from tests.support.processors import with_processors
from tests.support.serving import served
from tests.support.steps import approved, identified, search

CHROMIUM = shutil.which("chromium")
PDF = b"%PDF-1.7 erased"
DONE = {"done_on": "2026-03-05", "records": "4", "done_by": "Rita Ramos"}


@pytest.fixture
def link(rig):
    """The path of a link that was mailed."""
    settings = with_processors(rig.bench.runtime.settings, sub_processors=[{"name": "Subcalls SA"}])
    rig.bench.runtime = replace(rig.bench.runtime, settings=settings)
    with installed(rig.bench.runtime):
        case_id = approved(rig.bench)
        instruct_processor(current_app(), case_id, "callhouse")
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        with rig.bench.file(case_id) as file:
            token = file.instructions.links.make(1, "callhouse", current_app().now() + timedelta(days=10))
        yield f"/confirm/{case_id}/1/{token}"


def standing(rig, link):
    with rig.bench.file(link.split("/")[2]) as file:
        return file.instructions.one(1).standing


@pytest.mark.apart
def test_it_says_what_is_asked_and_nothing_of_the_person_and_is_recorded_once(rig, link):
    processor = rig.stranger()
    page = processor.get(link)
    assert page.status_code == 200
    assert "Callhouse Lisbon" in page.text
    assert "15 Mar 2026" in page.text
    assert not any(canary in page.text for canary in CANARIES)
    assert "Sign in" not in page.text
    token = processor.token(link)
    sent = processor.client.post(f"/desk{link}/done", data={"token": token} | DONE, files={"proof": ("log.pdf", PDF)})
    assert (sent.status_code, sent.headers["location"]) == (303, "/desk/confirm/recorded")
    assert "your confirmation is recorded" in processor.get("/confirm/recorded").text
    assert "your confirmation is recorded" not in processor.get("/confirm/recorded").text
    assert standing(rig, link) is InstructionStanding.CONFIRMED
    again = processor.client.post(f"/desk{link}/done", data={"token": token} | DONE)
    assert again.status_code == 404
    assert "This link is over" in again.text
    officer, here = rig.browser("olga"), f"/cases/{link.split('/')[2]}/processors"
    assert "Answered by Rita Ramos." in officer.send(f"{here}/said", here, said_answer="1/1").text
    saved = officer.send(f"{here}/proof", here, proof_answer="1/1")
    assert saved.content == PDF
    assert saved.headers["content-disposition"] == 'attachment; filename="proof-1-1.pdf"'
    assert "PersonalDataRevealed" in entries(rig.bench, link.split("/")[2])


@pytest.mark.apart
def test_what_cannot_be_recorded_is_said_and_the_link_stays(rig, link):
    processor = rig.stranger()
    for act, typed, said in (
        ("done", {}, "Give the day"),
        ("done", DONE | {"records": "many"}, "not a number of records"),
        ("done", DONE | {"records": "0"}, "Search again"),
        ("nothing-held", {"looked_on": "2026-03-05", "looked_by": "Rita"}, "Search again"),
        ("nothing-held", {"looked_on": "2026-03-06", "looked_by": "Rita", "looked_note": "x"}, "in the future"),
        ("cannot", {"reason": " "}, "Say why"),
        ("more-time", {"until": "2026-09-01"}, "has to lie before"),
        ("handed-on", {}, "Name those"),
    ):
        answer = processor.send(f"{link}/{act}", link, **typed)
        assert answer.status_code == 422
        assert said in answer.text
        assert "Nothing was changed" in answer.text
        assert standing(rig, link) is InstructionStanding.WAITING


@pytest.mark.apart
def test_an_empty_file_is_no_proof_and_what_no_one_types_is_left_out(rig, link):
    """Found: the empty file was taken for none, and a name came into the case file with a NUL."""
    processor = rig.stranger()
    typed = {"token": processor.token(link)} | DONE | {"done_by": "Rita\x00 Ramos"}
    empty = processor.client.post(f"/desk{link}/done", data=typed, files={"proof": ("log.pdf", b"")})
    assert (empty.status_code, "The file is empty" in empty.text) == (422, True)
    assert standing(rig, link) is InstructionStanding.WAITING
    sent = processor.client.post(f"/desk{link}/done", data=typed, files={"proof": ("log.pdf", PDF)})
    assert sent.status_code == 303
    officer, here = rig.browser("olga"), f"/cases/{link.split('/')[2]}/processors"
    assert "Answered by Rita Ramos." in officer.send(f"{here}/said", here, said_answer="1/1").text


def test_each_other_answer_is_recorded(rig, link):
    processor = rig.stranger()
    assert processor.send(f"{link}/handed-on", link, sub="Subcalls SA").status_code == 303
    assert "we send you another link" in processor.get("/confirm/recorded").text
    with rig.bench.file(link.split("/")[2]) as file:
        assert file.instructions.one(1).last.sub_processors == ("Subcalls SA",)


@pytest.mark.apart
def test_an_access_request_is_answered_with_files(rig, link):
    case_id = identified(rig.bench, "access")
    search(case_id)
    instruct_processor(current_app(), case_id, "callhouse")
    record_instruction_sent(current_app(), case_id, 1, by="Ben")
    with rig.bench.file(case_id) as file:
        token = file.instructions.links.make(1, "callhouse", current_app().now() + timedelta(days=10))
    here, processor = f"/confirm/{case_id}/1/{token}", rig.stranger()
    page = processor.get(here).text
    assert "Give us the records of one person" in page
    assert "We have erased" not in page
    token = processor.token(here)
    typed = {"token": token, "given_on": "2026-03-05", "given_by": "Rita Ramos"}
    assert "Choose the files" in processor.client.post(f"/desk{here}/handed-over", data=typed).text
    files = [("documents", ("a.txt", f"on {ANNA_ID.value}".encode())), ("documents", ("b.pdf", PDF))]
    assert processor.client.post(f"/desk{here}/handed-over", data=typed, files=files).status_code == 303
    assert standing(rig, here) is InstructionStanding.QUESTIONED
    officer, there = rig.browser("olga"), f"/cases/{case_id}/processors"
    assert "2 files handed over" in officer.get(there).text
    saved = officer.send(f"{there}/document", there, document="1/2")
    assert (saved.content, saved.headers["content-disposition"]) == (PDF, 'attachment; filename="document-2.pdf"')
    officer.send(f"{there}/check", there, instruction="1", check_reason="Read both.")
    assert standing(rig, here) is InstructionStanding.CONFIRMED
    for system in make_copies_again(current_app(), case_id):
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    approver = rig.browser("dana")
    package = approver.get(read(approver, case_id)).text
    assert "Callhouse: call notes" in package or "callhouse: call notes" in package
    assert f"on {ANNA_ID.value}" in package
    assert "document-2.pdf" in package


def test_files_are_limited_in_size_and_kind_and_without_a_link_are_not_read(rig, link):
    processor = rig.stranger()
    token = processor.token(link)

    def send(content, path=link):
        files = {"proof": ("proof", content)}
        return processor.client.post(f"/desk{path}/done", data={"token": token} | DONE, files=files)

    assert "of no kind that is taken" in send(b"MZ\x90\x00").text
    assert "more than 5 MB" in send(PDF + b" " * MOST_PROOF_BYTES).text
    assert send(b"a" * WITH_FILES).status_code == 413
    assert send(PDF, f"{link[:-3]}AAA").status_code == 404
    assert standing(rig, link) is InstructionStanding.WAITING


def from_address(rig, host):
    """A browser at an address of its own."""
    client = TestClient(rig.app, base_url=rig.origin, follow_redirects=False, client=(host, 1))
    client.portal = rig.stranger().client.portal
    return Browser(client)


@pytest.fixture
def few_calls(rig):
    """A desk that takes four calls in a minute, by a fixed clock."""
    rig.app = make_desk(rig.desk, lambda _: False, CallLimit(each=4, clock=lambda: 0.0))


@pytest.mark.apart
@pytest.mark.usefixtures("few_calls")
def test_attempts_of_a_stranger_are_limited_and_lock_out_nobody_who_has_a_link(rig, link):
    """Ten addresses used up what all together were allowed, and no processor could answer for a minute."""
    guessed = f"{link[:-3]}AAA"
    for number in range(1, 12):
        stranger = from_address(rig, f"192.0.2.{number}")
        answers = [stranger.get(guessed).status_code for _ in range(5)]
        assert answers == [404] * 4 + [429]
    assert from_address(rig, "198.51.100.7").get(link).status_code == 200
    assert stranger.get(link).status_code == 200, "who has a link behind the same address"
    assert rig.stranger().get("/sign-in").status_code == 200


@pytest.mark.usefixtures("few_calls")
def test_a_link_has_a_limit_of_its_own(rig, link):
    answers = [from_address(rig, f"192.0.2.{number}").get(link).status_code for number in range(5)]
    assert answers == [200] * 4 + [429]
    stranger = rig.stranger()
    answers = [stranger.get("/confirm/recorded").status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert stranger.client.post("/desk/confirm/recorded").status_code == 405


def test_what_is_allowed_is_allowed_again_after_a_minute_per_caller():
    usual = CallLimit(clock=lambda: 0.0)
    assert [usual.takes("a") for _ in range(61)] == [True] * 60 + [False]
    now = [0.0]
    call_limit = CallLimit(each=2, clock=lambda: now[0])
    assert [call_limit.takes("a") for _ in range(3)] == [True, True, False]
    assert [call_limit.takes("b") for _ in range(3)] == [True, True, False]
    now[0] += WINDOW_SECONDS
    assert call_limit.takes("b")


def test_a_flood_of_addresses_fills_no_memory_and_refuses_no_other():
    call_limit = CallLimit(each=1, clock=lambda: 0.0)
    assert all(call_limit.takes(str(number)) for number in range(30_000))


def test_the_guard_lets_a_form_with_a_file_through_to_the_desk():
    addresses = Addresses.of(["http://127.0.0.1:4200"])
    headers = [(b"host", b"127.0.0.1:4200"), (b"content-type", b"multipart/form-data; boundary=x")]
    scope = {"type": "http", "method": "POST", "path": "/desk/confirm/x/1/y/done", "headers": headers}
    assert judge(scope, addresses) is None
    assert judge(scope | {"path": "/api/x", "headers": [*headers, (b"content-length", b"1")]}, addresses) is not None


@pytest.fixture
def chromium():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        with suppress(Exception):
            browser.close()


@pytest.mark.xdist_group("chromium")
@pytest.mark.apart
def test_in_a_browser_on_a_phone_and_at_a_desk(rig, link, chromium, tmp_path):
    complaints = []
    proof = tmp_path / "log.pdf"
    proof.write_bytes(PDF)
    with served(rig.app) as address:
        for width in (1440, 390):
            page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.goto(f"{address}/desk{link}")
            page.get_by_text("We hold nothing of this person").click()
            page.get_by_label("Name of who looked").fill("Rita Ramos")
            page.get_by_role("button", name="Confirm that nothing is held").click()
            page.get_by_role("link", name=re.compile("Search again")).wait_for()
            assert page.get_by_label("Name of who looked").input_value() == "Rita Ramos"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            page.screenshot(path=tmp_path / f"zero-{width}.png", full_page=True)
            page.get_by_text("We have erased the records").click()
            page.screenshot(path=tmp_path / f"done-{width}.png", full_page=True)
        page.get_by_label("How many records").fill("4")
        page.get_by_label("A document that shows it").set_input_files(proof)
        page.get_by_label("Name of who did it").fill("Rita Ramos")
        page.get_by_role("button", name="Confirm that it is erased").click()
        page.get_by_text("your confirmation is recorded").wait_for()
        page.screenshot(path=tmp_path / "recorded.png", full_page=True)
    assert standing(rig, link) is InstructionStanding.CONFIRMED
    assert [one for one in complaints if "422" not in one] == []
