"""The limit that a system tells on its answers, with a clock of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import HttpClient, Patience
from connectors.pacing import RateLimiter
from rightsflow.domain.errors import Transient
from tests.integration.connectors.wire import Answer, wire


class Clock:
    """Moves when a person sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def told(remaining: object, limit: object = 400, reset: object = 20) -> dict[str, str]:
    return {"ratelimit-limit": str(limit), "ratelimit-remaining": str(remaining), "ratelimit-reset": str(reset)}


def paced(clock: Clock, longest: float = 60.0) -> RateLimiter:
    return RateLimiter(Patience(sleep=clock.sleep, longest_wait_seconds=longest), clock)


def test_it_waits_until_the_system_counts_anew() -> None:
    # It waits until the system counts anew when little is left.
    for limit, margin in ((10, 5), (200, 25), (400, 25), (700, 35), (2500, 125)):
        clock = Clock()
        limiter = paced(clock)
        limiter.heed(told(margin + 1, limit))
        assert (limiter.wait(), clock.slept) == (0.0, [])
        limiter.heed(told(margin, limit))
        clock.now = 5.0
        assert (limiter.wait(), clock.slept) == (0.0, [15.0])
        assert (limiter.wait(), clock.slept) == (0.0, [15.0])
    # A wait that is too long for one call is told and not slept.
    clock = Clock()
    limiter = paced(clock, longest=10)
    limiter.heed(told(0, reset=11))
    assert (limiter.wait(), clock.slept) == (11.0, [])
    clock.now = 2.0
    assert (limiter.wait(), clock.slept) == (0.0, [9.0])
    # An answer that does not say it changes nothing.
    for headers in ({}, told("few"), told(-1), told(0, limit=""), told("²"), told(0, reset="soon")):
        clock = Clock()
        limiter = paced(clock)
        limiter.heed(headers)
        assert (limiter.wait(), clock.slept) == (0.0, [])


@given(limit=st.integers(60, 3000), workers=st.integers(1, 6), others=st.integers(0, 2), calls=st.integers(100, 400))
def test_several_workers_and_others_are_never_refused(limit: int, workers: int, others: int, calls: int) -> None:
    """Each worker knows only what its own answers said; the account counts in windows of a minute."""
    clock, used, window = Clock(), 0, 0
    paces = [paced(clock) for _ in range(workers)]
    for number in range(calls * workers):
        assert paces[number % workers].wait() == 0.0
        if clock.now // 60 > window:
            window, used = int(clock.now // 60), 0
        used += 1 + others
        assert used <= limit
        paces[number % workers].heed(told(limit - used, limit, 60 - int(clock.now % 60)))
        clock.now += 0.01


def test_a_client_heeds_its_own_system_and_leaves_a_long_wait_to_others() -> None:
    # A client heeds its system and no other.
    clock = Clock()
    with wire(Answer(headers=told(500, 700)), Answer(headers=told(3, 700, 30)), Answer()) as served:
        http = HttpClient("helpdesk", served.url, patience=Patience(sleep=clock.sleep), limiter=paced(clock))
        for _ in range(2):
            http.call("locate", "GET", "/users")
        assert clock.slept == []
        elsewhere = served.url.replace("127.0.0.1", "localhost")
        assert b"".join(http.stream("extract", f"{elsewhere}/file"))
        assert clock.slept == []
        http.call("locate", "GET", "/users")
    assert clock.slept == [30.0]
    # A client leaves a long wait to others.
    clock = Clock()
    with wire(Answer(headers=told(0, reset=90))) as served:
        http = HttpClient("helpdesk", served.url, limiter=paced(clock))
        http.call("locate", "GET", "/users")
        with pytest.raises(Transient, match="no further calls") as raised:
            http.call("locate", "GET", "/users")
        assert (raised.value.retry_after, raised.value.system, len(served.asked)) == (90.0, "helpdesk", 1)
