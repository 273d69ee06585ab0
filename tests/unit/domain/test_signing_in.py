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


def test_a_session_ends_and_a_proof_grows_old():
    # A session ends when it idles and in any case.
    for idle_for, left, over in ((29, 60, False), (30, 60, True), (0, 1, False), (0, 0, True), (0, -1, True)):
        seen, ends = NOON - timedelta(minutes=idle_for), NOON + timedelta(minutes=left)
        assert is_over(seen_at=seen, ends_at=ends, now=NOON, idle=IDLE) is over
    for seconds, fresh in ((0, True), (299, True), (300, False), (-1, False)):
        assert is_fresh(NOON - timedelta(seconds=seconds), NOON) is fresh
    assert not is_fresh(None, NOON)


def test_after_failures_each_further_one_waits_longer():
    for failures, seconds in ((0, 0), (4, 0), (5, 1), (6, 2), (10, 32), (14, 512), (15, 900), (10_000, 900)):
        assert locked_until(failures, NOON) - NOON == timedelta(seconds=seconds)
    # Of all strange browsers together more is free.
    free = FREE_ATTEMPTS_OF_ALL
    assert locked_until(free - 1, NOON, free) == NOON
    assert locked_until(free + 1, NOON, free) - NOON == timedelta(seconds=2)


@given(st.integers(0, 200))
def test_a_further_failure_never_shortens_the_wait(failures):
    assert locked_until(failures + 1, NOON) >= locked_until(failures, NOON)


def test_a_password_is_long_and_not_guessed():
    check_password(GOOD, GOOD, names=("dana", "Dana Example"))
    # One that is guessed or mistyped is refused.
    for password, again in (
        (GOOD, GOOD + "!"),
        ("tiny", "tiny"),
        ("x" * 201, "x" * 201),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa"),
    ):
        with pytest.raises(BadInput) as refused:
            check_password(password, again, names=("dana",))
        assert password not in str(refused.value)
    with pytest.raises(BadInput):
        check_password("Dana Example!", "Dana Example!", names=("dana", "Dana Example"))
