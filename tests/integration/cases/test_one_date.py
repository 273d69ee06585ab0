"""The person reads one date as the day of the answer, whichever letter names it, and the sheet works to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.app import current_app
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_clarification, ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.domain.wording import promised_day
from tests.integration.cases.written import letters
from tests.support.desk import DAY, DOUBT, REASON, in_the_uk, move_to
from tests.support.steps import identified, search

MONTH_ENDS_ON_A_SUNDAY = "2026-03-12T10:00"
"""The last day of the law is Monday 13 April, the target date Friday the 10th."""
TOLD = "10 April 2026"


def names_one_date(bench, case_id, letter, told):
    text = letters(bench, case_id)[letter]
    assert f"{told} at the latest" in text
    assert not [other for other in ("12 April", "13 April") if other in text], text
    sheet = render_sheet(read_overview(current_app(), case_id), bench.runtime)
    assert f"| **{date(2026, 4, 10):%a %d %b %Y}** |" in sheet


@pytest.mark.parametrize("days", [0, 8])
def test_the_question_for_identity_names_the_day_of_the_acknowledgement(bench, days):
    """Found: L1 promised Friday, and L2 named the Monday on which the law's month ends."""
    move_to(bench, MONTH_ENDS_ON_A_SUNDAY)
    case_id = bench.open("access")
    names_one_date(bench, case_id, "L1", TOLD)
    bench.pass_time(days * DAY)
    ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
    names_one_date(bench, case_id, "L2", TOLD)


def test_the_question_what_is_meant_names_it_too(bench):
    move_to(bench, MONTH_ENDS_ON_A_SUNDAY)
    case_id = identified(bench, "access")
    ask_clarification(current_app(), case_id, areas=("tickets",), by="Ida")
    names_one_date(bench, case_id, "L3", TOLD)


def test_so_do_the_questions_in_the_united_kingdom(bench):
    with in_the_uk(bench) as there:
        move_to(there, MONTH_ENDS_ON_A_SUNDAY)
        case_id = there.open("access")
        names_one_date(there, case_id, "L1", TOLD)
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        names_one_date(there, case_id, "L2", TOLD)


@pytest.mark.apart
def test_in_the_united_kingdom_the_question_what_is_meant_keeps_to_the_month_from_the_proof(bench):
    with in_the_uk(bench) as there:
        move_to(there, "2026-03-05T10:00")
        case_id = there.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        move_to(there, MONTH_ENDS_ON_A_SUNDAY)
        there.confirm_identity(case_id)
        search(case_id)
        ask_clarification(current_app(), case_id, areas=("tickets",), by="Ida")
        record_sent(current_app(), case_id, "L3", by="Ida")
        names_one_date(there, case_id, "L3", TOLD)


def test_the_extension_names_the_new_day_alone_and_the_sheet_works_to_it(bench):
    """Found: beside the new day the notice named the Monday that no letter had told before."""
    move_to(bench, "2026-03-13T10:00")
    case_id = bench.open("access")
    extend(current_app(), case_id, reason=REASON, by="Dana")
    text = letters(bench, case_id)["L6"]
    assert "by 12 June 2026 at the latest" in text
    assert "April" not in text
    record_sent(current_app(), case_id, "L6", by="Dana")
    assert "| **Fri 12 Jun 2026** |" in render_sheet(read_overview(current_app(), case_id), bench.runtime)


DAYS = st.integers(-40, 40).map(lambda days: date(2026, 4, 10) + timedelta(days=days))


@given(DAYS, DAYS, DAYS)
def test_the_promise_is_the_earlier_day_that_has_not_passed(work_to_on, last_on, on):
    told = promised_day(work_to_on, last_on, on=on)
    left = sorted(one for one in (work_to_on, last_on) if on <= one <= last_on)
    assert told == (left[0] if left else None)
