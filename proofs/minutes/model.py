"""A person before the desk as the model sees them: what they read, type, click and hear, in seconds.

The model is the keystroke-level model of Card, Moran and Newell (*Communications of the ACM* 23(7), 1980), with reading
at 250 words a minute (Brysbaert, *Journal of Memory and Language* 109, 2019: 238 for English non-fiction). Waiting
counts nothing: people do other work meanwhile.

Read is what a page shows in the places that the step names, of which nothing was read before in the same case by the
same person, line by line; what is repeated, and what is beside those places, is glanced at: one mental act a page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from proofs.common import Adding

WORDS_A_MINUTE: Final = 250
SPOKEN_A_MINUTE: Final = 150
KEY: Final = 0.28
"""A key, of a person who types 40 words a minute."""
POINT, CLICK, HAND, THINK = 1.1, 0.2, 0.4, 1.35
"""To point with the mouse, to press and release its button, to move the hand, to prepare an act."""
CODE: Final = 5.0
"""To take the phone and open the app that shows a code; an assumption."""
CALL_SECONDS: Final = 20
"""How long a recording is."""
_CASE: Final = re.compile("DSR-[0-9A-Z-]+")
_TEXTS: Final = """selector => {
  const blocks = new Map();
  for (const place of document.querySelectorAll(selector)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode, parent = node.parentElement;
      if (!node.data.trim() || parent.closest("select, script, style") || !parent.checkVisibility()) continue;
      const block = parent.closest("p, li, dt, dd, td, th, h1, h2, h3, h4, label, summary, legend, button, div");
      const text = getComputedStyle(parent).whiteSpace.startsWith("pre") ? node.data : node.data.split("\\n").join(" ");
      blocks.set(block, `${blocks.get(block) || ""} ${text}`);
    }
  }
  return [...blocks.values()].flatMap(text => text.split("\\n")).map(line => line.split(/\\s+/).join(" ").trim());
}"""
_SOUNDS: Final = """selector => [...document.querySelectorAll(selector)]
  .flatMap(place => [...place.querySelectorAll("audio")])
  .filter(one => one.checkVisibility()).map(one => one.getAttribute("src"))"""
_SCREENS: Final = "() => Math.floor(document.documentElement.scrollHeight / window.innerHeight)"


@dataclass
class Spent(Adding):
    """What a case took of a person: seconds in all, clicks, pages, characters typed, words read, seconds heard."""

    seconds: float = 0.0
    clicks: int = 0
    pages: int = 0
    typed: int = 0
    words: int = 0
    heard: int = 0
    by_page: Counter[str] = field(default_factory=Counter)

    def row(self) -> dict[str, Any]:
        whole = ("clicks", "pages", "typed", "words", "heard")
        return {"minutes": round(self.seconds / 60, 1)} | {name: getattr(self, name) for name in whole}


@dataclass
class Person:
    """A person before the desk: their tab, the desk's address, their app's code, and what is told the seconds."""

    page: Any
    address: str
    code: Callable[[], str]
    passes: Callable[[float], None]
    spent: Spent = field(default_factory=Spent)
    known: set[str] = field(default_factory=set)

    def _takes(self, seconds: float) -> None:
        self.spent.seconds += seconds
        self.spent.by_page[_CASE.sub("…", self.page.url.partition("/desk")[2])] += round(seconds)
        self.passes(seconds)

    def _points(self, clicks: int = 1) -> None:
        self._takes(clicks * (POINT + CLICK))
        self.spent.clicks += clicks

    def stays(self) -> None:
        """Stay signed in, as the desk offers before a session ends, or since they do something else there."""
        assert self.page.request.get(f"{self.address}/session").ok

    def opens(self, path: str) -> None:
        """Come to a page that a mail or a bookmark leads to."""
        self._points()
        answer = self.page.goto(f"{self.address}{path}")
        assert answer.status == 200, (path, answer.status, self.page.locator("main").inner_text())
        self._arrives()

    def _arrives(self) -> None:
        self._takes(THINK)
        self.spent.pages += 1

    def reads(self, *places: str) -> None:
        """Read what is new in some places of the page, and hear its recordings."""
        for place in places or ("main",):
            lines = [line for line in self.page.evaluate(_TEXTS, place) if line and line not in self.known]
            self.known.update(lines)
            words = sum(len(line.split()) for line in lines)
            self.spent.words += words
            self._takes(words * 60 / WORDS_A_MINUTE)
            for sound in self.page.evaluate(_SOUNDS, place):
                if (name := "/".join(sound.split("/")[-2:])) not in self.known:
                    self.known.add(name)
                    self.spent.heard += CALL_SECONDS
                    self._takes(CALL_SECONDS)
                    self._points()
        # A longer page is scrolled through, a key a screen.
        self._takes(KEY * self.page.evaluate(_SCREENS))

    def reads_files(self, links: str) -> None:
        """Read each text file that is new, in a tab of its own, which is closed after."""
        for address in self.page.locator(links).evaluate_all("all => all.map(one => one.href)"):
            if address not in self.known:
                self.known.add(address)
                words = len(self.page.request.get(address).text().split())
                self._points(2)
                self.spent.words += words
                self._takes(THINK + words * 60 / WORDS_A_MINUTE)

    def clicks(self, what: Any, leads: bool = True) -> None:
        """Click on a link, button, tick or fold, given by its words if a link or button; another page comes of it."""
        found = self._found(what) if isinstance(what, str) else what
        self._points()
        if not leads:
            found.click()
            return
        self._takes(THINK)
        with self.page.expect_navigation():
            found.click()
        wrong = self.page.locator(".wrong:visible, main h1:has-text('not')").all_inner_texts()
        signs = ("corrected", "correct:", "changed:")
        assert not [text for text in wrong if "fresh proof" not in text and any(sign in text for sign in signs)], wrong
        self._arrives()

    def _found(self, words: str) -> Any:
        for role in ("button", "link"):
            found = self.page.get_by_role(role, name=words, exact=True)
            if found.count():
                return found.first
        return self.page.get_by_role("link", name=words).first

    def unfolds(self, words: str) -> None:
        self.clicks(self.page.locator("summary:visible", has_text=words).first, leads=False)

    def form(self, name: str) -> Any:
        return self.page.get_by_role("form", name=name)

    def fills(self, fields: Mapping[str, str]) -> None:
        """Fill fields, by their labels: type, or choose of a list, of which an empty text is the first choice."""
        for label, text in fields.items():
            found = self.page.get_by_label(label, exact=True).first
            if found.evaluate("field => field.tagName") == "SELECT":
                self.chooses(found, text)
            else:
                self.types(found, text)

    def types(self, field: Any, text: str) -> None:
        self._points()
        self._takes(2 * HAND + KEY * len(text))
        self.spent.typed += len(text)
        field.fill(text)

    def chooses(self, field: Any, choice: str) -> None:
        """Choose of a list, by value or words."""
        self._takes(THINK)
        self._points(2)
        options = field.locator("option").evaluate_all("all => all.map(one => [one.value, one.text])")
        field.select_option(
            next(value for value, words in options if value and choice in (value, words, words[: len(choice)]))
        )

    def submits(self, button: str, form: Any = None) -> None:
        """Press a form's button, with a code where the form asks for one; once more if the proof grew old meanwhile."""
        for place in (form or self.page, self.page):
            found = place.get_by_role("button", name=button, exact=True).first
            code = found.locator("xpath=ancestor::form[1]").locator("input[name=code]")
            if code.count():
                self._takes(CODE)
                self.passes(31)
                self.types(code.first, self.code())
            self.clicks(found)
            if not self.page.get_by_text("this needs a fresh proof").count():
                return

    def says(self, words: int) -> None:
        """Say so many words on the telephone."""
        self._takes(words * 60 / SPOKEN_A_MINUTE)

    def mails(self, address: str, files: int = 0) -> None:
        """Send a text of the page from one's own mail program, after copying it, with files."""
        self._points(6 + 3 * files)
        self._takes(4 * THINK + KEY * len(address))
        self.spent.typed += len(address)
