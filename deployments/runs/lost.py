"""Start again the cases whose runs Prefect has lost, as after its database was deleted or restored from a backup.

The case store knows which cases were started; since flows are re-entrant, a new run goes on from what the case file
shows as done, up to the gate at which the lost one waited. A case that batches work on has none that could be lost: its
turn is in the case store.
"""

from __future__ import annotations

import logging
from typing import Final

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

from flows.runs import runs_that
from flows.starting import start_case
from rightsflow.cases.course.case_runs import RunEnding, note_started_again
from rightsflow.store import Store
from rightsflow.store.coordination.waiting import StartedCase

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 200
"""The number of cases that one sweep asks for, by their names."""


class LostRuns:
    """Finds started cases that have no run.

    Args:
        store: The case store.
        at_once: How many started cases one sweep looks at.
    """

    def __init__(self, store: Store, *, at_once: int = _AT_ONCE) -> None:
        self._store = store
        self._at_once = at_once
        self._after = ""

    def sweep(self, client: SyncPrefectClient) -> int:
        """Look at the next ones of all started cases; returns how many were started again.

        Args:
            client: Talks to the server.
        """
        cases = self._store.waiting.started(self._after, self._at_once)
        self._after = cases[-1].case_id if len(cases) == self._at_once else ""
        if not cases:
            return 0
        named = FlowRunFilter(name=FlowRunFilterName(any_=[entry.case_id for entry in cases]))
        known = {run.name for run in runs_that(named, client)}
        lost = [entry for entry in cases if entry.case_id not in known and not self._store.is_worked_on(entry.case_id)]
        for item in lost:
            self._start(item)
        if lost:
            logger.warning("Prefect has no run of %d open cases; they are started again", len(lost))
        return len(lost)

    def _start(self, case: StartedCase) -> None:
        start_case(case.case_id, case.right)
        note_started_again(self._store, case.case_id, RunEnding.GONE)
