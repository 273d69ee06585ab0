"""One run in a thread of this process: reported until the server answers, and stopped between two steps if need be."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import ClassVar, Final, Protocol, TypeVar, cast
from uuid import UUID

import anyio
import httpx
import prefect
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events import emit_event
from prefect.events.related import tags_as_related_resources
from prefect.events.schemas.events import RelatedResource
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow
from prefect.logging.loggers import flow_run_logger
from prefect.states import Cancelled, Cancelling, Crashed, Failed, Scheduled, Suspended

from deployments.internals import request_stop
from deployments.renewal import renew
from deployments.worker.preparation import UNKNOWN
from rightsflow.domain.telemetry import recorder
from tasks.prefect_io.kinds import AnyFlow, AnyState

R = TypeVar("R")

LONGEST_SECONDS: Final = 300.0
"""After which time it is left to the keeper."""
_PAUSE_SECONDS: Final = 1.0


class ReportClock(Protocol):
    """The clock for times and waits: the module ``time``, or another."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def sleep(self, seconds: float, /) -> None:
        """Wait some seconds."""


def until_taken(report: Callable[[], R], is_to_stop: Callable[[], bool], clock: ReportClock = time) -> R:
    """Report something until the server takes it; returns what it answers.

    Args:
        report: Reports it once.
        is_to_stop: Whether it is not to be tried again, since the run is to stop.
        clock: What time is told and waited by.

    Raises:
        httpx.HTTPError: The server refuses it, or has not answered for too long.
    """
    until = clock.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return report()
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            if not may_pass(error) or is_to_stop() or clock.monotonic() >= until:
                raise
        clock.sleep(_PAUSE_SECONDS)


def may_pass(error: BaseException) -> bool:
    """Return True if the server may accept later the report that it refused now.

    Args:
        error: What the report failed with.
    """
    is_its_fault = isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error
    return is_its_fault or isinstance(error, httpx.TransportError)


logger = logging.getLogger(__name__)

UNDER_WAY: Final = frozenset({StateType.PENDING, StateType.RUNNING})
"""The states of a run that is being executed."""
_LEASE: Final = timedelta(seconds=60)
"""The time after which a case is free whose worker is gone, seen from another machine."""


class Stop(Enum):
    """The reason for stopping a run."""

    CANCELLED = auto()
    """A person cancelled it."""
    GONE = auto()
    """The server has it in another state already, such as suspended: it is not ours any more."""
    HANDED_BACK = auto()
    """The worker ends; another one is to go on with it."""


class Execution:
    """A run that this process executes.

    Args:
        flow_run: The run, in the state Pending.
        flow: Its flow; ``None`` where the worker knows none, so that the run fails.
        ended: Called in the run's thread when all is over.
    """

    clock: ClassVar[ReportClock] = time
    """The clock for waiting for a server that does not answer."""

    def __init__(self, flow_run: FlowRun, flow: AnyFlow | None, ended: Callable[[], None]) -> None:
        self.flow_run = flow_run
        self.why: Stop | None = None
        """The reason to stop; ``None`` while there is none."""
        self._flow = flow
        self._ended = ended
        self._lock = threading.Lock()
        # Not one of a pool's: a pool's threads are waited for at the end of the process, however long a step takes.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._execute,), daemon=True, name="flow run"
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, why: Stop) -> bool:
        """Let it stop before its next step; the first reason counts, but for a stop that only hands it back.

        Args:
            why: The reason.

        Returns:
            Whether it has heard of it; one that is just beginning has not, and has to be told again.
        """
        with self._lock:
            if self.why in {None, Stop.HANDED_BACK}:
                self.why = why
            pause = _PAUSES[self.why]()
        return request_stop(self.flow_run.id, pause)

    def work(self, flow: AnyFlow) -> AnyState:
        """Run the flow in this thread until it ends; gives the state it was left in.

        Args:
            flow: The flow, which is synchronous.

        Raises:
            Pause: It was suspended or stopped.
            Abort: The server does not allow it to run.
        """
        # Without its deployment: else the engine has a thread with a connection of its own hear whether each run is to
        # stop, which the worker hears for all of them. The flow has the run as the server has it.
        run = self.flow_run.model_copy(update={"deployment_id": None})
        return cast("AnyState", run_flow(flow, flow_run=run, return_type="state"))

    def _execute(self) -> None:
        recorder().runs(+1)
        try:
            self._run()
        finally:
            recorder().runs(-1)
            self._ended()

    def _run(self) -> None:
        try:
            if self._flow is None:
                self._refuse()
                return
            renew()
            if self.why is not None:
                self._conclude()
            elif _is_cancelling(self.work(self._flow)):
                # A person cancelled it at its very end, and the server took no other end from it.
                self.stop(Stop.CANCELLED)
                self._conclude()
        except (Pause, Abort):
            self._conclude()
        except BaseException as error:  # noqa: BLE001 - one run's fault must not end the others
            # By its type: the message may quote what a log must not hold.
            flow_run_logger(self.flow_run).error("The run ended by %s.", type(error).__name__)
            logger.error("a run ended by %s", type(error).__name__)  # noqa: TRY400 - as above
            self._conclude(error)

    def _refuse(self) -> None:
        """End a run of something that the worker does not know."""
        logger.error("a run is of no flow and deployment of this worker's catalogue; it is not executed")
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(self.flow_run.id, Failed(message=UNKNOWN), force=True)

    def _conclude(self, error: BaseException | None = None) -> None:
        """Tell the server what became of a run that did not end by itself; what is not told, the keeper finds.

        Args:
            error: What it ended by.
        """
        if self.why is None and error is None:
            # It suspended itself, or the server let it not run: what became of it is known there.
            return
        with suppress(Exception):
            until_taken(lambda: self._tell(error), lambda: self.why is Stop.HANDED_BACK, self.clock)

    def _tell(self, error: BaseException | None) -> None:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(self.flow_run.id).state
            is_under_way = state is not None and state.type in UNDER_WAY
            became: AnyState | None = None
            if self.why is Stop.CANCELLED and (is_under_way or _is_cancelling(state)):
                became = Cancelled(message=_CANCELLED)
            elif is_under_way and (self.why is Stop.HANDED_BACK or (error is not None and may_pass(error))):
                # Where the server did not answer, what was done counts, and the run does the rest.
                became = _again(message=_UNTOLD)
            elif is_under_way and error is not None:
                became = Crashed(message=f"The run ended by {type(error).__name__}.")
            if became is not None:
                client.set_flow_run_state(self.flow_run.id, became, force=True)


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


