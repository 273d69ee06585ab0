"""Alerts on their way: noted before they are sent, sent again if that failed, never after their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rightsflow.domain.vocabulary.states import AlertStage, CaseAction, CaseState
from rightsflow.store import Database, Store
from rightsflow.store.coordination.dispatch import NO_WORD, Dispatch, Outgoing
from rightsflow.store.tables import AlertRow
from rightsflow.vault import MasterKey
from tests.integration.store.watchwork import (
    DAY,
    REMIND,
    WORK_TO,
    acknowledge_letter,
    alerts_of,
    change,
    dispatch_of,
    midnight,
    persons,
    send_all,
    watch,
)
from tests.support.casework import SECRET, at_once, opened
from tests.support.stores import share_statements

OWNER, DPO = "person.case_owner", "person.dpo"


@pytest.fixture
def case_id(store, clock):
    """A case whose 3-day rung was raised, which tells the owner and the DPO."""
    made = opened(store)
    acknowledge_letter(store)
    change(store, made, state=CaseState.EXECUTING.value)
    clock.moment = midnight(WORK_TO - 3 * DAY)
    watch(store)
    return made


@pytest.fixture
def dispatch(store, clock):
    return dispatch_of(store, clock)


def stage_of(store: Store, case_id: str) -> AlertStage:
    return alerts_of(store, case_id)[-1].stage


def heard(dispatch: Dispatch, *reached: str, failed: bool = False) -> int:
    """Hear that the only attempt on its way reached these."""
    [waited] = dispatch.awaited()
    return dispatch.settle([waited], {waited.alert_id: set(reached)}, {waited.alert_id} if failed else set())


def make(dispatch: Dispatch, recipients=persons) -> Outgoing:
    """Make the only attempt that is due."""
    [outgoing] = dispatch.ready(recipients)
    dispatch.posted([outgoing])
    return outgoing


def test_from_raised_to_told(store, clock, dispatch, case_id):
    [outgoing] = dispatch.ready(persons)
    assert (outgoing.case_id, outgoing.attempt, outgoing.reminder, outgoing.about_on) == (case_id, 1, 0, WORK_TO)
    assert set(outgoing.recipients) == {OWNER, DPO}
    assert outgoing.text.startswith("To be answered by ")
    assert stage_of(store, case_id) is AlertStage.PREPARED
    dispatch.posted([outgoing])
    assert (stage_of(store, case_id), alerts_of(store, case_id)[-1].posted_at) == (AlertStage.POSTED, clock.moment)
    assert heard(dispatch, OWNER, DPO) == 0
    assert stage_of(store, case_id) is AlertStage.TOLD
    assert dispatch.ready(persons) == dispatch.awaited() == []


class TestCrashes:
    def test_between_noting_and_posting_and_after_it_the_same_attempt_is_made(self, dispatch, case_id):
        first = dispatch.ready(persons)
        assert dispatch.ready(persons) == first

        # Which is the same event, so that no one hears twice.
        first = dispatch.ready(persons)
        again = dispatch.ready(persons)
        dispatch.posted(again)
        dispatch.posted(first)
        assert [one.attempt for one in dispatch.awaited()] == [1]

    def test_if_others_have_to_be_told_by_now_it_is_another_attempt(self, dispatch, case_id):
        """The owner fell ill before the watch came back."""

        def deputies(owner: str, roles: Sequence[str]) -> list[str]:
            return [one.replace(owner, "ben") for one in persons(owner, roles)]

        [first] = dispatch.ready(persons)
        [second] = dispatch.ready(deputies)
        assert (second.attempt, set(second.recipients)) == (first.attempt + 1, {"person.ben", DPO})
        dispatch.posted([first])
        assert dispatch.awaited() == [], "the first process, which still lived, knows of the first attempt only"
        dispatch.posted([second])
        assert [one.attempt for one in dispatch.awaited()] == [2]

    def test_before_anything_is_noted(self, store, dispatch, case_id):
        def fall_over(_owner: str, _roles: Sequence[str]) -> list[str]:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            dispatch.ready(fall_over)
        assert stage_of(store, case_id) is AlertStage.RAISED
        assert make(dispatch).attempt == 1


class TestFailures:
    def test_whom_it_did_not_reach_hears_of_it_again_and_nobody_else(self, dispatch, case_id):
        make(dispatch)
        assert heard(dispatch, OWNER, failed=True) == 1
        second = make(dispatch)
        assert (second.attempt, second.recipients, second.reminder) == (2, (DPO,), 0)
        assert heard(dispatch, DPO) == 0
        assert dispatch.ready(persons) == []

    def test_no_word_for_a_time_is_a_failure(self, clock, dispatch, case_id):
        make(dispatch)
        clock.pass_time(NO_WORD - timedelta(seconds=1))
        assert heard(dispatch, OWNER) == 0
        assert dispatch.ready(persons) == []
        clock.pass_time(timedelta(seconds=1))
        assert heard(dispatch) == 1
        assert make(dispatch).recipients == (DPO,)

    @pytest.mark.apart
    def test_it_is_sent_until_it_arrives(self, clock, dispatch, case_id):
        for attempt in range(1, 20):
            assert make(dispatch).attempt == attempt
            clock.pass_time(NO_WORD)
            assert heard(dispatch) == 1
            clock.pass_time(DAY)
            dispatch.remind()

    def test_it_is_waited_longer_after_each_failure_and_let_be_until_the_reminder(self, clock, dispatch, case_id):
        for minutes in (0, 15, 45, 105, 225, 465, 945):
            make(dispatch)
            heard(dispatch, OWNER, failed=True)
            clock.pass_time(timedelta(minutes=minutes) - timedelta(seconds=1))
            assert minutes == 0 or dispatch.ready(persons) == []
            clock.pass_time(timedelta(seconds=1))
        make(dispatch)
        heard(dispatch, OWNER, failed=True)
        clock.pass_time(DAY - timedelta(seconds=1))
        assert dispatch.ready(persons) == []
        clock.pass_time(timedelta(seconds=1))
        dispatch.remind()
        assert make(dispatch).reminder == 1, "whom it can reach is reminded all the same"

    def test_where_no_one_is_left_to_be_told_the_reminder_begins_anew(self, clock, dispatch, case_id):
        """Found in the simulated year: the failures before counted, and the first one of the reminder was its last."""
        for minutes in (0, 15, 45, 105, 225, 465, 945):
            make(dispatch)
            heard(dispatch, OWNER, failed=True)
            clock.pass_time(timedelta(minutes=minutes))
        assert make(dispatch, recipients=lambda _owner, _roles: [OWNER]).recipients == ()
        clock.pass_time(REMIND)
        dispatch.remind()
        make(dispatch)
        heard(dispatch, failed=True)
        assert make(dispatch).recipients, "it is tried again at once"

    def test_word_of_an_earlier_attempt_does_not_count_for_a_later_one(self, store, dispatch, case_id):
        make(dispatch)
        waited = dispatch.awaited()
        assert heard(dispatch, failed=True) == 1
        make(dispatch)
        assert dispatch.settle(waited, {}, {waited[0].alert_id}) == 0, "a slow sweep that asked before"
        assert stage_of(store, case_id) is AlertStage.POSTED

    def test_the_owner_of_the_day_is_told(self, store, dispatch, case_id):
        make(dispatch)
        with store.case_file(case_id) as file:
            file.ownership.hand_over("anna", by="Olga Opener", reason="holidays")
        heard(dispatch, DPO, failed=True)
        assert make(dispatch).recipients == ("person.anna",)


class TestReminders:
    def test_what_nobody_acknowledged_is_sent_to_all_once_more_each_day(self, clock, dispatch, case_id):
        send_all(dispatch)
        for number in (1, 2, 3):
            clock.pass_time(REMIND - timedelta(seconds=1))
            dispatch.remind()
            assert send_all(dispatch) == []
            clock.pass_time(timedelta(seconds=1))
            dispatch.remind()
            dispatch.remind()
            [sent] = send_all(dispatch)
            assert (sent.reminder, sent.attempt, set(sent.recipients)) == (number, number + 1, {OWNER, DPO})

    def test_they_can_be_done_without(self, store, clock, case_id):
        dispatch = dispatch_of(store, clock, remind=None)
        send_all(dispatch)
        clock.pass_time(300 * DAY)
        dispatch.remind()
        assert send_all(dispatch) == []

    def test_where_nobody_can_be_reached_it_is_tried_again_by_the_reminder(self, store, clock, dispatch, case_id):
        """No mail server was configured when it was raised."""
        assert make(dispatch, recipients=lambda _owner, _roles: []).recipients == ()
        assert stage_of(store, case_id) is AlertStage.TOLD
        clock.pass_time(REMIND)
        dispatch.remind()
        assert set(make(dispatch).recipients) == {OWNER, DPO}


class TestClosing:
    @pytest.mark.parametrize("stage", [AlertStage.RAISED, AlertStage.PREPARED, AlertStage.POSTED, AlertStage.TOLD])
    def test_wherever_it_stands_nothing_is_sent_any_more(self, store, clock, dispatch, case_id, stage):
        with store.database.transaction() as session:
            session.execute(
                update(AlertRow)
                .where(AlertRow.ended_at.is_(None))
                .values(stage=stage.value, attempt=1, recipients=[OWNER], posted_at=clock.moment)
            )
        with store.case_file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)
        clock.pass_time(2 * REMIND)
        dispatch.remind()
        assert dispatch.awaited() == dispatch.ready(persons) == []

    def test_while_an_attempt_is_made(self, store, dispatch, case_id):
        outgoing = dispatch.ready(persons)
        with store.case_file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)
        dispatch.posted(outgoing)
        assert stage_of(store, case_id) is AlertStage.ENDED
        assert dispatch.awaited() == []

    def test_while_it_is_asked_whom_it_reached(self, store, dispatch, case_id):
        make(dispatch)
        waited = dispatch.awaited()
        with store.case_file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)
        assert dispatch.settle(waited, {}, {waited[0].alert_id}) == 0
        assert stage_of(store, case_id) is AlertStage.ENDED


@pytest.mark.apart
def test_all_are_handed_out_in_batches_in_order(store, clock, dispatch):
    dispatch.at_once = 3
    for _ in range(8):
        opened(store)
    clock.moment = midnight(WORK_TO - DAY)
    watch(store)
    with store.database.transaction() as session:
        expected = list(session.scalars(select(AlertRow.id).where(AlertRow.ended_at.is_(None)).order_by(AlertRow.id)))
    sent: list[int] = []
    while outgoing := dispatch.ready(persons):
        assert len(outgoing) <= 3
        sent += [one.alert_id for one in outgoing]
        dispatch.posted(outgoing)
    assert sent == expected
    asked: list[int] = []
    while waited := dispatch.awaited(after=asked[-1] if asked else 0):
        asked += [one.alert_id for one in waited]
    assert asked == expected


@pytest.mark.apart
def test_rounds_at_the_same_moment_note_each_attempt_once(postgres_url, postgres_database, clock):
    """Two may make the same attempt, which is one; no two attempts are made where one is due."""
    main = Store(postgres_database, MasterKey(SECRET), clock)
    cases = [opened(main) for _ in range(15)]
    clock.moment = midnight(WORK_TO - DAY)
    while watch(main).cases:
        continue

    def work(number: int) -> list[tuple[int, int]]:
        database = share_statements(Database(postgres_url))
        store = Store(database, MasterKey(SECRET), clock)
        dispatch = Dispatch(database, clock, REMIND, at_once=4)
        made: list[tuple[int, int]] = []
        try:
            if number == 0:
                for case_id in cases[:5]:
                    with store.case_file(case_id) as file:
                        file.advance(CaseAction.WITHDRAW)
                return made
            while outgoing := dispatch.ready(persons):
                made += [(one.alert_id, one.attempt) for one in outgoing]
                dispatch.posted(outgoing)
                waited = dispatch.awaited()
                dispatch.settle(waited, {one.alert_id: set(one.recipients) for one in waited}, set())
                dispatch.remind()
            return made
        finally:
            database.close()

    results = at_once(5, work)
    assert all(isinstance(one, list) for one in results), results
    made = {one for result in results if isinstance(result, list) for one in result}
    rest = Dispatch(postgres_database, clock, REMIND)
    while waited := rest.awaited():
        rest.settle(waited, {one.alert_id: set(one.recipients) for one in waited}, set())
    with postgres_database.transaction() as session:
        rows = session.scalars(select(AlertRow).where(AlertRow.case_id.in_(cases[5:]))).all()
    standing = [row for row in rows if row.ended_at is None]
    assert len(standing) >= 10
    assert {(row.stage, row.attempt) for row in standing} == {("told", 1)}
    assert {attempt for _, attempt in made} == {1}
