"""``python -m proofs.minutes``: minutes of people's time for ten fixed cases at the desk."""

from __future__ import annotations

import argparse
import logging
import shutil
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from playwright.sync_api import sync_playwright

from deployments.desk.addresses import PREFIX
from deployments.desk.protection import SESSION
from proofs.common import head, in_memory, row, say, tell
from proofs.minutes.model import Person, Spent
from proofs.minutes.town import Brand, Held, brand
from proofs.minutes.walks import CASES, Office
from tests.support.serving import served

_SIZE: Final = {"width": 1440, "height": 900}
_PATIENCE: Final = 90_000
_ROLES: Final = ("officer", "approver")


def walk(only: str) -> dict[str, dict[str, Spent]]:
    """Walk the cases; what each took of each role."""
    chosen = {name: case for name, case in CASES.items() if only in name}
    found: dict[str, dict[str, Spent]] = {}
    with (
        in_memory("minutes-") as folder,
        brand(folder, [what or Held() for what, _ in chosen.values()]) as (made, rig),
        sync_playwright() as driver,
        served(rig.app) as address,
    ):
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for (name, (what, way)), person in zip(chosen.items(), made.people, strict=True):
            tell(name)
            made.present.clear()
            made.pass_seconds(3600)
            olga, dana = (_person(chromium, made, rig, address, key) for key in ("olga", "dana"))
            made.present += [olga, dana]
            # A person of whom nothing is held writes from an address that no system knows.
            unknown = replace(person, emails=(f"nobody.{len(found)}@example.net",), name="Nora Nobody")
            try:
                way(Office(made, olga, dana, person if what else unknown))
            except Exception:  # noqa: BLE001 - the other cases are walked all the same
                tell(traceback.format_exc())
            found[name] = {role: who.spent for role, who in zip(_ROLES, made.present, strict=True)}
        chromium.close()
    return found


def _person(chromium: Any, made: Brand, rig: Any, address: str, key: str) -> Person:
    context = chromium.new_context(viewport=_SIZE, accept_downloads=True, locale="en-GB")
    session = rig.team.sign_in(key) if key in rig.team.secrets else rig.team.enrol(key)
    context.add_cookies([{"name": SESSION, "value": session, "url": address}])
    context.set_default_timeout(_PATIENCE)
    return Person(context.new_page(), f"{address}{PREFIX}", lambda: str(rig.team.code(key)), made.pass_seconds)


def table(found: Mapping[str, Mapping[str, Spent]]) -> list[str]:
    """The figures as a table."""
    lines = [head("Case", "Role", "Minutes", "Clicks", "Pages", "Characters typed", "Words read", "Seconds heard")]
    for name, spent in found.items():
        lines += [row(name, role, *spent[role].row().values()) for role in _ROLES]
    for role in _ROLES:
        added = Spent()
        for spent in found.values():
            added.add(spent[role])
        lines.append(row("all", role, *added.row().values()))
    return lines


def pages(found: Mapping[str, Mapping[str, Spent]]) -> list[str]:
    """The seconds that each page took, the longest first."""
    by_page = [(name, role, spent[role].by_page.most_common(12)) for name, spent in found.items() for role in _ROLES]
    lines = [row(name, role, page, seconds) for name, role, most in by_page for page, seconds in most]
    return ["", head("Case", "Role", "Page", "Seconds"), *lines]


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(prog="python -m proofs.minutes", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has these words")
    parser.add_argument("--by-page", action="store_true", help="also the seconds of each page")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    found = walk(options.only)
    say(*table(found), *(pages(found) if options.by_page else ()))


if __name__ == "__main__":
    main()
