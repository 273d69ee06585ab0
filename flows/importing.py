"""Import many requests from a file in the import folder, by the file's name."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed

from flows.options import FLOW
from flows.references import FileName
from flows.starting import start_waiting
from flows.steps import refused
from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_from_folder
from rightsflow.cases.step.faults import stopping
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import NO_ONE_SIGNED_IN
from tasks.prefect_io.import_report import show_report
from tasks.prefect_io.kinds import AnyState


@flow(name="import-requests", flow_run_name="import requests", **FLOW)
def import_requests_of(file: FileName) -> AnyState:
    """Open a case for each row of a CSV file in the import folder, or for none if one row cannot be used.

    The report is under the run's Artifacts. The file is removed once it is imported. `rightsflow case import --dry-run`
    says beforehand what would become of a file.

    Args:
        file: The file's name without folders, for example requests-march.csv. Name no one in it.
    """
    try:
        return Completed(message=_import(str(file)))
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return refused(error, "The import", "Nothing was changed.")


def _import(file: str) -> str:
    report = import_from_folder(current_app(), file, by=NO_ONE_SIGNED_IN)
    show_report(report)
    if report.faults:
        raise BadInput(f"{report.sentence} Which row and why is under the run's artifacts.")
    if report.opened:
        start_waiting()
    return report.sentence
