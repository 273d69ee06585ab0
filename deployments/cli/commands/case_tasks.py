"""``case tasks`` and what ends one: erasures after a retention period, and manual steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.act_end import print_act
from deployments.cli.arguments import ByOption, CaseArgument
from deployments.cli.output import JsonFlag, console, print_json
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.facts.people import Duty
from rightsflow.domain.case.manual_tasks import read_end
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.typed_input import read_day
from rightsflow.store.case.case_tasks import SOON_DAYS


def tasks(
    due: Annotated[bool, typer.Option("--due", help="Only those that are overdue or due within seven days.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List the open tasks of all cases, the soonest due first.

    Tasks of closed cases are included. The follow-up carries out erasures after a retention period once they are
    approved (`rightsflow case approve-task`); manual steps at the systems end with `rightsflow case task-done`.
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
    for task in found:
        due_on, stands = f"{task.due_on:%a %d %b %Y}", task.stands(current.today)
        table.add_row(task.case_id, str(task.number), task.system, task.what, due_on, duty.name(task.owner), stands)
    console.print(table if found else "No task is open." if not due else "No task is due.")


def task_done(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow case tasks` lists it.")],
    by: ByOption,
    on: Annotated[str, typer.Option(help="The day on which it was done, like 2026-03-05; today by default.")] = "",
    result: Annotated[
        str, typer.Option(help="done, still needed (of a check) or not done; done by default, but for a check.")
    ] = "",
    reason: Annotated[
        str, typer.Option(help="Why it is still needed or was not done, in words for the person; kept encrypted.")
    ] = "",
    corrected: Annotated[
        str, typer.Option(help="Of a correction done in part: the fields that were put right, with commas.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that a manual task was done, or not.

    It is refused while the records have to be retained. A check ends as still needed, with the reason, or as done
    once none of its records exist. If something was not done, a task to inform the person follows.
    """
    day, stated = read_day(on, "The option --on") if on.strip() else None, read_end(result, reason, corrected)
    done = mark_task_done(current_app(), case, number, on=day, by=by, stated=stated)
    print_act(case, done, json_output=json_output, task=number)


def approve(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow case tasks` lists it.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Approve the erasure that a task names.

    The follow-up then erases records whose retention is over, or that came back. The person who opened the case
    cannot approve it (four eyes).
    """
    done = approve_task(current_app(), case, number, by=by)
    print_act(case, done, json_output=json_output, task=number)


def prolong(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow case tasks` lists it.")],
    until: Annotated[str, typer.Option(help="The new last day, like 2035-12-31.")],
    ground: Annotated[str, typer.Option(help="Why, in words for the person; kept encrypted.")],
    provision: Annotated[str, typer.Option(help="The provision, like Art. 17(3)(e).")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Retain the records of a task longer.

    For instance during a tax assessment. A task to inform the person follows.
    """
    last = read_day(until, "The option --until")
    done = keep_longer(current_app(), case, number, last, ground=ground, provision=provision, by=by)
    print_act(case, done, json_output=json_output, task=number)


def tasks_health(current: App) -> Health:
    """Report the manual tasks that are overdue or soon due.

    Args:
        current: The runtime.
    """
    try:
        due = current.store.work.open_tasks(due_by=current.today + timedelta(days=SOON_DAYS))
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    late = sum(task.due_on < current.today for task in due)
    if not due:
        return Health(ok=True, detail="No manual task is due.")
    detail = (
        f"{late} manual tasks are overdue, {len(due) - late} are due within seven days; "
        "see `rightsflow case tasks --due`."
    )
    return Health(ok=not late, detail=detail, is_doubtful=True)
