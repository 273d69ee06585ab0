"""The pictures of the officers' pages: a team's way through the desk, with a picture of what some of its pages show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from docs.pictures.people import WIDTH, Part, take_part
from tests.support.desk_person import Person
from tests.support.desk_stack import running_desk
from tests.support.desk_walk import decides_on_plan, finds, identifies, invitations, opens, prepares, releases, sends

_HEIGHT: Final = 1600
PARTS: Final[Mapping[str, Part]] = {
    "people": Part("desk-people"),
    "open": Part("desk-open", last="form[aria-label='Open a request'] >> fieldset >> nth=0", most=1700),
    "code": Part("desk-identity-code", last="form[aria-label='Look up addresses on file']"),
    "masks": Part("desk-masks", most=1300),
    "recording": Part("desk-mute", "section[aria-labelledby=mute]", "section[aria-labelledby=mute]", is_narrow=True),
    "release": Part("desk-release"),
    "looked": Part("desk-plan-look", "section[aria-labelledby=records]", "#records-decision", 1500),
    "noted": Part("desk-plan-noted", "section[aria-labelledby=noted]", "#records-listed"),
    "dry-run": Part("desk-dry-run", most=900),
    "answer": Part("desk-mail", "section[aria-labelledby=mail]", "section[aria-labelledby=sent]"),
    "found": Part("desk-find", "section[aria-labelledby=person]", "section[aria-labelledby=person]", is_narrow=True),
}
"""By what is read there."""


class Photographer(Person):
    """A person who takes a picture of a page when they first read it."""

    taken: Final = set[str]()

    def reads(self, what: str) -> None:
        """Take the picture, if there is to be one, and none was taken."""
        if (part := PARTS.get(what)) is None or what in self.taken:
            return
        self.taken.add(what)
        take_part(self.page, part)


def photograph(browser: Browser, folder: Path) -> None:
    """Go the team's way, before a stack of its own.

    Args:
        browser: The program.
        folder: An empty folder.
    """
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    with running_desk(folder, today=today) as desk:
        size = {"width": WIDTH, "height": _HEIGHT}
        ben, olga, dana = (Photographer(browser, size, folder, name) for name in ("ben", "olga", "dana"))
        ben.enrol(desk.invitation)
        for_olga, for_dana = invitations(ben, "olga", "dana")
        olga.enrol(for_olga)
        dana.enrol_with_passkey(for_dana)
        access = opens(olga, "access", desk.subject)
        identifies(olga, desk)
        prepares(olga)
        releases(dana, desk, access)
        sends(olga, desk, access)
        erasure = opens(olga, "erasure", desk.subject)
        identifies(olga, desk)
        decides_on_plan(dana, desk, erasure)
        sends(olga, desk, erasure)
        finds(olga, desk, access, erasure)
    missing = PARTS.keys() - Photographer.taken
    if missing:
        raise SystemExit(f"No picture was taken of: {', '.join(sorted(missing))}.")
