"""``case import``: many requests from one file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.arguments import ByOption
from deployments.cli.output import JsonFlag, console, print_fault, print_json, progress
from deployments.local.resume import start_imported
from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.domain.errors import BadInput
from rightsflow.domain.import_file import COLUMNS, MOST_TOLD, ImportReport
from rightsflow.files.inbox import RequestFile

_MOST_LINES = 100
_FILE_HELP = f"A CSV file in UTF-8, with commas or semicolons. Columns: {', '.join(COLUMNS)}."


def import_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=_FILE_HELP),
    ],
    by: ByOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Open nothing; say what would become of the file.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the file there; it holds personal data in clear.")
    ] = False,
    json_output: JsonFlag = False,
) -> int:
    """Open a case for each row of a CSV file.

    If one row cannot be used, no case is opened. The file is removed afterwards.

    Cases start at once if a Prefect server answers, otherwise when `rightsflow up` or `rightsflow service keep` runs,
    the most urgent first. After an interruption, import the same file again: only the missing cases are opened.
    """
    source = _source(file)
    report = import_requests(
        current_app(),
        source,
        by=by,
        dry_run=dry_run,
        progress=lambda seen: progress.say(f"Importing … {seen:,} rows"),
    )
    if goes := not (keep or report.dry_run or report.faults):
        _remove(file)
    if report.opened and not report.dry_run:
        start_imported()
    if json_output:
        print_json({**asdict(report), "file_removed": goes})
    else:
        _print(report)
    if report.faults:
        print_fault(report.sentence)
        return 2
    return 0


def _source(file: Path) -> RequestFile:
    if file.exists() and not file.is_file():
        raise BadInput("The file is not a plain one that can be read twice; save it as a CSV file and give that.")
    return RequestFile(lambda: file.open("rb"))


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"All is imported, but the file cannot be removed ({error.strerror}); it holds personal data in clear: "
            "remove it by hand."
        ) from None


def _print(report: ImportReport) -> None:
    table = Table("row", "column", "what is wrong", box=None, header_style="bold")
    for fault in report.faults[:_MOST_LINES]:
        table.add_row(str(fault.row), fault.column, fault.sentence)
    for twin in report.duplicates[: _MOST_LINES - table.row_count]:
        same = f"row {twin.of_row}" if twin.of_row else f"the open case {twin.of_case}"
        table.add_row(str(twin.row), "", f"asks for the same as {same}; no case of its own")
    if table.row_count:
        console.print(table)
    left = len(report.faults) + len(report.duplicates) - table.row_count
    if left:
        console.print(f"… and {left:,} more; --json lists the first {MOST_TOLD:,} of each.", highlight=False)
    if not report.faults:
        console.print(report.sentence, highlight=False)
