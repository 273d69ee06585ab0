"""``python -m proofs.minutes``: minutes of people's time for ten fixed cases at the desk."""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from deployments.desk.addresses import PREFIX
from deployments.desk.protection import SESSION
from proofs.common import head, in_memory, row, say, tell
from proofs.minutes.model import Person, Spent, total
from proofs.minutes.town import Brand, Held, brand
from proofs.minutes.walks import CASES, Office
from tests.support.serving import served

_SIZE: Final = {"width": 1440, "height": 900}
_PATIENCE: Final = 90_000
_ROLES: Final = ("officer", "approver")


def walk(only: str, pictures: Path | None) -> dict[str, dict[str, Spent]]:
    """Walk the cases; what each took of each role."""
    chosen = {name: case for name, case in CASES.items() if only in name}
    held = [what or Held() for what, _ in chosen.values()]
    found: dict[str, dict[str, Spent]] = {}
    with in_memory("minutes-") as folder, brand(folder, held) as (made, rig), sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with served(rig.app) as address:
            for (name, (what, way)), person in zip(chosen.items(), made.people, strict=True):
                tell(name)
                office = _office(chromium, made, rig, address)
                # A person of whom nothing is held writes from an address that no system knows.
                unknown = replace(person, emails=(f"nobody.{len(found)}@example.net",), name="Nora Nobody")
                office.subject = person if what else unknown
                try:
                    way(office)
                except Exception:  # noqa: BLE001 - the other cases are walked all the same
                    tell(traceback.format_exc())
                finally:
                    if pictures:
                        office.officer.page.screenshot(path=pictures / f"{len(found)}-officer.png", full_page=True)
                        office.approver.page.screenshot(path=pictures / f"{len(found)}-approver.png", full_page=True)
                found[name] = {"officer": office.officer.spent, "approver": office.approver.spent}
        chromium.close()
    return found


def _office(chromium: Any, made: Brand, rig: Any, address: str) -> Office:
    people = []
    made.present.clear()
    made.pass_seconds(3600)
    for key in ("olga", "dana"):
        context = chromium.new_context(viewport=_SIZE, accept_downloads=True, locale="en-GB")
        session = rig.team.sign_in(key) if key in rig.team.secrets else rig.team.enrol(key)
        context.add_cookies([{"name": SESSION, "value": session, "url": address}])
        code = lambda key=key: rig.team.code(key)  # noqa: E731 - a code of this key
        context.set_default_timeout(_PATIENCE)
        people.append(Person(context.new_page(), f"{address}{PREFIX}", code, made.pass_seconds))
    made.present += people
    return Office(made, rig, people[0], people[1])


def table(found: Mapping[str, Mapping[str, Spent]]) -> list[str]:
    """The figures as a table."""
    lines = [head("Case", "Role", "Minutes", "Clicks", "Pages", "Characters typed", "Words read", "Seconds heard")]
    for name, spent in found.items():
        lines += [row(name, role, *spent[role].row().values()) for role in _ROLES]
    for role in _ROLES:
        lines.append(row("all", role, *total([spent[role] for spent in found.values()]).row().values()))
    return lines


def main() -> None:
    """Walk, print the table, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m proofs.minutes", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has these words")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--pictures", type=Path, help="folder for a picture of the last page of each case")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    found = walk(options.only, options.pictures)
    say(*table(found))
    if options.json:
        figures = {name: {role: spent[role].row() for role in _ROLES} for name, spent in found.items()}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
