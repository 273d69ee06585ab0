"""``find-requests``: requests that stand in the texts of the systems and are no case yet, now or in the past."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from deployments.cli.output import JsonFlag, console, print_fault, print_json, progress
from rightsflow.app import current_app
from rightsflow.cases.course.intake.finding import FindingRound, find_unopened, unopened_requests
from rightsflow.domain.errors import BadInput
from rightsflow.domain.unopened import UnopenedWithDates
from rightsflow.domain.wording import counted, day


def find(
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Read the texts since this day, instead of the new ones.")
    ] = None,
    json_output: JsonFlag = False,
) -> int:
    """Find requests in texts that are no case yet.

    The texts of the systems are read, and what is found is listed. The deployment find-requests reads the new ones
    every hour. A round that was stopped is begun again without listing anything twice.
    """
    current = current_app()
    start = _start(since.strip(), current.settings.controller.zone) if since is not None else None

    def read(system: str, count: int) -> None:
        progress.say(f"Reading {system} … {count:,} texts")

    progress.say("Reading the texts of the systems …")
    found = find_unopened(current, since=start, read=read)
    waiting = unopened_requests(current)
    if json_output:
        print_json(_as_json(found, waiting))
    else:
        _print(found, waiting)
    if found.failed:
        print_fault(found.sentence)
    return 1 if found.failed else 0


def _start(typed: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(typed), time(), zone)
    except ValueError:
        raise BadInput("The option --since is not a date; use YYYY-MM-DD, such as 2026-12-21.") from None


def _as_json(found: FindingRound, waiting: list[UnopenedWithDates]) -> dict[str, object]:
    return {
        "systems": found.systems,
        "texts": found.texts,
        "new": found.new,
        "failed": list(found.failed),
        "unopened": [
            {
                "request": one.request.number,
                "system": one.request.record.system,
                "right": one.request.right.value,
                "sure": one.request.is_sure,
                "received_at": one.request.received_at.isoformat(),
                "due_on": one.due_on.isoformat(),
                "days_left": one.days_left,
            }
            for one in waiting
        ],
    }


def _print(found: FindingRound, waiting: list[UnopenedWithDates]) -> None:
    console.print(found.sentence, highlight=False)
    if not waiting:
        console.print("No request waits to become a case.")
        return
    table = Table("request", "system", "right", "sure", "received", "due", "days left")
    zone = current_app().settings.controller.zone
    for one in waiting:
        request = one.request
        received = day(request.received_at.astimezone(zone).date())
        sure = "yes" if request.is_sure else "perhaps"
        dates = received, day(one.due_on), str(one.days_left)
        table.add_row(str(request.number), request.record.system, request.right.value, sure, *dates)
    console.print(table)
    late = Counter(one.days_left < 0 for one in waiting)[True]
    console.print(f"{counted(len(waiting), 'request')} without a case, {late} overdue. Decide on each at the desk.")
