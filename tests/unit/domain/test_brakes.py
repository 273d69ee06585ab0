"""The rule by which erasing stops by itself: never below the floors, and for every large jump."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.safeguards import Amounts, BrakeRule, Per, find_excess

NUMBERS = st.integers(min_value=0, max_value=10_000_000)
RULES = st.builds(
    BrakeRule,
    factor=st.floats(min_value=1, max_value=1000),
    case_floor=st.integers(min_value=1, max_value=100_000),
    day_floor=st.integers(min_value=1, max_value=1_000_000),
)
AMOUNTS = st.builds(Amounts, case=NUMBERS, largest_case=NUMBERS, day=NUMBERS, largest_day=NUMBERS, accepted_day=NUMBERS)


@given(AMOUNTS, RULES)
def test_an_excess_is_above_its_limit_and_a_limit_is_never_below_what_was_usual(amounts, rule):
    excess = find_excess(amounts, rule)
    if excess is None:
        # A case that erases nothing is stopped by nothing, whatever the day's total was.
        if not amounts.case:
            return
        assert amounts.case <= max(rule.case_floor, rule.factor * amounts.largest_case)
        assert amounts.case + amounts.day <= max(
            rule.day_floor, rule.factor * max(amounts.largest_day, amounts.accepted_day)
        )
        return
    assert excess.records > excess.limit
    if excess.per is Per.CASE:
        assert excess.limit >= max(rule.case_floor, amounts.largest_case)
    else:
        assert excess.limit >= max(rule.day_floor, amounts.largest_day, amounts.accepted_day)


@given(AMOUNTS, RULES, st.integers(min_value=1, max_value=1000))
def test_more_is_never_let_through_where_less_is_stopped(amounts, rule, more):
    def stopped(case):
        return find_excess(_with(amounts, case), rule) is not None

    assert not stopped(amounts.case) or stopped(amounts.case + more)


@given(RULES, st.data())
def test_while_there_is_nothing_to_compare_with_the_floors_hold(rule, data):
    case = data.draw(st.integers(min_value=0, max_value=rule.case_floor))
    day = data.draw(st.integers(min_value=0, max_value=max(rule.day_floor - case, 0)))
    if case + day <= rule.day_floor:
        assert find_excess(Amounts(case=case, day=day), rule) is None
    assert find_excess(Amounts(case=rule.case_floor + 1), rule) is not None


@given(AMOUNTS, RULES)
def test_a_case_like_the_largest_on_a_day_like_the_largest_goes_on(amounts, rule):
    usual = Amounts(
        case=min(amounts.case, amounts.largest_case),
        largest_case=amounts.largest_case,
        day=0,
        largest_day=max(amounts.largest_day, amounts.largest_case),
    )
    assert find_excess(usual, rule) is None


def test_the_defaults_stop_at_201_records_of_a_case_and_at_2001_of_a_day():
    rule = BrakeRule()
    assert find_excess(Amounts(case=200), rule) is None
    assert find_excess(Amounts(case=201), rule).per is Per.CASE
    assert find_excess(Amounts(case=201, largest_case=41), rule) is None
    assert find_excess(Amounts(case=10, day=1990), rule) is None
    assert find_excess(Amounts(case=10, day=1991), rule).per is Per.DAY
    assert find_excess(Amounts(case=10, day=1991, accepted_day=2001), rule) is None


def _with(amounts, case):
    return Amounts(
        case=case,
        largest_case=amounts.largest_case,
        day=amounts.day,
        largest_day=amounts.largest_day,
        accepted_day=amounts.accepted_day,
    )
