"""``list``: it starts quickly, since it reads lines of cases and no case."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from deployments.cli.output import JsonFlag, console, print_json
from rightsflow.app import current_database, utc_now
from rightsflow.cases.facts.people import Duty
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.board import Light, light
from rightsflow.store.queries.case_list import read_list

_LIGHTS = {Light.GREEN: "green", Light.AMBER: "yellow", Light.RED: "red", Light.CLOSED: "dim"}


def list_cases(
    closed_too: Annotated[bool, typer.Option("--all", help="Closed cases as well.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List the cases, the soonest due first."""
    settings = load_settings(Environment().config_path)
    zone = settings.controller.zone
    today = utc_now().astimezone(zone).date()
    listed = read_list(current_database(), today, closed_too=closed_too)
    cases = listed.cases
    if json_output:
        print_json(cases)
        return
    table = Table("case", "right", "state", "received", "target date", "due", "owner", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    duty = Duty(settings, today, listed.absences)
    for case in cases:
        colour = _LIGHTS[
            light(case.work_to_on, case.due_on, today, closed=case.closed_at is not None, refused=case.is_refused)
        ]
        received = case.received_at.astimezone(zone)
        table.add_row(
            case.case_id,
            case.right.value,
            Text(case.state.value, style=colour),
            f"{received:%d %b %Y}",
            f"{case.work_to_on:%d %b %Y}",
            f"{case.due_on:%d %b %Y}",
            duty.name(case.owner),
        )
    console.print(table if cases else "No cases.")
