"""Give a run that waits at a gate its form again, where that was lost.

Prefect notes first that a run is suspended, and keeps its form in two further calls. A worker or a server that is
killed in between, and a database that loses its last moment, leave a run that no one can answer in Prefect's UI.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from deployments.runs.sweep_limits import LIMITS, SweepLimits
from flows.gates import form_at
from flows.runs import case_or_none
from flows.suspended import gate_of
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.store import Store
from tasks.prefect_io.server_shapes import asks_for_input, form_names, parts_of_form, suspension_of

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 20
"""The number of runs whose form one sweep reads, each by a call of its own; each run is asked for once."""
_PARTS: Final = 2
"""The number of parts of a form: its fields and its text."""


class FormlessRuns:
    """Finds such runs, each once for every time that it is suspended.

    Args:
        store: The case store, whose leases say which runs are just being suspended.
        limits: How long a form may take to be kept.
    """

    def __init__(self, store: Store, limits: SweepLimits = LIMITS) -> None:
        self._store = store
        self._limits = limits
        self._seen: set[UUID] = set()

    def sweep(self, client: SyncPrefectClient, waiting: Iterable[FlowRun]) -> int:
        """Look at some runs that wait for a decision; returns how many got their form again.

        Args:
            client: Talks to the server.
            waiting: The runs.
        """
        unseen = [run for run in waiting if run.state and run.state.id not in self._seen and self._is_settled(run)]
        return sum(self._look(client, run) for run in unseen[:_AT_ONCE])

    def _look(self, client: SyncPrefectClient, run: FlowRun) -> bool:
        case_id = case_or_none(run)
        if case_id and self._store.is_worked_on(case_id):
            return False
        is_given = bool(case_id) and _give(client, run, case_id)
        if run.state:
            self._seen.add(run.state.id)
        return is_given

    def _is_settled(self, run: FlowRun) -> bool:
        """Return True if the parts of its suspension should be stored by now; a future instant shows a reset clock."""
        return run.state is not None and abs(datetime.now(UTC) - run.state.timestamp) > self._limits.form


def _give(client: SyncPrefectClient, run: FlowRun, case_id: str) -> bool:
    """Give it its form, unless it has it; returns whether it had to be given."""
    gate = gate_of(run)
    if gate is None or not asks_for_input(run) or len(parts := parts_of_form(client, run)) == _PARTS:
        return False
    form = None
    # That of a case of another home that uses the same server cannot be made here.
    with one_case_of_many(case_id):
        form = form_at(case_id, gate)
    if form is None:
        return False
    for key in parts:
        # Half of it is no use, and the server keeps nothing twice.
        client.delete_flow_run_input(run.id, key)
    form.save(form_names(suspension_of(run)), flow_run_id=run.id)
    logger.warning("the run of %s, which waits for a decision, had lost its form; it has it again", case_id)
    return True
