"""What the flows do every hour or day, and what is done once after a backup was restored."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.arguments import (
    ByOption,
    OwnNameOption,
    acting,
)
from deployments.cli.output import JsonFlag, console, print_fault, print_json
from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.work.purge import Purge, purge
from rightsflow.cases.work.purge import replay as replay_journals


def follow_up_now(json_output: JsonFlag = False) -> None:
    """Verify erasures again, and erase released records.

    The flow follow-up does the same every hour. Records whose retention is over are read again and erased once that
    is approved; erased records are read again some days later.
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
    """Erase again after a system was restored from its backup.

    Every erased or restricted record is read again; what came back is erased, marked or corrected again. It can be
    repeated. The exit status is 1 if a case has to be replayed once more.
    """
    done = replay_system(current_app(), system, by=by)
    if json_output:
        print_json(asdict(done))
    else:
        console.print(
            f"Cases: {done.cases}. Records that were back: {done.back}. Erased again in {done.erased} cases. "
            f"Restrictions marked again: {done.marked}. Lifted marks taken away again: {done.lifted}. "
            f"Corrected again: {done.corrected}. "
            f"Left to a person: {done.asked}, see `rightsflow case tasks`.",
            highlight=False,
        )
    if done.failed:
        print_fault(f"Not done in {', '.join(done.failed)}; see `rightsflow show`, and replay once more.")
    return 1 if done.failed else 0


def purge_expired(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing; list what would go, and what not.")
    ] = False,
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Purge closed cases and copies whose period is over.

    It cannot be undone: working copies and cases whose evidence period is over are removed. The flow purge-expired
    does the same every day.
    """
    done = purge(current_app(), by=acting(by), dry_run=dry_run)
    if json_output:
        print_json({"dry_run": dry_run, **_purged_document(done)})
        return
    if dry_run:
        _print_purge(done)
        return
    console.print(done.sentence, highlight=False)


def replay_erasures(
    journals: Annotated[
        list[Path], typer.Argument(help="Erasure journals, and folders in which erasures are published.")
    ],
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> int:
    """Purge cases again after the case store was restored from a backup.

    It can be repeated. The exit status is 1 if a case remains, because its evidence is held or a worker works on it.
    """
    done = replay_journals(current_app(), journals, by=acting(by))
    if json_output:
        print_json(asdict(done))
    else:
        console.print(
            f"Named: {done.named}. Purged again: {len(done.purged)}. Not there: {done.gone}. Held: {len(done.held)}. "
            f"Worked on: {len(done.worked_on)}.",
            highlight=False,
        )
    if done.held:
        print_fault(
            f"Evidence is held of {', '.join(done.held)}; where that was lifted before, lift it again "
            "(`rightsflow hold evidence --lift`), and replay once more."
        )
    if done.worked_on:
        print_fault(f"A worker works on {', '.join(done.worked_on)}; stop the workers and replay once more.")
    return 0 if done.is_done else 1


def _purged_document(done: Purge) -> dict[str, object]:
    return {
        "cases": done.cases,
        "held": done.held,
        "copies": done.copies,
        "elsewhere": done.elsewhere,
        "passed_over": done.passed_over,
        "log_is_clear": done.log_is_clear,
    }


def _print_purge(done: Purge) -> None:
    table = Table("case", "what", "why", box=None, header_style="bold")
    for case_id, until in done.cases.items():
        table.add_row(case_id, "would be purged", f"its evidence was kept until {until:%d %b %Y}")
    for case_id, why in done.held.items():
        table.add_row(case_id, "would be kept", why)
    for case_id in done.copies:
        table.add_row(case_id, "its working copies would go", "their day has come")
    for case_id in done.passed_over:
        table.add_row(case_id, "would be skipped", "it is worked on, or cannot be read")
    console.print(table if table.row_count else "No case is over.")
