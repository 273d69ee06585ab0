"""The result of an import, as an artifact of its run; nothing in it is a cell of the file."""

from __future__ import annotations

from collections.abc import Iterator

from prefect.artifacts import create_markdown_artifact

from rightsflow.domain.import_file import MOST_TOLD, ImportReport

_MOST_LINES = 500


def show_report(report: ImportReport) -> None:
    """Publish a report among the run's artifacts."""
    create_markdown_artifact(render_report(report), key="import-report", description="What became of each row")


def render_report(report: ImportReport) -> str:
    """Return a report as Markdown."""
    lines = [f"# Import\n\n{report.sentence}\n"]
    rows = list(_rows(report))
    if rows:
        lines += ["| row | column | remark |", "|---:|---|---|", *rows[:_MOST_LINES]]
    if len(rows) > _MOST_LINES:
        lines.append(
            f"\n… and {len(rows) - _MOST_LINES:,} more; `rightsflow case import FILE --dry-run --json` lists up "
            f"to {MOST_TOLD:,} of each."
        )
    return "\n".join(lines)


def _rows(report: ImportReport) -> Iterator[str]:
    for fault in report.faults:
        yield f"| {fault.row} | {fault.column} | {fault.sentence} |"
    for twin in report.duplicates:
        same = f"row {twin.of_row}" if twin.of_row else f"the open case {twin.of_case}"
        yield f"| {twin.row} | | Asks for the same as {same}; no case of its own. |"
