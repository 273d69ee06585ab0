"""The alerts of one case: taking note of them, which ends the nagging and nothing else."""

from __future__ import annotations

import pytest

from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.states import AlertStage, CaseAction, CaseState
from rightsflow.store import Store
from tests.integration.store.watchwork import (
    DAY,
    WORK_TO,
    acknowledge_letter,
    alerts_of,
    change,
    dispatch_of,
    keys_of,
    midnight,
    persons,
    send_all,
    watch,
)
from tests.support.casework import opened


@pytest.fixture
def case_id(store, clock):
    """A case whose first rung was raised."""
    made = opened(store)
    acknowledge_letter(store)
    change(store, made, state=CaseState.EXECUTING.value)
    clock.moment = midnight(WORK_TO - 14 * DAY)
    watch(store)
    return made


def acknowledge(store: Store, case_id: str) -> int:
    with store.case_file(case_id) as file:
        return file.alerts.acknowledge("Ida Clerk")


def test_it_is_noted_who_took_note_once_and_not_after_its_end(store, clock, case_id):
    assert acknowledge(store, case_id) == 1
    [alert] = alerts_of(store, case_id)
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("Ida Clerk", clock.moment)
    with store.case_file(case_id) as file:
        last = list(file.ledger.entries())[-1]
    assert (last.event, last.actor, last.details) == (
        "AlertAcknowledged",
        "Ida Clerk",
        {"alert": "due-soon", "about_on": WORK_TO.isoformat()},
    )

    with pytest.raises(Conflict, match="no alert that waits to be acknowledged"):
        acknowledge(store, case_id)
    with store.case_file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    with pytest.raises(Conflict, match="no alert"):
        acknowledge(store, case_id)


def test_the_nagging_ends_and_the_next_rung_comes_all_the_same(store, clock, case_id):
    dispatch = dispatch_of(store, clock)
    send_all(dispatch)
    acknowledge(store, case_id)
    clock.pass_time(3 * DAY)
    dispatch.remind()
    assert send_all(dispatch) == []
    clock.moment = midnight(WORK_TO - 7 * DAY)
    watch(store)
    [sent] = send_all(dispatch)
    assert (sent.kind.value, sent.reminder, sent.recipients) == ("due-soon", 0, ("person.case_owner",))


@pytest.mark.parametrize("when", ["raised", "prepared", "posted"])
def test_who_acknowledges_while_it_is_sent_is_not_reminded(store, clock, case_id, when):
    """The others are told nevertheless."""
    dispatch = dispatch_of(store, clock)
    if when == "raised":
        acknowledge(store, case_id)
    outgoing = dispatch.ready(persons)
    if when == "prepared":
        acknowledge(store, case_id)
    dispatch.posted(outgoing)
    if when == "posted":
        acknowledge(store, case_id)
    assert dispatch.settle(dispatch.awaited(), {one.alert_id: set(one.recipients) for one in outgoing}, set()) == 0
    assert alerts_of(store, case_id)[0].stage is AlertStage.TOLD
    clock.pass_time(3 * DAY)
    dispatch.remind()
    assert send_all(dispatch) == []


def test_without_anybody_to_be_told_it_is_not_nagged_about_either(store, clock, case_id):
    acknowledge(store, case_id)
    dispatch = dispatch_of(store, clock)
    dispatch.posted(dispatch.ready(lambda _owner, _roles: []))
    clock.pass_time(3 * DAY)
    dispatch.remind()
    assert send_all(dispatch) == []


def test_a_reminder_on_its_way_is_called_back(store, clock, case_id):
    dispatch = dispatch_of(store, clock)
    send_all(dispatch)
    clock.pass_time(DAY)
    dispatch.remind()
    acknowledge(store, case_id)
    assert send_all(dispatch) == []


def test_a_closed_case_ends_all_of_them(store, clock, case_id):
    with store.case_file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    [alert] = alerts_of(store, case_id)
    assert (alert.stage, alert.ended_at) == (AlertStage.ENDED, clock.moment)
    clock.pass_time(3 * DAY)
    dispatch = dispatch_of(store, clock)
    dispatch.remind()
    assert send_all(dispatch) == []


def test_another_case_s_alerts_are_left_alone(store, case_id):
    beside = opened(store)
    change(store, beside, state=CaseState.EXECUTING.value)
    watch(store)
    acknowledge(store, case_id)
    assert keys_of(store, beside) == [("14", AlertStage.RAISED)]
    assert [alert.acknowledged_by for alert in alerts_of(store, beside) if alert.kind == "due-soon"] == [""]
