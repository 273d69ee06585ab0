"""Talk to a Prefect server: ask whether it answers, and leave nothing unsaid at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from httpx import HTTPStatusError
from prefect.client.orchestration import get_client
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import temporary_settings

from deployments.monitoring.logs import is_json
from deployments.server_access import Access

_DRAIN_SECONDS: Final = 20.0
_SENDERS: Final = (APILogWorker, EventsWorker)
"""Prefect's senders of logs and events; draining each of them may wait for the other."""


def answers(access: Access) -> bool:
    """Return True if a server answers at an address.

    Args:
        access: Its address and secret.
    """
    with temporary_settings(access.settings), get_client(sync_client=True) as client:
        return client.api_healthcheck() is None


def lets_in(access: Access) -> bool:
    """Return True if a server that answers accepts our secret; its health check answers without one.

    Args:
        access: Its address and secret.
    """
    with temporary_settings(access.settings), get_client(sync_client=True) as client:
        try:
            client.api_version()
        except HTTPStatusError as error:
            if error.response.status_code in {401, 403}:
                return False
            raise
    return True


@contextmanager
def talking_to(access: Access) -> Iterator[None]:
    """Let this process talk to a server for the duration of the block.

    What is still queued for it is sent before the block ends. Left to the end of the process, it would be sent to a
    server that may be gone by then, and waited for more than a minute.

    Args:
        access: Its address and secret.
    """
    with temporary_settings(access.settings):
        try:
            yield
        finally:
            with _waiting_in_silence():
                for worker in _SENDERS:
                    worker.drain_all(timeout=_DRAIN_SECONDS)


def _waiting_in_silence() -> AbstractContextManager[None]:
    """Keep off the terminal that Prefect still sends something, since that is what is waited for."""
    return _keeping_off([logging.getLogger(sender.__name__) for sender in _SENDERS], _is_no_waiting)


def _is_no_waiting(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Still processing items")


def quiet_console() -> AbstractContextManager[None]:
    """Keep what is logged of the run off this process's terminal; the server and a log in JSON get it all the same.

    What its steps failed by is told by the command itself.
    """
    return _keeping_off([] if is_json() else logging.getLogger().handlers[:], _is_not_of_a_run)


@contextmanager
def _keeping_off(
    places: Sequence[logging.Filterer], is_let_through: Callable[[logging.LogRecord], bool]
) -> Iterator[None]:
    for place in places:
        place.addFilter(is_let_through)
    try:
        yield
    finally:
        for place in places:
            place.removeFilter(is_let_through)


def _is_not_of_a_run(record: logging.LogRecord) -> bool:
    return not record.name.startswith(("prefect.", "rightsflow.cases.step.attempt"))
