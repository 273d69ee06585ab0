"""How long a session lasts, how often it may be tried, what a password has to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.accounts import FREE_ATTEMPTS_OF_ALL, check_password, is_fresh, is_over, locked_until
from rightsflow.domain.errors import BadInput

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
IDLE = timedelta(minutes=30)
GOOD = "four kettles on a blue stove"


@pytest.mark.parametrize(
    ("idle_for", "left", "over"),
    [(29, 60, False), (30, 60, True), (0, 1, False), (0, 0, True), (0, -1, True)],
)
def test_a_session_ends_when_it_idles_and_in_any_case(idle_for, left, over):
    seen, ends = NOON - timedelta(minutes=idle_for), NOON + timedelta(minutes=left)
    assert is_over(seen_at=seen, ends_at=ends, now=NOON, idle=IDLE) is over


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (299, True), (300, False), (-1, False)])
def test_a_proof_is_fresh_for_five_minutes(seconds, fresh):
    assert is_fresh(NOON - timedelta(seconds=seconds), NOON) is fresh


def test_without_a_proof_nothing_is_fresh():
    assert not is_fresh(None, NOON)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (10, 32), (14, 512), (15, 900), (10_000, 900)]
)
def test_after_five_failures_each_further_one_waits_twice_as_long(failures, seconds):
    assert locked_until(failures, NOON) - NOON == timedelta(seconds=seconds)


@given(st.integers(0, 200))
def test_a_further_failure_never_shortens_the_wait(failures):
    assert locked_until(failures + 1, NOON) >= locked_until(failures, NOON)


def test_of_all_strange_browsers_together_more_is_free():
    free = FREE_ATTEMPTS_OF_ALL
    assert locked_until(free - 1, NOON, free) == NOON
    assert locked_until(free + 1, NOON, free) - NOON == timedelta(seconds=2)


def test_a_long_password_is_taken():
    check_password(GOOD, GOOD, names=("dana", "Dana Example"))


@pytest.mark.parametrize(
    ("password", "again"),
    [(GOOD, GOOD + "!"), ("tiny", "tiny"), ("x" * 201, "x" * 201), ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa")],
)
def test_one_that_is_guessed_or_mistyped_is_refused(password, again):
    with pytest.raises(BadInput) as refused:
        check_password(password, again, names=("dana",))
    assert password not in str(refused.value)


def test_ones_own_name_is_no_password():
    with pytest.raises(BadInput):
        check_password("Dana Example!", "Dana Example!", names=("dana", "Dana Example"))
