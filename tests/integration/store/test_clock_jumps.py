"""A machine's clock that is set forward or back: no case is worked on twice, and none waits as long as the jump was."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from rightsflow.audit.ledger.checking import WRITTEN_AFTER
from rightsflow.domain.circuit_breaker import FAILURES
from rightsflow.store import Store
from rightsflow.store.coordination.leases import KEEPER
from rightsflow.store.core.context import LEASE_TIME
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.proofs.seals import seal
from rightsflow.store.tables import LeaseRow, RoleRow, SlotRow
from rightsflow.vault import MasterKey
from tests.support.casework import OWNER, RECEIVED, SECRET, dates, opened, request

RENEWAL = LEASE_TIME / 3
JUMPS = [timedelta(hours=3), timedelta(days=40)]


@dataclass
class TwoClocks:
    """A clock on the wall that can be set, and one that only grows."""

    wall: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    steady: float = field(default=1000.0)

    def pass_time(self, amount: timedelta) -> None:
        self.wall += amount
        self.steady += amount.total_seconds()

    def set_by(self, amount: timedelta) -> None:
        self.wall += amount


@pytest.fixture
def clocks():
    return TwoClocks()


@pytest.fixture
def store(database, clocks):
    return Store(database, MasterKey(SECRET), lambda: clocks.wall, lambda: clocks.steady)


def elsewhere(store: Store) -> None:
    """Let what is held be held by processes of another machine, of which only the time tells whether they live."""
    with store.database.transaction() as session:
        for table in (LeaseRow, RoleRow, SlotRow):
            session.execute(update(table).values(host="elsewhere.example"))


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_set_forward_gives_no_case_to_a_second_process(store, clocks, jump):
    """Before, a second process took the case over from a living one, and called its systems a second time."""
    case_id = opened(store)
    assert store.take_lease(case_id, "one")
    clocks.set_by(jump)
    assert store.is_worked_on(case_id)
    assert not store.take_lease(case_id, "two")
    clocks.pass_time(RENEWAL)
    store.renew_leases({"one": case_id})
    clocks.pass_time(LEASE_TIME - timedelta(seconds=1))
    assert not store.take_lease(case_id, "two")


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_set_forward_keeps_no_case_for_a_dead_process(store, clocks, jump):
    case_id = opened(store)
    store.take_lease(case_id, "one")
    clocks.set_by(jump)
    assert store.is_worked_on(case_id)
    clocks.pass_time(LEASE_TIME)
    assert store.take_lease(case_id, "two")


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_set_back_keeps_no_case_for_as_long(store, clocks, jump):
    """Before, the lease of a dead process on another machine held its case for the length of the jump."""
    case_id = opened(store)
    store.take_lease(case_id, "one")
    elsewhere(store)
    clocks.set_by(-jump)
    assert store.is_worked_on(case_id), "it may live, and renews its lease within its time"
    clocks.pass_time(LEASE_TIME)
    assert not store.is_worked_on(case_id)
    assert store.take_lease(case_id, "two")


def test_the_role_of_the_keeper_and_slots_go_by_the_same_clock(store, clocks):
    """Before, two keepers started cases at the same time, and a slot of a dead machine was kept for the jump."""
    case_id = opened(store)
    assert store.take_role(KEEPER, "one")
    first = store.slots.join("helpdesk", case_id, 1)
    clocks.set_by(timedelta(hours=3))
    assert not store.take_role(KEEPER, "two")
    second = store.slots.join("helpdesk", case_id, 1)
    assert (first.is_served, second.is_served) == (True, False)
    elsewhere(store)
    clocks.set_by(-timedelta(days=40))
    assert not store.take_role(KEEPER, "two")
    store.slots.join("helpdesk", case_id, 1)
    clocks.pass_time(LEASE_TIME)
    assert store.take_role(KEEPER, "two")
    assert store.slots.join("helpdesk", case_id, 1).is_served


def test_a_clock_set_back_makes_no_case_wait_for_as_long(store, clocks):
    """Before, a case that was to be started again in 15 seconds waited for the length of the jump."""
    with store.opening() as opening:
        case_id = opening.open(request(), dates(RECEIVED), OWNER, in_bulk=True).case_id
    with store.case_file(case_id) as file:
        file.bulk.try_again(timedelta(seconds=15))
    assert not store.waiting.due(1, in_bulk=True)
    clocks.set_by(-timedelta(days=1))
    assert [one.case_id for one in store.waiting.due(1, in_bulk=True)] == [case_id]


def test_a_clock_set_back_leaves_no_system_alone_for_as_long(store, clocks):
    """Before, a system that had failed was not called for the length of the jump."""
    case_id, other = opened(store), "DSR-2026-AAAAAA"
    for _ in range(FAILURES):
        store.breakers.note_failure("helpdesk")
    assert store.breakers.ask("helpdesk", case_id) is not None
    clocks.set_by(-timedelta(days=1))
    assert store.breakers.ask("helpdesk", case_id) is None
    assert store.breakers.ask("helpdesk", other) is not None, "one case tries it"


@pytest.mark.apart
@pytest.mark.parametrize("url", ["sqlite_url"], ids=["sqlite"], indirect=True)
@pytest.mark.parametrize("jump", [2, -400])
def test_a_clock_that_is_set_ends_no_sealing_and_each_entry_notes_what_it_was_written_after(store, clocks, jump):
    """Set wrongly, and set right again a day later, with cases from before, from between and from after."""
    cases = [opened(store)]
    seal(store.database, store.master, clocks.wall)
    for step in (jump, -jump):
        clocks.pass_time(timedelta(hours=20))
        cases.append(opened(store))
        note(store, cases)
        clocks.set_by(timedelta(days=step))
        cases.append(opened(store))
        note(store, cases)
        clocks.pass_time(timedelta(hours=4))
        seal(store.database, store.master, clocks.wall)
        assert [fault.text for fault in check_ledger(store.database)] == []
        clocks.pass_time(timedelta(hours=1))
        note(store, cases)
        seal(store.database, store.master, clocks.wall)
        assert [fault.text for fault in check_ledger(store.database)] == []
    with store.case_file(cases[0]) as file:
        noted = [entry for entry in file.ledger.entries() if WRITTEN_AFTER in entry.details]
    assert noted
    assert all(entry.at < datetime.fromisoformat(entry.details[WRITTEN_AFTER]) for entry in noted)


def note(store: Store, cases: list[str]) -> None:
    """Let something happen to each case, in a transaction that reads its entries first and in one that does not."""
    for case_id in cases:
        with store.case_file(case_id) as file:
            file.ledger.append("EvidenceExported")
        with store.case_file(case_id) as file:
            assert list(file.ledger.entries())
            file.ledger.append("EvidenceExported")
            file.ledger.append_for_each("OutcomeRecorded", ["a", "b"])
