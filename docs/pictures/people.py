"""A person at the desk, in a browser of their own, who takes pictures of what they see."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyotp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from docs.pictures.demonstration import Demo

IMAGES: Final = Path(__file__).parents[1] / "images"
_PASSWORD: Final = "four kettles on a blue stove"  # noqa: S105 - of an invented person
WIDTH: Final = 1100
"""Of each tab, in pixels."""
_LARGEST: Final = 150_000
_COLOURS: Final = 160
_MARGIN: Final = 14
"""How much of the page is seen around a part, in pixels."""
_PLACE: Final = """one => {
  const { top, bottom, left, width } = one.getBoundingClientRect();
  return { top: top + scrollY, bottom: bottom + scrollY, left: left + scrollX, width };
}"""
_PATIENCE_SECONDS: Final = 90.0
_DRAWN_SECONDS: Final = 12.0
"""How long Prefect's pages draw after the last of their data is there."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a page that a picture shows.

    Args:
        name: The file's name in ``docs/images``, without ending.
        first: What it begins with, as a selector; the top of the page by default.
        last: What it ends with; the page's content by default.
        most: Its height at most, in pixels.
        is_narrow: Whether it is as wide as what it begins with, and not as the page.
    """

    name: str
    first: str = ""
    last: str = "main"
    most: int = 1400
    is_narrow: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A person whose account is set up.

    Args:
        tab: Their browser's tab.
        demo: The demonstration.
        codes: The authenticator app on their phone.
    """

    tab: Page
    demo: Demo
    codes: pyotp.TOTP

    def desk(self, path: str) -> None:
        """Open a page of the desk.

        Args:
            path: Its address below the desk's.
        """
        self.tab.goto(f"{self.demo.server}/desk{path}")

    def press(self, name: str, *, of: Locator | None = None) -> None:
        """Press a button, with a code of the app beside it where the last proof is too old.

        Args:
            name: What it says.
            of: The form that it is in, where there are several.
        """
        button = (of or self.tab).get_by_role("button", name=name, exact=True)
        code = self.tab.locator("form", has=button).get_by_label("Authenticator code")
        if code.count():
            code.fill(self.codes.now())
        button.click()

    def follow(self, name: str, case: str) -> None:
        """Wait until a case's page has a link, and follow it.

        Args:
            name: What the link says.
            case: The case.
        """
        link, deadline = self.tab.get_by_role("link", name=name, exact=True), time.monotonic() + _PATIENCE_SECONDS
        self.desk(f"/cases/{case}")
        while not link.count():
            if time.monotonic() > deadline:
                raise SystemExit(f"Waited in vain for {name!r} at {case}.")
            time.sleep(1)
            self.tab.reload()
        link.click()

    def prefect(self, path: str, *texts: str) -> None:
        """Open a page of Prefect's, and wait until it shows all of these texts, and is drawn.

        Args:
            path: Its address below the server's.
            *texts: The texts.
        """
        self.tab.goto(f"{self.demo.server}{path}")
        self.drawn(*texts)

    def drawn(self, *texts: str) -> None:
        """Wait until a page of Prefect's shows texts, and is drawn."""
        for text in texts:
            expect(self.tab.locator("body")).to_contain_text(text, timeout=_PATIENCE_SECONDS * 1000)
        time.sleep(_DRAWN_SECONDS)

    def take(self, name: str, top: int, height: int, *, left: int = 0, width: int = WIDTH) -> None:
        """Take a picture of a part of the page, in few colours, without the mark of the field that has the focus.

        Args:
            name: The file's name in ``docs/images``, without ending.
            top: Where the part begins, in pixels.
            height: Its height.
            left: Where it begins, from the left.
            width: Its width.
        """
        take(self.tab, name, top, height, left=left, width=width)


def tab_of(browser: Browser) -> Page:
    """A tab of a browser in which no one is signed in.

    Args:
        browser: The program.
    """
    size, far = {"width": WIDTH, "height": 1600}, "Europe/Berlin"
    tab = browser.new_context(viewport=size, timezone_id=far, locale="en-GB", color_scheme="light").new_page()  # type: ignore[arg-type]
    tab.set_default_timeout(_PATIENCE_SECONDS * 1000)
    return tab


def enrolled(browser: Browser, demo: Demo, link: str, look: Callable[[Page], None] | None = None) -> Person:
    """A person who has set up their account by an invitation, as a person does, which signs in.

    Args:
        browser: The program.
        demo: The demonstration.
        link: The invitation.
        look: What is done with the filled-in page.
    """
    tab = tab_of(browser)
    tab.goto(link)
    codes = pyotp.TOTP(tab.locator("code.secret").inner_text().replace(" ", ""))
    form = tab.locator("form", has=tab.get_by_role("button", name="Set up and sign in", exact=True))
    form.get_by_label("Password", exact=True).fill(_PASSWORD)
    form.get_by_label("The same password again").fill(_PASSWORD)
    form.get_by_label("The code that the app shows now").fill(codes.now())
    if look:
        look(tab)
    tab.get_by_role("button", name="Set up and sign in", exact=True).click()
    tab.get_by_role("heading", name="To do").wait_for()
    return Person(tab, demo, codes)


def take(tab: Page, name: str, top: int, height: int, *, left: int = 0, width: int = WIDTH) -> None:
    """Take a picture of a part of a page, in few colours, without the mark of the field that has the focus.

    Args:
        tab: The page.
        name: The file's name in ``docs/images``, without ending.
        top: Where the part begins, in pixels.
        height: Its height.
        left: Where it begins, from the left.
        width: Its width.
    """
    tab.evaluate("document.activeElement.blur()")
    data = tab.screenshot(full_page=True, clip={"x": left, "y": top, "width": width, "height": height})
    picture = Image.open(io.BytesIO(data)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    file = IMAGES / f"{name}.png"
    picture.save(file, optimize=True)
    if file.stat().st_size >= _LARGEST:
        raise SystemExit(f"{file.name} has {file.stat().st_size} bytes; at most {_LARGEST} are wanted.")


def take_part(tab: Page, part: Part) -> None:
    """Take a picture of a part of a page, wherever on the page it is.

    Args:
        tab: The page.
        part: The part.
    """
    whole = float(tab.evaluate("document.body.scrollHeight"))
    first = _place(tab, part.first) if part.first else {"top": _MARGIN, "left": 0.0, "width": 0.0}
    last = _place(tab, part.last)
    # What is narrow begins with the space above its heading.
    top, end = first["top"] - (0 if part.is_narrow else _MARGIN), last["bottom"] + _MARGIN
    left = round(first["left"] - _MARGIN) if part.is_narrow else 0
    width = round(first["width"] + 2 * _MARGIN) if part.is_narrow else WIDTH
    take(tab, part.name, round(top), round(min(end - top, part.most, whole - top)), left=left, width=width)


def _place(tab: Page, selector: str) -> dict[str, float]:
    """Where something is on the page, in pixels."""
    return dict(tab.locator(selector).first.evaluate(_PLACE))
