"""Leases: one at a time, for a time; a dead process loses its lease at once."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rightsflow.store import Store
from rightsflow.store.core.context import LEASE_TIME
from rightsflow.store.tables import LeaseRow
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, at_once, opened

MOMENT = timedelta(seconds=1)


@pytest.fixture
def case_id(store):
    return opened(store)


def held_by(store: Store, **process: object) -> None:
    """Pretend that the lease was taken by another process."""
    with store.database.transaction() as session:
        session.execute(update(LeaseRow).values(**process))


def dead_pid() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_only_one_has_it_until_it_is_given_back(store, case_id):
    assert not store.is_worked_on(case_id)
    assert store.take_lease(case_id, "one")
    assert store.is_worked_on(case_id)
    assert not store.take_lease(case_id, "two")
    assert store.take_lease(case_id, "one"), "its holder may take it again"

    store.release_lease(case_id, "two")
    assert not store.take_lease(case_id, "two"), "another cannot give it back"
    store.release_lease(case_id, "one")
    assert not store.is_worked_on(case_id)
    assert store.take_lease(case_id, "two")

    assert store.take_lease(opened(store), "one"), "cases have leases of their own"


def test_it_ends_by_itself_unless_its_holder_renews_it(store, clock, case_id):
    store.take_lease(case_id, "one")
    for _ in range(5):
        clock.pass_time(LEASE_TIME - MOMENT)
        store.renew_leases({"one": case_id})
    assert not store.take_lease(case_id, "two")

    store.take_lease(case_id, "one")
    clock.pass_time(LEASE_TIME - MOMENT)
    store.renew_leases({"two": case_id})
    clock.pass_time(MOMENT)
    assert not store.is_worked_on(case_id)

    store.release_lease(case_id, "one")

    store.take_lease(case_id, "one")
    clock.pass_time(LEASE_TIME - MOMENT)
    assert not store.take_lease(case_id, "two")
    clock.pass_time(MOMENT)
    assert not store.is_worked_on(case_id)
    assert store.take_lease(case_id, "two")
    assert not store.take_lease(case_id, "one")


def test_a_dead_process_loses_it_at_once_unless_it_runs_on_another_machine(store, case_id, clock):
    # Process 1 belongs to the system; whether we may signal it or not, it lives.
    store.take_lease(case_id, "one")
    held_by(store, pid=1)
    assert store.is_worked_on(case_id)

    store.take_lease(case_id, "one")
    held_by(store, pid=dead_pid())
    assert not store.is_worked_on(case_id)
    assert store.take_lease(case_id, "two")
    with store.database.transaction() as session:
        row = session.scalars(select(LeaseRow)).one()
    assert (row.holder, row.pid) == ("two", os.getpid())

    store.release_lease(case_id, "two")

    store.take_lease(case_id, "one")
    held_by(store, host="elsewhere.example", pid=dead_pid())
    assert not store.take_lease(case_id, "two")
    clock.pass_time(LEASE_TIME)
    assert store.take_lease(case_id, "two")


@pytest.mark.apart
def test_of_many_at_the_same_moment_one_has_it(postgres_url, postgres_database, clock):
    main = Store(postgres_database, MasterKey(SECRET), clock)

    def take(number: int) -> bool:
        return main.take_lease(case_id, f"holder {number}")

    for _ in range(5):
        case_id = opened(main)
        taken = at_once(8, take)
        assert sorted(map(str, taken)) == ["False"] * 7 + ["True"]
