"""The look at the cases whose time has come: each rung is raised once, whatever happens between and at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text

from rightsflow.domain.alerts.ladder import Audience, RungKind
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.states import AlertStage, CaseAction, CaseState
from rightsflow.store import Database, Store
from rightsflow.store.queries.watching import LOOKED_AT_ONCE, Looked
from rightsflow.store.tables import AlertRow, CaseRow, LedgerRow
from rightsflow.vault import MasterKey
from tests.integration.store.watchwork import (
    DAY,
    DUE,
    WORK_TO,
    acknowledge_letter,
    alerts_of,
    change,
    dispatch_of,
    keys_of,
    midnight,
    send_all,
    watch,
)
from tests.support.casework import DATES, SECRET, at_once, opened
from tests.support.stores import share_statements

NOTHING = Looked(0, 0)
RAISED, ENDED, TOLD = AlertStage.RAISED, AlertStage.ENDED, AlertStage.TOLD


@pytest.fixture
def case_id(store):
    """A case that waits for nothing but its date."""
    made = opened(store)
    acknowledge_letter(store)
    change(store, made, state=CaseState.EXECUTING.value)
    return made


def watch_at(store: Store, case_id: str):
    with store.database.transaction() as session:
        return session.scalar(select(CaseRow.watch_at).where(CaseRow.id == case_id))


def test_a_new_case_is_looked_at_at_once_and_then_when_its_next_rung_is_due(store, clock, case_id):
    assert watch(store) == Looked(1, 0)
    assert watch_at(store, case_id) == midnight(WORK_TO - 14 * DAY)
    assert watch(store) == NOTHING
    clock.moment = midnight(WORK_TO - 14 * DAY)
    assert watch(store) == Looked(1, 1)
    assert watch(store) == NOTHING


def test_the_ladder_is_climbed_rung_by_rung(store, clock, case_id):
    for days in (14, 7, 3, 1):
        clock.moment = midnight(WORK_TO - days * DAY, hour=4)
        watch(store)
    assert keys_of(store, case_id) == [("14", ENDED), ("7", ENDED), ("3", ENDED), ("1", RAISED)]
    for day in range(1, (DUE - WORK_TO).days + 3):
        clock.moment = midnight(WORK_TO + day * DAY, hour=4)
        assert watch(store) == Looked(1, 1)
    missed = [str(WORK_TO + day * DAY) for day in range(1, (DUE - WORK_TO).days + 1)]
    assert [key for key, _ in keys_of(store, case_id, "target-missed")] == missed
    assert keys_of(store, case_id, "overdue") == [(str(DUE + DAY), ENDED), (str(DUE + 2 * DAY), RAISED)]


def test_what_is_raised_says_what_whom_and_when_and_is_in_the_ledger(store, clock, case_id):
    clock.moment = midnight(WORK_TO - 14 * DAY)
    watch(store)
    [alert] = alerts_of(store, case_id)
    assert (alert.kind, alert.about_on, alert.tell) == (RungKind.DUE_SOON, WORK_TO, (Audience.OWNER,))
    assert (alert.raised_at, alert.posted_at, alert.ended_at, alert.stage) == (clock.moment, None, None, RAISED)
    with store.case_file(case_id) as file:
        entries = list(file.ledger.entries())
    assert [one.number for one in entries] == list(range(1, len(entries) + 1))
    assert (entries[-1].event, entries[-1].details) == (
        "AlertRaised",
        {"alert": "due-soon", "about_on": WORK_TO.isoformat(), "tell": ["owner"]},
    )
    with store.case_file(case_id) as file:
        file.ledger.append("StepDone")
        assert [one.number for one in file.ledger.entries()][-1] == len(entries) + 1


def test_after_an_outage_the_skipped_rungs_are_kept_and_the_last_tells_everybody(store, clock, case_id):
    """The 3-day rung would have told the owner, the 1-day rung tells the two others: now it tells all three."""
    clock.moment = midnight(WORK_TO - DAY)
    assert watch(store) == Looked(1, 4)
    assert keys_of(store, case_id) == [("14", ENDED), ("7", ENDED), ("3", ENDED), ("1", RAISED)]
    assert set(alerts_of(store, case_id)[-1].tell) == {Audience.OWNER, Audience.DPO, Audience.MANAGEMENT}


@pytest.mark.parametrize("stage", [RAISED, AlertStage.PREPARED, AlertStage.POSTED])
def test_whom_an_earlier_rung_had_not_reached_yet_the_later_one_tells(store, clock, case_id, stage):
    clock.moment = midnight(WORK_TO - 3 * DAY)
    watch(store)
    with store.database.transaction() as session:
        session.execute(text("UPDATE alerts SET stage = :stage WHERE ended_at IS NULL"), {"stage": stage.value})
    clock.moment = midnight(WORK_TO - DAY)
    watch(store)
    assert set(alerts_of(store, case_id)[-1].tell) == {Audience.OWNER, Audience.DPO, Audience.MANAGEMENT}


def test_whom_it_had_reached_the_later_one_leaves_alone(store, clock, case_id):
    clock.moment = midnight(WORK_TO - 3 * DAY)
    watch(store)
    send_all(dispatch_of(store, clock))
    clock.moment = midnight(WORK_TO - DAY)
    watch(store)
    assert set(alerts_of(store, case_id)[-1].tell) == {Audience.DPO, Audience.MANAGEMENT}


def test_a_moved_date_ends_the_old_rungs_and_starts_new_ones(store, clock, case_id):
    clock.moment = midnight(WORK_TO - DAY)
    watch(store)
    with store.case_file(case_id) as file:
        file.clock.set_dates(replace(DATES, work_to_on=WORK_TO + 10 * DAY, due_on=DUE + 10 * DAY, extended=True))
    assert watch(store) == Looked(1, 2), "and until when it may still be refused"
    assert keys_of(store, case_id) == [("14", ENDED), ("7", ENDED), ("3", ENDED), ("1", ENDED), ("14", RAISED)]
    assert watch_at(store, case_id) == midnight(WORK_TO + 3 * DAY)


def test_a_standing_clock_keeps_the_date_and_misses_nothing(store, clock, case_id):
    """Nor does it say again, after days that were missed, that one day is left."""
    clock.moment = midnight(WORK_TO + DAY)
    watch(store)
    send_all(dispatch_of(store, clock))
    change(store, case_id, suspended_since=clock.moment)
    watch(store)
    assert {stage for _, stage in keys_of(store, case_id) + keys_of(store, case_id, "target-missed")} == {ENDED}
    clock.pass_time(DAY)
    assert watch(store) == NOTHING
    change(store, case_id, suspended_since=None)
    assert watch(store) == Looked(1, 1)


class TestCausesThatGoAndComeBack:
    """Such as a forecast that swings: one alert, told once, and never lost."""

    def swing(self, store: Store, case_id: str, *, at_risk: bool) -> None:
        change(store, case_id, at_risk=at_risk)
        watch(store)

    def test_what_nobody_was_told_is_told_when_it_comes_back(self, store, clock, case_id):
        for at_risk in (True, False, True):
            self.swing(store, case_id, at_risk=at_risk)
        [alert] = alerts_of(store, case_id)
        assert (alert.kind, alert.stage, alert.ended_at) == (RungKind.AT_RISK, RAISED, None)
        [sent] = send_all(dispatch_of(store, clock))
        assert sent.recipients == ("person.case_owner",)

    def test_while_it_is_away_nothing_is_sent(self, store, clock, case_id):
        for at_risk in (True, False):
            self.swing(store, case_id, at_risk=at_risk)
        clock.pass_time(3 * DAY)
        dispatch = dispatch_of(store, clock)
        dispatch.remind()
        assert send_all(dispatch) == []
        assert [alert.stage for alert in alerts_of(store, case_id)] == [ENDED]

    def test_whoever_was_told_is_not_told_again_but_reminded(self, store, clock, case_id):
        dispatch = dispatch_of(store, clock)
        self.swing(store, case_id, at_risk=True)
        send_all(dispatch)
        for at_risk in (False, True):
            self.swing(store, case_id, at_risk=at_risk)
        assert [one.recipients for one in send_all(dispatch)] == [()]
        clock.pass_time(DAY)
        dispatch.remind()
        assert [one.recipients for one in send_all(dispatch)] == [("person.case_owner",)]

    def test_a_clock_that_is_put_back_loses_no_rung(self, store, clock, case_id):
        """Another machine's clock, an instant behind, takes the rung for one of the future."""
        clock.moment = midnight(WORK_TO - 14 * DAY)
        watch(store)
        send_all(dispatch_of(store, clock))
        clock.moment = midnight(WORK_TO - 7 * DAY)
        watch(store)
        clock.pass_time(timedelta(seconds=-5))
        change(store, case_id)
        watch(store)
        clock.pass_time(timedelta(seconds=10))
        watch(store)
        assert keys_of(store, case_id) == [("14", ENDED), ("7", RAISED)]


