"""The reminder of a question for proof (L14): once, two weeks after it went out, and only while it is true."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.letters.questions import ask_identity, remind_of_proof
from rightsflow.cases.course.letters.renewal import renew_cases
from rightsflow.cases.course.sending.delivery import record_returned, record_sent
from rightsflow.cases.course.sending.mail import mail_letters
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.domain.errors import Conflict
from tests.integration.cases.written import letters
from tests.support.desk import DAY, DOUBT, facts, in_the_uk, refuse_identity, utc
from tests.support.identity import confirmed
from tests.support.mailing import mailing
from tests.support.post import smtp_server


def asked(bench, *, after_days=0):
    case_id = bench.open("access", name="Anna Quillfeather")
    bench.pass_time(after_days * DAY)
    ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
    record_sent(current_app(), case_id, "L2", by="Ida")
    return case_id


def test_it_is_written_once_after_two_weeks_in_full_and_moves_no_clock(bench):
    case_id = asked(bench)
    bench.pass_time(14 * DAY)
    assert remind_of_proof(current_app()) == 0, "two whole weeks have to be over"
    bench.pass_time(DAY)
    dates, events, *_ = facts(bench, case_id)
    assert (remind_of_proof(current_app()), remind_of_proof(current_app())) == (1, 0)
    text = letters(bench, case_id)["L14"]
    assert "On 5 March 2026 we asked you" in text
    assert DOUBT in text
    assert "Please answer by 4 April 2026." in text
    assert "suspended from 5 March 2026" in text
    assert "Quillfeather" not in text
    said = record_sent(current_app(), case_id, "L14", by="Ida")
    assert said == "Letter L14 is noted as sent."
    assert facts(bench, case_id)[:2] == (dates, events)


def test_it_names_the_day_on_which_the_question_went_out_and_not_that_of_its_writing(bench):
    case_id = bench.open("access")
    ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
    bench.pass_time(DAY)
    record_sent(current_app(), case_id, "L2", by="Ida")
    assert "March" not in letters(bench, case_id)["L2"].partition("suspended from")[2].partition("until")[0]
    bench.pass_time(15 * DAY)
    remind_of_proof(current_app())
    text = letters(bench, case_id)["L14"]
    assert "On 6 March 2026 we asked you" in text
    assert "suspended from 6 March 2026" in text
    assert "Please answer by 4 April 2026." in text, "as the question said"


def test_what_did_not_stop_the_clock_is_not_said_to_by_the_reminder(bench):
    case_id = asked(bench, after_days=8)
    bench.pass_time(15 * DAY)
    remind_of_proof(current_app())
    text = letters(bench, case_id)["L14"]
    assert "does not change the day by which you get our answer: 2 April 2026 at the latest." in text
    assert "Please answer by 2 April 2026." in text


def test_in_the_united_kingdom_the_month_starts_with_the_answer(bench):
    with in_the_uk(bench):
        case_id = asked(bench)
        bench.pass_time(15 * DAY)
        remind_of_proof(current_app())
        assert "starts on the day on which we have what we ask you for" in letters(bench, case_id)["L14"]


def confirm(bench, case_id):
    record_decision(current_app(), case_id, confirmed(utc("2026-03-05T09:00")))


@pytest.mark.parametrize(
    "end",
    [
        confirm,
        lambda _bench, case_id: refuse_identity(case_id),
        lambda _bench, case_id: withdraw(current_app(), case_id, by="Ida"),
        lambda _bench, case_id: record_returned(current_app(), case_id, "L2", current_app().today, by="Ida"),
        lambda bench, _case_id: bench.pass_time(15 * DAY),
    ],
    ids=["confirmed", "refused", "withdrawn", "question came back", "the time is over"],
)
def test_no_one_is_reminded_of_what_is_over(bench, end):
    case_id = asked(bench)
    bench.pass_time(15 * DAY)
    end(bench, case_id)
    assert remind_of_proof(current_app()) == 0
    assert "L14" not in letters(bench, case_id)


def test_the_watch_writes_it_and_it_is_mailed_as_the_question_was(bench):
    with smtp_server() as box, mailing(bench, box.port):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        bench.pass_time(15 * DAY)
        renew_cases(current_app())
        look_at_cases(current_app())
        assert mail_letters(current_app()) == 1
        assert box.messages[-1]["To"] == "anna.quill@example.com"
        assert box.messages[-1]["Message-ID"] == f"<{case_id.lower()}.l14@example.com>"
        with bench.file(case_id) as file:
            assert not [one for one in file.alerts.all() if "has not answered" in one.text]


def test_one_that_was_not_sent_goes_out_no_more_once_the_proof_is_there(bench):
    with smtp_server() as box, mailing(bench, box.port):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        bench.pass_time(15 * DAY)
        remind_of_proof(current_app())
        confirm(bench, case_id)
        before = len(box.messages)
        assert mail_letters(current_app()) == 0
        assert len(box.messages) == before
        with pytest.raises(Conflict, match="not to be sent any more"):
            record_sent(current_app(), case_id, "L14", by="Ida")


def test_where_no_mail_goes_the_owner_is_told_that_it_waits_to_be_sent(bench):
    case_id = asked(bench)
    bench.pass_time(15 * DAY)
    renew_cases(current_app())
    bench.pass_time(4 * DAY)
    look_at_cases(current_app())
    with bench.file(case_id) as file:
        assert [one.text for one in file.alerts.all() if "L14" in one.text] == [
            "The letter L14 was written on Friday 20 March 2026 and is not noted as sent."
        ]
