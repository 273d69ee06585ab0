"""The desk for everybody: axe-core finds no serious fault on any page, nothing is too wide, the keyboard is enough.

axe-core comes from npm, into the environment's own folder: ``npm install --prefix .venv axe-core``.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from deployments.desk.addresses import PREFIX
from deployments.desk.page import pages_of
from deployments.desk.pages import MODULES
from deployments.desk.protection import SESSION
from rightsflow.app import current_app
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.work.erasure.legal_hold import place_hold
from rightsflow.domain.accounts import Permission
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.desk.cases import at_approval, blocked_case, entries, in_doubt, state
from tests.support.bench import ANNA_TEXT
from tests.support.serving import served

CHROMIUM = shutil.which("chromium")
AXE = Path(sys.prefix) / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FAULTS = """async tags => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}});
  return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" ")}`);
}"""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)"),
    pytest.mark.xdist_group("chromium"),
    pytest.mark.apart,
]


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        with suppress(Exception):
            browser.close()


def tab_of(chromium, rig, address, key, size=DESKTOP):
    """A tab in which a person is signed in."""
    context = chromium.new_context(viewport=size)
    context.add_cookies([{"name": SESSION, "value": rig.team.enrol(key), "url": address}])
    return context.new_page()


@pytest.fixture
def cases(rig):
    """A case of each right at its gate, one with a letter that went out, an alert and a hold."""
    access = at_approval(rig.bench, "access")
    erasure = at_approval(rig.bench, "erasure", email="boris.other@example.org")
    record_sent(current_app(), access, "L1", by="Olga Officer")
    day = current_app().today.replace(month=6)
    place_hold(current_app(), "a claim", day, by="Olga Officer", owner="dpo", case_id=erasure)
    look_at_cases(current_app())
    return access, erasure


def pages_for(cases):
    """Every page, with who opens it: who can do most on it."""
    for page in pages_of(MODULES):
        if page.is_background:
            continue
        path = page.path.removeprefix(PREFIX)
        if page.is_background:
            continue  # Asked by a script, and no page for people.
        who = "ada" if page.needs is Permission.MANAGE_PEOPLE else "dana" if _is_a_gate(path) else "olga"
        if "{case_id}" in path and "{" not in path.replace("{case_id}", "").replace("{letter}", ""):
            yield from ((path.format(case_id=case, letter="L1"), who) for case in cases)
        elif "{" not in path and not path.endswith((".csv", ".ics")):
            yield path, who
    yield "/?whose=mine", "olga"
    yield f"/cases/many?case={cases[0]}&case={cases[1]}", "dana"


def _is_a_gate(path):
    return path.endswith(("/approval", "/plan", "/plan/dry-run", "/package"))


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install --prefix .venv axe-core")
def test_no_page_has_a_serious_fault_on_a_desk_or_on_a_phone(rig, chromium, cases):
    axe, found, seen = AXE.read_text(), {}, 0
    with served(rig.app) as address:
        tabs = {key: tab_of(chromium, rig, address, key) for key in ("olga", "dana", "ada")}
        for path, key in sorted(set(pages_for(cases))):
            tab = tabs[key]
            answer = tab.goto(f"{address}{PREFIX}{path}")
            if answer.status != 200 or "html" not in answer.headers["content-type"]:
                continue
            seen += 1
            tab.evaluate(axe)
            # The wide menu, once open, lies over what is below it; the small one has the same links.
            tab.evaluate(
                "document.querySelectorAll('details:not(nav.whole details)').forEach(one => { one.open = true })"
            )
            for size in (DESKTOP, PHONE):
                tab.set_viewport_size(size)
                faults = tab.evaluate(FAULTS, WCAG)
                if tab.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    faults.append("wider than the page")
                if faults:
                    found[path, size["width"]] = faults
        # The last page may be one that is not there.
        tab.evaluate(axe)
        tab.evaluate("document.body.append(document.createElement('img'))")
        control = tab.evaluate(FAULTS, WCAG)
    assert found == {}
    assert seen > 20
    assert any(one.startswith("image-alt") for one in control), "the control"


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install --prefix .venv axe-core")
def test_a_conversation_is_added_to_without_script_and_read_without_a_fault(rig, chromium, cases, tmp_path):
    scan = tmp_path / "kettle.txt"
    scan.write_text("It leaks.")
    with served(rig.app) as address:
        here = f"{address}{PREFIX}/cases/{cases[0]}/conversation"
        plain = chromium.new_context(viewport=PHONE, java_script_enabled=False)
        plain.add_cookies([{"name": SESSION, "value": rig.team.enrol("olga"), "url": address}])
        tab = plain.new_page()
        tab.goto(here)
        tab.get_by_label("What the person says").fill("I mean the kettle.")
        tab.get_by_label("Files").set_input_files(scan)
        tab.get_by_role("button", name="Add message").click()
        tab.get_by_label("Note", exact=True).fill("She means the kettle of 2024.\n" * 3)
        tab.get_by_role("button", name="Add note").click()
        tab.get_by_text("Note 2 is saved.").wait_for()
        tab = tab_of(chromium, rig, address, "olga")
        tab.goto(here)
        tab.get_by_label("Why you have to read it").fill("to answer her")
        tab.get_by_role("button", name="Reveal conversation").click()
        tab.get_by_text("I mean the kettle.").wait_for()
        tab.evaluate(AXE.read_text())
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        for size in (DESKTOP, PHONE):
            tab.set_viewport_size(size)
            assert tab.evaluate(FAULTS, WCAG) == []
            assert not tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        with tab.expect_download() as saved:
            tab.get_by_role("button", name="Save file 1").click()
        assert Path(saved.value.path()).read_text() == "It leaks."


def test_a_tab_in_which_nothing_happens_hears_of_the_request_of_another_one(rig, chromium):
    with served(rig.app) as address:
        quiet = tab_of(chromium, rig, address, "olga")
        quiet.context.clock.install()
        quiet.goto(f"{address}{PREFIX}/cases")
        warned = quiet.get_by_text("You will be signed out in")
        quiet.clock.fast_forward("26:00")
        warned.wait_for(state="visible")
        other = quiet.context.new_page()
        other.goto(f"{address}{PREFIX}/")
        warned.wait_for(state="hidden")
        quiet.clock.fast_forward("26:00")
        warned.wait_for(state="visible")
        quiet.get_by_role("button", name="Stay signed in").click()
        warned.wait_for(state="hidden")
        assert not other.get_by_text("You will be signed out in").is_visible()


def reach(tab, wanted, most=200):
    """Press Tab until something has the focus, which is seen to have it."""
    for _ in range(most):
        tab.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            assert wanted.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_a_gate_is_decided_by_the_keyboard_alone(rig, chromium):
    case = at_approval(rig.bench, "access")
    with served(rig.app) as address:
        tab = tab_of(chromium, rig, address, "dana")
        tab.goto(f"{address}{PREFIX}/")
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "main", "the first stop leads past the menu"
        reach(tab, tab.locator(f"a.row[href='{PREFIX}/cases/{case}']").first)
        tab.keyboard.press("Enter")
        tab.get_by_role("heading", name=case).wait_for()
        reach(tab, tab.get_by_role("link", name="Read and decide").first)
        tab.keyboard.press("Enter")
        tab.get_by_role("button", name="Release the package").wait_for()
        reach(tab, tab.get_by_role("button", name="Release the package"))
        tab.keyboard.press("Enter")
        tab.get_by_role("status").wait_for()
    assert entries(rig.bench, case)["DecisionRecorded"].actor == "Dana Decider"


def test_the_list_is_searched_while_one_types_and_by_the_button_without_script(rig, chromium):
    access, erasure = rig.bench.open("access"), rig.bench.open("erasure", email="boris.other@example.org")
    with served(rig.app) as address:
        tab = tab_of(chromium, rig, address, "olga", PHONE)
        tab.goto(f"{address}{PREFIX}/cases")
        listed = tab.locator("#listed tbody tr")
        assert listed.count() == 2
        field = tab.get_by_label("Case id or ticket number")
        field.press_sequentially(access[-5:].lower())
        tab.get_by_text("1 case has").wait_for()
        assert access in listed.inner_text()
        field.fill("Anna Quill")
        tab.get_by_text("Type a part of a case id").wait_for()
        field.fill("")
        tab.locator(f"#listed a[href$='{erasure}']").first.wait_for()
        field.fill(erasure)
        field.press("Enter")
        tab.get_by_role("heading", name=erasure).wait_for()
        assert "q=" not in tab.url


def test_cases_are_ticked_on_the_list_refused_together_and_the_skipped_one_is_named(rig, chromium):
    first, second, left, own = (
        at_approval(rig.bench, "access", email=f"nobody{number}@example.net", opened_by=opener)
        for number, opener in enumerate(("Olga Officer",) * 3 + ("Dana Decider",))
    )
    with served(rig.app) as address:
        tab = tab_of(chromium, rig, address, "dana")
        tab.goto(f"{address}{PREFIX}/cases")
        for case in (first, second, own):
            tab.get_by_role("checkbox", name=f"Choose {case}").check()
        tab.get_by_role("button", name="Decide on the ticked ones").click()
        tab.get_by_role("heading", name="Not decided with the others").wait_for()
        assert tab.get_by_role("checkbox").count() == 2
        tab.get_by_text("Refuse the ticked ones").click()
        tab.get_by_label("Why", exact=True).select_option("R9")
        tab.get_by_role("button", name="Refuse these requests").click()
        tab.get_by_text("Give the reason, in words for the person.").first.wait_for()
        tab.get_by_label("The reason, in words for the person").fill("Another law applies to you.")
        tab.get_by_label("Law that we checked").fill("Art. 3 GDPR")
        tab.set_viewport_size(PHONE)
        tab.get_by_role("button", name="Refuse these requests").click()
        tab.get_by_role("heading", name="What became of the cases").wait_for()
        assert {tab.get_by_role("link", name=case).count() for case in (first, second)} == {1}
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    refused = [entries(rig.bench, case)["DecisionRecorded"].details for case in (first, second)]
    assert [(one["verdict"], one["code"]) for one in refused] == [("refused", "R9")] * 2
    for case in (left, own):
        assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install --prefix .venv axe-core")
def test_blocked_records_are_read_on_a_desk_and_on_a_phone(rig, chromium):
    """The role that answers authorities alone opens this page, which the others of this file are not shown."""
    with blocked_case(rig.bench) as case, served(rig.app) as address:
        tab = tab_of(chromium, rig, address, "aura")
        tab.goto(f"{address}{PREFIX}/cases/{case}/blocked")
        for size in (DESKTOP, PHONE):
            tab.set_viewport_size(size)
            tab.get_by_label("helpdesk: service tickets").check()
            tab.get_by_label("Which court or authority").fill("AEPD, PS/00042/2026")
            tab.get_by_label("For what").fill("who is liable")
            tab.get_by_role("button", name="Look at them").click()
            tab.get_by_text(ANNA_TEXT).first.wait_for()
            tab.evaluate(AXE.read_text())
            assert tab.evaluate(FAULTS, WCAG) == []
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install --prefix .venv axe-core")
def test_a_record_in_doubt_is_looked_at_on_a_phone_and_taken_in_on_a_desk(rig, chromium):
    case, number = in_doubt(rig.bench)
    with served(rig.app) as address:
        tab = tab_of(chromium, rig, address, "olga")

        def fits():
            tab.evaluate(AXE.read_text())
            assert tab.evaluate(FAULTS, WCAG) == []
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        tab.goto(f"{address}{PREFIX}/cases/{case}/package")
        tab.get_by_role("link", name="Look at them").click()
        for size in (PHONE, DESKTOP):
            tab.set_viewport_size(size)
            tab.get_by_role("radio", name=f"{number} payments profile").check()
            tab.get_by_label("Why you look at it").fill("whose it is")
            tab.get_by_role("button", name="Look at it").click()
            tab.get_by_text("the old account of Zed Rook").wait_for()
            fits()
        tab.get_by_label("What shows that it is the person's").fill("her shop's account")
        tab.get_by_role("button", name=f"Take record {number} in").click()
        tab.get_by_text("Taken in by").wait_for()
        fits()
        tab.get_by_role("button", name="Rebuild package").click()
        tab.get_by_text("The package is made again").first.wait_for()
    assert state(rig.bench, case) is CaseState.IN_PROGRESS


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install --prefix .venv axe-core")
def test_whose_another_case_is_is_noted_by_the_keyboard_on_a_desk_and_on_a_phone(rig, chromium):
    case, *others = (
        rig.bench.open("access", phone="+49 30 23125 001", email=f"{name}@example.net", opened_by="Olga Officer")
        for name in ("ada", "ben", "cleo")
    )
    with served(rig.app) as address:
        tab = tab_of(chromium, rig, address, "dana")
        for size, other in zip((DESKTOP, PHONE), others, strict=True):
            tab.set_viewport_size(size)
            tab.goto(f"{address}{PREFIX}/cases/{case}")
            reach(tab, tab.get_by_role("link", name="find out whose").first)
            tab.keyboard.press("Enter")
            tab.get_by_role("heading", name="What you found out").wait_for()
            tab.evaluate(AXE.read_text())
            assert tab.evaluate(FAULTS, WCAG) == []
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            reach(tab, tab.get_by_label("The other case"))
            tab.get_by_label("The other case").select_option(other)
            reach(tab, tab.get_by_label("Whose it is"))
            tab.keyboard.type("It is another")
            reach(tab, tab.get_by_label("How you found that out"))
            tab.keyboard.type("Both were called back.")
            reach(tab, tab.get_by_role("button", name="Note it in both cases"))
            tab.keyboard.press("Enter")
            tab.get_by_role("status").get_by_text("are of two people from now on").wait_for()
    assert entries(rig.bench, others[1])["OtherPersonFound"].actor == "Dana Decider"
