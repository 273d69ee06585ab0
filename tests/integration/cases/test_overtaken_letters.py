"""Letters that were not sent: how long they wait, and what is said of those that are not to be sent any more."""

from __future__ import annotations

import pytest

from rightsflow.cases.course.letters.questions import ask_clarification
from rightsflow.cases.course.sending.delivery import record_returned, record_sent
from rightsflow.cases.course.sending.mail import mail_view
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.facts.overview.timeline import overtaken
from tests.support import looks
from tests.support.mailing import mailing
from tests.support.steps import approved_nothing, nothing_held

ANSWERED_FIRST = "the answer was sent first"


@pytest.fixture
def case_id(bench):
    """A case that is answered, of which neither the answer nor the acknowledgement was sent."""
    return nothing_held(bench)


def waiting(bench):
    return [one.letter for one in bench.runtime.store.work.letters_to_send()]


def said(bench, case_id):
    return overtaken(looks.entries(bench, case_id))


def test_an_acknowledgement_waits_until_the_answer_has_gone_out_and_can_be_mailed_till_then(bench, case_id):
    assert (waiting(bench), said(bench, case_id)) == (["L1", "L8"], {})
    with mailing(bench, 1):
        assert mail_view(bench.runtime, case_id, "L1").way is not None
    record_sent(bench.runtime, case_id, "L8", by="Olga")
    assert (waiting(bench), said(bench, case_id)) == ([], {"L1": ANSWERED_FIRST})
    sheet = render_sheet(read_overview(bench.runtime, case_id), bench.runtime)
    assert f"not to be sent any more: {ANSWERED_FIRST}" in sheet
    record_returned(bench.runtime, case_id, "L8", bench.runtime.today, by="Olga")
    assert (waiting(bench), said(bench, case_id)) == (["L1", "L8"], {})


def test_an_acknowledgement_that_was_sent_is_not_overtaken(bench, case_id):
    record_sent(bench.runtime, case_id, "L1", by="Olga")
    record_sent(bench.runtime, case_id, "L8", by="Olga")
    assert said(bench, case_id) == {}


def test_a_question_is_overtaken_once_the_answer_is_written(bench):
    case_id = bench.open("access", email="other@example.net")
    bench.confirm_identity(case_id)
    ask_clarification(bench.runtime, case_id, areas=["tickets"], by="Ida")
    withdraw(bench.runtime, case_id, by="Olga")
    assert said(bench, case_id) == dict.fromkeys(("L1", "L3"), "the request was withdrawn")
    assert approved_nothing(bench)
    assert sorted(waiting(bench)) == ["L1", "L18"]
