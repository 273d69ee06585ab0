"""The forecast: what is measured of a closed case, what an open one has ahead, and what is made of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.config.sections.limits import Expectations
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.forecast import FEWEST_CASES, Ahead, Duration, Expectation, Forecaster, History, Part
from rightsflow.domain.forecast_trail import _STATES, StepTrail, Trail, measure, parts_ahead
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState, advance

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SYSTEMS = ("calls", "helpdesk", "payments")
CONFIGURED = Expectations().by_part
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def trail(right: Right, *events: tuple[str, float], steps: tuple[StepTrail, ...] = ()) -> Trail:
    return Trail.of(right, [(event, at(hours)) for event, hours in (("CaseOpened", 0), *events)], steps)


def done(step: str, system: str, hours: float | None, *, holds: bool = False) -> StepTrail:
    return StepTrail(step, system, None if hours is None else at(hours), holds)


def located(**hours: float | None) -> tuple[StepTrail, ...]:
    return tuple(done("locate", system, when, holds=when is not None) for system, when in hours.items())


def measured(of: Trail) -> dict[tuple[Part, str], float]:
    """Hours by part and system."""
    found = list(measure(of, of.moves[-1][1]))
    assert len({(one.part, one.system) for one in found}) == len(found), "a part is measured once"
    return {(one.part, one.system): one.seconds / 3600 for one in found}


ACCESS_STEPS = (
    *located(calls=26, helpdesk=25),
    done("resolve", "", 26.5),
    done("extract", "calls", 27),
    done("redact", "calls", 28),
    done("extract", "helpdesk", 27),
    done("redact", "helpdesk", 30),
    done("assemble", "", 31),
)
ACCESS = trail(
    Right.ACCESS,
    ("IdentityAsked", 1),
    ("LetterWritten", 2),
    ("IdentityConfirmed", 24),
    ("ApprovalAwaited", 31.5),
    ("Approved", 48),
    ("CaseAnswered", 49),
    steps=ACCESS_STEPS,
)
ERASURE = trail(
    Right.ERASURE,
    ("IdentityAsked", 1),
    ("IdentityConfirmed", 10),
    ("ApprovalAwaited", 14),
    ("Approved", 20),
    ("CaseAnswered", 100),
    steps=(
        *located(calls=11, helpdesk=12),
        done("plan", "", 13),
        done("settle plan", "", 20.5),
        done("erase", "calls", 21),
        done("verify", "calls", 22),
        # Its system was down: the last attempts began days after the stage.
        done("erase", "helpdesk", 98),
        done("verify", "helpdesk", 99),
    ),
)


class TestMeasuring:
    def test_an_access_and_an_erasure_case_are_measured_by_their_parts(self) -> None:
        # An access case.
        assert measured(ACCESS) == {
            (Part.IDENTITY, ""): 24,
            (Part.SEARCH, "calls"): 2,
            (Part.SEARCH, "helpdesk"): 1,
            (Part.PREPARATION, "calls"): 2,
            (Part.PREPARATION, "helpdesk"): 4,
            (Part.PREPARATION, ""): 1.5,
            (Part.APPROVAL, ""): 16.5,
            (Part.ANSWER, ""): 1,
        }
        # An erasure case counts a late repeat from where its stage began.
        assert measured(ERASURE) == {
            (Part.IDENTITY, ""): 10,
            (Part.SEARCH, "calls"): 1,
            (Part.SEARCH, "helpdesk"): 2,
            (Part.PREPARATION, ""): 2,
            (Part.APPROVAL, ""): 6,
            (Part.EXECUTION, "calls"): 2,
            (Part.EXECUTION, "helpdesk"): 79,
            (Part.ANSWER, ""): 1,
        }
        # The parts together last as long as the case.
        for case in (ACCESS, ERASURE):
            slowest: dict[tuple[Part, bool], float] = {}
            for (part, system), hours in measured(case).items():
                slowest[part, bool(system)] = max(hours, slowest.get((part, bool(system)), 0.0))
            assert at(sum(slowest.values())) == case.moves[-1][1]

    def test_nothing_held_waits_for_approval_and_prepares_nothing(self) -> None:
        # Nothing held has no preparation.
        case = trail(
            Right.ERASURE,
            ("IdentityAsked", 1),
            ("IdentityConfirmed", 5),
            ("NothingHeldReported", 9),
            steps=(done("locate", "calls", 6), done("locate", "helpdesk", 8)),
        )
        assert measured(case) == {
            (Part.IDENTITY, ""): 5,
            (Part.SEARCH, "calls"): 1,
            (Part.SEARCH, "helpdesk"): 3,
            (Part.ANSWER, ""): 1,
        }
        # Nothing held waits for approval as any other answer.
        case = trail(
            Right.ERASURE,
            ("IdentityConfirmed", 5),
            ("ApprovalAwaited", 8),
            ("NewSearchOrdered", 10),
            ("ApprovalAwaited", 12),
            ("Approved", 20),
            ("NothingHeldReported", 21),
            steps=(done("locate", "calls", 12),),
        )
        assert measured(case) == {
            (Part.IDENTITY, ""): 5,
            (Part.SEARCH, "calls"): 5,
            (Part.PREPARATION, ""): 0,
            (Part.APPROVAL, ""): 10,
            (Part.ANSWER, ""): 1,
        }

    def test_what_ends_at_a_gate_counts_what_it_finished(self) -> None:
        case = trail(Right.ACCESS, ("IdentityConfirmed", 3), ("NothingHeldReported", 4))
        assert measured(case)[Part.IDENTITY, ""] == 3
        # A doubt about the identity in the middle of the search.
        case = trail(
            Right.ACCESS,
            ("IdentityAsked", 0),
            ("IdentityConfirmed", 2),
            ("IdentityAsked", 5),
            ("IdentityConfirmed", 10),
            ("NothingHeldReported", 14),
            steps=(done("locate", "calls", 12),),
        )
        assert measured(case) == {(Part.IDENTITY, ""): 7, (Part.SEARCH, "calls"): 5, (Part.ANSWER, ""): 2}
        case = trail(Right.ACCESS, ("IdentityAsked", 1), ("DecisionRecorded", 30), ("CaseRefused", 30))
        assert measured(case) == {(Part.IDENTITY, ""): 30, (Part.ANSWER, ""): 0}
        # Refused at the approval gate.
        until = ACCESS.moves[:-2]
        case = replace(ACCESS, moves=(*until, (CaseState.REFUSED, at(60))))
        found = measured(case)
        assert found[Part.APPROVAL, ""] == 28.5
        assert {part for part, _ in found} == {Part.IDENTITY, Part.SEARCH, Part.PREPARATION, Part.APPROVAL, Part.ANSWER}
        # Withdrawn cases count only what they finished.
        for stood, went_through in (
            (1, set()),
            (2, set()),
            (3, {Part.IDENTITY}),
            (4, {Part.IDENTITY, Part.SEARCH, Part.PREPARATION}),
            (5, {Part.IDENTITY, Part.SEARCH, Part.PREPARATION, Part.APPROVAL}),
        ):
            case = replace(ERASURE, moves=(*ERASURE.moves[:stood], (CaseState.WITHDRAWN, at(200))))
            assert {part for part, _ in measured(case)} == went_through

    def test_clocks_may_differ_and_every_event_is_known(self) -> None:
        # A clock that goes before another measures nothing below zero.
        case = trail(
            Right.ACCESS,
            ("IdentityConfirmed", 1),
            ("NothingHeldReported", 4),
            steps=(done("locate", "calls", 5), done("locate", "helpdesk", 0.5)),
        )
        assert measured(case) == {
            (Part.IDENTITY, ""): 1,
            (Part.SEARCH, "calls"): 3,
            (Part.SEARCH, "helpdesk"): 0,
            (Part.ANSWER, ""): 0,
        }
        # Every event that moves a case is known.
        moved = {"CaseOpened": CaseState.RECEIVED}
        for state in CaseState:
            for action in CaseAction:
                try:
                    target, event = advance(state, action)
                except Conflict:
                    continue
                moved[event] = target
        assert moved == _STATES


def names(course) -> list[list[str]]:
    return [[f"{one.part.value} {one.system}".strip() for one in stage] for stage in course]


SEARCHES = [f"search {system}" for system in SYSTEMS]
PREPARATIONS = [f"preparation {system}" for system in SYSTEMS]
EXECUTIONS = [f"execution {system}" for system in SYSTEMS]


class TestAhead:
    def test_a_fresh_case_waits_for_everything_and_for_processors_beside(self) -> None:
        # A fresh access case.
        course = parts_ahead(trail(Right.ACCESS), at(0), SYSTEMS)
        assert names(course) == [["identity"], SEARCHES, PREPARATIONS, ["preparation"], ["approval"], ["answer"]]
        assert not any(one.lasted for stage in course for one in stage)
        course = parts_ahead(trail(Right.ERASURE), at(0), SYSTEMS)
        assert names(course) == [["identity"], SEARCHES, ["preparation"], ["approval"], EXECUTIONS, ["answer"]]
        course = parts_ahead(trail(Right.ERASURE), at(0), SYSTEMS, {"callhouse": 0 * HOUR})
        assert names(course)[-2] == [*EXECUTIONS, "processor callhouse"]
        # What they hand over is waited for beside the copies and not after the gate.
        course = parts_ahead(trail(Right.ACCESS), at(0), SYSTEMS, {"callhouse": 0 * HOUR})
        assert names(course)[2] == [*PREPARATIONS, "processor callhouse"]
        assert "processor callhouse" not in [name for stage in names(course)[3:] for name in stage]
        steps = tuple(done("locate", system, 3) for system in SYSTEMS)
        nothing = trail(Right.ACCESS, ("IdentityConfirmed", 2), steps=steps)
        assert names(parts_ahead(nothing, at(4), SYSTEMS, {"cctv": HOUR}))[0] == ["processor cctv"]
        first = parts_ahead(trail(Right.ACCESS, ("IdentityAsked", 2)), at(5), SYSTEMS)[0]
        assert first == (Ahead(Part.IDENTITY, lasted=5 * HOUR),)

    def test_only_what_has_not_answered_is_waited_for(self) -> None:
        # While searching only the systems that have not answered are waited for.
        case = trail(Right.ACCESS, ("IdentityConfirmed", 2), steps=located(calls=3, helpdesk=None))
        course = parts_ahead(case, at(6), SYSTEMS)
        assert course[0] == (Ahead(Part.SEARCH, "helpdesk", 4 * HOUR), Ahead(Part.SEARCH, "payments", 4 * HOUR))
        assert names(course)[1] == PREPARATIONS, "what the others hold is not known yet"
        # When nothing was found the approval and the answer are left.
        steps = tuple(done("locate", system, 3) for system in SYSTEMS)
        course = parts_ahead(trail(Right.ACCESS, ("IdentityConfirmed", 2), steps=steps), at(4), SYSTEMS)
        assert names(course) == [["approval"], ["answer"]]
        # The copies are waited for where something was found.
        steps = (*located(calls=3, helpdesk=4), done("locate", "payments", 3))
        course = parts_ahead(trail(Right.ACCESS, ("IdentityConfirmed", 2), steps=steps), at(9), SYSTEMS)
        assert course[0] == (Ahead(Part.PREPARATION, "calls", 5 * HOUR), Ahead(Part.PREPARATION, "helpdesk", 5 * HOUR))
        assert names(course)[1:] == [["preparation"], ["approval"], ["answer"]]
        case = replace(ACCESS, moves=ACCESS.moves[:3], steps=(*ACCESS_STEPS[:4], done("redact", "calls", None)))
        assert parts_ahead(case, at(28), SYSTEMS[:2])[0] == (Ahead(Part.PREPARATION, "calls", 2 * HOUR),)

    def test_preparation_ends_with_the_package_or_the_plan(self) -> None:
        # The package is last.
        case = replace(ACCESS, moves=ACCESS.moves[:3], steps=ACCESS_STEPS[:-1])
        course = parts_ahead(case, at(33), SYSTEMS[:2])
        assert course[0] == (Ahead(Part.PREPARATION, lasted=3 * HOUR),)
        assert names(course)[1:] == [["approval"], ["answer"]]
        # An erasure is prepared by its plan.
        case = replace(ERASURE, moves=ERASURE.moves[:3], steps=ERASURE.steps[:2])
        course = parts_ahead(case, at(12.5), SYSTEMS[:2])
        assert course[0] == (Ahead(Part.PREPARATION, lasted=0.5 * HOUR),)
        assert names(course)[1:] == [["approval"], ["execution calls", "execution helpdesk"], ["answer"]]
        # At the approval gate.
        course = parts_ahead(replace(ERASURE, moves=ERASURE.moves[:4], steps=ERASURE.steps[:3]), at(16), SYSTEMS)
        assert course[0] == (Ahead(Part.APPROVAL, lasted=2 * HOUR),)
        assert names(course)[1:] == [["execution calls", "execution helpdesk"], ["answer"]]

    def test_carrying_out_waits_for_what_was_not_looked_at_again(self) -> None:
        # Carrying out waits for those that were not looked at again.
        case = replace(ERASURE, moves=ERASURE.moves[:5], steps=ERASURE.steps[:-1])
        course = parts_ahead(case, at(50), SYSTEMS, {"callhouse": 20 * HOUR})
        assert course[0] == (
            Ahead(Part.EXECUTION, "helpdesk", 30 * HOUR),
            Ahead(Part.PROCESSOR, "callhouse", 20 * HOUR),
        )
        assert names(course)[1:] == [["answer"]]
        # A system that turned out to hold only others records is not waited for.
        steps = (*ERASURE.steps[:4], done("erase", "calls", None))
        course = parts_ahead(replace(ERASURE, moves=ERASURE.moves[:5], steps=steps), at(21), SYSTEMS)
        assert names(course) == [["execution calls"], ["answer"]]
        case = replace(ERASURE, moves=ERASURE.moves[:5], steps=ERASURE.steps[:4])
        assert names(parts_ahead(case, at(21), SYSTEMS)) == [["execution calls", "execution helpdesk"], ["answer"]]
        # At last only the answer is left.
        for case, hours in ((ERASURE, 1.5), (ACCESS, 52.5)):
            course = parts_ahead(replace(case, moves=case.moves[:5]), at(100.5), SYSTEMS)
            assert course == ((Ahead(Part.ANSWER, lasted=hours * HOUR),),)


def history(seconds: dict[tuple[Part, str], list[float]], right: Right = Right.ERASURE) -> History:
    return History(right, {key: tuple(values) for key, values in seconds.items()})


def forecaster(of: History) -> Forecaster:
    return Forecaster(of, CONFIGURED)


FRESH = parts_ahead(trail(Right.ERASURE), START, SYSTEMS)
PIECES = [(one.part, one.system) for stage in FRESH for one in stage]
GATES = (Ahead(Part.IDENTITY),), (Ahead(Part.APPROVAL),)

durations = st.floats(0, 60 * 86400)
samples = st.lists(durations, min_size=FEWEST_CASES, max_size=40)
stages = st.lists(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3, unique=True).map(
        lambda keys: tuple(Ahead(part, system) for part, system in keys)
    ),
    min_size=1,
    max_size=4,
)
histories = st.dictionaries(st.sampled_from(PIECES), st.lists(durations, max_size=40), max_size=6).map(history)
lasting = st.timedeltas(timedelta(0), timedelta(days=400))


class TestRules:
    @given(histories, stages, lasting)
    def test_never_earlier_than_now_and_the_late_date_never_before_the_expected(self, past, course, lasted) -> None:
        first = tuple(replace(one, lasted=lasted) for one in course[0])
        found = forecaster(past).forecast((first, *course[1:]), START)
        assert START <= found.expected_at <= found.late_at

    @given(histories, stages, stages)
    def test_more_ahead_is_never_earlier(self, past, course, more) -> None:
        known = forecaster(past)
        short, long = known.forecast(tuple(course), START), known.forecast((*course, *more), START)
        assert short.expected_at <= long.expected_at
        assert short.late_at <= long.late_at

    @given(histories, st.lists(st.sampled_from(PIECES), min_size=2, max_size=5, unique=True))
    def test_a_further_system_beside_is_never_earlier(self, past, keys) -> None:
        known = forecaster(past)
        stage = tuple(Ahead(part, system) for part, system in keys)
        few, all_of_them = known.forecast((stage[:-1],), START), known.forecast((stage,), START)
        assert few.expected_at <= all_of_them.expected_at
        assert few.late_at <= all_of_them.late_at

    @given(st.lists(durations, max_size=60), stages, lasting, lasting)
    def test_the_longer_a_part_lasts_the_later_the_finish(self, took, course, one, other) -> None:
        """Time that passes without the part ending never brings the end nearer."""
        sooner, later = sorted((one, other))
        known = forecaster(history(dict.fromkeys(PIECES, took)))

        def finish(lasted: timedelta):
            ahead = tuple(replace(piece, lasted=lasted) for piece in course[0])
            # To the minute, as the reckoning has it.
            return known.forecast((ahead, *course[1:]), START + lasted // timedelta(minutes=1) * timedelta(minutes=1))

        before, after = finish(sooner), finish(later)
        assert before.expected_at <= after.expected_at + timedelta(milliseconds=1)
        assert before.late_at <= after.late_at + timedelta(milliseconds=1)

    @pytest.mark.apart
    @given(st.dictionaries(st.sampled_from(PIECES), samples, min_size=1), st.randoms(use_true_random=False))
    @pytest.mark.long
    def test_the_order_of_the_history_does_not_matter(self, took, random) -> None:
        shuffled = {key: random.sample(values, len(values)) for key, values in took.items()}
        one, other = forecaster(history(took)), forecaster(history(shuffled))
        assert one.forecast(FRESH, START) == other.forecast(FRESH, START)

    @pytest.mark.apart
    @given(st.dictionaries(st.sampled_from(PIECES), samples, min_size=1), st.data())
    @pytest.mark.long
    def test_a_slower_history_is_never_earlier(self, took, data) -> None:
        slower = {key: [value + data.draw(st.floats(0, 1e6)) for value in values] for key, values in took.items()}
        fast, slow = (forecaster(history(one)).forecast(FRESH, START) for one in (took, slower))
        assert fast.expected_at <= slow.expected_at
        assert fast.late_at <= slow.late_at

    @pytest.mark.long
    @given(histories, stages)
    def test_forecasts_can_be_repeated(self, past, course) -> None:
        first, again = forecaster(past), forecaster(past)
        again.forecast(FRESH, START)
        assert first.forecast(tuple(course), START) == again.forecast(tuple(course), START)


class TestFigures:
    def test_an_expectation_holds_until_durations_are_measured(self) -> None:
        # An expectation alone gives its own two figures.
        found = forecaster(history({})).forecast(((Ahead(Part.IDENTITY),),), START)
        assert abs(found.expected_at - START - 3 * DAY) < 0.05 * DAY
        assert abs(found.late_at - START - 10 * DAY) < 0.1 * DAY
        # Not both gates are slow in one case.
        found = forecaster(history({})).forecast(GATES, START)
        assert 4 * DAY < found.expected_at - START < 6 * DAY
        assert 10 * DAY < found.late_at - START < 13 * DAY
        # Measured durations take the place of the expectation.
        took = [day * 86400.0 for day in range(1, FEWEST_CASES + 1)]
        found = forecaster(history({(Part.IDENTITY, ""): took})).forecast(((Ahead(Part.IDENTITY),),), START)
        assert abs(found.expected_at - START - 10.5 * DAY) < 0.1 * DAY
        assert abs(found.late_at - START - 18.9 * DAY) < 0.1 * DAY

    def test_the_slowest_system_decides(self) -> None:
        # The slowest system decides.
        took = {(Part.SEARCH, "calls"): [60.0] * 30, (Part.SEARCH, "helpdesk"): [7200.0] * 30}
        stage = (Ahead(Part.SEARCH, "calls"), Ahead(Part.SEARCH, "helpdesk"))
        assert forecaster(history(took)).forecast((stage,), START).expected_at == at(2)
        # Systems are slow independently of one another.
        took = [float(minute * 60) for minute in range(200)]
        known = forecaster(history({(Part.SEARCH, system): took for system in SYSTEMS}))
        alone = known.forecast(((Ahead(Part.SEARCH, "calls"),),), START)
        beside = known.forecast((tuple(Ahead(Part.SEARCH, system) for system in SYSTEMS),), START)
        assert 1.5 < (beside.expected_at - START) / (alone.expected_at - START) < 1.7

    def test_what_lasted_long_is_not_expected_at_once_nor_beyond_ten_years(self) -> None:
        # Half of the cases take a day, half ten days; after two days this is one of the slow ones.
        known = forecaster(history({(Part.IDENTITY, ""): [86400.0] * 50 + [864000.0] * 50}))
        fresh = known.forecast(((Ahead(Part.IDENTITY),),), START)
        slow = known.forecast(((Ahead(Part.IDENTITY, lasted=2 * DAY),),), START)
        assert fresh.expected_at - START < 10 * DAY
        assert slow.expected_at - START == 8 * DAY
        # What outlasted everything is not expected at once.
        for took in ([], [3600.0] * 100):
            known = forecaster(history({(Part.ANSWER, ""): took}))
            found = known.forecast(((Ahead(Part.ANSWER, lasted=10 * DAY),),), START)
            assert 2.5 * DAY < found.expected_at - START < 2.7 * DAY
            assert 11 * DAY < found.late_at - START < 12 * DAY
        found = forecaster(history({})).forecast(((Ahead(Part.ANSWER, lasted=20_000 * DAY),),), START)
        assert found.late_at - START == 3653 * DAY
        known = forecaster(history({(Part.ANSWER, ""): [0.0] * 30}))
        assert known.forecast(((Ahead(Part.ANSWER),),), START).late_at == START


@pytest.mark.apart
@pytest.mark.long
def test_nine_new_cases_in_ten_are_answered_by_the_late_date() -> None:
    """Calibrated, over many invented histories of a known make, at the opening and after a day at the first gate."""
    for size in (FEWEST_CASES, 60, 500):
        random = Random(size)
        fresh: list[tuple[bool, bool]] = []
        waiting: list[tuple[bool, bool]] = []
        at_gate = ((replace(FRESH[0][0], lasted=DAY),), *FRESH[1:])
        for _ in range(60):
            known = forecaster(history({key: [_lasts(random, key) for _ in range(size)] for key in PIECES}))
            at_first, after_a_day = known.forecast(FRESH, START), known.forecast(at_gate, START + DAY)
            for _ in range(50):
                took = [max(_lasts(random, (one.part, one.system)) for one in stage) for stage in FRESH]
                finish = START + timedelta(seconds=sum(took))
                fresh.append((finish <= at_first.expected_at, finish <= at_first.late_at))
                if took[0] > DAY.total_seconds():
                    waiting.append((finish <= after_a_day.expected_at, finish <= after_a_day.late_at))
        for seen in (fresh, waiting):
            expected, late = (sum(hits) / len(seen) for hits in zip(*seen, strict=True))
            assert 0.44 < expected < 0.58
            assert 0.86 < late < 0.95


def _lasts(random: Random, key: tuple[Part, str]) -> float:
    part, system = key
    if part in {Part.IDENTITY, Part.APPROVAL}:
        return random.lognormvariate(11.5, 0.9)
    # A system that is down now and then.
    return random.expovariate(1 / 600) + (random.uniform(1, 3) * 86400 if system and random.random() < 0.03 else 0)


class TestBasis:
    def test_the_basis_says_which_parts_were_measured(self) -> None:
        # Measured.
        took = dict.fromkeys(PIECES, [60.0] * 140) | {(Part.APPROVAL, ""): [60.0] * 134}
        found = forecaster(history(took)).forecast(FRESH, START)
        assert (found.basis, found.measured) == ("measured on 134 closed erasure cases", True)
        # Too few.
        for cases, words in (
            (0, "no closed access cases"),
            (1, "only 1 closed access case"),
            (7, "only 7 closed access cases"),
        ):
            took = dict.fromkeys(PIECES, [60.0] * cases)
            found = forecaster(history(took, Right.ACCESS)).forecast(FRESH, START)
            assert (found.basis, found.measured) == (f"{words} so far; typical durations from the configuration", False)
        # Mixed names the parts.
        took = dict.fromkeys(PIECES, [60.0] * 25) | {
            (Part.SEARCH, "payments"): [60.0] * (FEWEST_CASES - 1),
            (Part.APPROVAL, ""): [],
        }
        found = forecaster(history(took)).forecast(FRESH, START)
        assert found.basis == (
            "measured on 25 closed erasure cases; typical durations from the configuration "
            "for search at payments, approval"
        )
        assert not found.measured
        # Only what is ahead matters.
        known = forecaster(history({(Part.ANSWER, ""): [60.0] * 30}))
        assert known.forecast(((Ahead(Part.ANSWER),),), START).measured
        assert not known.forecast(FRESH, START).measured


class TestExpectation:
    def test_what_cannot_be(self) -> None:
        for typical, at_most in ((0, 1), (-1, 1), (2, 1)):
            with pytest.raises(BadInput, match="at_most no less than typical"):
                Expectation(typical * DAY, at_most * DAY)

    @given(st.floats(0.001, 366), st.floats(1, 100))
    def test_its_percentiles_rise_through_both_figures(self, typical: float, times: float) -> None:
        found = Expectation(typical * DAY, typical * times * DAY).percentiles()
        assert list(found) == sorted(found)
        assert found[49] == pytest.approx(typical * 86400, rel=1e-6)
        assert found[89] == pytest.approx(typical * times * 86400, rel=1e-6)

    def test_each_part_has_one_by_default(self) -> None:
        assert set(CONFIGURED) == set(Part)
        assert CONFIGURED[Part.IDENTITY] == Expectation(3 * DAY, 10 * DAY)


def test_a_duration_names_its_part() -> None:
    assert next(measure(ACCESS, ACCESS.moves[-1][1])) == Duration(Part.IDENTITY, "", 24 * 3600)
