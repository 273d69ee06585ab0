"""``tasks`` and ``task-done``: what a person has to do by hand at a system, and that it was done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.decisions import CaseArgument
from deployments.cli.desk import ByOption
from deployments.cli.output import JsonFlag, console, print_json
from deployments.local.sheet import show_on_sheet
from rightsflow.cases.app import App
from rightsflow.cases.erasure.by_hand import mark_task_done
from rightsflow.cases.people import Duty
from rightsflow.domain.case.states import read_case_id
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.store.case.case_tasks import SOON_DAYS
from tasks.composition import current_app


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("tasks")(tasks)
    app.command("task-done")(task_done)


def tasks(
    due: Annotated[bool, typer.Option("--due", help="Only those that are overdue or due within seven days.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List what is left to do by hand, of closed cases too, the soonest due first.

    These are erasures at the end of a retention period, and manual steps at the systems. Note that one was done with
    `rightsflow task-done`.
    """
    current = current_app()
    due_by = current.today + timedelta(days=SOON_DAYS) if due else None
    found = current.store.work.open_tasks(due_by=due_by)
    if json_output:
        print_json(found)
        return
    duty = Duty.of(current)
    table = Table("case", "task", "system", "what", "due", "owner", "status", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    for one in found:
        due_on, stands = f"{one.due_on:%a %d %b %Y}", one.stands(current.today)
        table.add_row(one.case_id, str(one.number), one.system, one.what, due_on, duty.name(one.owner), stands)
    console.print(table if found else "No task is open." if not due else "No task is due.")


def task_done(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow tasks` lists it.")],
    by: ByOption,
    on: Annotated[str, typer.Option(help="The day on which it was done, like 2026-03-05; today by default.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that a task by hand was done; not before the day after the last on which its records have to be kept."""
    done = mark_task_done(current_app(), case, number, on=_day(on) if on.strip() else None, by=by)
    case_id = read_case_id(case)
    show_on_sheet(case_id)
    if json_output:
        print_json({"case": case_id, "task": number, "done": done})
        return
    console.print(done, highlight=False)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("The option --on is not a date; use YYYY-MM-DD.") from None


def tasks_health(current: App) -> Health:
    """Whether every task by hand was done by its day.

    Args:
        current: The runtime.
    """
    try:
        due = current.store.work.open_tasks(due_by=current.today + timedelta(days=SOON_DAYS))
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    late = sum(one.due_on < current.today for one in due)
    if not due:
        return Health(ok=True, detail="No task by hand is due.")
    detail = (
        f"{late} tasks by hand are overdue, {len(due) - late} are due within seven days; see `rightsflow tasks --due`."
    )
    return Health(ok=not late, detail=detail, is_doubtful=True)
