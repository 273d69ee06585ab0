"""What is counted and timed is said to anyone who listens; and what is said knows what it is about."""

from __future__ import annotations

import contextvars
import threading
from contextlib import suppress

import pytest

from connectors.timing import timed_call
from rightsflow.domain.telemetry import Whereabouts, busy_with, here, recorder, recording, status_class
from tests.integration.connectors.listener import Listener


def test_a_call_is_told_with_its_answer_where_somebody_listens() -> None:
    # The class of a status.
    for status, told in (
        (200, "2xx"),
        (304, "3xx"),
        (404, "4xx"),
        (429, "429"),
        (503, "5xx"),
        (None, "none"),
        (0, "none"),
        (999, "none"),
    ):
        assert status_class(status) == told
    # A call is told with its answer and one that breaks off without.
    listener = Listener()
    with recording(listener):
        with timed_call("helpdesk", "locate") as call:
            call.answered(200)
        with pytest.raises(OSError, match="away"), timed_call("helpdesk", "erase"):
            raise OSError("away")
    assert listener.calls == [("helpdesk", "locate", "2xx"), ("helpdesk", "erase", "none")]
    assert all(0 <= seconds < 5 for seconds in listener.seconds)
    # No one listens by default and who listened no longer does.
    nobody, listener = recorder(), Listener()
    with recording(listener):
        assert recorder() is listener
    assert recorder() is nobody
    with timed_call("helpdesk", "locate"):
        pass
    assert listener.calls == []


def test_what_one_is_busy_with_ends_with_the_block() -> None:
    # What one is busy with ends with the block also by an error.
    with busy_with("DSR-2026-7K3M9Q"):
        with suppress(OSError), busy_with("DSR-2026-7K3M9Q", "erase", "helpdesk"):
            seen = here()
            raise OSError("away")
        assert seen == Whereabouts("DSR-2026-7K3M9Q", "erase", "helpdesk")
        assert here() == Whereabouts("DSR-2026-7K3M9Q")
    assert here() == Whereabouts()
    # A thread with a copy of the context is busy with the same.
    seen: list[Whereabouts] = []
    with busy_with("DSR-2026-7K3M9Q", "locate"):
        context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(lambda: seen.append(here()),))
    thread.start()
    thread.join()
    assert seen == [Whereabouts("DSR-2026-7K3M9Q", "locate")]
