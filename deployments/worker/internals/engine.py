"""How the worker runs a flow and takes runs, by names of Prefect's that it does not promise to keep.

Prefect's own way to run a flow, :func:`prefect.flow_engine.run_flow`, gives each run a thread with an event loop and a
connection of its own to hear of a suspension, and a thread for heartbeats that the run waits for at its end for up to
a second. One worker can do both for all its runs at once. The engine here is Prefect's without those two, and stops
between two steps where it is told to: Prefect's request for a suspension, which every step and every waiting looks at,
is what the worker hands in.

Prefect's worker does not say which runs it was given and has not begun, and such a run has to be handed back when the
worker ends. It also tells the server three things between the two, each a write that on SQLite may cost two seconds of
waiting for others: here the run begins first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

import prefect
from anyio.abc import TaskStatus
from httpx import HTTPStatusError
from prefect._flow_run_suspension import (
    FlowRunSuspensionRequest,
    register_flow_run_suspension_request,
)
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow as StoredFlow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse, WorkerFlowRunResponse
from prefect.context import SyncClientContext
from prefect.events import emit_event
from prefect.events.related import tags_as_related_resources
from prefect.events.schemas.events import RelatedResource
from prefect.exceptions import ObjectNotFound
from prefect.flow_engine import FlowRunEngine, _flow_parameters
from prefect.workers.base import BaseJobConfiguration, BaseWorkerResult

from tasks.prefect_io.kinds import AnyFlow, AnyState

_REMEMBERED_SECONDS: Final = 30.0
_FEWEST: Final = 2
"""How many runs are asked for at least, twice over: others may take the first ones meanwhile."""


class StopRequest(FlowRunSuspensionRequest):
    """What a run looks at between two steps: once it was asked to stop, it raises Prefect's ``Pause`` there."""

    is_void_at_the_end: bool = False
    """Whether a run that has done everything may end in the state that it reached."""

    def withdraw(self) -> None:
        """Take the request back: what there was to stop is over."""
        self.mark_requested(cast("AnyState", None))


class _Engine(FlowRunEngine[Any, Any]):
    """Prefect's engine for a synchronous flow, without threads of its own."""

    @property
    def heartbeat_seconds(self) -> int | None:
        """No heartbeats: the worker sends those of all its runs."""
        return None

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[FlowRunSuspensionRequest]:
        """Let the flow's own suspension and the worker reach the request; no one else listens for it."""
        request = self._flow_run_suspension_request
        if self.flow_run is None:
            raise RuntimeError("the engine was started without a run")
        with register_flow_run_suspension_request(self.flow_run.id, request):
            request.raise_if_requested()
            yield request

    def handle_success(self, result: object) -> object:
        """Report the result of the flow, unless it is to be stopped even now."""
        request = self._flow_run_suspension_request
        if isinstance(request, StopRequest) and request.is_void_at_the_end:
            request.withdraw()
        return super().handle_success(result)


