"""A restriction at the desk: it is lifted from the case's acts, and the person is told first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import settle_plan
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import Method
from tests.integration.desk.cases import at_approval, entries
from tests.support.steps import carry_out, send_answer


@pytest.fixture
def restricted(rig):
    """An answered erasure with a ticket that is restricted, and the ticket's number."""
    fake = rig.bench.systems["helpdesk"]
    fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)
    case = at_approval(rig.bench, "erasure")
    with rig.bench.file(case) as file:
        number = next(one.number for one in file.findings.all() if one.ref.ref == "t1")
    lines = [f"{number}: restrict | you need it for a claim | Art. 18(1)(c) | until 2027-01-31"]
    approved = Decision(
        gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=read_record_decisions(lines)
    )
    record_decision(current_app(), case, approved)
    settle_plan(current_app(), case)
    carry_out(case)
    write_answer(current_app(), case)
    send_answer(rig.bench, case)
    return case, number


def test_a_restriction_is_lifted_from_the_cases_acts(rig, restricted):
    case, number = restricted
    dana, here = rig.browser("dana"), f"/cases/{case}/acts"
    page = dana.get(here).text
    assert "Lift a restriction before its day" in page
    assert f"Restricted are: {number}." in page
    rig.bench.pass_time(timedelta(minutes=6))
    (form,) = re.findall(rf'<form[^>]*action="/desk{here}/lift-restriction".*?</form>', dana.get(here).text, re.DOTALL)
    assert 'name="code"' in form, "a proof that is too old can be renewed there"
    dana = rig.browser("dana")
    typed = {"lifted_why": "The claim is settled.", "lifted_records": str(number)}
    soon = (current_app().today + timedelta(days=7)).isoformat()
    assert "a week before" in dana.send(f"{here}/lift-restriction", here, **typed, lifted_on=soon).text
    later = (current_app().today + timedelta(days=14)).isoformat()
    wrong = typed | {"lifted_records": "first"}
    assert "not readable" in dana.send(f"{here}/lift-restriction", here, **wrong, lifted_on=later).text
    assert dana.send(f"{here}/lift-restriction", here, **typed, lifted_on=later).status_code == 303
    noted = entries(rig.bench, case)["LiftingAnnounced"]
    assert (noted.actor, noted.details["count"]) == ("Dana Decider", 1)
    with rig.bench.file(case) as file:
        assert file.outbox.has("L15")


@pytest.mark.apart
def test_the_plan_of_a_restriction_names_no_step_that_erases(rig):
    """It asked to delete receipts by hand, which no task asked for."""
    fake = rig.bench.systems["calls"]
    fake.kinds = tuple(replace(one, manual_step="Delete it from the tape.") for one in fake.kinds)
    erasure, restriction = at_approval(rig.bench, "erasure"), at_approval(rig.bench, "restriction", ground="accuracy")
    dana = rig.browser("dana")
    acts = [dana.get(f"/cases/{one}/acts").text for one in (erasure, restriction)]
    assert ["Pause deletion in this case" in one for one in acts] == [True, False]
    pages = [dana.get(f"/cases/{one}/plan").text for one in (erasure, restriction)]
    assert ["Delete it from the tape." in one for one in pages] == [True, False]
    assert "What happens" in pages[1]