def hand_over(claimed: Iterable[FlowRun], left: Iterable[FlowRun]) -> None:
    """Let other workers take up runs of a worker that ends.

    Args:
        claimed: Those that were not begun.
        left: Those that do not finish their step; it may still do something until the process ends.
    """
    for run in claimed:
        hand_back(run)
    for run in left:
        hand_back(run, _LEASE)


def hand_back(flow_run: FlowRun, delay: timedelta = timedelta(0)) -> None:
    """Let a run be taken up again, by whichever worker is there.

    Args:
        flow_run: The run; where it is no longer under way, nothing is done.
        delay: For how long no one is to take it.
    """
    with suppress(Exception), get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run.id).state
        if state is not None and state.type in UNDER_WAY:
            client.set_flow_run_state(flow_run.id, _again(delay), force=True)


_ENDED: Final = "The worker ended; another one goes on."
_UNTOLD: Final = "The server did not answer; the run goes on."


def _again(delay: timedelta = timedelta(0), message: str = _ENDED) -> AnyState:
    return Scheduled(name="AwaitingRetry", scheduled_time=datetime.now(UTC) + delay, message=message)


_CANCELLED: Final = "Stopped between two steps, as asked for; what was done is noted in the case."
_PAUSES: Final[dict[Stop, Callable[[], AnyState]]] = {
    Stop.CANCELLED: Cancelling,
    Stop.GONE: Suspended,
    Stop.HANDED_BACK: _again,
}
"""The state of a stopped run until the server is asked."""


def _is_cancelling(state: AnyState | None) -> bool:
    return state is not None and state.is_cancelling()


_SETTLING_SECONDS: Final = 0.25
"""The time a run that suspends itself takes to end here after the server has announced it."""


class ExecutionStopper:
    """Stops executions of runs that the server has in another state than under way.

    Args:
        executions: Those under way at any time, by their runs' ids.
        read: Reads runs by their ids.
    """

    def __init__(
        self,
        executions: Mapping[UUID, Execution],
        read: Callable[[Collection[UUID]], Awaitable[Sequence[FlowRun]]],
    ) -> None:
        self._executions, self._read = executions, read
        self._doubtful: dict[UUID, Execution] = {}
        self._some = asyncio.Event()

    def told(self, run_id: UUID | None) -> None:
        """Note that the server told of a run that it may have to stop.

        Args:
            run_id: The run.
        """
        if run_id is not None and run_id in self._executions:
            self._doubtful[run_id] = self._executions[run_id]
            self._some.set()

    async def look_when_told(self) -> None:
        """Look after those of which the server told; most have just suspended themselves. Never ends."""
        while True:
            await self._some.wait()
            await anyio.sleep(_SETTLING_SECONDS)
            self._some.clear()
            # Not one that was resumed since, which is another execution.
            left = {run_id for run_id, told_of in self._doubtful.items() if self._executions.get(run_id) is told_of}
            self._doubtful.clear()
            await self.look(left)

    async def look(self, run_ids: Collection[UUID]) -> None:
        """Stop those that the server has in another state than under way.

        Args:
            run_ids: The runs.
        """
        if not run_ids:
            return
        with suppress(Exception):
            for run in await self._read(run_ids):
                execution = self._executions.get(run.id)
                if execution is None or run.state is None or run.state.type in UNDER_WAY:
                    continue
                is_cancelled = run.state.is_cancelling() or run.state.is_cancelled()
                if not execution.stop(Stop.CANCELLED if is_cancelled else Stop.GONE):
                    # It is just beginning.
                    self.told(run.id)
