"""Import many requests from a file in the import folder; the form holds the file's name and nothing that is in it."""

from __future__ import annotations

from flows.scrubbing import carry_out, form
from flows.starting import start_waiting
from rightsflow.app import current_app
from rightsflow.cases.intake.importing import import_from_folder
from rightsflow.domain.errors import BadInput
from tasks.prefect_io.import_report import show_report
from tasks.prefect_io.kinds import AnyState


@form("import-requests", "import requests")
def import_requests_of(file: str, your_name: str, dry_run: bool = False) -> AnyState:
    """Open a case for each row of a CSV file in the import folder, or for none if one row cannot be used.

    The report is under the run's Artifacts. The file is removed once it is imported.

    Args:
        file: The file's name without folders, for example requests-march.csv. Name no one in it.
        your_name: Your name. Anyone who imports requests cannot approve them later (four eyes).
        dry_run: Open nothing; say what would become of the file.
    """
    return carry_out("Imported", lambda: _import(str(file), str(your_name), dry_run=_is_set(dry_run)))


def _import(file: str, by: str, *, dry_run: bool) -> str:
    report = import_from_folder(current_app(), file, by=by, dry_run=dry_run)
    show_report(report)
    if report.faults:
        raise BadInput(f"{report.sentence} Which row and why is under the run's artifacts.")
    if report.opened:
        start_waiting()
    return report.sentence


def _is_set(value: object) -> bool:
    # Not validated by Prefect, so that it may come as a word.
    return str(value).casefold() in {"true", "1"}
