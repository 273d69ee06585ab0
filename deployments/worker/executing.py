"""One run in a thread of this process, which can be asked to stop between two steps."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import cache
from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Abort, Pause
from prefect.logging.loggers import flow_run_logger
from prefect.states import Cancelled, Cancelling, Failed, Scheduled, Suspended

from deployments.worker.internals.engine import StopRequest, run_flow
from deployments.worker.internals.step_task_runner import StepTaskRunner
from deployments.worker.known_flows import UNKNOWN
from deployments.worker.renewing import renew
from flows.scrubbing import take_out_unknown
from rightsflow.domain.telemetry import recorder
from tasks.prefect_io.kinds import AnyFlow, AnyState

logger = logging.getLogger(__name__)

UNDER_WAY: Final = frozenset({StateType.PENDING, StateType.RUNNING})
"""The states of a run that is being executed."""
_LEASE: Final = timedelta(seconds=60)
"""When a case is free whose worker is gone, seen from another machine (``rightsflow.store.coordination.leases``)."""


class Stop(Enum):
    """Why a run is to stop."""

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

    def __init__(self, flow_run: FlowRun, flow: AnyFlow | None, ended: Callable[[], None]) -> None:
        self.flow_run = flow_run
        self.is_lost = False
        """Whether it ended without the server's knowing how."""
        self._flow = flow
        self._ended = ended
        self._request = StopRequest()
        self._stop: Stop | None = None
        self._lock = threading.Lock()
        # Not one of a pool's: a pool's threads are waited for at the end of the process, however long a step takes.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._execute,), daemon=True, name="flow run"
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, why: Stop) -> None:
        """Let it stop before its next step; the first reason counts, but for a stop that only hands it back.

        Args:
            why: The reason.
        """
        with self._lock:
            if self._stop in {None, Stop.HANDED_BACK}:
                self._stop = why
                # What is done already need not be done again, but for a run that a person wanted stopped.
                self._request.is_void_at_the_end = why is not Stop.CANCELLED
                self._request.mark_requested(_PAUSES[why]())

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
            flow = _with_our_runner(self._flow)
            take_out_unknown(flow, self.flow_run)
            if _is_cancelling(run_flow(flow, self.flow_run, self._request)):
                # A person cancelled it at its very end, and the server took no other end from it.
                self.stop(Stop.CANCELLED)
                self._conclude(is_fault=False)
        except (Pause, Abort):
            self._conclude(is_fault=False)
        except BaseException as error:  # noqa: BLE001 - one run's fault must not end the others
            # By its type: the message may quote what a log must not hold.
            flow_run_logger(self.flow_run).error("The run ended by %s.", type(error).__name__)
            logger.error("a run ended by %s", type(error).__name__)  # noqa: TRY400 - as above
            self._conclude(is_fault=True)

    def _refuse(self) -> None:
        """End a run of something that the worker does not know."""
        logger.error("a run is of no flow and deployment of this worker's catalogue; it is not executed")
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(self.flow_run.id, Failed(message=UNKNOWN), force=True)

    def _conclude(self, *, is_fault: bool) -> None:
        """Tell the server what became of a run that did not end by itself."""
        if self._stop is None and not is_fault:
            # It suspended itself, or the server let it not run: what became of it is known there.
            return
        try:
            with get_client(sync_client=True) as client:
                state = client.read_flow_run(self.flow_run.id).state
                is_under_way = state is not None and state.type in UNDER_WAY
                if self._stop is Stop.CANCELLED and (is_under_way or _is_cancelling(state)):
                    client.set_flow_run_state(self.flow_run.id, Cancelled(message=_CANCELLED), force=True)
                elif self._stop is Stop.HANDED_BACK and is_under_way:
                    client.set_flow_run_state(self.flow_run.id, _again(), force=True)
                else:
                    self.is_lost = is_fault and is_under_way
        except Exception:  # noqa: BLE001 - the server does not answer; the reconciler finds the run
            self.is_lost = is_fault


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


def _again(delay: timedelta = timedelta(0)) -> AnyState:
    return Scheduled(
        name="AwaitingRetry", scheduled_time=datetime.now(UTC) + delay, message="The worker ended; another one goes on."
    )


_CANCELLED: Final = "Stopped between two steps, as asked for; what was done is noted in the case."
_PAUSES: Final[dict[Stop, Callable[[], AnyState]]] = {
    Stop.CANCELLED: Cancelling,
    Stop.GONE: Suspended,
    Stop.HANDED_BACK: _again,
}
"""What a run that is stopped takes for its state until the server is asked."""


def _is_cancelling(state: AnyState | None) -> bool:
    return state is not None and state.is_cancelling()


@cache
def _with_our_runner(flow: AnyFlow) -> AnyFlow:
    return flow.with_options(task_runner=StepTaskRunner.instead_of(flow.task_runner))
