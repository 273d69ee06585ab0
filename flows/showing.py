"""Show in Prefect's UI what people did to a case: on its sheet, by its runs' tags, and on the deadline board."""

from __future__ import annotations

from collections.abc import Collection

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import labels_in, read_overview
from tasks.prefect_io.deadline_artifact import update_board
from tasks.prefect_io.sheet import publish_sheet


def show_case(case_id: str) -> None:
    """Bring everything in Prefect's UI up to date that tells of a case, as after an act without a run of its own.

    Args:
        case_id: The case.

    Raises:
        HTTPError: The server does not answer.
        Transient: The case store does not answer.
    """
    app = current_app()
    seen = read_overview(app, case_id)
    publish_sheet(seen)
    _label_runs(case_id, labels_in(seen, app))
    update_board()


def tags_of(labels: set[str], present: Collection[str]) -> list[str]:
    """Return the tags of a case's run, sorted: its right, systems and light; the deployment's own tag stays.

    Args:
        labels: What the case says of itself.
        present: The tags that the run has.
    """
    return sorted(labels | ({"rightsflow"} & set(present)))


def _label_runs(case_id: str, labels: set[str]) -> None:
    """Tag the case's runs as the case stands now: one whose answer was sent is shown as closed."""
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[case_id]))):
            tags = tags_of(labels, run.tags)
            if sorted(run.tags) != tags:
                client.update_flow_run(run.id, tags=tags)
