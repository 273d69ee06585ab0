"""Take out of Prefect what people typed about our runs and no flow reads, or none has read in time.

A run is looked at when it is new, and again and again afterwards, since it can be changed at any time. What is not one
of our own words goes: to the vault where a flow may still need it, and from there after 30 days. A run with a value
that no call can overwrite is replaced by a new one, or removed where it has ended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Scheduled

from deployments.catalogue import CATALOGUE, name_of
from deployments.runs.own_words import Owner, changes, is_lasting
from flows.fields import SEALED
from flows.runs import OURS, runs_of
from flows.scrubbing import keep_typed
from flows.starting import BULK_QUEUE, start_case
from rightsflow.config.settings import Settings
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import Store
from tasks.prefect_io.server_shapes import INPUT_PARTS, SUSPENDED_PREFIX

_READING: Final = timedelta(seconds=20)
"""The time a run may take, from its request or from a new state, to read and scrub its own form."""
_LATER: Final = timedelta(seconds=10)
"""The delay of a form's new run: by then the typed text is stored under its name in the vault."""
_NEWEST: Final = 200
"""The number of newest runs in each full sweep, before the runs whose turn it is."""
_AT_ONCE: Final = 1000
"""The number of other runs in a sweep, so that each of 3,000 has its turn within a minute."""
_INPUTS: Final = 10
"""The number of runs whose inputs one sweep reads, each by a call of its own."""
_INPUTS_AGAIN: Final = 2
"""The number of runs whose inputs one sweep reads again although their state is the same."""
_JUST_MADE: Final = 40
"""The number of latest runs that are read where there is no full sweep."""
_REMEMBERED: Final = 10_000
_FULL_EVERY: Final = 4
"""Every so many sweeps it looks at more: at 200 runs and the next ones of all others, and at the deployments."""
_ARTIFACTS: Final = 100

_OUR_ARTIFACT: Final = re.compile(r"dsr-\d{4}-[0-9a-z]{6}|deadline-board|import-report")
_OUR_INPUT: Final = re.compile(
    rf"{SUSPENDED_PREFIX}({'|'.join(Gate)})-\d{{1,4}}(-dsr-\d{{4}}-[0-9a-z]{{6}})?-({'|'.join(INPUT_PARTS)})"
)
_RIGHTS: Final = {f"{right.value}-request": right for right in Right}
_UNDER_WAY: Final = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


class Scrubber:
    """Scrubs our runs: at each sweep what was just made, and at every fourth everything in turn.

    Args:
        store: The case store, whose vault takes what may still be needed.
        settings: The configuration, whose systems tag the runs and whose people's names may be seen.
        reading: For how long after its start a run may still read what was typed, and scrubs it itself.
        newest: How many runs it looks at in each full sweep, the same ones while none come or go.
        at_once: How many of all others, in turn.
        just_made: How many of those that began last it looks at in between.
        full_every: Every so many sweeps it looks at more than what was just made.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        reading: timedelta = _READING,
        newest: int = _NEWEST,
        at_once: int = _AT_ONCE,
        just_made: int = _JUST_MADE,
        full_every: int = _FULL_EVERY,
    ) -> None:
        self._store = store
        self._reading = reading
        self._newest = newest
        self._at_once = at_once
        self._systems = frozenset(settings.systems)
        self._names = settings.names
        self._passed_over = 0
        self._inputs_passed_over = 0
        self._most_just_made = just_made
        self._full_every = full_every
        self._sweeps = 0
        self._flows: dict[UUID, str] = {}
        self._queues: frozenset[str] = frozenset()
        self._known: set[UUID] = set()
        self._inputs_seen: set[tuple[UUID, UUID | None]] = set()

    def sweep(self) -> int:
        """Scrub some of the runs: what was just made, or the next ones of all; returns how many were changed.

        Raises:
            Transient: The case store does not answer.
        """
        with get_client(sync_client=True) as client:
            runs = self._just_made(client) if self._sweeps % self._full_every else []
            if not runs or self._known.isdisjoint(run.id for run in runs):
                # Of those that are new not all were seen, or it is the turn of all others.
                self._flows = our_flows(client)
                self._queues = _scrub_deployments(client)
                runs = self._some(client, self._flows)
                self._known = {run.id for run in runs}
            self._sweeps += 1
            self._known |= {run.id for run in runs}
            owners = {
                flow_id: Owner(name, _RUN_NAMES[name], self._queues, self._systems)
                for flow_id, name in self._flows.items()
            }
            changed = sum(self._scrub(client, owners[run.flow_id], run) for run in runs)
            self._scrub_inputs(client, runs)
            _scrub_artifacts(client, [run.id for run in runs[: self._newest]])
            return changed

    def _just_made(self, client: SyncPrefectClient) -> list[FlowRun]:
        """The runs that were to begin last; what Prefect has scheduled ahead would come before all of them."""
        which = FlowFilter(name=FlowFilterName(any_=sorted(self._flows.values())))
        by_now = FlowRunFilterExpectedStartTime.model_validate({"before_": datetime.now(UTC) + _LATER})
        newest = client.read_flow_runs(
            flow_filter=which,
            flow_run_filter=FlowRunFilter(expected_start_time=by_now),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=self._most_just_made,
        )
        # A flow that was registered since has an id that is not known yet.
        return newest if all(run.flow_id in self._flows for run in newest) else []

    def _some(self, client: SyncPrefectClient, flows: dict[UUID, str]) -> list[FlowRun]:
        which = FlowFilter(name=FlowFilterName(any_=sorted(flows.values())))
        newest = list(islice(runs_of(which, client), self._newest))
        if len(newest) < self._newest:
            return newest
        others = list(islice(runs_of(which, client, self._newest + self._passed_over), self._at_once))
        self._passed_over = self._passed_over + len(others) if len(others) == self._at_once else 0
        return newest + others

    def _scrub(self, client: SyncPrefectClient, owner: Owner, run: FlowRun) -> bool:
        if _may_be_reading(run, self._reading):
            return False
        safe = keep_typed(self._store.intakes.keep_typed, run.id, owner.flow, run.parameters, self._names)
        if is_lasting(run, owner) and self._replace(client, owner, run, safe):
            return True
        changed = changes(run, owner) | ({"parameters": safe} if safe != run.parameters else {})
        if changed:
            client.update_flow_run(run.id, **changed)
        return bool(changed)

    def _replace(self, client: SyncPrefectClient, owner: Owner, run: FlowRun, safe: dict[str, object]) -> bool:
        """Let a clean run take the place of another one; returns whether the other one is gone."""
        if run.state is None or run.state.type in _UNDER_WAY:
            return False
        right = _RIGHTS.get(owner.flow)
        if right is None and not run.state.is_final() and run.deployment_id and owner.run_name:
            other = client.create_flow_run_from_deployment(
                run.deployment_id,
                parameters=safe,
                name=owner.run_name,
                state=Scheduled(scheduled_time=datetime.now(UTC) + _LATER),
                idempotency_key=str(run.id),
            )
            self._store.intakes.move_typed(str(run.id), str(other.id))
        client.delete_flow_run(run.id)
        if right is not None and not run.state.is_final():
            self._start(str(safe.get("case_id", "")), right)
        _drop_queue(client, run, owner)
        return True

    def _start(self, case_id: str, right: Right) -> None:
        """Start the case's run anew, from what the case file shows as done."""
        if case_id in {"", SEALED}:
            return
        try:
            with self._store.case_file(case_id) as file:
                is_open = file.needs_a_run and file.right is right
        except BadInput:
            return
        if is_open:
            start_case(case_id, right)

    def _scrub_inputs(self, client: SyncPrefectClient, runs: Sequence[FlowRun]) -> None:
        """Remove inputs that no gate asks for."""
        asked_for = [run for run in runs if not run.auto_scheduled]
        unseen = [run for run in asked_for if (run.id, run.state_id) not in self._inputs_seen][:_INPUTS]
        first = self._inputs_passed_over
        again = asked_for[first : first + _INPUTS_AGAIN]
        self._inputs_passed_over = first + _INPUTS_AGAIN if len(again) == _INPUTS_AGAIN else 0
        for run in {item.id: item for item in (*unseen, *again)}.values():
            for given in client.filter_flow_run_input(run.id, key_prefix="", limit=200, exclude_keys=set()):
                if not _OUR_INPUT.fullmatch(given.key):
                    client.delete_flow_run_input(run.id, key=given.key)
        if len(self._inputs_seen) > _REMEMBERED:
            self._inputs_seen.clear()
        self._inputs_seen |= {(run.id, run.state_id) for run in unseen}


