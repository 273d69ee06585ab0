"""The case sheet as an artifact in Prefect's UI, kept current."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.runtime import flow_run, task_run

from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.facts.overview.overview import CaseOverview
from tasks.prefect_io.server_shapes import put_artifact

_INTERIM_SECONDS: Final = 3.0
_REMEMBERED: Final = 1_000
_MOST_SHEETS: Final = 3
"""The largest number of sheets written for one act; a run that keeps changing its case publishes sheets itself."""


class Interims:
    """The choice of interim states that get a sheet: one every few seconds for each run, and not the first at once.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.written: OrderedDict[str, float] = OrderedDict()
        """The instants of the last sheets of recent runs, or of their first interim state."""

    def is_due(self, key: str, *, interim: bool) -> bool:
        """Return whether a sheet is to be written now.

        Args:
            key: The case and its run.
            interim: Whether more is to come soon.
        """
        now = self._clock()
        before = self.written.setdefault(key, now)
        if interim and now - before < _INTERIM_SECONDS:
            return False
        self.written[key] = now
        while len(self.written) > _REMEMBERED:
            self.written.popitem(last=False)
        return True


_interims = Interims()


def update_case_sheet(case_id: str, *, interim: bool = False) -> None:
    """Update the case's sheet: the newest artifact under the case id's key; Prefect stores the earlier ones.

    Args:
        case_id: The case.
        interim: Whether more is to come soon: then a sheet that is a few seconds old serves.
    """
    if interim and task_run.get_id():
        # A case of a batch gets its sheet when the batch leaves it.
        return
    if _interims.is_due(_key(case_id), interim=interim):
        publish_sheet(read_overview(current_app(), case_id))


def show_beside_run(case_id: str, publish: Callable[[CaseOverview], None] | None = None) -> None:
    """Bring the case's sheet up to date while its run may go on: the newest sheet is of the case as it is then.

    Args:
        case_id: The case.
        publish: Makes a sheet the newest; :func:`publish_sheet` by default.

    Raises:
        BadInput: There is no such case.
    """
    app = current_app()
    changes = app.store.changes.of(case_id)
    for _ in range(_MOST_SHEETS):
        (publish or publish_sheet)(read_overview(app, case_id))
        # Its run may have changed it, and shown that, before this sheet was there.
        before, changes = changes, app.store.changes.of(case_id)
        if changes == before:
            return


def publish_sheet(case: CaseOverview, run_id: UUID | None = None) -> None:
    """Make a case's sheet, as of now, the newest artifact under the case id's key.

    Args:
        case: The case at a glance, just read.
        run_id: The case's run; by default the one in which this is called.
    """
    _interims.is_due(_key(case.case_id), interim=False)
    made = ArtifactCreate(
        key=case.case_id.lower(),
        type="markdown",
        data=render_sheet(case, current_app()),
        description=f"Case sheet of {case.case_id}",
        flow_run_id=run_id or _uuid(flow_run.get_id()),
        # The artifact of a case in a batch, which is also among those of the case's task run.
        task_run_id=_uuid(task_run.get_id()),
    )
    with get_client(sync_client=True) as client:
        put_artifact(client, made)


def _uuid(run_id: str | None) -> UUID | None:
    return UUID(run_id) if run_id else None


def _key(case_id: str) -> str:
    return f"{case_id.lower()} {flow_run.get_id()}"
