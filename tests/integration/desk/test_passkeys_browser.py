"""Passkeys in a real browser, whose authenticator is Chromium's virtual one; the desk is served by a thread."""

from __future__ import annotations

import shutil
from contextlib import suppress

import pytest

from tests.integration.desk.cases import at_approval, entries, make_copies
from tests.support.serving import served

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)"),
    pytest.mark.xdist_group("chromium"),
    pytest.mark.apart,
]


@pytest.fixture
def page():
    """A page of a browser with an authenticator that recognises its person."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        made = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        devtools = made.context.new_cdp_session(made)
        devtools.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
        known = dict.fromkeys(("hasResidentKey", "hasUserVerification", "isUserVerified"), True)
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device | known})
        yield made
        with suppress(Exception):
            browser.close()


def test_a_person_sets_up_a_passkey_signs_in_by_it_and_approves_with_a_fresh_one(rig, page):
    case = at_approval(rig.bench, "access")
    make_copies(case)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    with served(rig.app) as address:
        page.goto(f"{address}/desk/invitation/{rig.team.invite('dana')}")
        page.get_by_label("Name of the passkey").fill("phone")
        page.get_by_role("button", name="Set up with a passkey").click()
        page.get_by_role("heading", name="To do").wait_for()
        page.get_by_role("link", name="Sign out").click()
        page.get_by_role("button", name="Sign out here").click()

        page.get_by_role("button", name="Sign in by a passkey").click()
        page.get_by_role("heading", name="To do").wait_for()

        rig.bench.moment[0] = rig.bench.moment[0].replace(hour=10)
        page.goto(f"{address}/desk/sign-in")
        page.get_by_role("button", name="Sign in by a passkey").click()
        page.get_by_role("heading", name="To do").wait_for()
        rig.bench.moment[0] = rig.bench.moment[0].replace(minute=6)

        page.goto(f"{address}/desk/account")
        page.get_by_text("phone", exact=True).wait_for()
        page.get_by_role("link", name="Prove that it is you").click()
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Your account").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        rig.bench.moment[0] = rig.bench.moment[0].replace(minute=12)
        page.goto(f"{address}/desk/cases/{case}/package")
        page.get_by_label("Why you read it").fill("the release")
        page.get_by_role("button", name="Read the package").click()
        page.get_by_role("heading", name="What the person will get").wait_for()
        page.get_by_role("checkbox").first.check()
        page.locator("summary", has_text="Leave records out").click()
        page.get_by_label("Ground, if they are left out").select_option("trade secrets")
        page.get_by_role("button", name="Leave them out").click()
        page.get_by_text("the release leaves these records out").wait_for()
        page.get_by_role("checkbox").first.check()
        rig.bench.moment[0] = rig.bench.moment[0].replace(minute=18)
        page.reload()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Give them after all").click()
        page.get_by_text("To be left out").first.wait_for(state="detached")

        rig.bench.moment[0] = rig.bench.moment[0].replace(minute=24)
        page.get_by_role("link", name="Release or refuse").first.click()
        page.get_by_role("heading", name="Letter in the package").wait_for()
        page.goto(f"{address}/desk/cases/{case}/approval?list=all")
        page.get_by_role("button", name="Release the package").click()
        page.wait_for_url(f"**/desk/cases/{case}")
    assert entries(rig.bench, case)["DecisionRecorded"].details["signed_in"] == "signed in by passkey"
    assert complaints == []