_RUN_NAMES: Final = {flow.name: str(flow.flow_run_name or "") for flow, _ in CATALOGUE}


def our_flows(client: SyncPrefectClient) -> dict[UUID, str]:
    """The names of our flows by their ids on this server.

    Args:
        client: Talks to the server.
    """
    names = [flow.name for flow, _ in CATALOGUE]
    return {flow.id: flow.name for flow in client.read_flows(flow_filter=FlowFilter(name=FlowFilterName(any_=names)))}


def _may_be_reading(run: FlowRun, reading: timedelta) -> bool:
    """Return True if the run's flow may be about to read the typed text and to scrub it itself."""
    times = [item for item in (run.created, run.state and run.state.timestamp) if item]
    return bool(times) and datetime.now(UTC) - max(times) < reading


def _scrub_deployments(client: SyncPrefectClient) -> frozenset[str]:
    """Take out of our deployments what was put there, which all their runs would show; returns their work queues."""
    descriptions = {name_of(flow): description for flow, description in CATALOGUE}
    there = client.read_deployments(deployment_filter=OURS)
    for deployment in there:
        wanted = descriptions.get(deployment.name)
        if wanted is not None and (deployment.parameters or deployment.description != wanted):
            client.update_deployment(deployment.id, DeploymentUpdate(parameters={}, description=wanted))
    return frozenset(item.work_queue_name for item in there if item.work_queue_name)


def _scrub_artifacts(client: SyncPrefectClient, run_ids: list[UUID]) -> None:
    """Remove artifacts of our runs that none of them made."""
    if not run_ids:
        return
    of_ours = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=run_ids))
    for artifact in client.read_artifacts(artifact_filter=of_ours, sort=ArtifactSort.ID_DESC, limit=_ARTIFACTS):
        if not _OUR_ARTIFACT.fullmatch(artifact.key or ""):
            client.delete_artifact(artifact.id)


def _drop_queue(client: SyncPrefectClient, run: FlowRun, owner: Owner) -> None:
    """Remove a work queue that came into being by the name that a person gave for a run; one that was set up stays."""
    if not run.work_queue_id or (run.work_queue_name or "default") in owner.queues | {"default", BULK_QUEUE}:
        return
    try:
        queue = client.read_work_queue(run.work_queue_id)
        if not queue.description and queue.concurrency_limit is None:
            client.delete_work_queue_by_id(queue.id)
    except ObjectNotFound:
        return
