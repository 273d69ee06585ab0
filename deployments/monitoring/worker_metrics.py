"""Monitoring of a worker: its log in the configured format, and its metrics."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from deployments.monitoring.figures import ProcessFigures
from deployments.monitoring.logs import log_as_json
from deployments.monitoring.serving import serving
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.telemetry import recording

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
