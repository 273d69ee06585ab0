"""Extensions: refused outside the law with nothing changed, effective only once the notice is out in time."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.states import CaseAction
from tests.integration.cases.written import letters
from tests.support.desk import DAY, DOUBT, REASON, due, facts, in_the_uk, move_to, under


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_it_writes_the_notice_and_moves_nothing_before_that_went_out(bench, right):
    case_id = bench.open(right)
    prepared = extend(current_app(), case_id.lower(), reason=f"  {REASON}\n", by=" Dana  Decider ")
    assert prepared.notice_due_on == date(2026, 4, 7)
    assert prepared.send_by_on == date(2026, 4, 2), "the last working day before the Easter weekend"
    assert (prepared.extended_until, prepared.is_sent) == (date(2026, 6, 5), False)
    assert "in the outbox. It has to go out by Thu 02 Apr 2026, at the latest by Tue 07 Apr 2026" in prepared.sentence
    dates, events, _, ledger = facts(bench, case_id)
    assert (dates.due_on.isoformat(), dates.extended, events) == ("2026-04-07", False, {})
    entry = next(one for one in ledger if one.event == "ExtensionDecided")
    assert (entry.actor, entry.details) == ("Dana Decider", {"until": "2026-06-05"})
    assert REASON not in repr(ledger)
    notice = letters(bench, case_id)["L6"]
    assert REASON in notice
    assert "by 5 June 2026 at the latest" in notice
    record_sent(current_app(), case_id, "L6", by="Dana")
    assert due(bench, case_id) == "2026-06-05"


def test_the_letter_does_not_promise_the_day_that_a_weekend_moves_the_end_to(bench):
    move_to(bench, "2026-03-12T10:00")
    case_id = bench.open("access")
    prepared = extend(current_app(), case_id, reason=REASON, by="Dana")
    assert prepared.extended_until == date(2026, 6, 12)
    move_to(bench, "2026-03-13T10:00")
    second = bench.open("access", email="other@example.org")
    assert extend(current_app(), second, reason=REASON, by="Dana").extended_until == date(2026, 6, 15)
    assert "by 12 June 2026 at the latest" in letters(bench, second)["L6"]


@pytest.mark.parametrize(
    ("local", "allowed"), [("2026-04-06T10:00", True), ("2026-04-07T23:59", True), ("2026-04-08T00:00", False)]
)
def test_it_is_decided_inside_the_first_month_of_the_controllers_calendar(bench, local, allowed):
    case_id = bench.open("access")
    move_to(bench, local)
    if allowed:
        prepared = extend(current_app(), case_id, reason=REASON, by="Dana")
        assert prepared.send_by_on == date.fromisoformat(local[:10]), "what is past is no advice"
        return
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match="too late: the notice had to go out by Tue 07 Apr 2026"):
        extend(current_app(), case_id, reason=REASON, by="Dana")
    assert facts(bench, case_id) == before


def test_without_a_concrete_reason_or_a_name_nothing_happens_nor_to_a_closed_case_or_to_none(bench):
    case_id = bench.open("access")
    before = facts(bench, case_id)
    for reason, sentence in [
        ("", "No reason is given"),
        (" \n", "No reason is given"),
        ("It is complex.", "too general"),
        ("The request is complex and the number of requests is high.", "too general"),
        ("Because of our workload and the holidays.", "controller's own situation"),
    ]:
        for by in ["Dana", " "]:
            with pytest.raises(BadInput, match=sentence if by.strip() else "Your name is missing"):
                extend(current_app(), case_id, reason=reason, by=by)
            assert facts(bench, case_id) == before
    with bench.file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    with pytest.raises(Conflict, match="is closed; there is nothing to extend"):
        extend(current_app(), case_id, reason=REASON, by="Dana")
    with pytest.raises(BadInput, match="There is no case"):
        extend(current_app(), "DSR-2026-AAAAAA", reason=REASON, by="Dana")


def test_a_second_one_is_refused_also_before_the_first_ones_notice_is_out(bench):
    case_id = bench.open("access")
    extend(current_app(), case_id, reason=REASON, by="Dana")
    for _ in range(2):
        with pytest.raises(Conflict, match="once only"):
            extend(current_app(), case_id, reason=REASON, by="Dana")
        record_sent(current_app(), case_id, "L6", by="Dana") if not facts(bench, case_id)[0].extended else None
    assert due(bench, case_id) == "2026-06-05"


class TestWhileTheClockStands:
    """Table of ambiguous points, 10: the notice goes out in the month without the suspension."""

    @pytest.fixture
    def case_id(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        return case_id

    def test_it_counts_without_the_suspension_and_keeps_when_the_proof_comes(self, bench, case_id):
        bench.pass_time(10 * DAY)
        assert extend(current_app(), case_id, reason=REASON, by="Dana").extended_until == date(2026, 6, 5)
        assert "it is now due Fri 05 Jun 2026" in record_sent(current_app(), case_id, "L6", by="Dana")
        bench.pass_time(10 * DAY)
        bench.confirm_identity(case_id)
        dates = facts(bench, case_id)[0]
        assert (dates.extended, dates.due_on.isoformat()) == (True, "2026-06-25")
        assert dates.no_pause_due_on == date(2026, 6, 5)

    def test_after_that_month_it_has_to_wait_for_the_proof(self, bench, case_id):
        move_to(bench, "2026-04-09T10:00")
        with pytest.raises(
            Conflict, match=r"The clock is suspended, and without the suspension .* once the person has"
        ):
            extend(current_app(), case_id, reason=REASON, by="Dana")
        bench.confirm_identity(case_id)
        prepared = extend(current_app(), case_id, reason=REASON, by="Dana")
        assert prepared.send_by_on == date(2026, 4, 9)
        assert prepared.notice_due_on == date(2026, 5, 11)


def test_under_the_uk_gdpr_it_rests_on_its_own_article(bench):
    with in_the_uk(bench):
        case_id = bench.open("access")
        assert extend(current_app(), case_id, reason=REASON, by="Dana").extended_until == date(2026, 6, 5)
        assert "Art. 12A UK GDPR" in letters(bench, case_id)["L6"]


def test_a_case_without_a_last_day_for_a_notice_cannot_be_extended(bench):
    case_id = bench.open("access")
    with bench.file(case_id) as file:
        file._context.row.notice_due_on = None
    with pytest.raises(Conflict, match="gives no extension by notice"):
        extend(current_app(), case_id, reason=REASON, by="Dana")


def test_in_another_place_other_holidays_move_the_last_day(bench):
    with under(bench, country="NL", timezone="Europe/Amsterdam"):
        assert extend(current_app(), bench.open("access"), reason=REASON, by="Dana").notice_due_on == date(2026, 4, 7)
