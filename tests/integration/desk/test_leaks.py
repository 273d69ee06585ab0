"""Nothing of the person is met where it is not shown on purpose: addresses, headers, titles, logs, ledger, sheet.

Whatever can be typed into the desk's newer acts is full of the person's data here, typed well and badly.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from proofs.canaries.person import (
    ATTACHED,
    ATTACHMENT,
    CANARIES,
    EMAIL,
    FORM,
    MESSAGE,
    NAME,
    NOTE,
    QUOTE,
    REASON,
    SHORT,
    TEXT,
    fill,
)
from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.work.access.package import assemble_package
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, number_of, read
from tests.support.bench import BORIS
from tests.support.canary import Scanner, all_logs
from tests.support.mailing import CODE, mailing
from tests.support.post import smtp_server
from tests.support.waves import wave

pytestmark = pytest.mark.apart

SCANNER = Scanner(CANARIES, SHORT)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
CHOICE = re.compile(r'<option value="([0-9a-f]{64})"')
PLACE = re.compile(r'name="place" value="([\d-]+)"')
READ = re.compile(r'name="read" value="([0-9a-f]{64})"')
OTHERS, BADLY = "another person's data", QUOTE[:180]


class Trail:
    """What browsers, proxies and logs keep of what was done.

    Args:
        rig: The desk.
        key: Who works.
    """

    def __init__(self, rig, key):
        self.browser, self.kept, self.statuses = rig.browser(key), [], []
        self.browser.client.event_hooks = {"response": [self._keep]}

    def _keep(self, answer):
        answer.read()
        self.statuses.append(answer.status_code)
        kept = [str(answer.request.url), *map(str, answer.headers.items()), answer.request.headers.get("referer", "")]
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        self.kept += [*kept, *TITLE.findall(answer.text if is_page else "")]

    def act(self, path, of, **typed):
        """Send a form; 303 and 200 are done, 404 to 422 refused."""
        answer = self.browser.send(path, of, **typed)
        assert answer.status_code in {200, 303, 404, 409, 422}, (path, answer.status_code)
        return answer


def nothing_of_the_person(rig, cases, heard, *trails):
    """Look everywhere."""
    # Without what the tests' own mail server says of what it is handed.
    places = [("log", "\n".join(line for line in heard.getvalue().splitlines() if " mail.log " not in line))]
    places += [("kept by browsers", "\n".join(one.kept)) for one in trails]
    for case in cases:
        with rig.bench.file(case) as file:
            places += [("ledger", repr([(one.actor, one.details) for one in file.ledger.entries()]))]
        places.append(("sheet", render_sheet(read_overview(current_app(), case), current_app())))
    for name, text in places:
        assert text
        assert SCANNER.scan(text.encode(), name) == set(), name


@pytest.fixture
def heard():
    with all_logs() as heard:
        yield heard


@pytest.fixture
def person(rig):
    fill(rig.bench.systems)
    rig.bench.systems["helpdesk"].add(
        FakeRecord(kind="ticket", key="z9", profile=EMAIL, texts=((BORIS, f"{TEXT} says boris@example.org"),)),
    )
    return FORM


def test_what_browsers_keep_is_looked_through(rig):
    """Without this the tests below could pass on a trail that keeps nothing."""
    officer = Trail(rig, "olga")
    officer.browser.get(f"/cases?owner={EMAIL}")
    assert {one.canary for one in SCANNER.scan("\n".join(officer.kept).encode(), "kept")} >= {"e-mail"}
    assert "Cases" in "\n".join(officer.kept), "titles are kept"


def test_identity_by_a_code_and_what_is_typed_beside_it(rig, person, heard):
    case = rig.bench.open("access", **person)
    here, officer = f"/cases/{case}/identity", Trail(rig, "olga")
    with smtp_server() as box, mailing(rig.bench, box.port):
        found = officer.act(f"{here}/on-file", here)
        (choice, *_) = CHOICE.findall(found.text)
        officer.act(f"{here}/address", here, address=choice, why=REASON)
        officer.act(f"{here}/send-code", here, address=choice, address_since="2024-05-03")
        code = CODE.search(box.messages[-1].get_content())[1]
        for typed in (EMAIL, "00000000", code):
            officer.act(f"{here}/check-code", here, given_code=typed, given_back=QUOTE)
        officer.act(f"{here}/send-code", here, address=EMAIL, address_since=NAME)
        representative = {"code_representative": NAME, "code_representative_mandate": REASON}
        officer.act(f"{here}/check-code", here, given_code=code, given_back="on the telephone", **representative)
        officer.act(
            f"{here}/confirm", here, method=QUOTE, done=REASON, at=NAME, against=EMAIL, held_by=TEXT, since=TEXT
        )
        officer.act(f"{here}/ask", here, doubt=REASON)
        officer.act(f"{here}/check-code", here, given_code=code, given_back="on the telephone")
    assert {200, 303, 422} <= set(officer.statuses)
    nothing_of_the_person(rig, [case], heard, officer)


def test_a_package_with_its_masks_until_its_letter(rig, person, heard):
    rig.bench.systems["calls"].add(
        FakeRecord(kind="recording", key="z8", profile=EMAIL, texts=((frozenset(), "call"),), audio=wave(seconds=2))
    )
    case = at_approval(rig.bench, "access", **person)
    assemble_package(current_app(), case)
    officer, dana = Trail(rig, "olga"), Trail(rig, "dana")
    page = read(dana.browser, case, reason=REASON)
    here = read(officer.browser, case, reason=REASON)
    record = f"{here}/records/{number_of(rig.bench, case, 'z1')}"
    places = PLACE.findall(officer.browser.get(record).text)
    for ground in (OTHERS, QUOTE):
        officer.act(f"{record}/hide", record, **{"passage": TEXT, "hide-ground": ground, "hide-remark": REASON})
    officer.act(f"{record}/hide", record, **{"passage": QUOTE, "hide-ground": OTHERS})
    officer.act(f"{record}/look", record, place=places or [EMAIL], reason=REASON)
    officer.act(f"{record}/show", record, place=[EMAIL], reason=REASON)
    mute = {"recording": NAME, "start": EMAIL, "end": TEXT, "channel": QUOTE, "mute-ground": OTHERS}
    officer.act(f"{record}/mute", record, **mute)
    officer.act(f"{record}/take-back", record, choice=[EMAIL])
    dana.act(f"{page}/leave-out?page=1", page, record="1", ground=BADLY, provision=EMAIL)
    dana.act(f"{page}/leave-out?page=1", page, record="1", ground=BADLY)
    release = f"{page}/release"
    dana.act(f"{release}/approve", release, noted=EMAIL)
    officer.act(f"{here}/release/send-back", f"{here}/release", again="copy again", remark=REASON)
    dana.act(f"{release}/refuse", "/sign-out", refusal="R6", refusal_reason=REASON, **{"R6-1": QUOTE})
    assert {200, 303, 422} <= set(officer.statuses)
    nothing_of_the_person(rig, [case], heard, officer, dana)


def test_a_plan_until_its_letter_is_noted(rig, person, heard):
    case = at_approval(rig.bench, "erasure", **person)
    here, dana = f"/cases/{case}/plan", Trail(rig, "dana")
    plan = dana.browser.get(here).text
    number = number_of(rig.bench, case, "z1")
    noted = {"record": [str(number)], "read": READ.search(plan)[1]}
    dana.act(f"{here}/look", here, record=[str(number)], reason=REASON)
    keep = {"act-these": "keep", "ground-these": BADLY, "until-these": "2027-01-31"}
    for more in ({"provision-these": "Art. 17(3)(e)"}, {"provision-these": f"Art. 17 {EMAIL}"}, {"until-these": NAME}):
        dana.act(f"{here}/note", here, **(noted | keep | more))
    dana.act(f"{here}/take-back", here, note=EMAIL, read=EMAIL)
    dana.act(f"{here}/ask", here, record=[str(number)])
    dana.browser.get(f"{here}?group={number}&page={number}")
    dana.act(f"{here}/refuse", here, refusal="R4", refusal_reason=REASON, **{"R4-1": EMAIL, "R4-2": TEXT, "R4-3": NAME})
    dana.act(f"{here}/search", here, why=REASON)
    assert {200, 303, 409, 422} <= set(dana.statuses)
    nothing_of_the_person(rig, [case], heard, dana)


def test_acts_and_letters(rig, person, heard):
    case = rig.bench.open("access", **person)
    officer, here = Trail(rig, "olga"), f"/cases/{case}/acts"
    letter = f"/cases/{case}/letters/L1"
    rig.bench.pass_time(timedelta(minutes=1))
    officer.act(f"{letter}/edit", letter, salutation=f"Dear {NAME},", remark=REASON)
    officer.act(f"{letter}/edit", letter, salutation=QUOTE, remark=QUOTE.upper())
    officer.act(f"{letter}/read", letter, reason=REASON)
    officer.act(f"{letter}/sent", letter, sent_on=NAME, channel=EMAIL, proof=QUOTE)
    officer.act(f"{letter}/sent", letter, sent_on="2026-03-05", channel="registered post", proof=REASON)
    officer.act(f"{letter}/delivered", letter, arrived_on="2026-03-05", arrival_proof=REASON)
    officer.act(f"{letter}/returned", letter, arrived_on=NAME)
    officer.act(f"{here}/ask", here, areas=f"{TEXT}, {NAME}")
    officer.act(f"{here}/extend", here, extend_reason=REASON)
    officer.act(f"{here}/hand-over", here, to=EMAIL, hand_over_reason=REASON)
    officer.act(f"{here}/hand-over", here, to="dpo", hand_over_reason=REASON)
    officer.act("/cases/person", "/cases", email=EMAIL)
    officer.act("/cases/search", "/cases", q=EMAIL)
    officer.act("/cases/save-filter?right=access", "/cases", filter_name="Access")
    officer.act(f"{here}/withdraw", here, withdraw_reason=REASON)
    assert {200, 303, 422} <= set(officer.statuses)
    nothing_of_the_person(rig, [case], heard, officer)


def test_a_conversation(rig, person, heard):
    case = rig.bench.open("access", **person)
    here, officer = f"/cases/{case}/conversation", Trail(rig, "olga")
    said = {"token": officer.browser.token(here), "message": f"{MESSAGE} {QUOTE}", "received_on": "2026-03-05"}
    for content in (ATTACHED.encode(), b"PK\x03\x04\x00"):
        files = {"files": (f"{ATTACHMENT} {NAME}.html", content, "text/html")}
        officer.browser.client.post(f"/desk{here}/message", data=said, files=files)
    officer.act(f"{here}/message", here, message=NOTE, received_on=QUOTE)
    officer.act(f"{here}/note", here, note=f"{NOTE} @{NAME}")
    officer.act(f"{here}/read", here, reason=REASON)
    officer.act(f"{here}/file", here, message="1", file="1")
    officer.act(f"{here}/file", here, message=EMAIL, file=NAME)
    officer.act(f"{here}/remove", here, entry=EMAIL, why=REASON)
    officer.act(f"{here}/remove", here, entry="2", why=REASON)
    assert {200, 303, 422} <= set(officer.statuses)
    nothing_of_the_person(rig, [case], heard, officer)
