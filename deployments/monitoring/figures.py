"""The figures of one process, what its steps and calls take, served to Prometheus with the worker's log.

With ``prometheus-client``, which Prefect needs anyhow, and with a registry of our own, so that nothing is served that
is not named in ``docs/reference/metrics.md``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, Info, ProcessCollector, start_http_server

from deployments.monitoring.logs import log_as_json
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.telemetry import StepEnd, recording

_STEP_SECONDS: Final = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
_CALL_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_MOST_VALUES: Final = 60
OTHER: Final = "other"


class Bounded:
    """The values of a label up to a limit; any others are counted as one.

    They come from our code and configuration, and from connectors of third parties, of which nothing is known.
    """

    def __init__(self, at_most: int = _MOST_VALUES) -> None:
        self._at_most = at_most
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """Return the value of the label.

        Args:
            value: What was said.
        """
        if value in self._known:
            return value
        if len(self._known) >= self._at_most or len(value) > 40:
            return OTHER
        self._known.add(value)
        return value


class ProcessFigures:
    """The figures of this process; see :class:`rightsflow.domain.telemetry.Recorder`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("rightsflow_build", "The version that runs.", registry=self.registry).info(
            {"version": version("rightsflow")}
        )
        self._steps = Histogram(
            "rightsflow_step_duration_seconds",
            "How long attempts at steps took.",
            ("step", "system", "outcome"),
            buckets=_STEP_SECONDS,
            registry=self.registry,
        )
        self._calls = Histogram(
            "rightsflow_call_duration_seconds",
            "How long calls to systems took until the answer began, repeats within a call included.",
            ("system", "operation", "status"),
            buckets=_CALL_SECONDS,
            registry=self.registry,
        )
        self._runs = Gauge(
            "rightsflow_runs_executing", "How many runs this worker executes at present.", registry=self.registry
        )
        self._swept: Gauge | None = None
        self._lock = Lock()
        self._step, self._system, self._operation = Bounded(), Bounded(), Bounded()

    def step(self, step: str, system: str, end: StepEnd, seconds: float) -> None:
        """Hear of an attempt at a step."""
        self._steps.labels(self._step(step), self._system(system), end.value).observe(seconds)

    def call(self, system: str, operation: str, status: str, seconds: float) -> None:
        """Hear of a call to a system."""
        self._calls.labels(self._system(system), self._operation(operation), status).observe(seconds)

    def runs(self, change: int) -> None:
        """Hear that the number of runs has changed."""
        self._runs.inc(change)

    def swept(self, timestamp: float) -> None:
        """Hear that the watch has gone round."""
        with self._lock:
            # Not before: until then it is not known, and a 0 would be read as 1970.
            if self._swept is None:
                self._swept = Gauge(
                    "rightsflow_watch_last_sweep_timestamp_seconds",
                    "When this worker last swept the deadlines.",
                    registry=self.registry,
                )
            self._swept.set(timestamp)


@contextmanager
def serving(registry: CollectorRegistry, address: str, port: int) -> Iterator[int]:
    """Serve a registry's figures under ``/metrics`` for the duration of the block.

    Args:
        registry: The figures.
        address: The address of this machine to serve them on.
        port: The port; 0 takes a free one.

    Yields:
        The port.

    Raises:
        Misconfigured: They cannot be served there.
    """
    try:
        server, thread = start_http_server(port, address, registry)
    except OSError:
        raise Misconfigured(
            f"The figures cannot be served at {address}:{port}; free the port, or give another one in "
            "RIGHTSFLOW_METRICS_PORT or address in RIGHTSFLOW_METRICS_ADDRESS."
        ) from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


logger = logging.getLogger(__name__)

Printer = Callable[..., None]


@contextmanager
def observed(name: str, printer: Printer) -> Iterator[Printer]:
    """Monitor a worker for the duration of the block, as the environment configures it.

    A worker whose figures cannot be served works all the same.

    Args:
        name: Its name.
        printer: Told of its start and its end.

    Yields:
        What is to be told of them instead.

    Raises:
        Misconfigured: A variable of the environment is wrong.
    """
    environment = Environment()
    with ExitStack() as stack:
        if environment.log_format is LogFormat.JSON:
            log_as_json(name)
            printer = _log
        if environment.metrics_port:
            figures = ProcessFigures()
            stack.enter_context(recording(figures))
            try:
                at = (environment.metrics_address, environment.metrics_port)
                stack.enter_context(serving(figures.registry, *at))
            except Misconfigured as error:
                logger.error("%s", error)  # noqa: TRY400 - the sentence says all
        yield printer


def _log(text: object, **_: object) -> None:
    """Prefect's own words about the worker are of its start and end, with its name."""
    logger.info("%s", text)
