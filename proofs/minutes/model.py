"""A person before the desk as the model sees them: what they read, type, click and hear, in seconds.

The model is the keystroke-level model of Card, Moran and Newell (*Communications of the ACM* 23(7), 1980), with reading
at 250 words a minute (Brysbaert, *Journal of Memory and Language* 109, 2019: 238 for English non-fiction). Waiting
counts nothing: people do other work meanwhile.

Read is what a page shows in the places that the step names, of which nothing was read before in the same case by the
same person, line by line; what is repeated, and what is beside those places, is glanced at: one mental act a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

WORDS_A_MINUTE: Final = 250
SPOKEN_A_MINUTE: Final = 150
KEY: Final = 0.28
"""A key, of a person who types 40 words a minute."""
POINT, CLICK, HAND, THINK = 1.1, 0.2, 0.4, 1.35
"""To point with the mouse, to press and release its button, to move the hand, to prepare an act."""
CODE: Final = 5.0
"""To take the phone and open the app that shows a code; an assumption."""
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
class Spent:
    """What a case took of a person.

    Args:
        seconds: In all.
        clicks: How often they clicked.
        pages: How many pages they opened.
        typed: How many characters they typed.
        words: How many words they read.
        heard: How many seconds of recordings they heard.
    """

    seconds: float = 0.0
    clicks: int = 0
    pages: int = 0
    typed: int = 0
    words: int = 0
    heard: int = 0

    def row(self) -> dict[str, Any]:
        """The figures by name."""
        return {"minutes": round(self.seconds / 60, 1)} | {
            name: getattr(self, name) for name in ("clicks", "pages", "typed", "words", "heard")
        }


@dataclass
class Person:
    """A person before the desk.

    Args:
        page: A tab in which they are signed in.
        address: The desk's.
        code: Gives what their app shows.
        passes: Is told how many seconds passed.
        call_seconds: How long a recording is.
    """

    page: Any
    address: str
    code: Any
    passes: Any
    call_seconds: int = 20
    spent: Spent = field(default_factory=Spent)
    known: set[str] = field(default_factory=set)

    def _takes(self, seconds: float) -> None:
        self.spent.seconds += seconds
        self.passes(seconds)

    def stays(self) -> None:
        """Stay signed in, as the desk offers before a session ends, or since they do something else there."""
        assert self.page.request.get(f"{self.address}/session").ok

    def opens(self, path: str) -> None:
        """Come to a page that a mail or a bookmark leads to."""
        self._takes(POINT + CLICK)
        self.spent.clicks += 1
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
                name = "/".join(sound.split("/")[-2:])
                if name not in self.known:
                    self.known.add(name)
                    self.spent.heard += self.call_seconds
                    self._takes(self.call_seconds + POINT + CLICK)
                    self.spent.clicks += 1
        # A longer page is scrolled through, a key a screen.
        self._takes(KEY * self.page.evaluate(_SCREENS))

    def looks_at(self, words: int) -> None:
        """Open a text in a tab of its own, read it, and close the tab."""
        self.spent.clicks += 2
        self.spent.words += words
        self._takes(THINK + 2 * (POINT + CLICK) + words * 60 / WORDS_A_MINUTE)

    def clicks(self, what: Any, leads: bool = True) -> None:
        """Click on something.

        Args:
            what: The link, button, tick or fold; its words, of a button or link.
            leads: Whether another page comes of it.
        """
        found = self._found(what) if isinstance(what, str) else what
        self._takes(THINK + POINT + CLICK if leads else POINT + CLICK)
        self.spent.clicks += 1
        if not leads:
            found.click()
            return
        with self.page.expect_navigation():
            found.click()
        wrong = self.page.locator(".wrong:visible, main h1:has-text('not')").all_inner_texts()
        wrong = [one for one in wrong if "fresh proof" not in one]
        assert not [one for one in wrong if "corrected" in one or "correct:" in one or "changed:" in one], wrong
        self._arrives()

    def _found(self, words: str) -> Any:
        for role in ("button", "link"):
            found = self.page.get_by_role(role, name=words, exact=True)
            if found.count():
                return found.first
        return self.page.get_by_role("link", name=words).first

    def presses(self, key: str, leads: bool = False) -> None:
        """Press a key."""
        self._takes(KEY + (THINK if leads else 0))
        self.page.keyboard.press(key)

    def unfolds(self, words: str) -> None:
        """Open a fold."""
        self.clicks(self.page.locator("summary:visible", has_text=words).first, leads=False)

    def types(self, where: Any, text: str) -> None:
        """Type into a field, given by its label."""
        found = self.page.get_by_label(where, exact=True).first if isinstance(where, str) else where
        self._takes(POINT + CLICK + 2 * HAND + KEY * len(text))
        self.spent.clicks += 1
        self.spent.typed += len(text)
        found.fill(text)

    def chooses(self, where: Any, choice: str) -> None:
        """Choose of a list, by value or words."""
        found = self.page.get_by_label(where, exact=True).first if isinstance(where, str) else where
        self._takes(THINK + 2 * (POINT + CLICK))
        self.spent.clicks += 2
        values = found.locator("option").evaluate_all("all => all.map(one => [one.value, one.text])")
        found.select_option(next(value for value, words in values if choice in (value, words) or choice in words))

    def submits(self, button: str, form: Any = None) -> None:
        """Press a form's button, with a code where the form asks for one."""
        found = (form or self.page).get_by_role("button", name=button, exact=True).first
        self._proves(found)
        self.clicks(found)
        if self.page.get_by_text("this needs a fresh proof").count():
            # The proof grew old while the page was read.
            found = self.page.get_by_role("button", name=button, exact=True).first
            self._proves(found)
            self.clicks(found)

    def _proves(self, button: Any) -> None:
        field = button.locator("xpath=ancestor::form[1]").locator("input[name=code]")
        if field.count():
            self._takes(CODE)
            self.passes(31)
            self.types(field.first, self.code())

    def says(self, words: int) -> None:
        """Say so many words on the telephone."""
        self._takes(words * 60 / SPOKEN_A_MINUTE)

    def mails(self, address: str, files: int = 0) -> None:
        """Send a text of the page from one's own mail program, after copying it, with files."""
        for _ in range(6 + 3 * files):
            self._takes(POINT + CLICK)
            self.spent.clicks += 1
        self._takes(4 * THINK + KEY * len(address))
        self.spent.typed += len(address)


def total(all_spent: Sequence[Spent]) -> Spent:
    """Add up."""
    added = Spent()
    for one in all_spent:
        for name in vars(added):
            setattr(added, name, getattr(added, name) + getattr(one, name))
    return added
