"""A store that freezes holds a step for no longer than its limit."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from connectors.bounds import AnswerBounds, AnswerTooSlow, MeteredBytes
from connectors.s3 import S3Connector
from rightsflow.domain.circuit_breaker import SLOWEST
from rightsflow.domain.errors import Transient
from tests.integration.connectors.s3.frozen import HEAD, frozen_server
from tests.integration.connectors.s3.shop import BY_METADATA, PHONE, PLACE, known_as, settings

LIMIT = 1.0
# The rest is for the repeats' pauses and for a machine that is busy.
HELD_AT_MOST = 100.0
WHO = known_as(phone=PHONE)


@pytest.mark.parametrize(
    ("begins", "drips"),
    [
        pytest.param(b"", b"", id="nothing", marks=pytest.mark.apart),
        pytest.param(b"", b"H", id="a-byte-at-a-time", marks=pytest.mark.apart),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"x", id="headers-without-end", marks=pytest.mark.apart),
        pytest.param(HEAD, b"", id="no-body", marks=pytest.mark.apart),
        pytest.param(HEAD, b" ", id="a-body-a-byte-at-a-time"),
    ],
)
def test_a_frozen_store_holds_a_search_no_longer_than_its_limit(begins: bytes, drips: bytes, keys: None) -> None:
    """Each byte that came began the socket's time limit anew, and a step was held for good."""
    with frozen_server(begins, drips) as server:
        given = settings("frozen", BY_METADATA, server.endpoint, answers_within=LIMIT)
        connector = S3Connector("recordings", given, PLACE, attempts=2)
        began = monotonic()
        with pytest.raises(Transient):
            list(connector.locate(WHO))
        assert monotonic() - began < HELD_AT_MOST
        assert server.connections == 2
        assert not connector.probe().ok


class _Arriving(io.RawIOBase):
    """Bytes that arrive at given seconds of a clock that only they move."""

    def __init__(self, clock: Clock, arrivals: list[tuple[float, int]]) -> None:
        self._clock, self._arrivals = clock, iter(arrivals)

    def readinto(self, buffer: object) -> int:
        seconds, count = next(self._arrivals, (0.0, 0))
        if seconds > self._clock.limit:
            self._clock.now += self._clock.limit
            raise TimeoutError
        self._clock.now += seconds
        return count


class Clock(socket.socket):
    """A clock, and the socket whose time limit it knows."""

    now = 0.0
    limit = 0.0

    def settimeout(self, value: float | None) -> None:
        self.limit = value or 0.0


@pytest.fixture
def clock() -> Iterator[Clock]:
    with Clock() as made:
        yield made


def read_all(clock: Clock, arrivals: list[tuple[float, int]]) -> None:
    bounds = AnswerBounds(seconds=60.0).call(streamed=True, idle_seconds=60.0)
    stream = MeteredBytes(_Arriving(clock, arrivals), clock, bounds, lambda: clock.now)
    while stream.readinto(bytearray(SLOWEST)):
        pass


def test_a_stream_takes_as_long_as_it_needs_and_no_silence_longer_than_the_limit(clock: Clock) -> None:
    read_all(clock, [(0.9, SLOWEST)] * 1000)
    assert clock.now > 800
    # A stream that drips ends after the limit.
    with pytest.raises(AnswerTooSlow):
        read_all(clock, [(59.0, 1)] * 1000)
    assert clock.now < 61
    # A silence after much that came fast is no longer than the limit.
    with pytest.raises(AnswerTooSlow):
        read_all(clock, [(0.01, SLOWEST)] * 10_000 + [(3600.0, 1)])
    assert clock.now < 100 + 61