def test_failing_steps_and_their_mending(store, clock, case_id):
    with store.case_file(case_id) as file:
        file.steps.start("erase", "helpdesk")
        file.steps.fail("erase", "helpdesk", "It answered 503.")
    assert watch(store) == Looked(1, 0)
    assert watch_at(store, case_id) == clock.moment + DAY
    clock.pass_time(DAY)
    assert watch(store) == Looked(1, 1)
    assert alerts_of(store, case_id)[-1].text.startswith("The step erase helpdesk has been failing since")
    with store.case_file(case_id) as file:
        file.steps.start("erase", "helpdesk")
        file.steps.finish("erase", "helpdesk")
        file.ledger.append("StepDone", step="erase", system="helpdesk")
    watch(store)
    assert alerts_of(store, case_id)[-1].stage is ENDED


def test_an_acknowledgement_that_went_out_ends_its_alert(store, clock):
    case_id = opened(store)
    clock.pass_time(7 * DAY)
    watch(store)
    assert keys_of(store, case_id, "acknowledgement-missing") == [("2026-11-24", RAISED)]
    acknowledge_letter(store)
    change(store, case_id)
    watch(store)
    assert [stage for _, stage in keys_of(store, case_id, "acknowledgement-missing")] == [ENDED]


def test_a_closed_case_has_no_more_rungs(store, clock, case_id):
    clock.moment = midnight(WORK_TO - 7 * DAY)
    watch(store)
    with store.case_file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    assert watch(store) == Looked(1, 0)
    assert watch_at(store, case_id) is None
    assert {alert.stage for alert in alerts_of(store, case_id)} == {ENDED}
    with store.case_file(case_id) as file:
        file.ledger.append("Revealed", actor="Ida")
    clock.moment = midnight(DUE + 5 * DAY)
    assert watch(store) == Looked(1, 0)
    assert watch(store) == NOTHING


