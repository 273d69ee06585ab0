"""The later work: ``tasks``, ``task-done``, ``approve-task``, ``keep-longer``, ``follow-up``, ``replay``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.commands.decisions import CaseArgument, print_act
from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, console, print_done, print_fault, print_json
from deployments.local.sheet import show_on_sheet
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.erasure.ending_tasks import mark_task_done
from rightsflow.cases.follow_up.approving import approve_task, keep_longer
from rightsflow.cases.follow_up.lifting import announce_lifting
from rightsflow.cases.follow_up.replaying import replay_system
from rightsflow.cases.follow_up.rounds import follow_up
from rightsflow.cases.people import Duty
from rightsflow.cases.persons.finding_out import confirm_same_person, find_other_person
from rightsflow.domain.case.record_decisions import read_record_numbers
from rightsflow.domain.case.task_ends import read_end
from rightsflow.domain.connector import Health
from rightsflow.domain.days import read_day
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store.case.case_tasks import SOON_DAYS


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("tasks")(tasks)
    app.command("task-done")(task_done)
    app.command("approve-task")(approve)
    app.command("keep-longer")(prolong)
    app.command("lift-restriction")(lift)
    app.command("same-person")(same_person)
    app.command("other-person")(other_person)
    app.command("follow-up")(follow_up_now)
    app.command("replay")(replay)


def tasks(
    due: Annotated[bool, typer.Option("--due", help="Only those that are overdue or due within seven days.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List what is left to do, of closed cases too, the soonest due first.

    These are erasures at the end of a retention period, which the follow-up carries out once they are approved
    (`rightsflow approve-task`), and manual steps at the systems (`rightsflow task-done`).
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
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow tasks` lists it.")],
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
    """Record that a task by hand was done, or not; not while its records have to be kept.

    A check ends as still needed, with the reason, or as done once nothing of it is there. That the person is told what
    was not done becomes a task.
    """
    day, stated = read_day(on, "The option --on") if on.strip() else None, read_end(result, reason, corrected)
    done = mark_task_done(current_app(), case, number, on=day, by=by, stated=stated)
    _print(read_case_id(case), number, done, json_output=json_output)


def approve(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow tasks` lists it.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Approve that the follow-up erases what a task names: records whose retention is over, or that came back.

    The person who opened the case cannot approve it (four eyes).
    """
    done, case_id = approve_task(current_app(), case, number, by=by), read_case_id(case)
    _print(case_id, number, done, json_output=json_output)


def prolong(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow tasks` lists it.")],
    until: Annotated[str, typer.Option(help="The new last day, like 2035-12-31.")],
    ground: Annotated[str, typer.Option(help="Why, in words for the person; kept encrypted.")],
    provision: Annotated[str, typer.Option(help="The provision, like Art. 17(3)(e).")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Keep the records of a task longer than the letter said, for instance while a tax assessment is open.

    A task to tell the person is noted.
    """
    last = read_day(until, "The option --until")
    done = keep_longer(current_app(), case, number, last, ground=ground, provision=provision, by=by)
    _print(read_case_id(case), number, done, json_output=json_output)


def lift(
    case: CaseArgument,
    records: Annotated[str, typer.Option(help="The numbers of the records, like 3-7, 12.")],
    on: Annotated[str, typer.Option(help="The day from which they are used again; more than a week ahead.")],
    reason: Annotated[str, typer.Option(help="Why, in words for the person; it stands in the letter.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Write the letter (L15) that tells the person before a restriction is lifted (Art. 18(3) GDPR).

    The follow-up lifts it on the day, if the letter went out a week before. What the law has blocked is not lifted.
    In the case of an order the controller tells the person and orders it: no letter is written.
    """
    numbers, day_on = read_record_numbers(records), read_day(on, "The option --on")
    done = announce_lifting(current_app(), case, numbers, day_on, reason=reason, by=by)
    print_act(case, done, json_output=json_output, records=sorted(numbers))


def same_person(
    case: CaseArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The case that is of the same person.")],
    reason: Annotated[str, typer.Option(help="How you found that out.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that two cases are of the same person, once you found that out; not by who opened one of them.

    What one of them put right the other learns then, and what one of them left the other names.
    """
    done = confirm_same_person(current_app(), case, other, reason=reason, by=by)
    show_on_sheet(read_case_id(other))
    print_done(done, json_output=json_output, case=read_case_id(case), other=read_case_id(other))


def other_person(
    case: CaseArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The case that is of another person.")],
    reason: Annotated[str, typer.Option(help="How you found that out.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that two cases that share something are of two people; not by who opened one of them.

    Neither waits for the other any more, nor takes anything from it.
    """
    done = find_other_person(current_app(), case, other, reason=reason, by=by)
    show_on_sheet(read_case_id(other))
    print_done(done, json_output=json_output, case=read_case_id(case), other=read_case_id(other))


def follow_up_now(json_output: JsonFlag = False) -> None:
    """Look at every answered erasure whose day has come, as the flow follow-up does every hour.

    Records whose retention is over are looked at afresh and erased once that is approved; what was erased is read again
    some days later.
    """
    done = follow_up(current_app())
    if json_output:
        print_json(asdict(done))
        return
    console.print(done.sentence, highlight=False)


def replay(
    system: Annotated[str, typer.Argument(help="The system that was restored, by its name in rightsflow.toml.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> int:
    """After a system was restored from its back-up: erase again what is back, and put marks right.

    Every such record is read; what is restricted is marked again, and a mark that was lifted is taken away. It may be
    done again at any time. Exit status 1 if a case has to be replayed once more.
    """
    done = replay_system(current_app(), system, by=by)
    if json_output:
        print_json(asdict(done))
    else:
        console.print(
            f"Cases: {done.cases}. Records that were back: {done.back}. Erased again in {done.erased} cases. "
            f"Restrictions marked again: {done.marked}. Lifted marks taken away again: {done.lifted}. "
            f"Corrected again: {done.corrected}. "
            f"Left to a person: {done.asked}, see `rightsflow tasks`.",
            highlight=False,
        )
    if done.failed:
        print_fault(f"Not done in {', '.join(done.failed)}; see `rightsflow show`, and replay once more.")
    return 1 if done.failed else 0


def _print(case_id: str, number: int, done: str, *, json_output: bool) -> None:
    print_act(case_id, done, json_output=json_output, task=number)


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
        return Health(ok=True, detail="No task by hand is due.")
    detail = (
        f"{late} tasks by hand are overdue, {len(due) - late} are due within seven days; see `rightsflow tasks --due`."
    )
    return Health(ok=not late, detail=detail, is_doubtful=True)
