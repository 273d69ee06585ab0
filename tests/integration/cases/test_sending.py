"""Letters that went out: what that does to the clock, to the minute, and what it does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_clarification, ask_identity
from rightsflow.cases.course.sending.delivery import record_sent, sent_on
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.states import CaseAction
from tests.support.bench import running_bench
from tests.support.casework import at_once
from tests.support.desk import (
    DAY,
    DOUBT,
    MINUTE,
    REASON,
    due,
    events_of,
    facts,
    in_the_uk,
    move_to,
    refuse_identity,
    sent,
    under,
    utc,
)
from tests.support.identity import confirmed

MONTH_END, EXTENDED = "2026-04-07", "2026-06-05"


def asked(bench, right="access"):
    case_id = bench.open(right)
    ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
    return case_id


def prepared(bench):
    case_id = bench.open("access")
    extend(current_app(), case_id, reason=REASON, by="Dana")
    return case_id


def test_a_letter_that_moves_no_clock_is_only_noted_with_how_it_was_sent_and_its_proof_by_its_hash(bench):
    case_id = bench.open("access")
    before = facts(bench, case_id)[0]
    bench.pass_time(DAY)
    assert record_sent(current_app(), case_id.lower(), " l1 ", by="  Ida   Sender ") == "Letter L1 is noted as sent."
    dates, events, (letter,), ledger = facts(bench, case_id)
    assert (dates, events) == (before, {})
    assert (letter.sent_at, letter.sent_by) == (bench.moment[0], "Ida Sender")
    assert (ledger[-1].event, ledger[-1].actor) == ("LetterSent", "Ida Sender")
    for channel, proof, sentence in [
        ("pigeon", "", "no such channel"),
        ("post", "x" * 201, "200 characters"),
        ("", "a\x00b", "printable"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            delivery(channel, proof)


def test_a_question_lets_the_clock_stand_from_when_it_went_out_until_the_answer(bench):
    case_id = asked(bench)
    assert due(bench, case_id) == MONTH_END, "a letter that was only written stops nothing"
    assert facts(bench, case_id)[0].suspended_since is None
    bench.pass_time(DAY)
    said = record_sent(current_app(), case_id, "L2", by="Ida")
    assert said.endswith("The clock is suspended until the answer; without the suspension it is due Tue 07 Apr 2026.")
    dates = facts(bench, case_id)[0]
    assert (dates.suspended_since, dates.due_on.isoformat()) == (bench.moment[0], MONTH_END)
    bench.pass_time(10 * DAY)
    bench.confirm_identity(case_id)
    dates, events, _, _ = facts(bench, case_id)
    assert dates.suspended_since is None
    assert (dates.due_on.isoformat(), dates.no_pause_due_on.isoformat()) == ("2026-04-15", MONTH_END)
    assert events["IDENTITY_CONFIRMED"] - events["IDENTITY_REQUESTED"] == 10 * DAY


def test_a_question_that_never_went_out_stops_nothing_when_the_proof_comes_all_the_same(bench):
    case_id = asked(bench)
    bench.pass_time(5 * DAY)
    bench.confirm_identity(case_id)
    assert due(bench, case_id) == MONTH_END
    assert set(events_of(bench, case_id)) == {"IDENTITY_CONFIRMED"}, "kept, should the question be noted later"
    with pytest.raises(Conflict, match="Identity was decided already"):
        record_sent(current_app(), case_id, "L2", by="Ida")
    assert sent(bench, case_id) == []


def test_a_question_recorded_only_after_the_proof_counts_from_its_own_time_to_the_proof(bench):
    case_id = asked(bench)
    bench.pass_time(6 * DAY)
    bench.confirm_identity(case_id)
    bench.pass_time(DAY)
    said = record_sent(current_app(), case_id, "L2", at=utc("2026-03-06T10:00"), by="Ida")
    assert said.endswith("The clock was suspended until the answer; it is due Fri 10 Apr 2026.")
    events = events_of(bench, case_id)
    assert events == {"IDENTITY_REQUESTED": utc("2026-03-06T10:00"), "IDENTITY_CONFIRMED": utc("2026-03-11T09:00")}


def test_the_day_on_which_the_proof_arrived_counts_also_where_the_question_is_recorded_only_later(bench):
    case_id = asked(bench)
    bench.pass_time(6 * DAY)
    record_decision(current_app(), case_id, confirmed(utc("2026-03-08T11:00"), proof_at=utc("2026-03-08T12:00")))
    record_sent(current_app(), case_id, "L2", at=utc("2026-03-06T10:00"), by="Ida")
    assert events_of(bench, case_id)["IDENTITY_CONFIRMED"] == utc("2026-03-08T12:00")
    assert due(bench, case_id) == "2026-04-07"


def test_a_question_that_went_out_after_the_proof_was_there_stops_nothing(bench):
    case_id = asked(bench)
    bench.pass_time(6 * DAY)
    record_decision(current_app(), case_id, confirmed(utc("2026-03-08T11:00"), proof_at=utc("2026-03-08T12:00")))
    record_sent(current_app(), case_id, "L2", at=utc("2026-03-09T10:00"), by="Ida")
    assert "IDENTITY_REQUESTED" not in events_of(bench, case_id)


def test_a_question_that_goes_out_too_late_stops_nothing_and_the_desk_is_told_that_the_letter_is_wrong(bench):
    case_id = asked(bench)
    bench.pass_time(6 * DAY)
    said = record_sent(current_app(), case_id, "L2", by="Ida")
    assert "too late to stop the clock, although it says so: tell the person. It stays due Tue 07 Apr 2026." in said
    assert facts(bench, case_id)[0].suspended_since is None


@pytest.mark.parametrize(("day", "stands"), [("2026-03-10T23:30", True), ("2026-03-11T00:30", False)])
def test_three_working_days_are_counted_in_the_controllers_zone(bench, day, stands):
    case_id = asked(bench)
    move_to(bench, day)
    record_sent(current_app(), case_id, "L2", by="Ida")
    assert (facts(bench, case_id)[0].suspended_since is not None) is stands


def test_under_the_uk_gdpr_the_month_starts_with_the_proof_however_late_the_question(bench):
    with in_the_uk(bench):
        case_id = asked(bench)
        bench.pass_time(8 * DAY)
        assert "The clock is suspended until the answer" in record_sent(current_app(), case_id, "L2", by="Ida")
        bench.pass_time(5 * DAY)
        bench.confirm_identity(case_id)
        assert due(bench, case_id) == "2026-04-20"


@pytest.mark.parametrize(
    ("zone", "local", "in_time"),
    [
        ("Europe/Berlin", "2026-04-07T23:30", True),
        ("Europe/Berlin", "2026-04-08T00:30", False),
        ("America/New_York", "2026-04-07T23:30", True),
        ("America/New_York", "2026-04-08T00:30", False),
    ],
)
def test_a_notice_counts_by_the_day_in_the_controllers_zone(bench, zone, local, in_time):
    """Letters, test 6: whatever the date in UTC, which is another one at these times."""
    with under(bench, timezone=zone):
        case_id = prepared(bench)
        move_to(bench, local)
        said = record_sent(current_app(), case_id, "L6", by="Ida")
        dates = facts(bench, case_id)[0]
        assert (dates.extended, dates.due_on.isoformat()) == ((True, EXTENDED) if in_time else (False, MONTH_END))
        late = "It came too late and extends nothing, although it says so: tell the person. It stays due Tue 07 Apr"
        assert ("The period is extended; it is now due Fri 05 Jun 2026." if in_time else late) in said


def test_a_notice_decided_in_time_and_sent_late_moves_nothing_and_there_is_no_second_one(bench):
    case_id = prepared(bench)
    before = facts(bench, case_id)[0].due_on
    move_to(bench, "2026-04-09T10:00")
    record_sent(current_app(), case_id, "L6", by="Ida")
    dates, events, _, _ = facts(bench, case_id)
    assert (dates.due_on, dates.extended) == (before, False)
    assert "EXTENSION_NOTICE_SENT" in events
    assert "came after its last day" in dates.explanation
    with pytest.raises(Conflict, match="once only"):
        extend(current_app(), case_id, reason=REASON, by="Dana")


def test_while_the_clock_stands_a_late_notice_waits_for_the_answer(bench):
    case_id = bench.open("access")
    ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
    record_sent(current_app(), case_id, "L2", by="Ida")
    extend(current_app(), case_id, reason=REASON, by="Dana")
    move_to(bench, "2026-04-10T10:00")
    said = record_sent(current_app(), case_id, "L6", by="Ida")
    assert "Without the suspension it came too late; whether it extends the period is settled by the answer." in said
    assert not facts(bench, case_id)[0].extended
    bench.confirm_identity(case_id)
    dates = facts(bench, case_id)[0]
    assert (dates.extended, dates.due_on.isoformat()) == (True, "2026-07-13")


def test_of_a_closed_case_letters_are_noted_and_its_clock_stays(bench):
    case_id = asked(bench)
    bench.pass_time(3 * DAY)
    refuse_identity(case_id)
    before = facts(bench, case_id)[0]
    assert record_sent(current_app(), case_id, "L1", by="Ida") == "Letter L1 is noted as sent."
    said = record_sent(current_app(), case_id, "L2", at=utc("2026-03-05T10:00"), by="Ida")
    assert said.endswith("The case is refused, and its clock does not move any more.")
    dates, events, _, _ = facts(bench, case_id)
    assert (dates, events) == (before, {})


def test_a_notice_of_a_closed_case_moves_nothing(bench):
    case_id = prepared(bench)
    with bench.file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    assert "its clock does not move any more" in record_sent(current_app(), case_id, "L6", by="Ida")
    assert due(bench, case_id) == MONTH_END


def test_what_cannot_be_is_refused_and_changes_nothing_and_a_letter_goes_out_once(bench):
    case_id = asked(bench)
    before = facts(bench, case_id)
    for letter, at, by, error, sentence in [
        ("L6", None, "Ida", BadInput, "There is no letter L6 in this case; its letters are: L1, L2"),
        ("L99", None, "Ida", BadInput, "There is no letter L99"),
        ("L2", timedelta(minutes=1), "Ida", BadInput, "in the future"),
        ("L2", -MINUTE, "Ida", BadInput, "before it was written"),
        ("L2", None, "  ", BadInput, "Your name is missing"),
        ("L2", None, "Ida\x00", BadInput, "printable"),
    ]:
        with pytest.raises(error, match=sentence):
            record_sent(current_app(), case_id, letter, at=bench.moment[0] + at if at else None, by=by)
        assert facts(bench, case_id) == before
    record_sent(current_app(), case_id, "L2", by="Ida")
    bench.pass_time(DAY)
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match="went out already"):
        record_sent(current_app(), case_id, "L2", by="Ida")
    assert facts(bench, case_id) == before


def test_a_clarification_under_the_gdpr_stops_nothing(bench):
    case_id = bench.open("access")
    bench.confirm_identity(case_id)
    ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
    assert "It does not stop the clock; it stays due Tue 07 Apr 2026." in record_sent(
        current_app(), case_id, "L3", by="Ida"
    )


@pytest.mark.apart
def test_the_same_act_twice_at_once_is_one(tmp_path, postgres_server):
    with postgres_server.database() as database, running_bench(tmp_path, database.url()) as bench:
        case_id = bench.open("access")

        def attempts(act):
            came = at_once(4, act)
            refused = [one for one in came if isinstance(one, Exception)]
            assert [type(one) for one in refused] == [Conflict] * 3, refused

        attempts(lambda number: ask_identity(current_app(), case_id, doubt=DOUBT, by=f"Ida {number}"))
        attempts(lambda number: extend(current_app(), case_id, reason=REASON, by=f"Dana {number}"))
        attempts(lambda number: record_sent(current_app(), case_id, "L2", by=f"Ida {number}"))
        attempts(lambda number: record_sent(current_app(), case_id, "L6", by=f"Ida {number}"))
        assert list(events_of(bench, case_id)) == ["EXTENSION_NOTICE_SENT", "IDENTITY_REQUESTED"]
        assert sorted(sent(bench, case_id)) == ["L2", "L6"]


def test_how_a_letter_was_sent_is_noted_and_the_reference_of_the_proof_only_by_its_hash(bench):
    case_id = bench.open("access")
    record_sent(current_app(), case_id, "L1", by="Ida", how=delivery(" Registered  Post", " RR 1234 5678 9 DE "))
    entry = facts(bench, case_id)[3][-1]
    assert (entry.details["channel"], len(entry.details["proof"])) == ("registered post", 64)
    assert "1234" not in str(entry.details)
    with bench.file(case_id) as file:
        assert [one.proof for one in file.outbox.letters()] == ["RR 1234 5678 9 DE"]


def test_a_day_of_sending_is_one_of_the_controllers_zone(bench):
    case_id = asked(bench)
    with pytest.raises(BadInput, match="day in the future"):
        sent_on(date(2026, 3, 6), bench.runtime)
    move_to(bench, "2026-03-07T10:00")
    before = facts(bench, case_id)
    with pytest.raises(BadInput, match="before it was written"):
        record_sent(current_app(), case_id, "L2", at=sent_on(date(2026, 3, 4), bench.runtime), by="Ida")
    assert facts(bench, case_id) == before
    record_sent(current_app(), case_id, "L2", at=sent_on(date(2026, 3, 5), bench.runtime), by="Ida")
    assert facts(bench, case_id)[0].suspended_since == utc("2026-03-05T22:59:59")
