"""Give a run that waits at a gate its form again, where that was lost.

Prefect notes first that a run is suspended, and keeps its form in two further calls. A worker or a server that is
killed in between, and a database that loses its last moment, leave a run that nobody can answer in Prefect's UI.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.input.run_input import Keyset, keyset_from_paused_state

from flows.gates import form_at
from flows.suspended import gate_of
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.domain.case.states import read_case_id
from rightsflow.domain.errors import BadInput
from rightsflow.store import Store

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 20
"""Of how many runs one sweep asks for the form, each by a call of its own; each run is asked for once."""
_KEEPING: Final = timedelta(seconds=30)
"""How long the form may take to be kept, and a database to write it down."""
_PARTS: Final = 2
"""What a form consists of: its fields and its text."""


class FormlessRuns:
    """Finds such runs, each once for every time that it is suspended.

    Args:
        store: The case store, whose leases say which runs are just being suspended.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[UUID] = set()

    def sweep(self, client: SyncPrefectClient, waiting: Iterable[FlowRun]) -> int:
        """Look at some runs that wait for a decision; returns how many got their form again.

        Args:
            client: Talks to the server.
            waiting: The runs.
        """
        unseen = [run for run in waiting if run.state and run.state.id not in self._seen and _is_settled(run)]
        return sum(self._look(client, run) for run in unseen[:_AT_ONCE])

    def _look(self, client: SyncPrefectClient, run: FlowRun) -> bool:
        case_id = _case_of(run)
        if case_id and self._store.is_worked_on(case_id):
            return False
        is_given = bool(case_id) and _give(client, run, case_id)
        if run.state:
            self._seen.add(run.state.id)
        return is_given


def _case_of(run: FlowRun) -> str:
    """The case that a run is for; empty where it is for none."""
    try:
        return read_case_id(str(run.parameters.get("case_id", "")))
    except BadInput:
        return ""


def _is_settled(run: FlowRun) -> bool:
    """Whether what belongs to its suspension would be there; one in the future came before a clock was set back."""
    return run.state is not None and abs(datetime.now(UTC) - run.state.timestamp) > _KEEPING


def _keys(run: FlowRun) -> Keyset | None:
    """Under which names its form is kept; ``None`` where somebody suspended it by hand, so that it asks for nothing."""
    state = run.state
    return keyset_from_paused_state(state) if state and state.state_details.run_input_keyset else None


def _parts(client: SyncPrefectClient, run: FlowRun, keys: Keyset) -> set[str]:
    """The names of what is there of its form."""
    wanted, prefix = {keys["schema"], keys["description"]}, keys["schema"].removesuffix("schema")
    there = client.filter_flow_run_input(run.id, key_prefix=prefix, limit=len(keys), exclude_keys=set())
    return wanted & {one.key for one in there}


def _give(client: SyncPrefectClient, run: FlowRun, case_id: str) -> bool:
    """Give it its form, unless it has it; returns whether it had to be given."""
    keys, gate = _keys(run), gate_of(run)
    if keys is None or gate is None or len(parts := _parts(client, run, keys)) == _PARTS:
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
    form.save(keys, flow_run_id=run.id)
    logger.warning("the run of %s, which waits for a decision, had lost its form; it has it again", case_id)
    return True
