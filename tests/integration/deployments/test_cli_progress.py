"""What ``doctor`` says of the work itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deployments.cli.commands.doctor import progress_health
from rightsflow.store.core.context import LEASE_TIME
from rightsflow.store.queries.figures import GRACE, LONG
from tests.support.bench import running_bench


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        yield made


def at_work(bench, number=0):
    """A case in the middle of a step, which holds a slot."""
    case_id, store = bench.open("access", email=f"person-{number}@example.com"), bench.runtime.store
    store.take_lease(case_id, "one")
    with store.case_file(case_id) as file:
        file.steps.start("locate", "helpdesk")
    store.slots.join("helpdesk", case_id, 4)
    return case_id


def test_cases_that_move_are_in_order(bench):
    at_work(bench)
    seen = progress_health(bench.runtime.store)
    assert (seen.ok, seen.is_doubtful) == (True, False)
    assert seen.detail == "No case is stuck; 1 steps work at a system or wait for one."


def test_cases_that_were_cut_short_and_the_slots_they_held_are_named(bench):
    """After a crash of server and worker no step worked, and nothing said so."""
    cases = sorted(at_work(bench, number) for number in range(4))
    bench.pass_time(LEASE_TIME + GRACE)
    seen = progress_health(bench.runtime.store)
    assert not seen.ok
    assert (
        f"4 cases were cut short and no process works on them ({', '.join(sorted(cases)[:3])} and others)"
        in seen.detail
    )
    assert "4 slots of helpdesk belong to processes that are gone; the next step there clears them." in seen.detail


def test_a_step_that_takes_very_long_is_worth_a_look(bench):
    case_id = at_work(bench)
    for _ in range(2):
        bench.pass_time(LONG / 2 + timedelta(seconds=1))
        bench.runtime.store.renew_leases({"one": case_id})
    seen = progress_health(bench.runtime.store)
    assert (seen.ok, seen.is_doubtful) == (True, True)
    assert f"{case_id} has been at locate helpdesk for over an hour." in seen.detail


def test_waiting_cases_without_a_keeper_are_named(bench):
    with bench.file(bench.open("access")) as file:
        file.bulk.try_again(timedelta(0))
    bench.pass_time(GRACE + timedelta(seconds=1))
    seen = progress_health(bench.runtime.store)
    assert seen.detail == (
        "1 cases wait to be started and no keeper runs; start `rightsflow up` or `rightsflow service keep`."
    )
