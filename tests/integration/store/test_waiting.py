"""Which waiting cases can be started: by urgency, and of those that wait for a system one at a time tries it."""

from __future__ import annotations

from datetime import timedelta

from rightsflow.domain.circuit_breaker import FAILURES, FIRST_WHILE, PROBE_TIME
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import Store
from rightsflow.store.coordination.waiting import pause_after
from rightsflow.store.core.context import LEASE_TIME
from tests.support.casework import BERLIN, OWNER, RECEIVED, at_once, dates, email, request


def bulk(store: Store, name: str, days: int = 0) -> str:
    received_at = RECEIVED - timedelta(days=days)
    with store.opening() as opening:
        made = request(email(name), received_at=received_at)
        return opening.open(made, dates(received_at), OWNER, in_bulk=True).case_id


def due(store: Store, most: int = 10) -> list[str]:
    found = [one.case_id for one in store.waiting.due(most, in_bulk=True)]
    assert store.waiting.are_any() or not found
    return found


def break_off(store: Store, system: str) -> None:
    for _ in range(FAILURES):
        store.breakers.note_failure(system)


def make_room(store: Store, case_id: str, system: str) -> None:
    with store.case_file(case_id) as file:
        file.bulk.make_room(system)
        file.bulk.wait_again(timedelta(0))


def test_the_most_urgent_come_first_and_each_until_it_is_started(store):
    late, soon, soonest = bulk(store, "a"), bulk(store, "b", 10), bulk(store, "c", 15)
    assert RECEIVED.tzinfo is BERLIN
    assert due(store) == [soonest, soon, late]
    assert due(store, 2) == [soonest, soon]
    store.waiting.note_started([soonest])
    assert due(store) == [soon, late]
    with store.case_file(soon) as file:
        file.advance(CaseAction.WITHDRAW)
    assert due(store) == [late]


def test_a_case_that_did_not_make_room_is_not_started_again(store):
    case_id = bulk(store, "a")
    store.waiting.note_started([case_id])
    with store.case_file(case_id) as file:
        file.bulk.wait_again(timedelta(0))
    assert due(store) == []
    assert not store.waiting.are_any()


def test_those_that_wait_for_a_system_wait_until_one_of_them_was_answered(store, clock):
    first, second, other = bulk(store, "a", 3), bulk(store, "b", 2), bulk(store, "c", 1)
    break_off(store, "helpdesk")
    for case_id in (first, second):
        make_room(store, case_id, "helpdesk")
    assert due(store) == [other]
    clock.pass_time(FIRST_WHILE)
    (trying, free) = store.waiting.due(10, in_bulk=True)
    assert (trying.case_id, trying.tries, free.case_id) == (first, "helpdesk", other)
    store.waiting.note_tries([trying, free])
    store.waiting.note_started([first, other])
    assert due(store) == []
    assert store.breakers.ask("helpdesk", first) is None
    assert store.breakers.ask("helpdesk", second) is not None
    store.breakers.note_answer("helpdesk")
    assert due(store) == [second]


def test_another_tries_where_the_first_was_not_heard_of(store, clock):
    cases = [bulk(store, name, days) for name, days in (("a", 2), ("b", 1))]
    break_off(store, "helpdesk")
    for case_id in cases:
        make_room(store, case_id, "helpdesk")
    clock.pass_time(FIRST_WHILE)
    for case_id in cases:
        (trying,) = store.waiting.due(10, in_bulk=True)
        assert trying.case_id == case_id
        store.waiting.note_tries([trying])
        store.waiting.note_started([case_id])
        assert due(store) == []
        clock.pass_time(PROBE_TIME)


def test_failures_that_come_together_are_all_counted_and_one_case_tries(store, clock):
    at_once(FAILURES, lambda _: store.breakers.note_failure("helpdesk"))
    breaker = store.breakers.of("helpdesk")
    assert breaker is not None
    assert (breaker.failures, breaker.retry_at) == (FAILURES, clock.moment + FIRST_WHILE)
    clock.pass_time(FIRST_WHILE)
    refused = at_once(4, lambda number: store.breakers.ask("helpdesk", f"case {number}"))
    assert refused.count(None) == 1


def test_one_of_several_has_a_role(store, clock, monkeypatch):  # type: ignore[no-untyped-def]
    took = at_once(4, lambda number: store.take_role("keeper", f"process {number}"))
    assert took.count(True) == 1
    holder = f"process {took.index(True)}"
    assert store.take_role("keeper", holder), "it is renewed"
    assert store.take_role("other", "somebody"), "each role has its own"
    store.release_role("keeper", "somebody")
    assert not store.take_role("keeper", "somebody")
    clock.pass_time(timedelta(seconds=61))
    assert store.take_role("keeper", "somebody"), "a lease that was not renewed ends"


def test_who_takes_a_case_has_it_for_a_minute_and_while_it_holds_its_lease(store, clock):
    soon, late = bulk(store, "a", 10), bulk(store, "b")
    took = at_once(3, lambda _: [one.case_id for one in store.waiting.take(1, set(Right))])
    assert sorted(case_id for some in took for case_id in some) == sorted(
        {soon, late} & {one for t in took for one in t}
    )
    while store.waiting.take(1, set(Right)):
        continue
    assert due(store) == []
    assert store.take_lease(soon, "one")
    clock.pass_time(LEASE_TIME - timedelta(seconds=1))
    store.renew_leases({"one": soon})
    clock.pass_time(timedelta(seconds=2))
    assert due(store) == [late], "no one has begun with it"
    store.release_lease(soon, "one")
    assert due(store) == [soon, late], "its process has died"


def test_a_case_is_taken_by_those_who_work_on_its_right(store):
    case_id = bulk(store, "a")
    assert store.waiting.take(1, {Right.ERASURE}) == []
    assert [one.case_id for one in store.waiting.take(1, {Right.ACCESS})] == [case_id]


def test_one_that_tries_a_system_again_is_noted_with_that(store, clock):
    first, second = bulk(store, "a", 2), bulk(store, "b", 1)
    break_off(store, "helpdesk")
    for case_id in (first, second):
        make_room(store, case_id, "helpdesk")
    clock.pass_time(FIRST_WHILE)
    assert [(one.case_id, one.tries) for one in store.waiting.take(5, set(Right))] == [(first, "helpdesk")]
    assert store.waiting.take(5, set(Right)) == []
    assert store.breakers.ask("helpdesk", first) is None
    assert store.breakers.ask("helpdesk", second) is not None


def test_the_pause_grows_and_is_never_longer_than_an_hour():
    assert [pause_after(times).total_seconds() for times in (0, 1, 2, 3, 9, 10_000)] == [15, 15, 30, 60, 3600, 3600]
