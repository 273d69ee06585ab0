"""A person at the desk, in a browser of their own, who knows an invitation and nothing else."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any

import pyotp

from tests.support.stack import stretched

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PASSWORD = "four kettles on a blue stove"
PATIENCE_SECONDS = 90
PLAYED = """async player => {
  player.muted = true;
  await player.play();
  player.currentTime = player.duration / 2;
  await new Promise(done => player.addEventListener("seeked", done, {once: true}));
  return player.currentTime;
}"""
"""What lets a recording begin, and go on from its middle; gives where it is."""
_DEVICE = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
_KNOWS_ITS_PERSON = dict.fromkeys(("hasResidentKey", "hasUserVerification", "isUserVerified"), True)


class Person:
    """A person in a browser of their own.

    Args:
        chromium: The program.
        size: How large their screen is.
        pictures: Where a picture of each page they read is put.
        name: Who, for the pictures' names.
    """

    def __init__(self, chromium: Any, size: Any, pictures: Path, name: str) -> None:
        context = chromium.new_context(
            viewport=size, accept_downloads=True, locale="en-GB", timezone_id="Europe/Berlin"
        )
        self.page = context.new_page()
        self.complaints = []
        self.page.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self._pictures, self._name, self._numbers = pictures, name, count(1)
        self._codes, self._last_step, self._recognised = None, 0, None

    def enrol(self, link: str) -> None:
        """Set up an account by an invitation, with a password and an app."""
        self.page.goto(link)
        self._codes = pyotp.TOTP(self.page.locator("code.secret").inner_text().replace(" ", ""))
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("The same password again").fill(PASSWORD)
        self.page.get_by_label("The code that the app shows now").fill(self.code())
        self.reads("invitation")
        self.press("Set up and sign in", "To do")

    def enrol_with_passkey(self, link: str) -> None:
        """Set up an account by an invitation, with a passkey of a device that recognises its person."""
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE | _KNOWS_ITS_PERSON})
        self._recognised = lambda is_so: devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": is_so}
        )
        self.page.goto(link)
        self.page.get_by_label("Name of the passkey").fill("phone")
        self.press("Set up with a passkey", "To do")

    def code(self):
        """What the person's app shows now, or next where that was used: none counts twice."""
        step = max(int(time.time()) // 30, self._last_step + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self._last_step = step
        return self._codes.at(step * 30)

    def reads(self, what: str) -> None:
        """A picture of the page is taken, and nothing of it is wider than the screen."""
        self.page.screenshot(path=self._pictures / f"{self._name}-{next(self._numbers):02}-{what}.png", full_page=True)
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{what} is {too_wide} pixels wider than the screen"

    def press(self, button, then):
        """Press a button, and wait for what the next page says."""
        self.page.get_by_role("button", name=button, exact=True).first.click()
        self.sees(then, f"{button} did not lead to it")

    def press_with_code(self, button, then):
        """Press a button that needs a fresh proof: without a code it changes nothing, with one of the app it does."""
        self.press(button, "Nothing was changed")
        self.page.locator("input[name=code]").evaluate_all(
            "(all, code) => all.forEach(one => one.value = code)", self.code()
        )
        self.press(button, then)

    def press_with_passkey(self, button, then):
        """Press a button that needs a fresh proof: a device that does not recognise its person gives none."""
        self._recognised(False)
        self.press(button, "The passkey could not be used, and nothing was sent")
        self._recognised(True)
        self.press(button, then)

    def follow(self, link, then):
        """Follow a link, and wait for what the next page says."""
        self.link(link).click()
        self.sees(then, f"{link} did not lead to it")

    def link(self, name):
        """A link of the page; one in the header's menu is reached by opening that."""
        found, menu = self.page.get_by_role("link", name=name), self.page.locator("details.menu > summary:visible")
        if not found.count() and menu.count():
            menu.first.click()
        return found.first

    def sees(self, text, otherwise=""):
        """Wait until the page says something."""
        try:
            self.page.get_by_text(text).first.wait_for(timeout=1000 * stretched(20))
        except Exception as error:
            said = self.page.locator("main").inner_text()
            raise AssertionError(f"“{text}” is not there ({otherwise}) but: {said}") from error

    def waits_for(self, link):
        """Look at the page again and again, as a person does, until it has a link; then follow it."""
        deadline = time.monotonic() + stretched(PATIENCE_SECONDS)
        while not (found := self.page.get_by_role("link", name=link, exact=True)).count():
            assert time.monotonic() < deadline, f"no link {link}: {self.page.locator('main').inner_text()}"
            time.sleep(0.5)
            self.page.reload()
        found.first.click()
