"""Two cases outlive the worker and the server of ``up``; ``make test-kill`` kills everything, with twenty cases."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from proofs.kills.stack import End, Shares, session
from rightsflow.domain.request import Right

# Groups begin before single tests, and this takes as long as a group.
pytestmark = pytest.mark.xdist_group("kills-stack")

TOLD = ("answered", Counter(), Counter({"L1": 1}), Counter({"CaseAnswered": 1}))


@pytest.mark.timeout(600)
def test_cases_outlive_the_worker_and_the_server(migrated_prefect):
    """The end of the server was the end of ``up``, and with it of all cases."""
    with session(Right.ERASURE, "sqlite", 2, migrated_prefect) as made:
        made.strike(["worker", "server"], random.Random(1))
        end = made.finish()
        complaints = made.up.complaints
    assert [victim for victim, _ in made.kills] == ["worker", "server"]
    assert (end.still_open, end.doubled) == (0, 0)
    assert {state for state, *_ in end.cases.values()} == {"answered"}
    for part in ("worker", "Prefect server"):
        assert f"the {part} ended; it is started again" in complaints


def test_another_end_is_seen():
    expected = End({"C-1": TOLD, "C-2": TOLD}, frozenset({"helpdesk users 1"}), 0, 0)
    assert expected.others(expected) == []
    assert len(End({"C-1": TOLD}, expected.changed, 0, 1).others(expected)) == 1
    assert len(End(expected.cases, expected.changed | {"helpdesk users 2"}, 0, 0).others(expected)) == 1
    other = ("answered", Counter(), Counter({"L1": 2}), Counter({"CaseAnswered": 1}))
    assert len(End(expected.cases | {"C-2": other}, frozenset(), 0, 0).others(expected)) == 2


def test_sessions_share_the_time_that_is_left():
    clock = Shares(10.0, sessions=2, quiet=1, started=time.monotonic() - 60)
    # Nine minutes for two sessions and a quiet one.
    assert (clock.next() - time.monotonic()) == pytest.approx(0.7 * 540 / 2.5, abs=2)
    assert Shares(None, sessions=1, quiet=0).next() is None
