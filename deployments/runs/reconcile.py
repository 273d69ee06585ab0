"""Start again what was cut short: by a dead process, an answer that did not come, a lost run, or a person's cancelling.

A run that Prefect shows as running while no living process holds its case's lease was cut short, and one that it shows
as crashed lost its process while the worker looked on. Their state is set back to scheduled, and since flows are
re-entrant they go on from what the case file shows as done; one that was to be cancelled is cancelled. A batch shows by
a role in the case store that a living process works on it. A run that ended since something did not answer is started
again (:mod:`deployments.runs.reconcile`). A run that is suspended at a gate which was decided meanwhile, while no
server was up to be told, is resumed, and so is one whose request was withdrawn or stopped; one that was cancelled there
waits there again. A case whose run Prefect has lost gets another one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Cancelled, Scheduled

from deployments.catalogue import WATCH_TAG
from flows.runs import INTERRUPTED, case_or_none, outcome_of, runs_that
from flows.starting import start_case
from flows.suspended import gate_of, resume, suspended_runs
from rightsflow.cases.course.case_runs import RunEnding, note_started_again
from rightsflow.domain.errors import BadInput
from rightsflow.store import Store
from rightsflow.store.coordination.waiting import StartedCase, pause_after
from tasks.prefect_io.kinds import AnyState

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


_CANCELLED: Final = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLED])))
_CANCELLING: Final = frozenset({StateType.CANCELLING, StateType.CANCELLED})
_STOPPED: Final = "It was cancelled while it waited at a gate; the case still waits there."


class StoppedRuns:
    """Finds such runs.

    Args:
        store: The case store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[UUID] = set()

    def sweep(self, client: SyncPrefectClient) -> int:
        """Look once; returns how many are started again. Each time that a run is cancelled is judged once.

        Args:
            client: Talks to the server.
        """
        cancelled = [run for run in runs_that(_CANCELLED, client) if run.state and run.state.id not in self._seen]
        self._seen |= {run.state.id for run in cancelled if run.state}
        left = {case_id: run for run in cancelled if (case_id := case_or_none(run)) and self._needs_a_run(case_id)}
        return sum(self._start_again(client, case_id, run) for case_id, run in left.items())

    def _needs_a_run(self, case_id: str) -> bool:
        try:
            with self._store.case_file(case_id) as file:
                return file.needs_a_run
        except BadInput:
            # Of another home that uses the same server.
            return False

    def _start_again(self, client: SyncPrefectClient, case_id: str, run: FlowRun) -> bool:
        if not _was_at_a_gate(client, run) or _has_another(client, case_id, run):
            return False
        # Not by force: then Prefect forgets that the run was suspended here before, so that it is suspended again.
        again: AnyState = Scheduled(name="AwaitingRetry", message=_STOPPED)
        answer = client.set_flow_run_state(run.id, again)
        if answer.status is not SetStateStatus.ACCEPT:
            return False
        note_started_again(self._store, case_id, RunEnding.CANCELLED)
        logger.warning("the run of %s was cancelled at a gate; it is started again", case_id)
        return True


