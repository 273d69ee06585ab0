"""Tasks by hand: noted once with owner and day, done once and not while the records have to be kept."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind
from rightsflow.store import Store
from rightsflow.store.case.case_tasks import NewTask, open_tasks
from rightsflow.store.purging import Ended, Hold, Purging
from tests.integration.store.purge_cases import AFTER, END, withdrawn
from tests.support.casework import opened, ref

KEPT_UNTIL, DUE = date(2028, 12, 31), date(2029, 1, 1)
ERASE = NewTask(
    kind=TaskKind.ERASE, system="helpdesk", what="Erase by hand: 1 × x.", records=1, due_on=DUE, kept_until=KEPT_UNTIL
)
STEP = NewTask(kind=TaskKind.MANUAL, system="calls", what="Ask the carrier.", records=2, due_on=date(2026, 4, 1))


def noted(store: Store) -> str:
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.tasks.note([ERASE, STEP], owner="case_owner")
    return case_id


def test_tasks_are_listed_the_soonest_due_first_and_done_once_by_a_person(store):
    case_id = noted(store)
    assert [(one.number, one.due_on, one.owner) for one in open_tasks(store.database)] == [
        (2, STEP.due_on, "case_owner"),
        (1, DUE, "case_owner"),
    ]
    assert [one.number for one in open_tasks(store.database, due_by=STEP.due_on)] == [2]
    with store.case_file(case_id) as file:
        events = [one for one in file.ledger.entries() if one.event == "TaskNoted"]
    assert [(one.details["number"], one.details["due_on"]) for one in events] == [(1, "2029-01-01"), (2, "2026-04-01")]

    for on, stands in (
        (date(2028, 12, 24), "open"),
        (date(2028, 12, 25), "due soon"),
        (DUE, "due soon"),
        (date(2029, 1, 2), "overdue"),
    ):
        assert open_tasks(store.database)[1].stands(on) == stands

    with store.case_file(case_id) as file, pytest.raises(Conflict, match="have to be kept until 2028-12-31"):
        file.tasks.mark_done(1, KEPT_UNTIL, by="Ida")

    with store.case_file(case_id) as file:
        done = file.tasks.mark_done(2, date(2026, 3, 30), by="Ida")
        assert (done.done_on, done.done_by, done.is_open) == (date(2026, 3, 30), "Ida", False)
        with pytest.raises(Conflict, match="done already"):
            file.tasks.mark_done(2, date(2026, 3, 30), by="Ida")
        with pytest.raises(BadInput, match="no task 3"):
            file.tasks.mark_done(3, date(2026, 3, 30), by="Ida")
        (event,) = [one for one in file.ledger.entries() if one.event == "TaskDone"]
    assert (event.actor, event.details["number"]) == ("Ida", 2)
    assert [one.number for one in open_tasks(store.database)] == [1]


def test_a_case_with_an_open_task_is_not_purged(store, clock):
    """Before, kept records held their case for ever: the file did not know that they had been erased by hand."""
    case_id, purging = withdrawn(store), Purging(store.database, clock)
    with store.case_file(case_id) as file:
        file.findings.record_outcome(Outcome(record=ref("t1"), kind=OutcomeKind.RETAINED, until=KEPT_UNTIL))
        file.tasks.note([ERASE, STEP], owner="case_owner")
    assert purging.evidence_over(AFTER) == [Ended(case_id, END, Hold.RECORDS)]
    with store.case_file(case_id) as file:
        file.tasks.mark_done(1, DUE, by="Ida")
    assert purging.evidence_over(AFTER) == [Ended(case_id, END, Hold.TASK)]
    assert not purging.purge(case_id, AFTER, by="Ida")
    with store.case_file(case_id) as file:
        file.tasks.mark_done(2, DUE, by="Ida")
    assert purging.purge(case_id, AFTER, by="Ida")
    assert open_tasks(store.database) == []


def test_the_open_tasks_of_an_owner_follow_the_case_and_those_of_another_person_stay(store):
    case_id = noted(store)
    with store.case_file(case_id) as file:
        file.tasks.note([STEP], owner="anna")
        file.tasks.mark_done(1, DUE, by="Ida")
        assert file.tasks.follow("case_owner", "dpo", by="Ben") == [2]
        assert [one.owner for one in file.tasks.all()] == ["case_owner", "dpo", "anna"]
        (event,) = [one for one in file.ledger.entries() if one.event == "TaskHandedOver"]
    assert (event.actor, event.details) == ("Ben", {"number": 2, "before": "case_owner", "now": "dpo"})
