"""The deadline board as an artifact in Prefect's UI, kept current."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey

from rightsflow.app import current_app
from rightsflow.cases.facts.overview.board import AT_MOST, render_board, render_work, work_lists
from rightsflow.cases.facts.people import Duty
from rightsflow.domain.board import Wording
from tasks.prefect_io.notices import BOARD_KEY, links_to_cases


def update_board() -> int:
    """Update the board: one artifact, whichever run or process updates it.

    It belongs to no run, so that it outlives all of them. Returns how many cases are open.

    Raises:
        Transient: The case store or the server does not answer.
    """
    app = current_app()
    zone = app.settings.controller.zone
    board = app.store.work.open_cases(app.today).board(AT_MOST)
    wording = Wording(app.today, zone, Duty.of(app).name)
    text = render_board(
        board,
        now=app.now().astimezone(zone),
        wording=wording,
        links=links_to_cases([case.case_id for section in board.values() for case in section.cases]),
    )
    _keep(text + render_work(work_lists(app), wording, app.desk_page))
    return sum(section.count for section in board.values())


def _keep(text: str) -> None:
    wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[BOARD_KEY]))
    with get_client(sync_client=True) as client:
        kept = client.read_latest_artifacts(artifact_filter=wanted)
        if kept:
            client.update_artifact(kept[0].latest_id, ArtifactUpdate(data=text))
            return
        client.create_artifact(
            ArtifactCreate(key=BOARD_KEY, type="markdown", data=text, description="Every open case, soonest first")
        )
