"""The cluster under load with parts of it killed, in small; and that the count of what went wrong counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from deployments.runs.starting import _TOGETHER
from proofs.cluster_load.__main__ import Sizes, run_load
from proofs.cluster_load.results import Seen, longest_gap, overtaking, requests
from tests.support.loopback import can_run

_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds):
    return _BEGIN + timedelta(seconds=seconds)


def seen(name, day, *, opened=0, created=10, began=20, closed=30):
    moments = {"opened_at": opened, "created_at": created, "started_at": began, "closed_at": closed}
    return Seen(name, "answered", date(2026, 3, day), _BEGIN, **{key: at(value) for key, value in moments.items()})


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not can_run(), reason="redis-server or nginx is not installed")
def test_a_small_load_ends_as_it_has_to(tmp_path):
    pytest.importorskip("prefect_redis")
    sizes = Sizes(
        cases=60,
        customers=40,
        workers=2,
        plan="enterprise-plus",
        steps_at_once=12,
        away_seconds=5,
        longest_seconds=600,
    )
    outcome = run_load(tmp_path, sizes, lambda _: None)
    assert outcome.faults == []
    assert len(outcome.outages) == 3
    assert outcome.overtaking.others_handed <= _TOGETHER, "what the keeper had chosen at that moment"


def test_what_waited_in_prefect_before_the_urgent_one_came_is_no_jump():
    late = seen("a", 5, opened=12, created=13, began=25)
    how = overtaking([late, seen("b", 6, began=20), seen("c", 7, created=14, began=24), seen("d", 7, began=30)], at(12))
    assert (how.cases, how.seconds, how.others, how.others_handed) == (1, 13.0, 2, 1)


def test_the_longest_gap_runs_from_the_outage_to_the_next_closed_case():
    cases = [seen(str(second), 5, closed=second) for second in (1, 5, 9, 30)]
    assert longest_gap(cases, at(6), at(10)) == 21.0
    assert longest_gap(cases, at(0), at(5)) == 4.0


@pytest.mark.parametrize("number", [20, 60, 1000])
def test_the_second_file_is_more_urgent_and_nobody_asks_twice(number):
    class Person:
        def __init__(self, count):
            self.email, self.customer_id = f"c{count}@example.com", f"C-{count}"

    first, second = requests(number, [Person(count) for count in range(30)], date(2026, 3, 31))
    assert len(first) + len(second) == number
    assert max(one.received for one in second) < min(one.received for one in first)
    assert len({one.email for one in first + second}) == number
    assert sum(one.is_customers for one in first + second) == min(number, 30)
