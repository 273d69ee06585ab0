"""Statistics: every closed case counts once, and half of the cases never take longer than nine of ten."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case_statistics import (
    FEWEST_MEASURED,
    MONTHS,
    CountedCase,
    Stage,
    desk_minutes,
    first_days,
    monthly,
    stage_times,
)
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

TODAY = date(2026, 3, 5)
DAYS = st.integers(0, 700)


@st.composite
def counted_cases(draw):
    received_on = TODAY - timedelta(days=draw(DAYS))
    closed_on = draw(st.none() | st.dates(received_on, TODAY))
    identity_on = draw(st.dates(received_on - timedelta(days=1), TODAY))
    return CountedCase(
        right=draw(st.sampled_from(Right)),
        state=draw(st.sampled_from([CaseState.ANSWERED, CaseState.WITHDRAWN, CaseState.REFUSED])),
        received_on=received_on,
        closed_on=closed_on,
        due_on=received_on + timedelta(days=30),
        stages={Stage.IDENTITY: identity_on} | ({Stage.ANSWER: closed_on} if closed_on else {}),
        desk_seconds=draw(st.sampled_from([0, 1, 59, 600])),
    )


@given(st.lists(counted_cases(), max_size=30))
def test_every_case_counts_once(cases):
    months, since = monthly(cases, TODAY), first_days(TODAY)[0]
    assert [month.first for month in months] == first_days(TODAY)
    assert len(months) == MONTHS
    closed = [case for case in cases if case.closed_on and case.closed_on >= since]
    assert sum(month.answered + month.unanswered for month in months) == len(closed)
    assert sum(month.on_time for month in months) == sum(case.is_on_time for case in closed)
    assert sum(month.received for month in months) == sum(case.received_on >= since for case in cases)
    assert all(month.rate is None or 0 <= month.rate <= 1 for month in months)

    times = stage_times(cases, since)
    answered = sum(case.is_answered for case in closed)
    of_all = {time.stage: time.cases for time in times if time.right is None}
    assert of_all.get(Stage.ANSWER, 0) == of_all.get(Stage.IDENTITY, 0) == answered
    assert all(0 <= time.median_days <= time.most_days for time in times)


def test_the_months_reach_over_the_turn_of_the_year():
    assert first_days(date(2024, 2, 29), 3) == [date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1)]


@given(st.lists(counted_cases(), max_size=60))
def test_minutes_are_of_no_group_that_might_show_what_one_person_did(cases):
    for item in desk_minutes(cases, TODAY):
        measured = [
            case.desk_seconds / 60
            for case in cases
            if case.is_answered and case.desk_seconds and case.closed_on.replace(day=1) == item.first
            if item.right in (None, case.right)
        ]
        assert item.cases == len(measured) >= FEWEST_MEASURED
        assert min(measured) - 0.1 <= item.median <= max(measured) + 0.1
