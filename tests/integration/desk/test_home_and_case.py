"""The home page and a case's page."""

from __future__ import annotations

import re

import pytest

from deployments.desk.rendering import prose
from rightsflow.app import current_app
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import settle_plan
from tests.integration.desk.cases import at_approval
from tests.support.bench import CANARIES
from tests.support.steps import carry_out, send_answer


@pytest.fixture
def officer(rig):
    return rig.browser("olga")


@pytest.mark.apart
def test_home_and_a_case_say_what_waits_and_what_is_next_without_personal_data(rig, officer):
    case = rig.bench.open("access")
    page = officer.get("/")
    assert page.status_code == 200
    assert case in page.text

    for path in ("/", f"/cases/{case}", f"/cases/{case}/identity", f"/cases/{case}/approval"):
        page = officer.get(path)
        text = page.text
        assert page.status_code == 200
        assert [one for one in CANARIES if one in text] == []

    case = rig.bench.open("erasure")
    page = officer.get(f"/cases/{case}")
    assert "Statutory deadline" in page.text
    assert "Its run has not started yet" in page.text


def test_a_case_without_a_plan_says_so(rig, officer):
    # Found by the benchmark: the page failed, and said that something went wrong.
    for right in ("access", "erasure"):
        case = rig.bench.open(right)
        for path in ("plan", "plan/dry-run"):
            page = officer.get(f"/cases/{case}/{path}")
            assert page.status_code == 200
            assert "Back to the case" in page.text


@pytest.mark.apart
def test_an_answered_case_leads_to_its_answer_and_tells_tasks_in_whole_sentences(rig, officer):
    case = at_approval(rig.bench, "erasure")
    rig.bench.approve(case)
    settle_plan(current_app(), case)
    carry_out(case)
    write_answer(current_app(), case)
    page = officer.get(f"/cases/{case}").text
    assert re.search(rf'<a class="button" href="/desk/cases/{case}/letters/L1[01]">Send the answer<', page)
    assert ">Tasks<" in page
    assert ".." not in page

    send_answer(rig.bench, case)
    assert re.search(r"The case is closed\. \d+ tasks? (is|are) left", officer.get(f"/cases/{case}").text)


def test_a_sentence_of_the_sheet_keeps_the_underscores_of_names():
    told = prose("_As of today:_ **100** values of external_id, 2 of own_field; see `rightsflow letter mark-sent`.")
    assert told == (
        "As of today: <strong>100</strong> values of external_id, 2 of own_field; "
        "see <code>rightsflow letter mark-sent</code>."
    )
