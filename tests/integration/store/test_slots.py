"""The line before a system: the first few are served, in the order in which they came, and the dead hold no place."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from rightsflow.store import Database, Store
from rightsflow.store.coordination.leases import LEASE_TIME
from rightsflow.store.coordination.system_limits import Queue, Slot, Slots
from rightsflow.store.core.context import LeaseClock
from rightsflow.store.tables import SlotRow
from tests.support.casework import at_once, opened

DESK, MOST = "helpdesk", 2
MOMENT = timedelta(seconds=1)
CASE = "DSR-2026-7K3M9Q"


@pytest.fixture
def slots(database, clock):
    return Slots(database, LeaseClock(clock))


def join(slots: Slots, most: int = MOST, system: str = DESK) -> tuple[int, bool]:
    place = slots.join(system, CASE, most)
    return place.number, place.is_served


def process_of(database: Database, number: int, **process: object) -> None:
    """Pretend that a place is another process's."""
    with database.transaction() as session:
        session.execute(update(SlotRow).where(SlotRow.number == number).values(**process))


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def places(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(SlotRow)) or 0


def test_so_many_are_served_in_their_order_at_each_system(slots):
    numbers, served = zip(*(join(slots) for _ in range(5)), strict=True)
    assert served == (True, True, False, False, False)
    slots.leave(numbers[1])
    assert [slots.is_served(DESK, number, MOST) for number in numbers[2:]] == [True, False, False]
    slots.leave(numbers[3])
    slots.leave(numbers[0])
    assert slots.is_served(DESK, numbers[4], MOST)

    join(slots, 1)
    assert join(slots, 1, "payments")[1]


def test_a_limit_that_was_raised_counts_and_a_number_is_never_given_twice(slots):
    join(slots, 1)
    number, is_served = join(slots, 1)
    assert (is_served, slots.is_served(DESK, number, 2)) == (False, True)

    number, _ = join(slots)
    slots.leave(number)
    assert join(slots)[0] > number


def test_a_dead_process_holds_no_slot(slots, database):
    """With Prefect's limits, a slot whose process and whose server were killed together was never given back."""
    number, _ = join(slots, 1)
    process_of(database, number, pid=dead_pid())
    assert slots.queues() == {DESK: Queue(alive=0, abandoned=1)}
    assert join(slots, 1)[1]
    assert places(database) == 1, "what the dead one left is cleared away"


def test_on_another_machine_a_dead_process_holds_its_slot_until_it_expires(slots, database, clock):
    number, _ = join(slots, 1)
    process_of(database, number, host="elsewhere.example", pid=dead_pid())
    waiting, is_served = join(slots, 1)
    assert not is_served
    clock.pass_time(LEASE_TIME - MOMENT)
    assert not slots.is_served(DESK, waiting, 1)
    clock.pass_time(MOMENT)
    assert slots.is_served(DESK, waiting, 1)


def test_a_place_lasts_while_the_lease_of_its_case_is_renewed(store, clock):
    case_id = opened(store)
    store.take_lease(case_id, "one")
    store.slots.join(DESK, case_id, 1)
    for _ in range(3):
        clock.pass_time(LEASE_TIME - MOMENT)
        store.renew_leases({"two": case_id})
        store.renew_leases({"one": case_id})
        assert store.slots.queues() == {DESK: Queue(alive=1, abandoned=0)}
    clock.pass_time(LEASE_TIME)
    store.renew_leases({"one": opened(store)})
    assert store.slots.queues() == {DESK: Queue(alive=0, abandoned=1)}


def test_a_new_run_of_a_case_does_not_renew_what_the_one_before_left(store, clock):
    case_id = opened(store)
    store.take_lease(case_id, "one")
    store.slots.join(DESK, case_id, 1)
    clock.pass_time(LEASE_TIME)
    store.take_lease(case_id, "two")
    assert store.slots.queues() == {}
    store.slots.join(DESK, case_id, 1)
    store.take_lease(case_id, "two")
    assert store.slots.queues() == {DESK: Queue(alive=1, abandoned=0)}, "the holder may take its lease again"


def test_places_of_a_case_are_taken_and_left_with_its_notes_and_not_in_vain(store):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        first = file.steps.slots.join(DESK, 1)
        second = file.steps.slots.join(DESK, 1)
    assert (first.is_served, second.is_served) == (True, False)
    with store.case_file(case_id) as file:
        file.steps.slots.leave(first)
    assert store.slots.is_served(DESK, second.number, 1)

    store.slots.leave(second.number)

    case_id = opened(store)
    with store.case_file(case_id) as file:
        place = file.steps.slots.join(DESK, MOST)
    with pytest.raises(ZeroDivisionError):
        _leave_and_fail(store, case_id, place)
    assert store.slots.queues() == {DESK: Queue(alive=1, abandoned=0)}


def _leave_and_fail(store: Store, case_id: str, place: Slot) -> None:
    with store.case_file(case_id) as file:
        file.steps.slots.leave(place)
        raise ZeroDivisionError


@pytest.mark.apart
def test_of_many_at_the_same_moment_so_many_are_served(postgres_database, clock):
    slots = Slots(postgres_database, LeaseClock(clock))
    for _ in range(5):
        came = at_once(8, lambda _: join(slots, 3))
        assert sum(is_served for _, is_served in came) == 3
        for number, _ in came:
            slots.leave(number)


def test_no_disk_is_waited_for(postgres_database):
    with postgres_database.passing() as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "off"
    with postgres_database.transaction() as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "on"
