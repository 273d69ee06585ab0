"""All that this package takes from Prefect without a promise of Prefect's to keep it.

``tests/deployments/resident/test_privates.py`` holds each of these names to what is expected of it.

Prefect's own way to run a flow, :func:`prefect.flow_engine.run_flow`, gives each run a thread with an event loop and a
connection of its own to hear of a suspension, and a thread for heartbeats that the run waits for at its end for up to
a second. One worker can do both for all its runs at once. The engine here is Prefect's without those two, and stops
between two steps where it is told to: Prefect's request for a suspension, which every step and every waiting looks at,
is what the worker hands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from prefect import Flow
from prefect._flow_run_suspension import FlowRunSuspensionRequest, register_flow_run_suspension_request
from prefect.client.schemas.objects import FlowRun, State
from prefect.flow_engine import FlowRunEngine, _flow_parameters


class StopRequest(FlowRunSuspensionRequest):
    """What a run looks at between two steps: once it was asked to stop, it raises Prefect's ``Pause`` there."""

    is_void_at_the_end: bool = False
    """Whether a run that has done everything may end as what it came to."""

    def withdraw(self) -> None:
        """Take the request back: what there was to stop is over."""
        self.mark_requested(cast("State[Any]", None))


class _Engine(FlowRunEngine[Any, Any]):
    """Prefect's engine for a synchronous flow, without threads of its own."""

    @property
    def heartbeat_seconds(self) -> int | None:
        """No heartbeats: the worker sends those of all its runs."""
        return None

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[FlowRunSuspensionRequest]:
        """Let the flow's own suspension and the worker reach the request; nobody else listens for it."""
        request = self._flow_run_suspension_request
        if self.flow_run is None:
            raise RuntimeError("the engine was started without a run")
        with register_flow_run_suspension_request(self.flow_run.id, request):
            request.raise_if_requested()
            yield request

    def handle_success(self, result: Any) -> Any:
        """Report what the flow came to, unless it is to be stopped even now."""
        request = self._flow_run_suspension_request
        if isinstance(request, StopRequest) and request.is_void_at_the_end:
            request.withdraw()
        return super().handle_success(result)


def run_flow(flow: Flow[..., Any], flow_run: FlowRun, request: StopRequest) -> None:
    """Execute a run in this thread until it ends, is suspended or is stopped.

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
    # As Prefect's own ``run_flow_sync`` does with its engine.
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()
