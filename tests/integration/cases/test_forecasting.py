"""Forecasts of real case files: from every state, on a history that grows, and what they do to the case."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.facts.deadlines.clock import HISTORY_REUSED_FOR, forecast_case, store_forecast
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.forecast import FEWEST_CASES, Forecast
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from tests.support.steps import SYSTEMS, answered_access, carry_out, pack, search, send_answer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONFIGURED = "no closed access cases so far; typical durations from the configuration"


def forecast(bench, case_id) -> Forecast:
    with bench.file(case_id) as file:
        return forecast_case(file, bench.runtime)


def close_some(bench, count, *, right="access", after=2 * DAY) -> None:
    """Cases that were refused at the identity gate after so long."""
    case_ids = [bench.open(right, email=f"person{number}@example.org") for number in range(count)]
    bench.pass_time(after)
    for case_id in case_ids:
        with bench.file(case_id) as file:
            file.advance(CaseAction.REFUSE)
            file.close(bench.runtime.now())


class TestEveryState:
    @pytest.mark.apart
    @pytest.mark.parametrize("right", ["access", "erasure"])
    def test_each_stage_that_is_done_brings_the_answer_nearer(self, bench, right) -> None:
        """The whole way of a case, on the configured expectations; time stands still."""
        case_id = bench.open(right)
        stages = [
            lambda: reach_gate(current_app(), case_id, Gate.IDENTITY),
            lambda: bench.confirm_identity(case_id),
            lambda: search(case_id),
            lambda: pack(case_id) if right == "access" else prepare_plan(current_app(), case_id),
            lambda: reach_gate(current_app(), case_id, Gate.APPROVAL),
            lambda: bench.approve(case_id),
            *([lambda: settle_plan(current_app(), case_id), lambda: carry_out(case_id)] if right == "erasure" else []),
        ]
        seen = [forecast(bench, case_id)]
        for stage in stages:
            stage()
            seen.append(forecast(bench, case_id))
        assert [one.late_at for one in seen] == sorted((one.late_at for one in seen), reverse=True)
        assert all(bench.runtime.now() < one.expected_at < one.late_at for one in seen)
        assert seen[0].late_at - bench.runtime.now() > 10 * DAY
        assert seen[-1].late_at - bench.runtime.now() < 6 * HOUR
        # Reaching a gate, or making the plan binding, changes nothing by itself.
        assert len({one.late_at for one in seen}) >= len(seen) - 3

    def test_waiting_moves_the_finish_on(self, bench) -> None:
        case_id = bench.open("access")
        before = forecast(bench, case_id)
        assert (before.basis, before.measured) == (CONFIGURED, False)
        bench.pass_time(8 * DAY)
        after = forecast(bench, case_id)
        assert after.late_at > before.late_at
        assert after.expected_at > bench.runtime.now() + HOUR

    def test_a_case_in_which_nothing_was_found_waits_for_approval_only(self, bench) -> None:
        case_id = bench.open("access", email="nobody@example.net")
        bench.confirm_identity(case_id)
        before = forecast(bench, case_id)
        search(case_id)
        after = forecast(bench, case_id)
        assert after.late_at < before.late_at
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        bench.approve(case_id)
        assert forecast(bench, case_id).late_at - bench.runtime.now() < 6 * HOUR


class TestHistory:
    @pytest.mark.apart
    def test_closed_cases_take_the_place_of_the_configuration_and_the_other_right_learns_nothing_from_them(self, bench):
        close_some(bench, FEWEST_CASES)
        found = forecast(bench, bench.open("access"))
        assert found.basis.startswith(f"measured on {FEWEST_CASES} closed access cases; typical durations from")
        assert "identity" not in found.basis
        assert not found.measured
        assert "no closed erasure cases" in forecast(bench, bench.open("erasure")).basis

    @pytest.mark.apart
    def test_closed_cases_take_the_place_of_the_configuration_for_their_right_once_they_are_enough(self, bench):
        close_some(bench, 7)
        found = forecast(bench, bench.open("access"))
        assert found.basis == "only 7 closed access cases so far; typical durations from the configuration"

    def test_a_whole_case_teaches_every_part(self, bench) -> None:
        send_answer(bench, answered_access(bench))
        with bench.file(bench.open("access")) as file:
            measured = {
                (part.value, system): len(seconds)
                for (part, system), seconds in file.durations.history().seconds.items()
            }
        beside = {(part, system): 1 for part in ("search", "preparation") for system in SYSTEMS}
        assert measured == beside | {(part, ""): 1 for part in ("identity", "preparation", "approval", "answer")}

    @pytest.mark.apart
    def test_it_is_read_once_in_a_quarter_of_an_hour_and_again_by_a_clock_that_was_set_back(self, bench):
        case_id = bench.open("access")
        assert forecast(bench, case_id).basis == CONFIGURED
        close_some(bench, FEWEST_CASES, after=timedelta(0))
        bench.pass_time(HISTORY_REUSED_FOR - timedelta(seconds=1))
        assert forecast(bench, case_id).basis == CONFIGURED
        bench.pass_time(timedelta(seconds=1))
        assert forecast(bench, case_id).basis.startswith("measured on 20")

    @pytest.mark.apart
    def test_a_clock_that_was_set_back_reads_it_again(self, bench) -> None:
        case_id = bench.open("access")
        forecast(bench, case_id)
        close_some(bench, FEWEST_CASES, after=timedelta(0))
        bench.pass_time(-timedelta(seconds=1))
        assert forecast(bench, case_id).basis.startswith("measured on 20")

    def test_many_cases_cost_two_small_reads_each(self, bench) -> None:
        """A bulk intake: the history is not read again, however many cases are opened."""
        case_ids = [bench.open("access", email=f"person{number}@example.org") for number in range(5)]
        forecast(bench, case_ids[0])
        reads: list[str] = []
        engine = bench.runtime.store.database.engine

        def note(_connection, _cursor, statement, *_rest) -> None:
            reads.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        for case_id in case_ids:
            with bench.file(case_id) as file:
                reads.clear()
                forecast_case(file, bench.runtime)
                assert len(reads) == 2
                assert not any("durations" in statement for statement in reads)
        event.remove(engine, "before_cursor_execute", note)


class TestMarking:
    def put(self, bench, case_id, late_at: datetime) -> None:
        forecast = Forecast(late_at - DAY, late_at, "measured on 40 closed access cases", measured=True)
        with bench.file(case_id) as file:
            store_forecast(file, bench.runtime, forecast)

    def test_what_is_kept(self, bench) -> None:
        case_id = bench.open("access")
        with bench.file(case_id) as file:
            store_forecast(file, bench.runtime, forecast_case(file, bench.runtime))
        with bench.file(case_id) as file:
            forecast = file.forecasts.present
            assert forecast is not None
            assert date(2026, 3, 5) < forecast.expected_on < forecast.late_on < file.work_to_on
            assert (forecast.at_risk, forecast.basis) == (False, CONFIGURED)

    @pytest.mark.parametrize(("minutes", "at_risk"), [(-1, False), (0, True)])
    def test_at_risk_from_the_first_minute_after_the_day_to_work_to(self, bench, minutes, at_risk) -> None:
        """Days are the controller's: midnight in Berlin is still the day before in UTC."""
        case_id = bench.open("access")
        with bench.file(case_id) as file:
            day = file.work_to_on + DAY
        midnight = datetime(day.year, day.month, day.day, tzinfo=bench.runtime.settings.controller.zone)
        self.put(bench, case_id, midnight.astimezone(bench.moment[0].tzinfo) + timedelta(minutes=minutes))
        with bench.file(case_id) as file:
            assert file.forecasts.present.at_risk is at_risk
            assert file.forecasts.present.late_on == file.work_to_on + (DAY if at_risk else timedelta(0))

    @pytest.mark.apart
    def test_a_case_that_waits_too_long_becomes_at_risk_before_its_date(self, bench) -> None:
        case_id = bench.open("access")
        for _ in range(40):
            with bench.file(case_id) as file:
                store_forecast(file, bench.runtime, forecast_case(file, bench.runtime))
                if file.forecasts.present.at_risk:
                    assert file.state is CaseState.RECEIVED
                    assert bench.runtime.today < file.work_to_on - 5 * DAY
                    return
            bench.pass_time(DAY)
        pytest.fail("it never became at risk")