def _was_at_a_gate(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Return True if the run waited for a decision when it was cancelled."""
    states = sorted(client.read_flow_run_states(run.id), key=lambda flow_run_state: flow_run_state.timestamp)
    before = [state for state in states if state.type not in _CANCELLING]
    return bool(before) and before[-1].type is StateType.PAUSED


def _has_another(client: SyncPrefectClient, case_id: str, cancelled: FlowRun) -> bool:
    """Return True if the case has another run that is not cancelled."""
    named = FlowRunFilter(name=FlowRunFilterName(any_=[case_id]))
    others = [run for run in runs_that(named, client) if run.id != cancelled.id]
    return any(run.state is None or run.state.type is not StateType.CANCELLED for run in others)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLimits:
    """The limits of the keeper's sweeps.

    Args:
        starting: How long a run may take from being claimed to holding its case's lease.
        beginning: The same for a run whose flow has begun: the lease is the first thing that it takes.
        suspended_at_once: How many runs that wait at a gate one sweep looks at; after a breach
            thousands wait for weeks.
        failures: How often in a row a run fails until it is left to a person: 200 are eight days.
    """

    starting: timedelta = timedelta(seconds=60)
    beginning: timedelta = timedelta(seconds=20)
    suspended_at_once: int = 1000
    failures: int = 200


LIMITS: Final = SweepLimits()
"""The limits of a keeper that serves people."""


_MOST_ENDINGS: Final = 5
"""The number of failures in a row allowed to a run whose case is closed, so that only its last words are missing."""
_FAILED: Final = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED])))
_MESSAGE: Final = "What did not answer is tried again."


class InterruptedRuns:
    """Finds such runs, and starts each again after a pause that grows with its failures.

    Args:
        store: The case store.
        limits: How often in a row a run may fail.
    """

    def __init__(self, store: Store, limits: SweepLimits = LIMITS) -> None:
        self._store = store
        self._most = limits.failures

    def sweep(self, client: SyncPrefectClient) -> int:
        """Look once; returns how many are started again.

        Args:
            client: Talks to the server.
        """
        runs = [run for run in runs_that(_FAILED, client) if _is_interrupted(run)]
        # An intake that was interrupted has no case yet, and its run carries the name of its flow, as that of a batch.
        alone = [run for run in runs if not run.parameters.get("case_id")]
        by_case = _newest(client, {run.name for run in runs} - {run.name for run in alone})
        left_over = self._store.waiting.left_over(by_case)
        again: list[bool] = [_start_again(client, run, self._most) for run in alone]
        for case_id, state in left_over.items():
            again.append(_start_again(client, by_case[case_id], _MOST_ENDINGS if state.is_settled else self._most))
        return sum(again)


def failures_in_a_row(client: SyncPrefectClient, run: FlowRun) -> int:
    """Count the failures of a run since it last waited at a gate.

    Args:
        client: Talks to the server.
        run: The run.
    """
    failures = 0
    for state in sorted(client.read_flow_run_states(run.id), key=lambda flow_run_state: flow_run_state.timestamp):
        if state.type is StateType.PAUSED:
            failures = 0
        failures += state.type is StateType.FAILED
    return failures


def _newest(client: SyncPrefectClient, cases: Iterable[str]) -> dict[str, FlowRun]:
    """Return the interrupted run of each case that has no other run under way, waiting or later."""
    names = sorted(cases)
    if not names:
        return {}
    named = FlowRunFilter(name=FlowRunFilterName(any_=names))
    newest: dict[str, FlowRun] = {}
    lives: set[str] = set()
    for run in runs_that(named, client):
        if run.state is None or not run.state.is_final():
            lives.add(run.name)
        elif run.name not in newest or _ended_at(run) > _ended_at(newest[run.name]):
            newest[run.name] = run
    return {name: run for name, run in newest.items() if name not in lives and _is_interrupted(run)}


def _is_interrupted(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_failed() and outcome_of(run.state) == INTERRUPTED


def _ended_at(run: FlowRun) -> datetime:
    return run.state.timestamp if run.state else datetime.min.replace(tzinfo=UTC)


def _start_again(client: SyncPrefectClient, run: FlowRun, most: int) -> bool:
    failures = failures_in_a_row(client, run)
    now_in = client.read_flow_run(run.id).state
    # A person may have pressed Retry meanwhile.
    if failures > most or now_in is None or run.state is None or now_in.id != run.state.id:
        return False
    due = datetime.now(UTC) + pause_after(failures)
    client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry", scheduled_time=due, message=_MESSAGE), force=True)
    return True


_MOST_CRASHES: Final = 5
"""The number of times a crashing run is restarted, so that a broken installation does not start runs for ever."""


class Reconciler:
    """Finds runs that no one works on.

    Args:
        store: The case store, whose leases say which cases are worked on.
        limits: How long it waits, and how much it looks at.
    """

    def __init__(self, store: Store, limits: SweepLimits = LIMITS) -> None:
        self._store = store
        self._limits = limits
        self._suspects: set[UUID] = set()
        self._passed_over = 0
        self._lost = LostRuns(store)
        self._stopped = StoppedRuns(store)
        self._interrupted = InterruptedRuns(store, limits)

    def sweep(self, *, worker_is_new: bool = False) -> int:
        """Start again the runs that were cut short, resume those that were decided; returns how many.

        Args:
            worker_is_new: Whether no worker ran a moment ago, so that a claimed run cannot be one just starting.
        """
        with get_client(sync_client=True) as client:
            # Together: where nothing is under way, each call is most of what a look costs.
            some = _runs(client, StateType.RUNNING, StateType.PENDING, StateType.CANCELLING, StateType.CRASHED)
            crashed = [run for run in some if run.state and run.state.is_crashed()]
            running = [run for run in some if not (run.state and run.state.is_crashed())]
            orphans = [run for run in running if self._is_orphan(run, worker_is_new=worker_is_new)]
            # Seen twice: between giving the lease back and reporting its end, a healthy run looks like an orphan.
            again = [run for run in orphans if worker_is_new or run.id in self._suspects]
            self._suspects = {run.id for run in orphans} - {run.id for run in again}
            again += [run for run in crashed if self._is_worth_another(client, run)]
            for run in again:
                client.set_flow_run_state(run.id, _next_state(run), force=True)
            started = len(again) + self._interrupted.sweep(client)
            suspended = self._suspended(client)
            decided = self._decided(suspended)
            started += self._lost.sweep(client) + self._stopped.sweep(client)
            started += sum(resume(client, run) for run in suspended if run.id in decided)
            return started

    def _is_orphan(self, run: FlowRun, *, worker_is_new: bool) -> bool:
        if WATCH_TAG in run.tags and not worker_is_new:
            return False  # A long sweep is no dead one, and what a dead one left the next one does.
        if self._is_worked_on(run):
            return False
        since = run.state.timestamp if run.state else None
        # One that seems to start in the future began before a clock was set back.
        begun = run.state is not None and run.state.is_running()
        longest = self._limits.beginning if begun else self._limits.starting
        return worker_is_new or since is None or abs(datetime.now(UTC) - since) > longest

    def _is_worth_another(self, client: SyncPrefectClient, run: FlowRun) -> bool:
        if self._is_worked_on(run):
            return False
        crashes = sum(state.type is StateType.CRASHED for state in client.read_flow_run_states(run.id))
        return crashes <= _MOST_CRASHES

    def _is_worked_on(self, run: FlowRun) -> bool:
        if case_id := case_or_none(run):
            return self._store.is_worked_on(case_id)
        # By its id a batch has a role while it is worked on; no other run has.
        return self._store.has_role(run.id.hex)

    def _suspended(self, client: SyncPrefectClient) -> list[FlowRun]:
        """Runs that wait at a gate; of very many each sweep takes the next ones."""
        most = self._limits.suspended_at_once
        some = list(islice(suspended_runs(client, offset=self._passed_over), most))
        self._passed_over = self._passed_over + len(some) if len(some) == most else 0
        return some

    def _decided(self, suspended: Sequence[FlowRun]) -> set[UUID]:
        """Return the suspended runs that need not wait."""
        waiting = {
            run.id: (case_id, gate) for run in suspended if (gate := gate_of(run)) and (case_id := case_or_none(run))
        }
        # A case of another home that uses the same server is not there, nor one that was purged.
        decided = self._store.waiting.decided(waiting.values())
        return {run_id for run_id, gate in waiting.items() if gate in decided}


def _next_state(run: FlowRun) -> AnyState:
    """Return the next state of a run that no process works on: a run that a person cancelled is not restarted."""
    if run.state is not None and run.state.is_cancelling():
        return Cancelled(message="No process works on it any more.")
    return Scheduled(name="AwaitingRetry")


def _runs(client: SyncPrefectClient, *types: StateType) -> list[FlowRun]:
    """Runs in some states, all at once: one that is given another state leaves the list."""
    fit = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))))
    return list(runs_that(fit, client))
