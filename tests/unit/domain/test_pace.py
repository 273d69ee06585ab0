"""The budget of time that another side has, over any course of waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.circuit_breaker import SLOWEST, TimeBudget

WAITS = st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10 * SLOWEST)), max_size=50)


@given(st.floats(1, 1000), WAITS)
def test_whoever_sends_at_the_slowest_pace_or_faster_spends_nothing(
    seconds: float, waits: list[tuple[float, int]]
) -> None:
    budget = TimeBudget(seconds)
    for waited, _ in waits:
        budget.spend(waited, int(waited * SLOWEST) + 1)
    assert budget.left >= seconds - 0.001


@given(st.floats(1, 1000), WAITS)
def test_the_waits_of_a_sender_that_is_still_served_are_bounded_by_what_it_sent(
    seconds: float, waits: list[tuple[float, int]]
) -> None:
    budget, waited, sent = TimeBudget(seconds), 0.0, 0
    for wait, arrived in waits:
        budget.spend(wait, arrived)
        waited, sent = waited + wait, sent + arrived
        if budget.is_spent:
            return
        assert waited <= seconds + sent / SLOWEST + 0.001


@given(st.floats(1, 1000), st.integers(0, 10**12))
def test_time_is_not_saved_up_for_a_silence(seconds: float, arrived: int) -> None:
    budget = TimeBudget(seconds)
    budget.spend(0, arrived)
    budget.spend(seconds, 0)
    assert (budget.is_spent, budget.left) == (True, 0)
