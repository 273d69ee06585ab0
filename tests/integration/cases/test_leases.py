"""A case is worked on by one run at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.step.leases import GIVING_BACK, GivingBack, Renewals, alone_on
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.store.core.context import LEASE_TIME
from tests.support.instead import statements_fail


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


class Away:
    """A case store that does not answer so many times; it is noted when it does."""

    def __init__(self, times) -> None:
        self.left, self.answered = times, threading.Event()

    def renew_leases(self, _cases, _roles):
        self.give_back()

    def give_back(self):
        if self.left:
            self.left -= 1
            raise Transient("The case store does not answer.")
        self.answered.set()


def test_a_renewal_that_failed_is_tried_again_soon_and_not_when_the_next_one_is_due():
    store, renewals = Away(1), Renewals(every_seconds=3600.0)
    renewals.keep_case(store, "DSR-2026-3H6K9Q", "a worker")
    assert renewals.renew() < LEASE_TIME.total_seconds() / 10
    assert renewals.renew() == 3600.0
    assert store.answered.is_set()


def test_what_cannot_be_given_back_is_tried_again_until_it_has_ended_by_itself():
    now, giving = 0.0, GivingBack(every_seconds=3600.0, clock=lambda: now)
    soon, never = Away(2), Away(1000)
    giving.give_back("a lease", soon.give_back)
    giving.give_back("a role", never.give_back)
    assert giving.try_again()
    assert soon.answered.is_set() is False
    assert giving.try_again()
    assert soon.answered.is_set()
    now = LEASE_TIME.total_seconds()
    assert not giving.try_again()
    assert never.left == 1000 - 3, "it is not asked once more"


def test_a_lease_that_could_not_be_given_back_is_free_once_the_case_store_answers(bench):
    case_id = bench.open("access")
    away = Transient("The case store does not answer.", system="case store")
    with (
        statements_fail(bench.runtime.store.database.engine, "DELETE FROM leases", away),
        alone_on(bench.runtime, case_id),
    ):
        pass
    assert bench.runtime.store.is_worked_on(case_id)
    assert not GIVING_BACK.try_again()
    assert not bench.runtime.store.is_worked_on(case_id)
