"""When a system is not called: properties of the rule under any course of failures and answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.circuit_breaker import FAILURES, FIRST_WHILE, LONGEST_WHILE, PROBE_TIME, Breaker

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GAPS = st.lists(st.integers(0, 900), min_size=1, max_size=40)


def failed(*gaps):
    """After failures so many seconds apart; gives also when the last was."""
    breaker, now = Breaker.fresh(NOW), NOW
    for gap in gaps:
        now += timedelta(seconds=gap)
        breaker = breaker.failed(now)
    return breaker, now


def test_it_is_left_alone_for_ever_longer_after_failures_in_a_row():
    # It is left alone after a few failures in a row.
    for count in range(1, FAILURES):
        assert failed(*[1] * count)[0].lets_through("a", NOW + timedelta(hours=1))
    breaker, now = failed(*[1] * FAILURES)
    assert breaker.retry_at == now + FIRST_WHILE
    assert not breaker.lets_through("a", breaker.retry_at - SECOND)
    assert breaker.lets_through("a", breaker.retry_at)
    # Each while is twice as long up to the longest.
    breaker, now = failed(*[0] * FAILURES)
    whiles = []
    for _ in range(40):
        whiles.append(breaker.retry_at - now)
        now = breaker.retry_at
        breaker = breaker.failed(now)
    assert whiles[:4] == [FIRST_WHILE * 2**power for power in range(4)]
    assert set(whiles[10:]) == {LONGEST_WHILE}
    breaker, now = failed(*[0] * FAILURES)
    assert breaker.failed(now + SECOND) == breaker
    breaker, now = failed(*[0] * (FAILURES - 1))
    assert breaker.failed(now, timedelta(minutes=20)).retry_at == now + timedelta(minutes=20)


@given(GAPS)
def test_the_while_ends_and_it_is_never_longer_than_the_longest(gaps):
    breaker, now = failed(*gaps)
    assert breaker.since == NOW
    if breaker.retry_at is not None:
        assert len(gaps) >= FAILURES
        assert breaker.retry_at <= now + LONGEST_WHILE
        assert breaker.lets_through("a", breaker.retry_at)


@given(GAPS, st.integers(0, 600))
def test_of_many_cases_one_tries_it(gaps, later):
    breaker, now = failed(*gaps, *[0] * FAILURES)
    at = max(breaker.retry_at, now) + timedelta(seconds=later)
    tried = breaker.tried_by("a", at)
    assert [case for case in "abc" if tried.lets_through(case, at)] == ["a"]
    assert tried.lets_through("b", at + PROBE_TIME)
    again = tried.failed(at)
    assert not [case for case in "abc" if again.lets_through(case, at)]
    assert again.retry_at > at
