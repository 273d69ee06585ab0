"""Two cases outlive the worker and the server of ``up``; ``make test-kill`` kills everything, with twenty cases."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from proofs.kills.session import CUSTOMERS, TODAY, meetings, session, strike, unrelated
from proofs.kills.stack import End, Shares, end_of
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.center import DEFAULT_SEED
from rightsflow_sandbox.world.world import World

# Groups begin before single tests, and this takes as long as a group.
pytestmark = pytest.mark.xdist_group("kills-stack")

TOLD = ("answered, closed", Counter(), Counter({"L1": 1}), Counter({"CaseAnswered": 1}))


@pytest.mark.slow  # A stack of its own for 45 seconds of processor time; `make test-kill` kills all of it.
@pytest.mark.timeout(600)
def test_cases_outlive_the_worker_and_the_server(migrated_prefect):
    """The end of the server was the end of ``up``, and with it of all cases."""
    with session(Right.ERASURE, "sqlite", 2, migrated_prefect) as made:
        strike(made, ["worker", "server"], random.Random(1))
        end = end_of(made)
        complaints = made.up.complaints
    assert [victim for victim, _ in made.kills] == ["worker", "server"]
    assert (end.still_open, end.doubled) == (0, 0)
    assert {state for state, *_ in end.cases.values()} == {"answered, closed"}
    for part in ("worker", "Prefect server"):
        assert f"the {part} ended; it is started again" in complaints


def test_another_end_is_seen():
    expected = End({"C-1": TOLD, "C-2": TOLD}, frozenset({"helpdesk users 1"}), 0, 0)
    assert expected.others(expected) == []
    assert len(End({"C-1": TOLD}, expected.changed, 0, 1).others(expected)) == 1
    assert len(End(expected.cases, expected.changed | {"helpdesk users 2"}, 0, 0).others(expected)) == 1
    other = ("answered, closed", Counter(), Counter({"L1": 2}), Counter({"CaseAnswered": 1}))
    assert len(End(expected.cases | {"C-2": other}, frozenset(), 0, 0).others(expected)) == 2


@pytest.fixture(scope="module")
def world():
    """As the sandbox has it by itself."""
    return World.make(seed=DEFAULT_SEED, customers=CUSTOMERS, today=TODAY)


@pytest.mark.apart
def test_the_cases_of_those_who_are_chosen_cannot_meet(world):
    """Found: one was named in a ticket of another one's, and had a record less when that ticket was erased first."""
    chosen = {one.customer_id for one in unrelated(world, 20)}
    assert len(chosen) == 20
    assert not [pair for pair in meetings(world) if chosen & set(pair)]
    for one in unrelated(world, 20):
        for ticket in world.tickets:
            text = " ".join([ticket.subject, *(entry.body for entry in ticket.comments)])
            ids = {ticket.requester_id, *ticket.cc_ids, *(entry.author_id for entry in ticket.comments)}
            is_theirs = one.user_id in ids
            assert is_theirs or not any(word in text for word in (one.name, *one.emails, *one.phones)), ticket.id
            assert not is_theirs or ticket.requester_id == one.user_id, ticket.id


@pytest.mark.apart
def test_every_crossing_of_the_world_is_a_meeting_and_more_people_than_there_are_an_error(world):
    met, cases = meetings(world), world.cases
    (writer,) = [one for one in world.people if one.user_id == cases.mention.requester_id]
    together = [
        cases.shared_ticket_people,
        cases.number_in_turn_people,
        cases.family[:2],
        cases.subject_number_people,
        (writer, cases.mentioned),
    ]
    for people in together:
        assert tuple(sorted(one.customer_id for one in people)) in met

    with pytest.raises(ValueError, match="ask for fewer"):
        unrelated(world, CUSTOMERS)


def test_sessions_share_the_time_that_is_left():
    clock = Shares(10.0, sessions=2, quiet=1, started=time.monotonic() - 60)
    # Nine minutes for two sessions and a quiet one.
    assert (clock.next() - time.monotonic()) == pytest.approx(0.7 * 540 / 2.5, abs=2)
    assert Shares(None, sessions=1, quiet=0).next() is None
