"""The worker's type ``rightsflow``: an ordinary worker of a work pool whose infrastructure is its own process.

Prefect loads this module by :mod:`rightsflow.entry.worker_type`, in the server and in other projects' programs too; it
therefore imports little of ours.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final
from uuid import UUID

import anyio
import anyio.abc
from httpx import HTTPStatusError
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, WorkPool
from prefect.client.schemas.responses import SetStateStatus, WorkerFlowRunResponse
from prefect.events.worker import EventsWorker
from prefect.exceptions import InfrastructureNotFound, ObjectNotFound
from prefect.logging.handlers import APILogWorker
from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_WORKER_PREFETCH_SECONDS,
    PREFECT_WORKER_QUERY_SECONDS,
    temporary_settings,
)
from prefect.states import Pending
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from deployments.internals import why_not
from deployments.pool_types import TYPE
from deployments.worker.executing import Execution, ExecutionStopper, Stop, beat, hand_back, hand_over
from deployments.worker.preparation import SchemaWatch, known_flow, prepare
from deployments.worker.wake import FOR_OTHERS, Missed, News, chosen, news
from rightsflow.domain.errors import Misconfigured
from rightsflow.entry.names import put_ours_first
from tasks.prefect_io.kinds import AnyState

logger = logging.getLogger(__name__)

RUNS_AT_ONCE: Final = 6
"""The number of runs that a worker executes at a time, unless ``--limit`` sets it."""

_TOGETHER_SECONDS: Final = 0.05
_LIMITED_SECONDS: Final = 0.5
"""After which time it is looked whether the end of a run let another one go on."""
_DRAIN_SECONDS: Final = 2.0
_TOLD_AGAIN_SECONDS: Final = 0.25
_FEWEST: Final = 2
"""The smallest number of runs to ask for, twice over: other workers may take the first ones meanwhile."""
_POLLS_MISSED: Final = 30
"""After how many intervals without a look for runs a worker counts as hung, as with Prefect's own."""
_WAITING: Final = "/work_pools/{name}/get_scheduled_flow_runs"


class ResidentWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Executes runs in threads of its own process, a few at a time.

    How runs are asked for, claimed and executed is its own, by public calls; reporting, the pool, health and limits are
    those of Prefect's base class. Of the pool's template and the job variables it reads nothing.

    Args:
        work_pool_name: The work pool.
        work_queues: Its queues that are served; all by default.
        name: The worker's name in the UI.
        prefetch_seconds: How long before its time a run may be taken.
        create_pool_if_not_found: Whether to make the pool.
        limit: How many runs are executed at a time.
        heartbeat_interval_seconds: How often the worker reports to the server.
        base_job_template: For a pool that is made.
    """

    type: str = TYPE
    stop_seconds = 12.0
    """The time that steps may go on when the worker is to end; service managers usually wait for 20 seconds or more."""
    _group: anyio.abc.TaskGroup
    _description = "Executes the runs of Rightsflow in the worker's own process, at once."

    def __init__(
        self,
        work_pool_name: str,
        work_queues: list[str] | None = None,
        name: str | None = None,
        prefetch_seconds: float | None = None,
        create_pool_if_not_found: bool = True,
        limit: int | None = None,
        heartbeat_interval_seconds: int | None = None,
        *,
        base_job_template: dict[str, object] | None = None,
    ) -> None:
        super().__init__(
            work_pool_name,
            work_queues,
            name,
            prefetch_seconds,
            create_pool_if_not_found,
            limit or RUNS_AT_ONCE,
            heartbeat_interval_seconds,
            base_job_template=base_job_template,
        )
        self._pool, self._queues = work_pool_name, sorted(work_queues or ())
        prefetch = PREFECT_WORKER_PREFETCH_SECONDS.value() if prefetch_seconds is None else prefetch_seconds
        self._ahead = timedelta(seconds=prefetch)
        self._names: dict[UUID, tuple[str, str]] = {}
        self._taking: set[UUID] = set()
        self.claimed: dict[UUID, FlowRun] = {}
        """The runs that the server has given to this worker and that it is not through with."""
        self._executions: dict[UUID, Execution] = {}
        self._left: list[FlowRun] = []
        self._woken = asyncio.Event()
        self._wakes_at: asyncio.TimerHandle | None = None
        self._missed = Missed(self.claimed, self._runs)
        self._waiting_again: set[UUID] = set()
        self._may_be_held = True
        self._has_left_some = self._has_left_a_batch = False
        self._stopping = ExecutionStopper(self._executions, self._runs)
        self._polling = asyncio.Lock()
        self._known = asyncio.Event()
        self._schema = SchemaWatch()
        self._looked_at = time.monotonic()

    # -- the worker's life -------------------------------------------------------------------------------------------

    async def start(
        self, run_once: bool = False, with_healthcheck: bool = False, printer: Callable[..., None] = print
    ) -> None:
        """Work until it is cancelled, as the command line does on SIGINT and SIGTERM.

        Args:
            run_once: Whether to take what waits, execute it and end.
            with_healthcheck: Whether to answer health checks.
            printer: Told of the start and the end.

        Raises:
            Misconfigured: The installed Prefect is not one that it was made for.
        """
        if why := self.why_not():
            raise Misconfigured(f"{why} Use Prefect's own worker: `rightsflow service deploy --pool-type process`.")
        # From here on it is a process of ours: the flows are found by names that another project may have too.
        put_ours_first()
        await anyio.to_thread.run_sync(prepare)
        # Late: Prefect's server loads this module too, and has no use for it.
        from deployments.monitoring.figures import observed  # noqa: PLC0415

        seconds = self.beat_seconds()
        # Else Prefect has a thread send them for each run, which is waited for at the run's end.
        without = temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
        with observed(self.name, printer) as say, without:
            try:
                async with anyio.create_task_group() as group:
                    self._group = group
                    if not run_once:
                        for service in (
                            self._take_when_woken,
                            self._listen,
                            partial(self._missed.look, self._woken.set),
                            self._stopping.look_when_told,
                            self._look_after_all,
                            partial(self._beat, seconds),
                        ):
                            group.start_soon(service)
                    try:
                        await super().start(run_once, with_healthcheck, say)
                    finally:
                        group.cancel_scope.cancel()
            finally:
                await self._hand_over()

    async def sync_with_backend(self) -> None:
        """Report to the server, and learn of the work pool."""
        await super().sync_with_backend()
        with suppress(RuntimeError):
            self._may_be_held = await self._is_limited(self.work_pool)
            self._known.set()

    async def _is_limited(self, pool: WorkPool) -> bool:
        """Return True if the server may hold runs back until another ends; where the server does not say, it may."""
        if pool.concurrency_limit is not None:
            return True
        with suppress(Exception):
            queues = await self.client.read_work_queues(work_pool_name=pool.name)
            return any(queue.concurrency_limit is not None for queue in queues)
        return True

    async def _hand_over(self) -> None:
        """Let others take up what was claimed and not begun, and what does not finish its step."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(hand_over, list(self.claimed.values()), self._left)
            if self._left:
                await anyio.to_thread.run_sync(self._end_process)

    @staticmethod
    def _end_process() -> None:
        """End at once: Python would wait for the threads, and a thread cannot be ended from outside."""
        for sender in (APILogWorker, EventsWorker):
            sender.drain_all(timeout=_DRAIN_SECONDS)
        os._exit(0)

    # -- taking runs -------------------------------------------------------------------------------------------------

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Take the runs that wait, as far as there is room; returns them."""
        async with self._polling:
            self._looked_at = time.monotonic()
            if not self.is_setup or not await self._schema.may_ask():
                return []
            may_take, waiting = await asyncio.gather(self._schema.may_take(), self._wait())
            if not may_take:
                return []
            room = int(self.limiter.available_tokens)
            self._has_left_some = len(waiting) > room
            taken: list[FlowRun] = [run for run in self.choose(waiting) if run.id not in self._taking][:room]
            for run in taken:
                self.limiter.acquire_on_behalf_of_nowait(run.id)
                self._taking.add(run.id)
                self._group.start_soon(self._take, run)
            return taken

    def is_worker_still_polling(self, query_interval_seconds: float) -> bool:
        """Return True if the worker has looked for runs lately, which a health check asks.

        Args:
            query_interval_seconds: How often it is to look.
        """
        return time.monotonic() - self._looked_at < _POLLS_MISSED * query_interval_seconds

    async def _wait(self) -> list[FlowRun]:
        """Return the waiting runs, the most urgent first; a limited number at each look, since there may be many."""
        asked: dict[str, object] = {
            "limit": 2 * max(_FEWEST, int(self.limiter.available_tokens)),
            "scheduled_before": str(datetime.now(UTC) + self._ahead),
            "work_queue_names": self._queues,
        }
        try:
            answer = await self.client.request("POST", _WAITING, path_params={"name": self._pool}, json=asked)
        except HTTPStatusError as error:
            # The pool is made with the next report to the server.
            if error.response.status_code == HTTPStatus.NOT_FOUND:
                return []
            raise
        return [item.flow_run for item in WorkerFlowRunResponse.model_validate_list(answer.json())]

    async def _take(self, run: FlowRun) -> None:
        """Claim a run and execute it; what is claimed and cannot be begun is handed back."""
        try:
            if await self.claim(run):
                await self.run(run, BaseJobConfiguration())
        except Exception as error:  # noqa: BLE001 - one run's fault must not end the others
            logger.warning("a run could not be begun (%s)", type(error).__name__)
            await anyio.to_thread.run_sync(hand_back, run)
            self.claimed.pop(run.id, None)
        finally:
            self._taking.discard(run.id)
            self.limiter.release_on_behalf_of(run.id)

    async def claim(self, run: FlowRun) -> bool:
        """Claim a run; returns whether the server gives it to this worker and to no other.

        Args:
            run: The run, which has the state Pending then.
        """
        taken: AnyState = Pending(message=f"Taken by {self.name}.")
        answer = await self.client.set_flow_run_state(run.id, taken)
        if answer.status is SetStateStatus.ACCEPT and answer.state is not None and answer.state.is_pending():
            run.state = answer.state
            self.claimed[run.id] = run
            return True
        await self.not_given(run)
        return False

    async def _names_of(self, run: FlowRun) -> tuple[str, str]:
        """Return the names of a run's flow and deployment; asked once, as neither changes under its id."""
        if run.deployment_id is None:
            return "", ""
        if run.deployment_id not in self._names:
            try:
                deployment = await self.client.read_deployment(run.deployment_id)
                flow = await self.client.read_flow(deployment.flow_id)
            except ObjectNotFound:
                return "", ""
            self._names[run.deployment_id] = flow.name, deployment.name
        return self._names[run.deployment_id]

    def choose(self, waiting: Sequence[FlowRun]) -> Sequence[FlowRun]:
        """Return the waiting runs to take now; see :mod:`deployments.worker.wake`.

        Args:
            waiting: The runs, the most urgent first.
        """
        taken = chosen(waiting, [execution.flow_run for execution in self._executions.values()], datetime.now(UTC))
        self._has_left_a_batch = len(taken) < len(waiting)
        if self._has_left_a_batch:
            asyncio.get_running_loop().call_later(FOR_OTHERS.total_seconds(), self._woken.set)
        return taken

    async def _take_when_woken(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self._wakes_at is not None:
                self._wakes_at.cancel()
                self._wakes_at = None
            # A failure is no end: the polling of Prefect's own loop comes anyhow, and makes its own noise of it.
            with suppress(Exception):
                await self.get_and_submit_flow_runs()
            self._missed.ask_again()
            await anyio.sleep(_TOGETHER_SECONDS)

    async def _runs(self, run_ids: Collection[UUID]) -> list[FlowRun]:
        return await self.client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=list(run_ids))))

    async def not_given(self, flow_run: FlowRun) -> None:
        """Look at once for other runs where another worker was faster: both were told of the same ones.

        Args:
            flow_run: The run that the server did not give.
        """
        with suppress(Exception):
            state = (await self.client.read_flow_run(flow_run.id)).state
            # Not for a run that still waits: it would be asked for again and again.
            if state is not None and not state.is_scheduled():
                self._woken.set()

    async def _listen(self) -> None:
        await self._known.wait()
        async for item in self.news(self.work_pool.id):
            (self._hear_of if item.waits else self._stopping.told)(item.run_id)

    def _hear_of(self, run_id: UUID | None) -> None:
        """Look for a run that waits, or for any; after its end where it is just suspending itself."""
        if run_id in self._executions:
            self._waiting_again.add(run_id)
        else:
            self._missed.told(run_id)
            self._woken.set()

    def news(self, pool_id: UUID) -> AsyncIterator[News]:
        """Yield the events in the work pool; see :func:`deployments.worker.wake.news`.

        Args:
            pool_id: The work pool.
        """
        return news(pool_id)

    # -- executing them ----------------------------------------------------------------------------------------------

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,  # noqa: ARG002 - Prefect's
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> BaseWorkerResult:
        """Execute a run in a thread.

        Args:
            flow_run: The run, in the state Pending.
            configuration: What counts for nothing here.
            task_status: Told when it has begun.
        """
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def ended() -> None:
            # No one waits any more for a run that was left behind.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(over.set)

        execution = self.execution(flow_run, self.known_flow(*await self._names_of(flow_run)), ended)
        self._executions[flow_run.id] = execution
        self._missed.found(flow_run.id)
        execution.start()
        if task_status is not None:
            task_status.started(os.getpid())
        try:
            await over.wait()
        except asyncio.CancelledError:
            await self._give_up(execution, over)
            raise
        finally:
            del self._executions[flow_run.id]
            self.claimed.pop(flow_run.id, None)
            self._wake_after_end(flow_run.id)
        return BaseWorkerResult(identifier=str(flow_run.id), status_code=0)

    execution = Execution
    """The class that executes a run."""
    known_flow = staticmethod(known_flow)
    why_not = staticmethod(why_not)

    def _wake_after_end(self, run_id: UUID) -> None:
        """Take the next run: at once if one waits, else a moment later, where a limit of the server's may hold one."""
        is_again = run_id in self._waiting_again
        self._waiting_again.discard(run_id)
        if is_again:
            self._hear_of(run_id)
        elif self._has_left_some or self._has_left_a_batch:
            self._woken.set()
        elif self._may_be_held and self._wakes_at is None:
            self._wakes_at = asyncio.get_running_loop().call_later(_LIMITED_SECONDS, self._woken.set)

    async def _give_up(self, execution: Execution, over: asyncio.Event) -> None:
        with anyio.CancelScope(shield=True), anyio.move_on_after(self.stop_seconds):
            while not over.is_set():
                # Again and again, since one that is just beginning does not hear of it.
                execution.stop(Stop.HANDED_BACK)
                with anyio.move_on_after(_TOLD_AGAIN_SECONDS):
                    await over.wait()
        if not over.is_set():
            self._left.append(execution.flow_run)

    async def kill_infrastructure(
        self,
        infrastructure_pid: str,  # noqa: ARG002 - Prefect's
        configuration: BaseJobConfiguration,  # noqa: ARG002
        grace_seconds: int = 30,  # noqa: ARG002
    ) -> None:
        """Stop nothing: the infrastructure is this process, with the runs of others in it.

        A run stops by its state, which its worker sees.

        Raises:
            InfrastructureNotFound: Always, which tells Prefect that nothing is left to kill.
        """
        raise InfrastructureNotFound("A run in the worker's process stops by itself, between two steps.")

    # -- looking after them ------------------------------------------------------------------------------------------

    async def _look_after_all(self) -> None:
        """Look for waiting runs, in case an event was missed."""
        while True:
            await anyio.sleep(PREFECT_WORKER_QUERY_SECONDS.value())
            await self._stopping.look(set(self._executions))

    async def _beat(self, seconds: float | None) -> None:
        while seconds:
            for execution in list(self._executions.values()):
                # One that is not sent does no harm; an end of the worker would.
                with suppress(Exception):
                    self.beat(execution.flow_run)
            await anyio.sleep(seconds)

    def beat_seconds(self) -> float | None:
        """Return the interval at which a sign of life is sent for each run; ``None`` for never."""
        seconds: int | None = PREFECT_FLOWS_HEARTBEAT_FREQUENCY.value()
        return seconds

    def beat(self, flow_run: FlowRun) -> None:
        """Send a sign of life of a run.

        Args:
            flow_run: The run.
        """
        beat(flow_run)
