"""Cases that do not move: cut short with no one at work, waiting with no keeper, at one step for hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.store import Store
from rightsflow.store.coordination.leases import KEEPER
from rightsflow.store.core.context import LEASE_TIME
from rightsflow.store.queries.figures import GRACE, LONG, Standstill
from tests.support.casework import Clock, opened

MOVING = Standstill(cut_short=(), unstarted=0, long_steps=())
MOMENT = timedelta(seconds=1)


@pytest.fixture
def working(store):
    """A case in the middle of a step, its process alive."""
    case_id = opened(store)
    store.take_lease(case_id, "one")
    with store.case_file(case_id) as file:
        file.steps.start("locate", "helpdesk")
    return case_id


def pass_time(store: Store, clock: Clock, case_id: str, amount: timedelta) -> None:
    """Let time pass while the lease is renewed."""
    clock.pass_time(amount)
    store.renew_leases({"one": case_id})


def test_a_case_that_is_worked_on_moves(store, clock, working):
    pass_time(store, clock, working, LONG)
    assert store.standstill() == MOVING
    pass_time(store, clock, working, MOMENT)
    assert store.standstill().long_steps == ((working, "locate", "helpdesk"),)


def test_a_case_whose_process_is_gone_is_named_after_a_while(store, clock, working):
    clock.pass_time(LEASE_TIME)
    assert store.standstill() == MOVING
    clock.pass_time(GRACE)
    assert store.standstill().cut_short == (working,)


def test_a_case_that_waits_at_a_gate_is_none(store, clock, working):
    with store.case_file(working) as file:
        file.steps.finish("locate", "helpdesk")
    store.release_lease(working, "one")
    clock.pass_time(LONG)
    assert store.standstill() == MOVING


def test_waiting_cases_stand_still_while_no_keeper_runs(store, clock):
    with store.case_file(opened(store)) as file:
        file.bulk.try_again(timedelta(0))
    clock.pass_time(GRACE)
    assert store.standstill() == MOVING
    clock.pass_time(MOMENT)
    assert store.standstill().unstarted == 1
    store.take_role(KEEPER, "one")
    assert store.standstill() == MOVING