class Remembering:
    """A client that remembers deployments and flows for a while: before each run they are asked for three times.

    Args:
        real: The client that asks the server.
        room: Gives how many more runs could be begun.
        choose: Tells which of the runs that wait are taken now.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self,
        real: PrefectClient,
        room: Callable[[], int] = lambda: 1,
        choose: Callable[[Sequence[FlowRun]], Sequence[FlowRun]] = lambda waiting: waiting,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.real = real
        self._choose = choose
        self._clock = clock
        self._room = room
        self.has_left_some = False
        """Whether, when runs were last asked for, more waited than there was room for."""
        self._answers: dict[tuple[str, UUID], tuple[float, object]] = {}

    def __getattr__(self, name: str) -> Any:
        """Everything else is the real client's."""
        return getattr(self.real, name)

    async def read_deployment(self, deployment_id: UUID) -> DeploymentResponse:
        """A deployment, as it was less than half a minute ago.

        Args:
            deployment_id: Its id.
        """
        return cast("DeploymentResponse", await self._remembered("read_deployment", deployment_id))

    async def read_flow(self, flow_id: UUID) -> StoredFlow:
        """A flow, as it was less than half a minute ago.

        Args:
            flow_id: Its id.
        """
        return cast("StoredFlow", await self._remembered("read_flow", flow_id))

    async def update_flow_run(self, flow_run_id: UUID, *given: Any, **changes: Any) -> Any:
        """Change a run; not for its process's id alone: it is the worker's own, and no one ends a run by it.

        Args:
            flow_run_id: Its id.
            *given: What is changed.
            **changes: What is changed, by name.
        """
        if given or changes.keys() != {"infrastructure_pid"}:
            return await self.real.update_flow_run(flow_run_id, *given, **changes)
        return None

    async def get_scheduled_flow_runs_for_work_pool(
        self,
        work_pool_name: str,
        work_queue_names: list[str] | None = None,
        scheduled_before: datetime | None = None,
    ) -> list[WorkerFlowRunResponse]:
        """The runs that wait, the most urgent first; not all of them, which may be many, at each look.

        Args:
            work_pool_name: The work pool.
            work_queue_names: Its queues; all by default.
            scheduled_before: Until when they were to begin.

        Raises:
            ObjectNotFound: There is no such pool.
        """
        room = self._room()
        asked: dict[str, object] = {"limit": 2 * max(_FEWEST, room), "work_queue_names": work_queue_names}
        if scheduled_before:
            asked["scheduled_before"] = str(scheduled_before)
        try:
            answer = await self.real.request(
                "POST", "/work_pools/{name}/get_scheduled_flow_runs", path_params={"name": work_pool_name}, json=asked
            )
        except HTTPStatusError as error:
            if error.response.status_code == HTTPStatus.NOT_FOUND:
                raise ObjectNotFound(http_exc=error) from error
            raise
        found = WorkerFlowRunResponse.model_validate_list(answer.json())
        self.has_left_some = len(found) > room
        chosen = {run.id for run in self._choose([one.flow_run for one in found])}
        return [one for one in found if one.flow_run.id in chosen]

    async def _remembered(self, question: str, identity: UUID) -> object:
        asked_at, answer = self._answers.get((question, identity), (-_REMEMBERED_SECONDS, None))
        if self._clock() - asked_at < _REMEMBERED_SECONDS:
            return answer
        answer = await getattr(self.real, question)(identity)
        self._answers[question, identity] = self._clock(), answer
        return answer


class Bare:
    """Put before Prefect's ``BaseJobConfiguration``: no environment, since a run begins no process that would have one.

    Prefect writes all its settings out for each run, which costs more than half of what a step does.
    """

    @classmethod
    def _base_environment(cls) -> dict[str, str]:
        return {}


