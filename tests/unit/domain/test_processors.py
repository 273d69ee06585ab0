"""Processors: whom to tell what and until when, what they answer; pace, breaker and brakes of systems."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.circuit_breaker import (
    FAILURES,
    FIRST_WHILE,
    LONGEST_WHILE,
    PROBE_TIME,
    SLOWEST,
    Breaker,
    TimeBudget,
)
from rightsflow.domain.erasure.safeguards import Amounts, BrakeRule, Per, find_excess
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.processors.answers import (
    Instruction,
    RecordedAnswer,
    Reminder,
    StatedAnswer,
    check_answer,
    reminder_due,
)
from rightsflow.domain.processors.instructions import MARGIN, due_day, fewest_identifiers, involved
from rightsflow.domain.processors.terms import (
    Action,
    Doubt,
    InstructionStanding,
    ProcessorAnswer,
    ProcessorChannel,
    ProcessorRole,
    ProofKind,
)

TODAY, WORK_TO = date(2026, 3, 20), date(2026, 4, 2)
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
ASKED = Instruction(
    case_id="DSR-2026-7K3M9Q",
    number=1,
    processor="callhouse",
    name="Callhouse Lisbon",
    role=ProcessorRole.PROCESSOR,
    channel=ProcessorChannel.MANUAL,
    action=Action.ERASE,
    kinds=("email",),
    expected=3,
    due_on=date(2026, 3, 22),
    asked_at=AT,
    sent_at=AT,
)
EMAIL = Identifier(IdentifierKind.EMAIL, "anna@example.com")
PHONE = Identifier(IdentifierKind.PHONE, "+4930231250")
ACCOUNT = Identifier(IdentifierKind.ACCOUNT_ID, "cus_1", "payments")


def check(answer, proof=(ProofKind.COUNTS,), instruction=ASKED, *, has_proof=False, **fields):
    stated = StatedAnswer(answer=answer, on=fields.pop("on", TODAY), **fields)
    sent_on = instruction.sent_at.date() if instruction.sent_at else None
    return check_answer(
        instruction, stated, proof, has_proof=has_proof, sent_on=sent_on, work_to_on=WORK_TO, today=TODAY
    )


def after(*answers):
    """The instruction after some answers."""
    recorded = [
        RecordedAnswer(number=number, answer=what, on=TODAY, recorded_at=AT, recorded_by="Ben", **more)
        for number, (what, more) in enumerate(answers, start=1)
    ]
    return replace(ASKED, answers=tuple(recorded))


@given(today=st.dates(date(2026, 1, 1), date(2028, 1, 1)), agreed=st.integers(1, 90), left=st.integers(-40, 120))
def test_a_processor_has_to_prove_it_a_week_before_our_date_or_else_at_once(today, agreed, left):
    work_to_on = today + timedelta(days=left)
    due_on = due_day(today, agreed, work_to_on)
    assert today <= due_on <= today + timedelta(days=agreed)
    assert due_on < work_to_on or left <= 0
    assert due_on <= work_to_on - MARGIN or due_on <= today + timedelta(days=1)


def test_a_processor_is_told_the_best_identifier_that_is_known():
    # It is told one kind of identifier the best that is known.
    known = {EMAIL, PHONE, ACCOUNT}
    customer_id, email = IdentifierKind.CUSTOMER_ID, IdentifierKind.EMAIL
    assert fewest_identifiers(known, [customer_id, email, IdentifierKind.PHONE], []) == (EMAIL,)
    assert fewest_identifiers(known, [customer_id], []) == ()
    # Account ids of other systems are not told.
    kinds = [IdentifierKind.ACCOUNT_ID]
    assert fewest_identifiers({ACCOUNT}, kinds, ["helpdesk"]) == ()
    assert fewest_identifiers({ACCOUNT}, kinds, ["payments"]) == (ACCOUNT,)
    assert involved(["helpdesk", "calls"], {"helpdesk": 2, "payments": 1}) == {"helpdesk": 2}


def test_what_is_doubted_of_an_answer():
    # What is doubted of an answer.
    for answer, fields, doubts in (
        (ProcessorAnswer.DONE, {"records": 3}, ()),
        (ProcessorAnswer.DONE, {"records": 0}, (Doubt.ZERO,)),
        (ProcessorAnswer.NOTHING_HELD, {}, (Doubt.ZERO,)),
        (ProcessorAnswer.DONE, {}, (Doubt.NO_PROOF,)),
        (ProcessorAnswer.CANNOT, {"note": "Its archive is sealed."}, ()),
        (ProcessorAnswer.HANDED_ON, {"sub_processors": ("Subcalls",)}, ()),
    ):
        assert check(answer, **fields) == doubts
    assert check(ProcessorAnswer.NOTHING_HELD, instruction=replace(ASKED, expected=0)) == ()
    # A document that was agreed on is missed.
    proof = (ProofKind.FILE,)
    assert check(ProcessorAnswer.DONE, proof, records=1) == (Doubt.NO_PROOF,)
    assert check(ProcessorAnswer.DONE, proof, records=1, has_proof=True) == ()
    # An answer that contradicts an earlier one is doubted.
    for before, contradicts in (
        ((ProcessorAnswer.DONE, {"records": 3}), False),
        ((ProcessorAnswer.DONE, {"records": 4}), True),
        ((ProcessorAnswer.NOTHING_HELD, {}), True),
        ((ProcessorAnswer.CANNOT, {}), True),
        ((ProcessorAnswer.MORE_TIME, {}), False),
        ((ProcessorAnswer.TAKEN_BACK, {}), False),
    ):
        assert (Doubt.CONTRADICTS in check(ProcessorAnswer.DONE, instruction=after(before), records=3)) is contradicts
    # What cannot be recorded.
    for answer, fields, sentence in (
        (ProcessorAnswer.DONE, {"on": TODAY + timedelta(days=1)}, "in the future"),
        (ProcessorAnswer.DONE, {"records": -1}, "number of records is not valid"),
        (ProcessorAnswer.NOTHING_HELD, {"records": 2}, "goes with the answer done"),
        (ProcessorAnswer.CANNOT, {}, "reason is missing"),
        (ProcessorAnswer.HANDED_ON, {}, "sub-processors are missing"),
        (ProcessorAnswer.MORE_TIME, {}, "new day is missing"),
        (ProcessorAnswer.MORE_TIME, {"until": WORK_TO}, "has to lie before"),
        (ProcessorAnswer.MORE_TIME, {"until": TODAY - timedelta(days=1)}, "has to lie before"),
    ):
        with pytest.raises(BadInput, match=sentence):
            check(answer, **fields)


def test_a_processors_day_moves_by_more_time_alone():
    # No processor answers before it was instructed.
    with pytest.raises(BadInput, match="went out on 2026-03-10, after that day"):
        check(ProcessorAnswer.DONE, records=3, on=AT.date() - timedelta(days=1))
    assert check(ProcessorAnswer.DONE, records=3, on=AT.date()) == ()
    # Handed on with a day in ten years, an instruction was neither reminded of nor waited for any more.
    for answer in sorted(set(ProcessorAnswer) - {ProcessorAnswer.MORE_TIME}):
        stated = {"note": "Why.", "sub_processors": ("Subcalls",)}
        with pytest.raises(BadInput, match="goes with the answer more time"):
            check(answer, until=date(2036, 1, 1), instruction=after((ProcessorAnswer.CANNOT, {})), **stated)
    # Nothing is answered before it was asked.
    with pytest.raises(Conflict, match="has not gone out"):
        check(ProcessorAnswer.DONE, instruction=replace(ASKED, sent_at=None), records=1)
    with pytest.raises(Conflict, match="no answer that could be taken back"):
        check(ProcessorAnswer.TAKEN_BACK)
    # Where an instruction stands.
    for instruction, standing in (
        (replace(ASKED, kinds=()), InstructionStanding.NOT_ASKED),
        (replace(ASKED, sent_at=None), InstructionStanding.UNSENT),
        (ASKED, InstructionStanding.WAITING),
        (after((ProcessorAnswer.HANDED_ON, {})), InstructionStanding.WAITING),
        (after((ProcessorAnswer.DONE, {})), InstructionStanding.CONFIRMED),
        (after((ProcessorAnswer.DONE, {"doubts": (Doubt.ZERO,)})), InstructionStanding.QUESTIONED),
        (after((ProcessorAnswer.DONE, {"doubts": (Doubt.ZERO,), "checked_by": "Ben"})), InstructionStanding.CONFIRMED),
        (after((ProcessorAnswer.CANNOT, {})), InstructionStanding.CANNOT),
        (after((ProcessorAnswer.DONE, {}), (ProcessorAnswer.TAKEN_BACK, {})), InstructionStanding.WAITING),
    ):
        assert instruction.standing is standing
        assert instruction.is_open is (
            standing in {InstructionStanding.UNSENT, InstructionStanding.WAITING, InstructionStanding.QUESTIONED}
        )
    # A processor is reminded once per stage.
    for today, reminded_on, due in (
        (date(2026, 3, 18), None, None),
        (date(2026, 3, 19), None, Reminder.BEFORE),
        (date(2026, 3, 22), date(2026, 3, 19), None),
        (date(2026, 3, 23), date(2026, 3, 19), Reminder.LATE),
        (date(2026, 3, 29), date(2026, 3, 23), None),
        (date(2026, 3, 30), date(2026, 3, 23), Reminder.ESCALATED),
        (date(2026, 4, 20), date(2026, 3, 30), Reminder.ESCALATED),
    ):
        assert reminder_due(date(2026, 3, 22), reminded_on, today, 3) is due


WAITS = st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10 * SLOWEST)), max_size=50)


@given(st.floats(1, 1000), WAITS)
def test_whoever_sends_at_the_slowest_pace_or_faster_spends_nothing(
    seconds: float, waits: list[tuple[float, int]]
) -> None:
    budget = TimeBudget(seconds)
    for waited, _ in waits:
        budget.spend(waited, int(waited * SLOWEST) + 1)
    assert budget.left >= seconds - 0.001


@given(st.floats(1, 1000), WAITS)
def test_the_waits_of_a_sender_that_is_still_served_are_bounded_by_what_it_sent(
    seconds: float, waits: list[tuple[float, int]]
) -> None:
    budget, waited, sent = TimeBudget(seconds), 0.0, 0
    for wait, arrived in waits:
        budget.spend(wait, arrived)
        waited, sent = waited + wait, sent + arrived
        if budget.is_spent:
            return
        assert waited <= seconds + sent / SLOWEST + 0.001


@given(st.floats(1, 1000), st.integers(0, 10**12))
def test_time_is_not_saved_up_for_a_silence(seconds: float, arrived: int) -> None:
    budget = TimeBudget(seconds)
    budget.spend(0, arrived)
    budget.spend(seconds, 0)
    assert (budget.is_spent, budget.left) == (True, 0)


NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GAPS = st.lists(st.integers(0, 900), min_size=1, max_size=40)


def failed(*gaps):
    """After failures so many seconds apart; gives also when the last was."""
    breaker, now = Breaker.fresh(NOW), NOW
    for gap in gaps:
        now += timedelta(seconds=gap)
        breaker = breaker.failed(now)
    return breaker, now


def test_it_is_left_alone_for_ever_longer_after_failures_in_a_row():
    # It stays as it is after a few failures in a row.
    for count in range(1, FAILURES):
        assert failed(*[1] * count)[0].lets_through("a", NOW + timedelta(hours=1))
    breaker, now = failed(*[1] * FAILURES)
    assert breaker.retry_at == now + FIRST_WHILE
    assert not breaker.lets_through("a", breaker.retry_at - SECOND)
    assert breaker.lets_through("a", breaker.retry_at)
    # Each while is twice as long up to the longest.
    breaker, now = failed(*[0] * FAILURES)
    whiles = []
    for _ in range(40):
        whiles.append(breaker.retry_at - now)
        now = breaker.retry_at
        breaker = breaker.failed(now)
    assert whiles[:4] == [FIRST_WHILE * 2**power for power in range(4)]
    assert set(whiles[10:]) == {LONGEST_WHILE}
    breaker, now = failed(*[0] * FAILURES)
    assert breaker.failed(now + SECOND) == breaker
    breaker, now = failed(*[0] * (FAILURES - 1))
    assert breaker.failed(now, timedelta(minutes=20)).retry_at == now + timedelta(minutes=20)


@given(GAPS)
def test_the_while_ends_and_it_is_never_longer_than_the_longest(gaps):
    breaker, now = failed(*gaps)
    assert breaker.since == NOW
    if breaker.retry_at is not None:
        assert len(gaps) >= FAILURES
        assert breaker.retry_at <= now + LONGEST_WHILE
        assert breaker.lets_through("a", breaker.retry_at)


@given(GAPS, st.integers(0, 600))
def test_of_many_cases_one_tries_it(gaps, later):
    breaker, now = failed(*gaps, *[0] * FAILURES)
    at = max(breaker.retry_at, now) + timedelta(seconds=later)
    tried = breaker.tried_by("a", at)
    assert [case for case in "abc" if tried.lets_through(case, at)] == ["a"]
    assert tried.lets_through("b", at + PROBE_TIME)
    again = tried.failed(at)
    assert not [case for case in "abc" if again.lets_through(case, at)]
    assert again.retry_at > at


NUMBERS = st.integers(min_value=0, max_value=10_000_000)
RULES = st.builds(
    BrakeRule,
    factor=st.floats(min_value=1, max_value=1000),
    case_floor=st.integers(min_value=1, max_value=100_000),
    day_floor=st.integers(min_value=1, max_value=1_000_000),
)
AMOUNTS = st.builds(Amounts, case=NUMBERS, largest_case=NUMBERS, day=NUMBERS, largest_day=NUMBERS, accepted_day=NUMBERS)


@given(AMOUNTS, RULES)
def test_an_excess_is_above_its_limit_and_a_limit_is_never_below_what_was_usual(amounts, rule):
    excess = find_excess(amounts, rule)
    if excess is None:
        # A case that erases nothing is stopped by nothing, whatever the day's total was.
        if not amounts.case:
            return
        assert amounts.case <= max(rule.case_floor, rule.factor * amounts.largest_case)
        assert amounts.case + amounts.day <= max(
            rule.day_floor, rule.factor * max(amounts.largest_day, amounts.accepted_day)
        )
        return
    assert excess.records > excess.limit
    if excess.per is Per.CASE:
        assert excess.limit >= max(rule.case_floor, amounts.largest_case)
    else:
        assert excess.limit >= max(rule.day_floor, amounts.largest_day, amounts.accepted_day)


@given(AMOUNTS, RULES, st.integers(min_value=1, max_value=1000))
def test_more_is_never_let_through_where_less_is_stopped(amounts, rule, more):
    def stopped(case):
        return find_excess(_with(amounts, case), rule) is not None

    assert not stopped(amounts.case) or stopped(amounts.case + more)


@given(RULES, st.data())
def test_while_there_is_nothing_to_compare_with_the_floors_hold(rule, data):
    case = data.draw(st.integers(min_value=0, max_value=rule.case_floor))
    day = data.draw(st.integers(min_value=0, max_value=max(rule.day_floor - case, 0)))
    if case + day <= rule.day_floor:
        assert find_excess(Amounts(case=case, day=day), rule) is None
    assert find_excess(Amounts(case=rule.case_floor + 1), rule) is not None


@given(AMOUNTS, RULES)
def test_a_case_like_the_largest_on_a_day_like_the_largest_goes_on(amounts, rule):
    usual = Amounts(
        case=min(amounts.case, amounts.largest_case),
        largest_case=amounts.largest_case,
        day=0,
        largest_day=max(amounts.largest_day, amounts.largest_case),
    )
    assert find_excess(usual, rule) is None


def test_the_defaults_stop_at_201_records_of_a_case_and_at_2001_of_a_day():
    rule = BrakeRule()
    assert find_excess(Amounts(case=200), rule) is None
    assert find_excess(Amounts(case=201), rule).per is Per.CASE
    assert find_excess(Amounts(case=201, largest_case=41), rule) is None
    assert find_excess(Amounts(case=10, day=1990), rule) is None
    assert find_excess(Amounts(case=10, day=1991), rule).per is Per.DAY
    assert find_excess(Amounts(case=10, day=1991, accepted_day=2001), rule) is None


def _with(amounts, case):
    return Amounts(
        case=case,
        largest_case=amounts.largest_case,
        day=amounts.day,
        largest_day=amounts.largest_day,
        accepted_day=amounts.accepted_day,
    )
