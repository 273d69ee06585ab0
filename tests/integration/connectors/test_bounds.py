"""Answers without bounds, of a system that means harm: each is an error with a name, and takes little memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Protocol

import pytest

from tests.support.hostile_calls import CALLS, LARGEST_FILE_MB, LONGEST_LIST
from tests.support.peers.hostile import (
    OK,
    Script,
    bomb,
    chunked,
    empty_members,
    heads_without_end,
    hostile_server,
    pages_without_end,
    plain,
    redirecting,
    trickle,
)

LARGE = 120 * 1024 * 1024
GROWS_AT_MOST_MB = 40
"""A third of what the bodies have."""
LONG_ENOUGH = 100.0
"""Seconds in which a limit of bytes is reached on any machine; only what drips ends by its time."""

TOO_LARGE: dict[str, Script] = {
    "plain": plain(LARGE),
    "a-length-that-lies": plain(LARGE, declared=10**15),
    "chunked": chunked(LARGE),
    "heads-without-end": heads_without_end(LARGE),
}
BOMBS: dict[str, Callable[[], Script]] = {
    "gzip": cache(lambda: bomb("gzip", LARGE)),
    "deflate": cache(lambda: bomb("deflate", LARGE)),
    "gzip-in-gzip": cache(lambda: bomb("gzip, gzip", LARGE)),
    "empty-members": lambda: empty_members(400_000),
}
"""Made where they are sent, since they take a second each."""


class Called(Protocol):
    """A call of a connector at a server that sends a script; returns what it said and took."""

    def __call__(self, who: str, script: Script, seconds: float = LONG_ENOUGH) -> dict[str, Any]: ...


@pytest.fixture(scope="module")
def called() -> Iterator[Called]:
    """Make a call in the process that all of these tests share."""
    command = [sys.executable, "-m", "tests.support.hostile_calls"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None

        def call(who: str, script: Script, seconds: float = LONG_ENOUGH) -> dict[str, Any]:
            with hostile_server(script) as server:
                asked.write(f"{who} {server.url} {seconds}\n")
                asked.flush()
                found: dict[str, Any] = json.loads(told.readline())
            return found

        # The modules that a first call loads are no growth by what is answered.
        for who in CALLS:
            call(who, plain(100, piece=b" " * 100))
        yield call
        asked.close()


@pytest.mark.apart
def test_an_answer_that_is_too_large_ends_the_call_by_name(called: Called) -> None:
    """3 GB were taken into memory, and then read as JSON."""
    for script in list(TOO_LARGE):
        for who in ("zendesk", "stripe", "s3"):
            found = called(who, TOO_LARGE[script])
            assert found["error"] == "Permanent", found
            assert "sent more than 4 MB in one answer" in found["text"]
            assert "raise largest_answer_mb in [systems." in found["text"]
            assert found["grown_mb"] < GROWS_AT_MOST_MB


@pytest.mark.apart
def test_what_is_large_after_decompression_ends_the_call_by_name(called: Called) -> None:
    """A few hundred kilobytes became 6 GB."""
    for script in list(BOMBS):
        for who in ("zendesk", "stripe"):
            found = called(who, BOMBS[script]())
            assert (found["error"], "largest_answer_mb" in found["text"]) == ("Permanent", True), found
            assert found["grown_mb"] < GROWS_AT_MOST_MB


@pytest.mark.apart
def test_a_file_that_is_too_large_is_not_taken(called: Called) -> None:
    for script in (*TOO_LARGE, *BOMBS):
        found = called("file", TOO_LARGE[script] if script in TOO_LARGE else BOMBS[script]())
        assert found["text"].startswith(f"The system helpdesk sent more than {LARGEST_FILE_MB} MB in one answer"), found
        assert "largest_file_mb in [systems.helpdesk]" in found["text"]
        assert found["grown_mb"] < GROWS_AT_MOST_MB


@pytest.mark.apart
def test_redirects_in_a_circle_end(called: Called) -> None:
    for who in list(CALLS):
        found = called(who, redirecting())
        assert found["error"] in {"Permanent", "Misconfigured", "Transient"}, found
        assert found["grown_mb"] < GROWS_AT_MOST_MB


def test_a_list_without_end_ends_the_call_by_name(called: Called) -> None:
    """Each page named a further one, under a cursor of its own, and the step went on for ever."""
    for who in ("zendesk", "stripe"):
        found = called(who, pages_without_end())
        assert found["error"] == "Permanent", found
        assert f"names more than {LONGEST_LIST} entries in one list" in found["text"]
        assert "raise longest_list in [systems." in found["text"]


@pytest.fixture
def ended() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


DRIPS = {
    "status-line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x"),
    "body": (OK + b"Content-Length: 100000000\r\n\r\n", b" "),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.apart
@pytest.mark.parametrize(
    ("who", "drips"),
    [
        # Each of the two libraries for HTTP with everything that drips; what shares one with a body.
        ("zendesk", list(DRIPS)),
        ("s3", list(DRIPS)),
        ("stripe", ["body"]),
        ("file", ["body"]),
        pytest.param("stripe", ["status-line", "headers", "chunks"], marks=pytest.mark.apart),
        pytest.param("file", ["status-line", "headers", "chunks"], marks=pytest.mark.apart),
    ],
)
def test_an_answer_that_drips_ends_the_call_by_name(
    called: Called, who: str, drips: list[str], ended: threading.Event
) -> None:
    """One byte a second held a case for ever."""
    for drip in drips:
        found = called(who, trickle(*DRIPS[drip], ended), 1.0)
        assert found["error"] == "Transient", found
        assert "did not finish its answer within 1 seconds" in found["text"]
        assert "raise answers_within in [systems." in found["text"]
