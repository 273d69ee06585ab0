"""The case sheet: what stands where, what is missing, and nothing of the person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_clarification, ask_identity, record_clarified
from rightsflow.cases.course.sending.delivery import mark_sent, record_sent
from rightsflow.cases.facts.deadlines.alerts import acknowledge, look_at_cases
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.facts.people import hand_over
from rightsflow.cases.work.access.package import extract_records
from rightsflow.cases.work.search import locate_records
from rightsflow.domain.errors import BadInput, Transient
from tasks.prefect_io.sheet import Interims
from tests.support.bench import CANARIES
from tests.support.canary import Scanner
from tests.support.desk import DAY, DOUBT, REASON, in_the_uk, move_to, refuse_identity
from tests.support.steps import carried_out, identified, searched

SCANNER = Scanner({value: value for value in (*CANARIES, "23125", "quill")})


def sheet(bench, case_id):
    return render_sheet(read_overview(current_app(), case_id), bench.runtime)


@pytest.mark.apart
def test_it_shows_steps_outcomes_decisions_and_reasons(bench):
    case_id = carried_out(bench)
    text = sheet(bench, case_id)
    for words in (
        f"# {case_id}: erasure request",
        "| verify | calls | ✅ done | 1 absent | 1 |",
        "| helpdesk | service tickets | redacted | 1 |",
        "### Kept, and why",
        "Dana Decider",
    ):
        assert words in text, text
    assert not SCANNER.scan(text.encode(), "sheet")


@pytest.mark.apart
def test_what_is_counted_agrees_with_its_noun(bench):
    """Found: "1 letters", "1 contact data", and tasks with "1 × invoices, kept until 2033-12-31"."""
    case_id = carried_out(bench)
    write_answer(current_app(), case_id)
    text = sheet(bench, case_id)
    assert "| answer | – | ✅ done | 1 letter | 1 |" in text
    assert "| locate | calls | ✅ done | 1 match | " in text
    assert "| resolve | – | ✅ done | 6 records of the person" in text
    assert " × " not in text
    assert re.search(r"Approve the erasure: invoices \(1\); kept until 31 December 20\d\d\.", text)


def test_a_copy_is_counted_by_category(bench):
    case_id = searched(bench, "access")
    extract_records(current_app(), case_id, "helpdesk")
    assert re.search(r"\| extract \| helpdesk \| ✅ done \| [a-z ]+: \d", sheet(bench, case_id))


def test_a_day_of_receipt_without_a_time_stands_alone(bench):
    """Found: "Thu 26 Nov 2026, 00:00", where only the day was known."""
    case_id = bench.open("access", received="2026-03-04")
    text = sheet(bench, case_id)
    assert "| Wed 04 Mar 2026 | **" in text
    assert "_Received Wednesday 4 March 2026 in Berlin; " in text
    assert "00:00" not in text


def test_it_says_what_is_missing(bench):
    case_id = identified(bench, "access")
    bench.systems["calls"].fail("locate")
    with pytest.raises(Transient):
        locate_records(current_app(), case_id, "calls")
    text = sheet(bench, case_id)
    assert "**Next:** Missing: locate calls. The case stays open" in text
    assert "❌ failed" in text


def test_the_light_follows_the_clock(bench):
    case_id = searched(bench, "access")
    lights = []
    for days in (0, 21, 8):
        bench.pass_time(timedelta(days=days))
        lights.append(read_overview(current_app(), case_id).light.value)
    assert lights == ["green", "amber", "red"]


def test_a_case_that_does_not_exist_has_none(bench):
    with pytest.raises(BadInput, match="There is no case"):
        read_overview(current_app(), "DSR-2026-000000")


def assert_says(bench, case_id, *lines):
    text = sheet(bench, case_id)
    for line in lines:
        assert line in text.splitlines(), text
    assert not SCANNER.scan(text.encode(), "sheet")
    return text


class TestTheClock:
    """What moved it, what would move it, and what did not."""

    def test_both_dates_of_a_suspension_are_shown(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        assert_says(
            bench,
            case_id,
            "- **The question for proof of identity (L2) has not gone out.** The clock runs until it has.",
            "| L2 identity request | Thu 05 Mar 2026, 10:00 | not yet recorded |",
        )
        record_sent(current_app(), case_id, "L2", by="Ida")
        asked = "- The person was asked to prove who they are: Thu 05 Mar 2026, 10:00 (asked by Ida, recorded by Ida)"
        text = assert_says(
            bench,
            case_id,
            f"{asked}; no answer noted",
            "- **The clock has been suspended since Thu 05 Mar 2026, 10:00.** The dates above are those without the "
            "suspension.",
            "| L2 identity request | Thu 05 Mar 2026, 10:00 | Thu 05 Mar 2026, 10:00, Ida |",
        )
        assert "**Next:** Wait for the person's proof of identity, then confirm it" in text
        bench.pass_time(9 * DAY)
        bench.confirm_identity(case_id)
        text = assert_says(
            bench,
            case_id,
            asked,
            "- The proof of identity arrived: Sat 14 Mar 2026, 10:00 (recorded by Ida)",
            "- Without the suspension it would be due Tue 07 Apr 2026.",
        )
        assert "| **Mon 13 Apr 2026** | Tue 14 Apr 2026 | open |" in text
        assert "stands since" not in text

    def test_a_question_that_came_to_nothing_is_not_waited_for(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        bench.confirm_identity(case_id)
        assert "The clock runs until" not in sheet(bench, case_id)

    def test_a_clarification(self, bench):
        with in_the_uk(bench):
            case_id = searched(bench, "access")
            ask_clarification(current_app(), case_id, areas=["tickets"], by="Ida")
            assert_says(bench, case_id, "- **The question what is meant (L3) has not gone out.**")
            record_sent(current_app(), case_id, "L3", by="Emil")
            asked = "- The person was asked what they mean: Thu 05 Mar 2026, 09:00 (asked by Ida, recorded by Emil)"
            text = assert_says(bench, case_id, f"{asked}; no answer noted")
            assert "**Next:** Wait for the person to say what they mean, then record it" in text
            record_clarified(current_app(), case_id, by="Ida")
            assert_says(bench, case_id, asked)

    def test_a_question_that_does_not_stop_the_clock_is_waited_for_as_well(self, bench):
        case_id = bench.open("access")
        bench.pass_time(25 * DAY)
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        assert "**Next:** The flow starts" not in (before := sheet(bench, case_id))
        assert "**Next:** Confirm the person's identity" in before
        record_sent(current_app(), case_id, "L2", by="Ida")
        text = sheet(bench, case_id)
        assert "stands since" not in text
        assert "(asked by Ida, recorded by Ida); no answer noted" in text
        assert "**Next:** Wait for the person's proof of identity, then confirm it" in text

    def test_what_the_machine_mailed_is_somebodys_act(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Dana")
        extend(current_app(), case_id, reason=REASON, by="Emil")
        for letter in ("L2", "L6"):
            with bench.file(case_id) as file:
                mark_sent(file, bench.runtime, letter, bench.runtime.now(), by="rightsflow")
        text = sheet(bench, case_id)
        assert "(asked by Dana, mailed by rightsflow); no answer noted" in text
        assert (
            "- The notice of extension went out: Thu 05 Mar 2026, 10:00 (decided by Emil, mailed by rightsflow)" in text
        )

    def test_an_extension_before_and_after_its_notice(self, bench):
        case_id = bench.open("access")
        assert_says(bench, case_id, "- Last day for the notice of an extension: Tue 07 Apr 2026.")
        extend(current_app(), case_id, reason=REASON, by="Dana")
        assert_says(
            bench,
            case_id,
            "- **The notice of extension (L6) has not gone out.** The period is not extended before it has; its last "
            "day is Tue 07 Apr 2026.",
        )
        record_sent(current_app(), case_id, "L6", by="Dana")
        text = assert_says(bench, case_id, "- **The period is extended** to Fri 05 Jun 2026.")
        assert "Last day for the notice" not in text

    def test_a_notice_that_did_not_go_out_and_one_that_went_out_late(self, bench):
        case_id = bench.open("access")
        extend(current_app(), case_id, reason=REASON, by="Dana")
        move_to(bench, "2026-04-08T09:00")
        assert_says(
            bench,
            case_id,
            "- **The notice of extension (L6) did not go out** by its last day, Tue 07 Apr 2026: the period is not "
            "extended. Do not send it any more.",
        )
        record_sent(current_app(), case_id, "L6", by="Dana")
        text = assert_says(bench, case_id, "- **The notice of extension came too late and extends nothing.**")
        assert "came after its last day, Tuesday 7 April, and extends nothing" in text
        assert "| Tue 07 Apr 2026 | open |" in text

    def test_after_its_last_day_no_notice_is_spoken_of(self, bench):
        case_id = bench.open("access")
        move_to(bench, "2026-04-08T09:00")
        assert "notice of an extension" not in sheet(bench, case_id)

    def test_a_late_notice_while_the_clock_stands(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        extend(current_app(), case_id, reason=REASON, by="Dana")
        move_to(bench, "2026-04-09T09:00")
        record_sent(current_app(), case_id, "L6", by="Dana")
        assert "settled by the answer: without the suspension it was late." in sheet(bench, case_id)

    def test_a_moved_date_takes_the_risk_away(self, bench):
        case_id = bench.open("access")
        bench.pass_time(23 * DAY)
        extend(current_app(), case_id, reason=REASON, by="Dana")
        with bench.file(case_id) as file:
            file.forecasts.keep(replace(file.forecasts.present, late_on=file.work_to_on + DAY, at_risk=True))
        assert "**It is at risk.**" in sheet(bench, case_id)
        record_sent(current_app(), case_id, "L6", by="Dana")
        text = sheet(bench, case_id)
        assert "Forecast: no closed access cases so far; typical durations from the configuration." in text
        assert "at risk" not in text

    def test_of_a_settled_case_only_what_happened_is_left(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        bench.pass_time(DAY)
        refuse_identity(case_id)
        text = sheet(bench, case_id)
        for word in ("has not gone out.**", "Last day for", "stands since"):
            assert word not in text


def test_alerts_are_shown_with_who_took_note_and_whether_they_are_over(bench):
    case_id = bench.open("access")
    bench.pass_time(18 * DAY)
    look_at_cases(bench.runtime)
    raised = "| Mon 23 Mar 2026, 10:00 | acknowledgement-missing: It was opened on Thursday 5 March 2026, and its "
    assert raised + "acknowledgement has not gone out. | not sent |  |" in sheet(bench, case_id)
    acknowledge(current_app(), case_id, by="Ida")
    assert "| not sent | Ida, Mon 23 Mar 2026, 10:00 |" in sheet(bench, case_id)
    with bench.file(case_id) as file:
        file.alerts.end_all()
    assert "| not sent | Ida, Mon 23 Mar 2026, 10:00; over |" in sheet(bench, case_id)


def test_changes_of_owner_are_shown_without_their_reasons(bench):
    case_id = bench.open("access")
    assert "Changes of owner" not in sheet(bench, case_id)
    hand_over(current_app(), case_id, "dpo", by="Dana", reason="Anna Quillfeather is a friend.")
    text = assert_says(bench, case_id, "| Thu 05 Mar 2026, 10:00 | case_owner | dpo | Dana |")
    assert "owner **DPO**" in text


class TestWhenItIsWritten:
    """A sheet that is a few seconds old serves while more is to come; the last one of a run is always written."""

    @pytest.fixture
    def moment(self):
        return [100.0]

    @pytest.fixture
    def interims(self, moment):
        return Interims(lambda: moment[0])

    @pytest.fixture
    def is_due(self, moment, interims):
        def asked(at, key="one", *, interim=True):
            moment[0] = 100.0 + at
            return interims.is_due(key, interim=interim)

        return asked

    def test_interim_states_are_written_each_few_seconds_and_the_first_not_at_once(self, is_due):
        assert [at for at in range(10) if is_due(at)] == [3, 6, 9]

    def test_one_that_is_no_interim_state_always_is(self, is_due):
        assert all(is_due(0, interim=False) for _ in range(3))
        assert [at for at in range(5) if is_due(at)] == [3]

    def test_each_run_of_each_case_has_its_own_time(self, is_due):
        assert not is_due(0)
        assert not is_due(3, "another")
        assert is_due(3)
        assert not is_due(5, "another")
        assert is_due(6, "another")

    def test_of_old_runs_nothing_is_kept(self, is_due, interims):
        for number in range(3_000):
            is_due(0, f"case {number}", interim=False)
        assert list(interims.written) == [f"case {number}" for number in range(2_000, 3_000)]
