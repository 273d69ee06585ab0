"""A joined request with an earlier receipt moves the dates: what was not sent names the new ones."""

from __future__ import annotations

from sqlalchemy import text

from rightsflow.app import current_app
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.texts import _as_written
from rightsflow.cases.course.intake.opening import join_request, open_request_form
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.letters.renewal import HOLIDAYS, renew_cases
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.sending.text_review import edit_letter
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.domain.request import RequestForm
from tests.support import looks
from tests.support.desk import DAY

REASON = "140 hours of recordings in three systems have to be screened."


def open_(received, email="Anna.Quill@example.com"):
    form = RequestForm(right="access", email=email, opened_by="Olga Opener", received=received)
    return open_request_form(current_app(), form).case_id


def join(received):
    form = RequestForm(right="access", email="Anna.Quill@example.com", opened_by="Olga Opener", received=received)
    assert "counts from" in join_request(current_app(), form)[1]


def bodies(bench, case_id):
    return looks.letters(bench, case_id)


def written(bench, case_id):
    return [one.details for one in looks.entries(bench, case_id, "LetterWritten")]


def test_an_acknowledgement_that_was_not_sent_names_the_dates_that_the_case_has_now(bench):
    """It promised an answer by a day after the last one of the law."""
    neighbour = open_("2026-03-04", email="boris.other@example.org")
    theirs = bodies(bench, neighbour)
    case_id = open_("2026-03-04")
    assert "by 2 April 2026 at the latest" in bodies(bench, case_id)["L1"]
    bench.pass_time(DAY)
    join("2026-02-26")
    body = bodies(bench, case_id)["L1"]
    assert "We received your message on 26 February 2026" in body
    assert "by 26 March 2026 at the latest" in body
    assert "4 March" not in body
    assert [one.get("because", "") for one in written(bench, case_id)] == [
        "",
        "an earlier receipt moved the dates that it names",
    ]
    assert bodies(bench, neighbour) == theirs


def test_one_that_was_sent_stays_since_an_answer_before_the_promised_day_keeps_it(bench):
    case_id = open_("2026-03-04")
    record_sent(current_app(), case_id, "L1", by="Ida")
    sent = bodies(bench, case_id)
    join("2026-02-26")
    assert (bodies(bench, case_id), len(written(bench, case_id))) == (sent, 1)


def test_who_notes_late_that_it_went_out_before_notes_the_text_that_went_out(bench):
    case_id = open_("2026-03-04")
    former, posted_at = bodies(bench, case_id), bench.moment[0]
    bench.pass_time(DAY)
    join("2026-02-26")
    edit_letter(current_app(), case_id, "L1", FreeParts(remark="We look forward to it."), by="Ida")
    record_sent(current_app(), case_id, "L1", at=posted_at, by="Ida")
    assert bodies(bench, case_id) == former
    with bench.file(case_id) as file:
        (stored,), lines = list(file.outbox.letters()), fold(list(file.ledger.entries())).letters
    assert [(one.text_hash == stored.text_hash, one.sent_at) for one in lines] == [(True, posted_at), (False, None)]
    assert _as_written(lines)["L1"].text_hash == stored.text_hash


def test_questions_and_notices_that_wait_are_written_anew_too(bench):
    case_id = open_("2026-03-04")
    ask_identity(current_app(), case_id, doubt="The address is a new one.", by="Ida")
    extend(current_app(), case_id, reason=REASON, by="Ida")
    before = bodies(bench, case_id)
    join("2026-02-26")
    after = bodies(bench, case_id)
    for letter, old, new in (
        ("L1", "2 April 2026", "26 March 2026"),
        ("L2", "2 April 2026", "26 March 2026"),
        ("L6", "4 June 2026", "26 May 2026"),
    ):
        assert (old in before[letter], old in after[letter], new in after[letter]) == (True, False, True), letter
    assert "The address is a new one." in after["L2"]
    assert f"- {REASON}" in after["L6"]


def test_a_holiday_that_is_none_any_more_moves_them_too(bench):
    case_id = open_("2026-03-04")
    later = "UPDATE cases SET holidays_version = 'another', work_to_on = '2026-04-03'"
    with bench.runtime.store.database.transaction() as session:
        session.execute(text(later))
    assert renew_cases(current_app()) == 1
    assert [one.get("because", "") for one in written(bench, case_id)] == ["", HOLIDAYS]
    assert "by 2 April 2026 at the latest" in bodies(bench, case_id)["L1"]
    assert renew_cases(current_app()) == 0
