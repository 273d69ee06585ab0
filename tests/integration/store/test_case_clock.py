"""A case's clock: what moved it, each thing once, and the dates that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from rightsflow.domain.deadlines.clock_events import ClockEvent, ClockEventKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import Store
from tests.support.casework import DATES, RECEIVED, opened

DAY = timedelta(days=1)
ASKED = RECEIVED + DAY


@pytest.fixture
def case_id(store):
    return opened(store)


def asleep(store: Store) -> None:
    """As after a look that foresees nothing."""
    with store.database.transaction() as session:
        session.execute(text("UPDATE cases SET watch_at = NULL"))


def is_awake(store: Store) -> bool:
    with store.database.transaction() as session:
        return session.execute(text("SELECT watch_at FROM cases")).scalar_one() is not None


@pytest.mark.apart
def test_what_happened_comes_back(store, case_id):
    with store.case_file(case_id) as file:
        assert file.clock.events() == {}
        file.clock.record(ClockEventKind.IDENTITY_REQUESTED, ASKED, by="Ida")
        file.clock.record(ClockEventKind.EXTENSION_NOTICE_SENT, ASKED + DAY, by="Olga")
    with store.case_file(case_id) as file:
        assert file.clock.events() == {
            kind: ClockEvent(kind, at, by)
            for kind, at, by in (
                (ClockEventKind.IDENTITY_REQUESTED, ASKED, "Ida"),
                (ClockEventKind.EXTENSION_NOTICE_SENT, ASKED + DAY, "Olga"),
            )
        }
        moved = [one for one in file.ledger.entries() if one.event == "ClockMoved"]
    assert [(one.actor, one.details["what"]) for one in moved] == [
        ("Ida", "identity_requested_at"),
        ("Olga", "extension_notice_sent_at"),
    ]


def test_nothing_happens_twice(store, case_id):
    for kind in ClockEventKind:
        with store.case_file(case_id) as file:
            file.clock.record(kind, ASKED, by="Ida")
        with pytest.raises(Conflict, match="already; look at `rightsflow show"), store.case_file(case_id) as file:
            file.clock.record(kind, ASKED + DAY, by="Ida")


def test_the_dates_are_kept_whole(store, case_id):
    moved = replace(
        DATES, due_on=DATES.due_on + DAY, suspended_since=ASKED, extended=True, no_pause_due_on=DATES.due_on
    )
    with store.case_file(case_id) as file:
        assert file.clock.dates() == DATES
        file.clock.set_dates(moved)
    with store.case_file(case_id) as file:
        assert file.clock.dates() == moved
        last = list(file.ledger.entries())[-1]
    assert (last.event, last.details) == (
        "DueDateMoved",
        {
            "before": DATES.due_on.isoformat(),
            "now": moved.due_on.isoformat(),
            "safe_due_on": moved.safe_due_on.isoformat(),
            "work_to_on": moved.work_to_on.isoformat(),
            "explanation": moved.explanation,
        },
    )


def test_the_watch_looks_when_any_date_moved_but_not_of_a_closed_case(store, case_id, clock):
    # Also where the law's last day stays and only the target date comes earlier: its rungs do too.
    for dates in (
        replace(DATES, work_to_on=DATES.work_to_on - DAY),
        replace(DATES, suspended_since=ASKED),
        replace(DATES, extended=True),
    ):
        asleep(store)
        with store.case_file(case_id) as file:
            file.clock.set_dates(dates)
        assert is_awake(store)
        asleep(store)
        with store.case_file(case_id) as file:
            file.clock.set_dates(dates)
        assert not is_awake(store), "nothing moved"

    with store.case_file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    asleep(store)
    with store.case_file(case_id) as file:
        file.clock.set_dates(replace(DATES, work_to_on=DATES.work_to_on - DAY))
    assert not is_awake(store)
