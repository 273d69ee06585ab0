"""Questions to the person: what is written, what it does to the clock when it goes out, and when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.questions import (
    ask_clarification,
    ask_identity,
    record_clarified,
    record_clarified_on,
)
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.clock import arrival_instant, lapse_questions
from rightsflow.domain.deadlines.clock_events import WAIT
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from tests.integration.cases.written import letters
from tests.support import looks
from tests.support.desk import DAY, DOUBT, MINUTE, due, events_of, facts, in_the_uk, move_to, utc
from tests.support.identity import confirmed
from tests.support.steps import is_accepted, search


def identity(proof_at=None):
    return confirmed(utc("2026-03-05T09:00"), proof_at=proof_at)


class TestIdentity:
    def test_the_letter_gives_the_doubt_the_mild_means_and_the_effect(self, bench):
        case_id = bench.open("access", name="Anna Quillfeather")
        before = facts(bench, case_id)
        for doubt, by, sentence in ((" ", "Ida", "The reason for the doubt"), (DOUBT, "", "Your name is missing")):
            with pytest.raises(BadInput, match=sentence):
                ask_identity(current_app(), case_id, doubt=doubt, by=by)
        with pytest.raises(Conflict, match="The letter"):
            ask_identity(current_app(), case_id, doubt="Your account with us has another address.", by="Ida")
        assert facts(bench, case_id) == before
        said = ask_identity(current_app(), case_id, doubt=f" {DOUBT}\n", by=" Ida  Asker ")
        assert said == (
            "The question (letter L2) is in the outbox; send it, and record when it went out. "
            "The clock is suspended from that day on, if it is soon."
        )
        letter = letters(bench, case_id)["L2"]
        assert DOUBT in letter
        assert "suspended from the day on which we send you this question until" in letter
        assert "Quillfeather" not in letter
        _, events, _, ledger = facts(bench, case_id)
        assert events == {}
        assert next(one.actor for one in ledger if one.event == "ProofOfIdentityAsked") == "Ida Asker"
        assert DOUBT not in repr(ledger)
        assert looks.state(bench, case_id) is CaseState.IDENTITY_PENDING

    def test_asked_late_the_letter_and_the_answer_say_that_the_clock_runs(self, bench):
        case_id = bench.open("access")
        bench.pass_time(8 * DAY)
        said = ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        assert said.endswith("It does not stop the clock: it stays due Tue 07 Apr 2026.")
        assert (
            "does not change the day by which you get our answer: 2 April 2026 at the latest."
            in letters(bench, case_id)["L2"]
        )

    def test_it_is_asked_once_and_not_after_the_decision_or_the_end(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        with pytest.raises(Conflict, match="asked already"):
            ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        decided = bench.open("erasure")
        bench.confirm_identity(decided)
        with pytest.raises(Conflict, match=f"decided already; look at `rightsflow show {decided}`"):
            ask_identity(current_app(), decided.lower(), doubt=DOUBT, by="Ida")
        closed = bench.open("access", email="other@example.org")
        with bench.file(closed) as file:
            file.advance(CaseAction.WITHDRAW)
        with pytest.raises(Conflict, match="is closed; there is nothing to ask"):
            ask_identity(current_app(), closed, doubt=DOUBT, by="Ida")

    def test_the_clock_runs_on_from_the_day_on_which_the_proof_arrived_which_is_after_the_question_and_not_to_come(
        self, bench
    ):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        before = facts(bench, case_id)
        for proof_at, word in [(-DAY, "before the question went out"), (MINUTE, "in the future")]:
            with pytest.raises(BadInput, match=word):
                record_decision(current_app(), case_id, identity(bench.moment[0] + proof_at))
            assert facts(bench, case_id) == before
            assert reach_gate(current_app(), case_id, Gate.IDENTITY).verdict is None
        bench.pass_time(10 * DAY)
        record_decision(current_app(), case_id, identity(utc("2026-03-09T18:00")))
        assert events_of(bench, case_id)["IDENTITY_CONFIRMED"] == utc("2026-03-09T18:00")
        assert due(bench, case_id) == "2026-04-09"

    @pytest.mark.parametrize(
        ("day", "arrived"),
        [("", "2026-03-12T09:00"), ("2026-03-12", "2026-03-12T09:00"), ("2026-03-09", "2026-03-09T22:59:59")],
    )
    def test_the_day_on_which_the_proof_arrived_counts(self, bench, day, arrived):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        bench.pass_time(7 * DAY)
        assert is_accepted(case_id, identity(arrival_instant(day, current_app())))
        assert events_of(bench, case_id)["IDENTITY_CONFIRMED"] == utc(arrived)

    @pytest.mark.parametrize(
        ("day", "objection"), [("last week", "give it like 2026-03-05"), ("2026-03-13", "in the future")]
    )
    def test_a_day_that_is_none_is_an_objection(self, bench, day, objection):
        bench.pass_time(7 * DAY)
        with pytest.raises(BadInput, match=objection) as refused:
            arrival_instant(day, current_app())
        assert "last week" not in str(refused.value)


class TestClarification:
    def test_under_the_uk_gdpr_the_days_from_question_to_answer_do_not_count(self, bench):
        with in_the_uk(bench):
            case_id = bench.open("access")
            bench.confirm_identity(case_id)
            search(case_id)
            said = ask_clarification(current_app(), case_id, areas=[" tickets ", "", "calls"], by="Ida")
            assert said.endswith("The clock is suspended from that day on.")
            assert "- tickets - calls" in letters(bench, case_id)["L3"]
            assert due(bench, case_id) == "2026-04-06", "Easter Monday is no holiday of the whole United Kingdom"
            bench.pass_time(DAY)
            record_sent(current_app(), case_id, "L3", by="Ida")
            assert facts(bench, case_id)[0].suspended_since == bench.moment[0]
            bench.pass_time(4 * DAY)
            assert record_clarified(current_app(), case_id, by="Ida") == "Noted; the case is due Fri 10 Apr 2026."
            assert set(events_of(bench, case_id)) == {"CLARIFICATION_REQUESTED", "CLARIFICATION_RECEIVED"}
            with pytest.raises(Conflict, match="answered what they mean already"):
                record_clarified(current_app(), case_id, by="Ida")

    def test_the_answer_counts_from_its_own_day(self, bench):
        with in_the_uk(bench):
            case_id = bench.open("access")
            bench.confirm_identity(case_id)
            search(case_id)
            ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
            record_sent(current_app(), case_id, "L3", by="Ida")
            bench.pass_time(6 * DAY)
            before = facts(bench, case_id)
            for day, sentence in (("2026-03-04", "before the question"), ("2026-03-12", "future"), ("x", "not valid")):
                with pytest.raises(BadInput, match=sentence):
                    record_clarified_on(current_app(), case_id, day, by="Ida")
            assert facts(bench, case_id) == before
            record_clarified_on(current_app(), case_id, "2026-03-07", by="Ida")
            assert events_of(bench, case_id)["CLARIFICATION_RECEIVED"] == utc("2026-03-07T23:59:59")
            assert facts(bench, case_id)[0].due_on.isoformat() == "2026-04-08"

    def test_under_the_gdpr_it_stops_nothing_and_says_so(self, bench):
        case_id = bench.open("access")
        bench.confirm_identity(case_id)
        search(case_id)
        said = ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
        assert said.endswith("It does not stop the clock: it stays due Tue 07 Apr 2026.")
        record_sent(current_app(), case_id, "L3", by="Ida")
        bench.pass_time(DAY)
        assert record_clarified(current_app(), case_id, by="Ida") == "Noted; the case is due Tue 07 Apr 2026."

    def test_it_has_to_have_gone_out_to_be_answered(self, bench):
        case_id = bench.open("access")
        bench.confirm_identity(case_id)
        with pytest.raises(Conflict, match="not asked what they mean, or the letter has not gone out"):
            record_clarified(current_app(), case_id, by="Ida")

    def test_an_answer_asks_for_the_letter_to_be_noted_first(self, bench):
        with in_the_uk(bench):
            case_id = bench.open("access")
            bench.confirm_identity(case_id)
            search(case_id)
            ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
            bench.pass_time(4 * DAY)
            with pytest.raises(Conflict, match="has not gone out yet"):
                record_clarified(current_app(), case_id, by="Ida")
            assert events_of(bench, case_id) == {}

    def test_it_lapses_when_nobody_answers_as_the_letter_says(self, bench):
        with in_the_uk(bench) as there:
            current = current_app()
            case_id = there.open("access")
            there.confirm_identity(case_id)
            search(case_id)
            ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
            assert "4 April 2026" in letters(there, case_id)["L3"]
            record_sent(current_app(), case_id, "L3", by="Ida")
            there.pass_time(WAIT)
            assert lapse_questions(current) == 0
            there.pass_time(DAY)
            assert lapse_questions(current) == 1
            assert events_of(there, case_id)["CLARIFICATION_RECEIVED"] == utc("2026-04-04T09:00")
            assert facts(there, case_id)[0].suspended_since is None
            assert lapse_questions(current) == 0

    def test_it_lapses_after_the_day_that_it_names_also_where_it_went_out_later(self, bench):
        with in_the_uk(bench) as there:
            case_id = there.open("access")
            there.confirm_identity(case_id)
            search(case_id)
            ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
            there.pass_time(3 * DAY)
            record_sent(current_app(), case_id, "L3", by="Ida")
            there.pass_time(WAIT + DAY)
            assert lapse_questions(current_app()) == 1
            assert "goes on after that day" in letters(there, case_id)["L3"]
            assert events_of(there, case_id)["CLARIFICATION_RECEIVED"] == utc("2026-04-04T22:59:59")

    def test_who_is_not_asked(self, bench):
        erasure = bench.open("erasure")
        access = bench.open("access")
        closed = bench.open("access", email="other@example.org")
        with bench.file(closed) as file:
            file.advance(CaseAction.WITHDRAW)
        for case_id in (erasure, closed):
            with pytest.raises(Conflict, match="Only the person behind an open access request"):
                ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
        bench.confirm_identity(access)
        with pytest.raises(BadInput, match="at least one area"):
            ask_clarification(current_app(), access, areas=[" ", ""], by="Ida")
        ask_clarification(current_app(), access, areas=["tickets"], by="Ida")
        with pytest.raises(Conflict, match="asked already"):
            ask_clarification(current_app(), access, areas=["tickets"], by="Ida")

    def test_identity_comes_first(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        with pytest.raises(Conflict, match="confirm the person's identity first"):
            ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
        bench.pass_time(timedelta(hours=3))
        bench.confirm_identity(case_id)
        search(case_id)
        ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")

    def test_the_answer_to_a_closed_case_moves_nothing(self, bench):
        case_id = bench.open("access")
        bench.confirm_identity(case_id)
        search(case_id)
        ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
        record_sent(current_app(), case_id, "L3", by="Ida")
        with bench.file(case_id) as file:
            file.advance(CaseAction.WITHDRAW)
        move_to(bench, "2026-03-08T10:00")
        with pytest.raises(Conflict, match="its clock does not move any more"):
            record_clarified(current_app(), case_id, by="Ida")
        assert set(events_of(bench, case_id)) == {"CLARIFICATION_REQUESTED"}