class Swift:
    """Put before Prefect's ``BaseWorker``: knows which runs it was given, and begins them before it talks of them."""

    claimed: dict[UUID, FlowRun]
    """The runs that the server has given to this worker and that it is not through with."""
    _remembering: Remembering | None = None

    @property
    def client(self) -> PrefectClient:
        """The worker's client, which does not ask for a run's deployment and flow what it asked a moment ago."""
        real = super().client  # type: ignore[misc]
        if self._remembering is None or self._remembering.real is not real:
            self._remembering = Remembering(real, self._room, self.choose)
        return cast("PrefectClient", self._remembering)

    @property
    def has_left_some(self) -> bool:
        """Whether runs wait that there was no room for."""
        return self._remembering is not None and self._remembering.has_left_some

    def choose(self, waiting: Sequence[FlowRun]) -> Sequence[FlowRun]:
        """Which of the runs that wait are taken now.

        Args:
            waiting: The runs, the most urgent first.
        """
        return waiting

    def _room(self) -> int:
        return int(self.limiter.available_tokens)  # type: ignore[attr-defined]

    async def _propose_pending_state(self, flow_run: FlowRun) -> bool:
        is_given: bool = await super()._propose_pending_state(flow_run)  # type: ignore[misc]
        if is_given:
            self.claimed[flow_run.id] = flow_run
        else:
            await self.not_given(flow_run)
        return is_given

    async def not_given(self, flow_run: FlowRun) -> None:
        """Hear of a run that was asked for and that the server did not give.

        Args:
            flow_run: The run.
        """

    async def _submit_run_and_capture_errors(
        self, flow_run: FlowRun, task_status: TaskStatus[int | Exception] | None = None
    ) -> BaseWorkerResult | Exception:
        result: BaseWorkerResult | Exception = await super()._submit_run_and_capture_errors(flow_run, task_status)  # type: ignore[misc]
        # Not where the worker was ended in between: then it is handed back.
        self.claimed.pop(flow_run.id, None)
        return result

    async def _give_worker_labels_to_flow_run(self, flow_run_id: UUID) -> None:
        """Not yet; see :meth:`label`."""

    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """Not at all: it is running in the next moment."""

    def _emit_flow_run_submitted_event(self, configuration: BaseJobConfiguration) -> None:
        """Not at all, nor that it was executed: the run's own events say both, and its labels say by which worker."""

    async def label(self, flow_run: FlowRun) -> None:
        """Show in the UI which worker executes a run, unless it is the one that did before its gate.

        Args:
            flow_run: The run.
        """
        if flow_run.labels.get("prefect.worker.name") == self.name:  # type: ignore[attr-defined]
            return
        # Without it nothing is missing but the label.
        with suppress(Exception):
            await super()._give_worker_labels_to_flow_run(flow_run.id)  # type: ignore[misc]


def run_flow(flow: AnyFlow, flow_run: FlowRun, request: StopRequest) -> AnyState | None:
    """Execute a run in this thread until it ends, is suspended or is stopped; gives the state it was left in.

    Args:
        flow: The flow, which is synchronous.
        flow_run: The run, in the state Pending.
        request: Stops it between two steps.

    Raises:
        Pause: It was suspended or stopped.
        Abort: The server does not allow it to run.
    """
    parameters = _flow_parameters(flow=flow, flow_run=flow_run, parameters=None)
    engine = _Engine(flow=flow, parameters=parameters, flow_run=flow_run, _flow_run_suspension_request=request)
    with _sparing(flow_run):
        _to_its_end(engine)
    return engine.flow_run.state if engine.flow_run else None


def _to_its_end(engine: _Engine) -> None:
    # As Prefect's own ``run_flow_sync`` does with its engine.
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()


@contextmanager
def _sparing(flow_run: FlowRun) -> Iterator[None]:
    """Do not write once more, each time that a run goes on, what Prefect's engine wrote as it began."""
    # The engine changes the run in its hands before it writes.
    known = {"flow_version": flow_run.flow_version, "empirical_policy": flow_run.empirical_policy.model_copy(deep=True)}
    with SyncClientContext() as context:
        client, write = context.client, context.client.update_flow_run

        def update_flow_run(flow_run_id: UUID, **changes: Any) -> Any:
            if flow_run_id == flow_run.id and changes == known:
                return None
            return write(flow_run_id, **changes)

        client.update_flow_run = update_flow_run  # type: ignore[method-assign, assignment]
        yield


def beat(run: FlowRun) -> None:
    """Send one heartbeat of a run, in the words of Prefect's own; automations that look for zombies wait for these.

    Args:
        run: A run that is executed.
    """
    related = [_related("flow", run.flow_id)]
    if run.deployment_id:
        related.append(_related("deployment", run.deployment_id))
    emit_event(
        event="prefect.flow-run.heartbeat",
        resource={
            "prefect.resource.id": f"prefect.flow-run.{run.id}",
            "prefect.resource.name": run.name,
            "prefect.version": prefect.__version__,
        },
        related=[*related, *tags_as_related_resources(set(run.tags))],
    )


def _related(kind: str, identity: object) -> RelatedResource:
    return RelatedResource.model_validate(
        {"prefect.resource.id": f"prefect.{kind}.{identity}", "prefect.resource.role": kind}
    )
