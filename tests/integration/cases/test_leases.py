"""A case is worked on by one run at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.cases.step.leases import alone_on
from rightsflow.domain.errors import BadInput, Conflict
from tasks.composition import current_app


def test_a_second_run_is_told_to_wait(bench):
    case_id = bench.open("access")
    with (
        alone_on(current_app(), case_id),
        pytest.raises(Conflict, match="Another run is working on"),
        alone_on(current_app(), case_id),
    ):
        pytest.fail("two at once")


def test_another_case_goes_on_meanwhile(bench):
    first, second = bench.open("access"), bench.open("erasure")
    with alone_on(current_app(), first), alone_on(current_app(), second):
        assert bench.runtime.store.is_worked_on(first)
        assert bench.runtime.store.is_worked_on(second)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_the_case_is_given_back_however_the_run_ends(bench, error):
    case_id = bench.open("access")
    with pytest.raises(error), alone_on(current_app(), case_id):
        raise error
    assert not bench.runtime.store.is_worked_on(case_id)
    with alone_on(current_app(), case_id):
        pass


def test_a_lease_that_nobody_renews_ends(bench):
    case_id = bench.open("access")
    assert bench.runtime.store.take_lease(case_id, "a machine that was switched off")
    bench.pass_time(timedelta(seconds=61))
    with alone_on(current_app(), case_id):
        pass


def test_a_case_that_does_not_exist_is_refused_in_words(bench):
    with pytest.raises(BadInput, match="There is no case"), alone_on(current_app(), "DSR-2026-000000"):
        pytest.fail("nothing to work on")