def test_one_batch_after_another(store, clock):
    for _ in range(7):
        opened(store)
    clock.moment = midnight(DUE + DAY)
    assert [watch(store, most=3).cases for _ in range(4)] == [3, 3, 1, 0]
    with store.database.transaction() as session:
        once = select(func.count()).select_from(AlertRow).where(AlertRow.kind == "overdue")
        assert session.scalar(once) == 7


def test_a_batch_that_falls_over_leaves_nothing_and_is_taken_up_again(store, clock, case_id):
    clock.moment = midnight(WORK_TO - 14 * DAY)

    def fall_over(session, *_args) -> None:
        raise KeyboardInterrupt

    event.listen(store.database.engine, "commit", fall_over)
    with pytest.raises(KeyboardInterrupt):
        watch(store)
    event.remove(store.database.engine, "commit", fall_over)
    assert alerts_of(store, case_id) == []
    assert watch(store) == Looked(1, 1)


def test_an_outage_loses_nothing(postgres, postgres_database, clock):
    store = Store(postgres_database, MasterKey(SECRET), clock)
    case_id = opened(store)
    clock.moment = midnight(WORK_TO - 14 * DAY)
    with postgres.outage(), pytest.raises(Transient, match="does not answer"):
        watch(store)
    watch(store)
    assert keys_of(store, case_id) == [("14", RAISED)]


@pytest.mark.apart
def test_sweeps_at_the_same_moment_raise_each_rung_once(postgres_url, postgres_database, clock):
    """Each with its own connections, as several workers; meanwhile people work on the cases and close some."""
    main = Store(postgres_database, MasterKey(SECRET), clock)
    cases = [opened(main) for _ in range(20)]
    clock.moment = midnight(DUE + 2 * DAY)

    def work(number: int) -> int:
        database = share_statements(Database(postgres_url))
        store = Store(database, MasterKey(SECRET), clock)
        try:
            if number == 0:
                for case_id in cases[:5]:
                    with store.case_file(case_id) as file:
                        file.advance(CaseAction.WITHDRAW)
            elif number == 1:
                for case_id in cases[5:]:
                    with store.case_file(case_id) as file:
                        file.ledger.append("Revealed", actor="Ida")
            else:
                return sum(watch(store, most=5).raised for _ in range(10))
            return 0
        finally:
            database.close()

    results = at_once(6, work)
    assert all(isinstance(one, int) for one in results), results
    while watch(main).cases:
        continue
    with postgres_database.transaction() as session:
        counts = session.execute(
            select(AlertRow.case_id, AlertRow.kind, func.count()).group_by(AlertRow.case_id, AlertRow.kind)
        ).all()
        per_case = {(case_id, kind): count for case_id, kind, count in counts}
        standing = session.scalars(select(AlertRow.case_id).where(AlertRow.ended_at.is_(None))).all()
        numbers = session.execute(
            select(LedgerRow.chain, func.count(), func.max(LedgerRow.number)).group_by(LedgerRow.chain)
        ).all()
    for case_id in cases[5:]:
        assert (per_case[case_id, "due-soon"], per_case[case_id, "overdue"]) == (4, 1)
    assert not set(standing) & set(cases[:5]), "nothing stands of a case that was closed meanwhile"
    assert all(count == last for _, count, last in numbers)


def test_a_case_that_is_worked_on_is_passed_over_and_looked_at_next_time(postgres_database, clock):
    store = Store(postgres_database, MasterKey(SECRET), clock)
    case_id = opened(store)
    with store.case_file(case_id) as file:
        assert watch(store) == NOTHING
        file.advance(CaseAction.WITHDRAW)
    assert watch(store) == Looked(1, 0)
    assert LOOKED_AT_ONCE > 1
