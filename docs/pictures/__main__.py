"""The tutorial's two cases, worked on as its page says, then the officers' pages: ``python -m docs.pictures``."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, sync_playwright

from docs.pictures.demonstration import Demo, running_demo
from docs.pictures.officers import photograph
from docs.pictures.people import Part, Person, enrolled, tab_of, take, take_part

_EMAIL: Final = re.compile(r"[\w.+-]+@example\.com")
"""The address by which the helpdesk knows the person; the shop knows another one too."""
_DATES: Final = "section[aria-labelledby=dates]"
_TASKS: Final = "section[aria-labelledby=tasks]"
_MENU: Final = 256
"""What is left of the own part of Prefect's pages: its menu."""


def look_inside(ben: Person) -> str:
    """What the demonstration answered, at the desk and in Prefect; returns the address of the access case's person."""
    demo = ben.demo
    ben.desk(f"/cases/{demo.erasure}")
    ben.take("desk-case", 0, 1230)
    take_part(ben.tab, Part("desk-dates", _DATES, _DATES, is_narrow=True))
    take_part(ben.tab, Part("desk-tasks", _TASKS, _TASKS, most=700))
    ben.desk(f"/cases/{demo.erasure}/processors")
    take_part(ben.tab, Part("desk-processors", most=1100))
    ben.desk(f"/cases/{demo.erasure}")
    ben.tab.get_by_role("link", name="The case's run in Prefect").click()
    ben.drawn("Answered", demo.erasure)
    ben.take("run-answered", 0, 570, left=_MENU, width=844)
    ben.desk(f"/cases/{demo.access}")
    ben.tab.get_by_text("Look at the person's identifiers").click()
    ben.tab.get_by_label("Why you have to see them").fill("to ask again, for the tutorial")
    ben.press("Reveal")
    revealed = ben.tab.locator("section", has=ben.tab.get_by_role("heading", name="Personal data"))
    return str(_EMAIL.findall(revealed.inner_text())[0])


def opened(ben: Person, right: str, email: str) -> str:
    """The case of a request that Ben opens.

    Args:
        ben: The officer.
        right: What is asked for.
        email: The person's address.
    """
    ben.tab.get_by_role("link", name="Open a request", exact=True).click()
    ben.tab.get_by_label("What the person asks for").select_option(right)
    ben.tab.get_by_label("Arrived on").fill(_now().date().isoformat())
    ben.tab.get_by_label("How it arrived").select_option("letter")
    ben.tab.get_by_label("E-mail address").fill(email)
    ben.press("Open the request")
    ben.tab.get_by_role("status").wait_for()
    return ben.tab.url.rpartition("/")[2]


def confirmed(ben: Person, case: str, picture: str | None = None) -> None:
    """Confirm the identity of a case's person, as called back.

    Args:
        ben: The officer.
        case: The case.
        picture: The name of the picture of the filled-in page.
    """
    ben.follow("Check identity", case)
    form = ben.tab.get_by_role("form", name="Confirm identity")
    form.get_by_label("How it was checked").select_option("call back to the known number")
    form.get_by_label("What was done").fill("Called back at the number on file; the person confirmed the request.")
    form.get_by_label("When it was done").fill(f"{_now():%Y-%m-%dT%H:%M}")
    form.get_by_label("Checked against").select_option("phone number")
    form.get_by_label("System that holds it").select_option("helpdesk")
    form.get_by_label("On file since").fill((_now() - timedelta(days=400)).date().isoformat())
    if picture:
        ben.take(picture, 0, 1340)
    ben.press("Confirm identity", of=form)
    ben.tab.get_by_role("status").wait_for()


def released(dana: Person, case: str) -> None:
    """Read the package of a case, and release it.

    Args:
        dana: The approver.
        case: The case.
    """
    dana.follow("Read and decide", case)
    dana.tab.get_by_label("Why you read it").fill("the release")
    dana.press("Read the package")
    dana.tab.get_by_role("heading", name="What the person will get").wait_for()
    dana.take("desk-package", 0, 1000)
    dana.tab.get_by_role("link", name="Release or refuse").first.click()
    dana.press("Release the package")
    dana.tab.get_by_role("status").wait_for()


def answered(ben: Person, case: str) -> None:
    """Read the answer of a case.

    Args:
        ben: The officer.
        case: The case.
    """
    ben.follow("Send the answer", case)
    ben.tab.get_by_label("Why you have to read it").fill("to send it")
    ben.press("View letter")
    ben.take("desk-letter", 0, 1100)


def planned(dana: Person, case: str) -> None:
    """Read the plan of an erasure.

    Args:
        dana: The approver.
        case: The case.
    """
    dana.follow("Read and decide", case)
    dana.take("desk-plan", 0, 1400)


def in_prefect(ben: Person) -> None:
    """Show the deadline board in Prefect's pages.

    Args:
        ben: The officer.
    """
    demo = ben.demo
    ben.prefect(f"/artifacts/artifact/{demo.board()}", "Deadline board")
    ben.take("deadline-board", 254, 440, left=_MENU, width=844)


def work(browser: Browser, demo: Demo) -> None:
    """Do what the tutorial says.

    Args:
        browser: The program.
        demo: The demonstration.
    """
    ben = enrolled(browser, demo, demo.invitation("case_owner"), lambda tab: take(tab, "desk-invitation", 0, 1010))
    door = tab_of(browser)
    door.goto(demo.server)
    door.get_by_role("heading", name="Sign in").wait_for()
    take(door, "desk-sign-in", 0, 560)
    email = look_inside(ben)
    dana = enrolled(browser, demo, demo.invitation("dana"))

    access = opened(ben, "access", email)
    ben.follow("Check identity", access)
    ben.desk("/")
    ben.take("desk-home", 0, 800)
    confirmed(ben, access, "desk-identity")
    released(dana, access)
    answered(ben, access)

    erasure = opened(ben, "erasure", email)
    ben.desk(f"/cases/{erasure}/acts?act=extend")
    take_part(ben.tab, Part("desk-acts", most=1000))
    confirmed(ben, erasure)
    planned(dana, erasure)
    in_prefect(ben)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, with days and hours as Europe writes them."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("Chromium is not installed: apt install chromium fonts-noto-color-emoji")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--lang=en-GB"], env={"LANGUAGE": "en_GB"}
        )
        yield browser
        browser.close()


def _now() -> datetime:
    """Now, where the demonstration's controller is."""
    return datetime.now(ZoneInfo("Europe/Berlin"))


def main() -> None:
    """Take all pictures."""
    with (
        tempfile.TemporaryDirectory(prefix="pictures-") as place,
        running_demo(Path(place)) as demo,
        chromium() as browser,
    ):
        work(browser, demo)
    with tempfile.TemporaryDirectory(prefix="pictures-") as place, chromium() as browser:
        photograph(browser, Path(place))


if __name__ == "__main__":
    main()
