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
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Final, cast
from uuid import UUID

import prefect
from anyio.abc import TaskStatus
from prefect._flow_run_suspension import (
    FlowRunSuspensionRequest,
    register_flow_run_suspension_request,
)
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy
from prefect.context import SyncClientContext
from prefect.events import emit_event
from prefect.events.related import tags_as_related_resources
from prefect.events.schemas.events import RelatedResource
from prefect.flow_engine import FlowRunEngine, _flow_parameters
from prefect.workers.base import BaseJobConfiguration, BaseWorkerResult

from deployments.worker.internals.remembering import Remembering
from deployments.worker.reporting import ReportClock, until_taken
from tasks.prefect_io.kinds import AnyFlow, AnyState

_AS_IT_BEGINS: Final = {"flow_version", "empirical_policy"}
"""What Prefect's engine writes of a run each time that it begins."""


class StopRequest(FlowRunSuspensionRequest):
    """What a run looks at between two steps: once it was asked to stop, it raises Prefect's ``Pause`` there."""

    is_void_at_the_end: bool = False
    """Whether a run that has done everything may end in the state that it reached."""

    def withdraw(self) -> None:
        """Take the request back: what there was to stop is over."""
        self.mark_requested(cast("AnyState", None))


class _Engine(FlowRunEngine[Any, Any]):
    """Prefect's engine for a synchronous flow, without threads of its own."""

    report_clock: ClassVar[ReportClock] = time
    """What is waited by for a server that does not answer."""

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

    def set_state(self, state: AnyState, force: bool = False) -> AnyState:
        """Report a state, again and again while the server does not answer, unless the run is to stop.

        Args:
            state: The state.
            force: Whether the server has to take it.
        """
        to_stop = self._flow_run_suspension_request.is_requested
        return until_taken(lambda: super(_Engine, self).set_state(state, force), to_stop, self.report_clock)

    def handle_success(self, result: object) -> object:
        """Report the result of the flow, unless it is to be stopped even now."""
        request = self._flow_run_suspension_request
        if isinstance(request, StopRequest) and request.is_void_at_the_end:
            request.withdraw()
        return super().handle_success(result)


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
    may_take: Callable[[], Awaitable[bool]]
    """Tells whether any are taken now; asked beside the server, which tells those that wait."""
    _remembering: Remembering | None = None

    @property
    def client(self) -> PrefectClient:
        """The worker's client, which does not ask for a run's deployment and flow what it asked a moment ago."""
        real = super().client  # type: ignore[misc]
        if self._remembering is None or self._remembering.real is not real:
            name = str(self.name)  # type: ignore[attr-defined]
            self._remembering = Remembering(real, name, self._room, self.choose, self.may_take)
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

    async def _worker_metadata(self) -> None:
        """Which packages for Prefect are installed, no one here asks; to find out, Prefect loads them all."""

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
        """Not at all: which worker took a run stands beside its state *Pending*."""

    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """Not at all: it is running in the next moment."""

    def _emit_flow_run_submitted_event(self, configuration: BaseJobConfiguration) -> None:
        """Not at all, nor that it was executed: the run's own events say both, and its labels say by which worker."""


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
    """Do not tell the server as a run begins what it knows, nor ask it what the worker was told a moment ago."""
    with SyncClientContext() as context:
        client = context.client
        write, ask = client.update_flow_run, client.read_flow_run
        # The engine changes the run in its hands before it writes.
        before, is_asked = _retrying(flow_run.empirical_policy), False

        def update_flow_run(flow_run_id: UUID, **changes: Any) -> Any:
            """Which version of a flow begins stands in no page of ours; what counts is how it is tried again."""
            policy = changes.get("empirical_policy")
            if flow_run_id == flow_run.id and changes.keys() == _AS_IT_BEGINS and _retrying(policy) == before:
                return None
            return write(flow_run_id, **changes)

        def read_flow_run(flow_run_id: UUID) -> FlowRun:
            """The run as the server gave it to the worker, which has begun by now: once more than before."""
            nonlocal is_asked
            has_begun = flow_run.state is not None and flow_run.state.is_running()
            # One that ended before it began is asked for: what is scrubbed then is what the server has.
            if flow_run_id != flow_run.id or is_asked or not has_begun:
                return ask(flow_run_id)
            is_asked = True
            return flow_run.model_copy(update={"run_count": flow_run.run_count + 1})

        client.update_flow_run = update_flow_run  # type: ignore[method-assign, assignment]
        client.read_flow_run = read_flow_run  # type: ignore[method-assign]
        yield


def _retrying(policy: FlowRunPolicy | None) -> FlowRunPolicy | None:
    """How a run is tried again, where never is said in one way only."""
    return policy and policy.model_copy(
        deep=True, update={"retries": policy.retries or 0, "retry_delay": policy.retry_delay or 0}
    )


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
