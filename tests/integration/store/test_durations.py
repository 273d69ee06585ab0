"""How long the parts of cases took: noted once at the close, read back as the newest of each part at each system."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, insert, select

from rightsflow.domain.forecast import Part
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.store import Database, Store
from rightsflow.store.case.case_clock import NEWEST, REACHING_BACK, read_history
from rightsflow.store.tables import CaseRow, DurationRow
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock, opened

HOUR = timedelta(hours=1)
KEYS = [(Part.ANSWER, ""), (Part.SEARCH, "calls"), (Part.SEARCH, "helpdesk")]


def rows(store: Store) -> dict[tuple[str, str], float]:
    """Hours by part and system of all cases."""
    with store.database.transaction() as session:
        return {(one.part, one.system): one.seconds / 3600 for one in session.scalars(select(DurationRow))}


def work_through(store: Store, clock: Clock, case_id: str) -> None:
    """An erasure case as it reaches its approval gate: the helpdesk fails at first and is repeated a day later."""
    step(store, clock, case_id, CaseAction.ASK_IDENTITY)
    step(store, clock, case_id, CaseAction.CONFIRM_IDENTITY)
    for system in ("calls", "helpdesk"):
        with store.case_file(case_id) as file:
            file.steps.start("locate", system)
    clock.pass_time(HOUR)
    with store.case_file(case_id) as file:
        file.steps.finish("locate", "calls", matches=3)
        file.steps.fail("locate", "helpdesk", "The system is busy.")
    clock.pass_time(24 * HOUR)
    with store.case_file(case_id) as file:
        file.steps.start("locate", "helpdesk")
    clock.pass_time(HOUR)
    with store.case_file(case_id) as file:
        file.steps.finish("locate", "helpdesk", matches=1)
    step(store, clock, case_id, CaseAction.SUBMIT_FOR_APPROVAL)


def step(store: Store, clock: Clock, case_id: str, action: CaseAction) -> None:
    """Let an hour pass, then do it."""
    clock.pass_time(HOUR)
    with store.case_file(case_id) as file:
        file.advance(action)


def carry_out(store: Store, clock: Clock, case_id: str) -> None:
    step(store, clock, case_id, CaseAction.APPROVE)
    for name in ("erase", "verify"):
        with store.case_file(case_id) as file:
            file.steps.start(name, "calls")
        clock.pass_time(HOUR)
        with store.case_file(case_id) as file:
            file.steps.finish(name, "calls")
    step(store, clock, case_id, CaseAction.ANSWER)


def send(store: Store, clock: Clock, case_id: str) -> None:
    """Let three hours pass before the answer goes out."""
    clock.pass_time(3 * HOUR)
    with store.case_file(case_id) as file:
        file.close(clock.moment)


THROUGH_PREPARATION = {
    ("identity", ""): 2,
    ("search", "calls"): 1,
    ("search", "helpdesk"): 26,
    ("preparation", ""): 1,
}


class TestRecording:
    def test_nothing_is_noted_of_an_open_case(self, store, clock):
        work_through(store, clock, opened(store, right=Right.ERASURE))
        assert rows(store) == {}

    def test_an_answered_case(self, store, clock):
        case_id = opened(store, right=Right.ERASURE)
        work_through(store, clock, case_id)
        carry_out(store, clock, case_id)
        assert rows(store) == {}, "an answer in the outbox is no answer yet"
        send(store, clock, case_id)
        assert rows(store) == THROUGH_PREPARATION | {
            ("approval", ""): 1,
            ("execution", "calls"): 2,
            ("answer", ""): 1 + 3,
        }
        with store.database.transaction() as session:
            one = session.scalars(select(DurationRow)).first()
            assert one is not None
            assert (one.case_id, one.right, one.ended_at) == (case_id, "erasure", clock.moment)

    def test_a_refused_case_has_only_its_letter_after_its_decision(self, store, clock):
        case_id = opened(store, right=Right.ERASURE)
        work_through(store, clock, case_id)
        clock.pass_time(5 * HOUR)
        refusal = Decision(gate=Gate.APPROVAL, verdict=Verdict.REFUSED, by="Dana Decider", reason="no ground")
        with store.case_file(case_id) as file:
            file.decide(refusal)
        send(store, clock, case_id)
        assert rows(store) == THROUGH_PREPARATION | {("approval", ""): 5, ("answer", ""): 3}

    def test_a_withdrawn_case_has_not_finished_what_it_was_in(self, store, clock):
        case_id = opened(store, right=Right.ERASURE)
        work_through(store, clock, case_id)
        step(store, clock, case_id, CaseAction.WITHDRAW)
        assert rows(store) == THROUGH_PREPARATION

    def test_what_closes_nothing_notes_nothing(self, store, clock):
        case_id = opened(store)

        def close() -> None:
            with store.case_file(case_id) as file:
                file.advance(CaseAction.WITHDRAW)
                raise KeyError("the process fell over")

        with pytest.raises(KeyError):
            close()
        assert rows(store) == {}

    def test_durations_go_with_their_case(self, store, clock):
        case_id = opened(store)
        step(store, clock, case_id, CaseAction.REFUSE)
        send(store, clock, case_id)
        assert rows(store) == {("identity", ""): 1, ("answer", ""): 3}
        with store.database.transaction() as session:
            session.delete(session.get(CaseRow, case_id))
        assert rows(store) == {}


def test_the_trail_shows_where_an_open_case_stands(store, clock):
    begun = clock.moment
    case_id = opened(store, right=Right.ERASURE)
    work_through(store, clock, case_id)
    with store.case_file(case_id) as file:
        file.steps.start("erase", "calls")
        file.steps.start("erase", "helpdesk")
        file.steps.fail("erase", "helpdesk", "The system is busy.")
        trail = file.durations.trail()
    assert trail.right is Right.ERASURE
    assert trail.state is CaseState.AWAITING_APPROVAL
    assert [at - begun for _, at in trail.moves] == [0 * HOUR, HOUR, 2 * HOUR, 29 * HOUR]
    assert {(one.step, one.system): (one.done_at, one.holds) for one in trail.steps} == {
        ("locate", "calls"): (begun + 3 * HOUR, True),
        ("locate", "helpdesk"): (begun + 28 * HOUR, True),
        ("erase", "calls"): (None, False),
        ("erase", "helpdesk"): (None, False),
    }


def put(store: Store, key: tuple[Part, str], ended: list[tuple[float, datetime]], right: Right = Right.ACCESS) -> None:
    """Durations of so many closed cases."""
    lines = []
    for seconds, at in ended:
        case_id = opened(store)
        lines.append({"case_id": case_id, "right": right.value, "part": key[0].value, "system": key[1]})
        lines[-1] |= {"seconds": seconds, "ended_at": at}
    with store.database.transaction() as session:
        session.execute(insert(DurationRow), lines)


class TestHistory:
    def test_an_empty_store_has_none(self, store):
        with store.case_file(opened(store)) as file:
            found = file.durations.history()
        assert (found.right, dict(found.seconds)) == (Right.ACCESS, {})

    def test_each_part_at_each_system_apart_and_each_right_for_itself(self, store, clock):
        for number, key in enumerate(KEYS):
            put(store, key, [(float(number), clock.moment), (float(number) + 10, clock.moment)])
        put(store, (Part.SEARCH, "calls"), [(99.0, clock.moment)], Right.ERASURE)
        put(store, (Part.EXECUTION, "calls"), [(98.0, clock.moment)], Right.ERASURE)
        with store.case_file(opened(store)) as file:
            access = file.durations.history()
        with store.case_file(opened(store, right=Right.ERASURE)) as file:
            erasure = file.durations.history()
        assert {key: sorted(values) for key, values in access.seconds.items()} == {
            key: [float(number), float(number) + 10] for number, key in enumerate(KEYS)
        }
        assert erasure.seconds == {(Part.SEARCH, "calls"): (99.0,), (Part.EXECUTION, "calls"): (98.0,)}

    def test_what_ended_too_long_ago_is_left_out(self, store, clock):
        now, moment = clock.moment, timedelta(seconds=1)
        put(store, KEYS[0], [(1.0, now - REACHING_BACK + moment), (2.0, now - REACHING_BACK - moment)])
        with store.case_file(opened(store)) as file:
            assert file.durations.history().seconds[KEYS[0]] == (1.0,)

    def test_a_part_that_was_only_measured_too_long_ago_has_no_durations(self, store, clock):
        put(store, KEYS[0], [(1.0, clock.moment - 2 * REACHING_BACK)])
        put(store, KEYS[2], [(2.0, clock.moment)])
        with store.case_file(opened(store)) as file:
            assert dict(file.durations.history().seconds) == {KEYS[0]: (), KEYS[2]: (2.0,)}

    def test_only_the_newest_are_read(self, store, clock):
        put(store, KEYS[1], [(float(age), clock.moment - age * HOUR) for age in (4, 1, 0, 3, 2)])
        with store.case_file(opened(store)) as file:
            assert file.durations.history(newest=3).seconds[KEYS[1]] == (0.0, 1.0, 2.0)

    def test_a_history_is_bounded(self):
        assert NEWEST == 500

    def test_it_is_read_by_the_index(self, sqlite_url):
        """However many cases were closed: no statement may walk the table or sort."""
        database = Database(sqlite_url)
        database.migrate()
        asked: list[tuple[str, object]] = []
        event.listen(
            database.engine,
            "before_cursor_execute",
            lambda _c, _k, statement, parameters, _x, _m: asked.append((statement, parameters)),
        )
        store = Store(database, MasterKey(SECRET), Clock())
        put(store, KEYS[1], [(1.0, store.now())])
        asked.clear()
        with database.transaction() as session:
            read_history(session, Right.ACCESS, store.now())
        reads = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]
        with database.engine.connect() as connection:
            for statement, parameters in reads:
                plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
                assert "ix_durations_part" in plan, plan
                assert "SCAN" not in plan, plan
                assert "B-TREE" not in plan, plan
        assert len(reads) == 3
        database.close()
