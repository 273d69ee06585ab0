"""What is kept without a date is not forgotten: it is looked at again within a year, and decided anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, TaskKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Fact, OutcomeKind
from rightsflow.testing.fakes import FakeRecord
from tests.integration.cases.answered_erasures import go_to
from tests.support import looks
from tests.support.bench import ANNA_ID, ANNA_PHONE, BORIS
from tests.support.kept_cases import staged
from tests.support.looks import findings, tasks
from tests.support.steps import carry_out, outcomes, searched

TICKET = ("helpdesk", "ticket", "t1")
PAYER = ("payments", "profile", "c1")
NEXT_YEAR = date(2027, 3, 5)


def kept_until_the_claim_is_settled(bench):
    return answered(bench, "erasure", "ticket", "keep | a claim | Art. 17(3)(e) | ends when the claim is settled")


@staged
def answered(bench, right, kind="", what="", **fields):
    case_id = searched(bench, right, **fields)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    if what:
        record = next(one for one in findings(bench, case_id) if one.ref.kind == kind)
        bench.approve(case_id, f"{record.number}: {what}")
    else:
        bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return case_id


@pytest.mark.apart
def test_what_a_person_kept_without_a_date_is_decided_again_within_a_year(bench):
    case_id = kept_until_the_claim_is_settled(bench)
    (task,) = tasks(bench, case_id, TaskKind.UNDATED)
    assert (task.system, task.due_on, task.records) == ("helpdesk", NEXT_YEAR, 1)
    go_to(bench, NEXT_YEAR - timedelta(days=1))
    follow_up(current_app())
    assert not tasks(bench, case_id, TaskKind.UNDATED)[0].is_shown
    with pytest.raises(Conflict, match=r"follow-up's own, .* approve it with `rightsflow case approve-task`, or keep"):
        mark_task_done(current_app(), case_id, task.number, on=None, by="Dana Decider")
    go_to(bench, NEXT_YEAR)
    follow_up(current_app())
    assert tasks(bench, case_id, TaskKind.UNDATED)[0].is_shown
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.RETAINED, "no one has approved it"
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.ERASED


def test_a_person_can_keep_it_on_until_a_day(bench):
    case_id = kept_until_the_claim_is_settled(bench)
    (task,) = tasks(bench, case_id, TaskKind.UNDATED)
    go_to(bench, NEXT_YEAR)
    follow_up(current_app())
    until = NEXT_YEAR + timedelta(days=90)
    keep_longer(
        current_app(), case_id, task.number, until, ground="It goes on.", provision="Art. 17(3)(e)", by="Dana Decider"
    )
    assert next(one for one in looks.findings(bench, case_id) if one.ref.ref == "t1").until == until


@pytest.mark.apart
def test_what_a_rule_still_keeps_is_kept_on_and_looked_at_the_year_after(bench):
    contract = frozenset({Fact.ACTIVE_CONTRACT})
    payer = FakeRecord(kind="profile", key="c1", texts=((frozenset({ANNA_ID}), "payer"),), facts=contract)
    bench.systems["payments"].add(payer)
    case_id = answered(bench, "erasure")
    (task,) = tasks(bench, case_id, TaskKind.UNDATED)
    assert (task.system, task.due_on) == ("payments", NEXT_YEAR)
    go_to(bench, NEXT_YEAR)
    follow_up(current_app())
    assert outcomes(bench, case_id)[PAYER] is OutcomeKind.RETAINED
    assert [one.due_on for one in tasks(bench, case_id, TaskKind.UNDATED) if one.is_open] == [date(2028, 3, 5)]
    assert not [one for one in tasks(bench, case_id, TaskKind.MANUAL) if "longer than the letter said" in one.what]
    bench.systems["payments"].add(FakeRecord(kind="profile", key="c1", texts=((frozenset({ANNA_ID}), "payer"),)))
    go_to(bench, date(2028, 3, 5))
    follow_up(current_app())
    last = tasks(bench, case_id, TaskKind.UNDATED)[-1]
    assert last.is_shown, "the contract has ended"
    approve_task(current_app(), case_id, last.number, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[PAYER] is OutcomeKind.ERASED


@pytest.mark.apart
def test_the_ground_of_a_restriction_is_checked_by_a_person_again_and_again(bench):
    case_id = answered(bench, "restriction", ground="accuracy")
    checks = tasks(bench, case_id, TaskKind.CHECK)
    assert {one.due_on for one in checks} == {NEXT_YEAR}
    assert not tasks(bench, case_id, TaskKind.UNDATED)
    go_to(bench, NEXT_YEAR)
    follow_up(current_app())
    number = checks[0].number
    for stated in (StatedEnd(), StatedEnd(end=TaskEnd.LEFT, reason="x"), StatedEnd(end=TaskEnd.KEPT)):
        with pytest.raises(BadInput):
            mark_task_done(current_app(), case_id, number, on=None, by="Olga Opener", stated=stated)
    stated = StatedEnd(end=TaskEnd.KEPT, reason="She contests it still.")
    mark_task_done(current_app(), case_id, number, on=None, by="Olga Opener", stated=stated)
    (noted,) = looks.entries(bench, case_id, "TaskDone")
    assert noted.details["end"] == "still needed"
    assert "contests" not in repr(noted)
    assert reveal(current_app(), case_id, by="Dana", reason="a question").tasks == {number: "She contests it still."}
    opened = [one for one in tasks(bench, case_id, TaskKind.CHECK) if one.is_open and one.system == checks[0].system]
    assert [one.due_on for one in opened] == [date(2028, 3, 5)]


@pytest.mark.apart
def test_a_call_by_a_number_of_two_people_stays_undecided_though_the_other_ones_records_are_forgotten(bench):
    """Their records are no longer in the case after the answer; that the number is theirs too is not forgotten."""
    bench.systems["helpdesk"].add(FakeRecord(kind="profile", key="u9", texts=((BORIS | {ANNA_PHONE}, "his number"),)))
    case_id = answered(bench, "erasure")
    # An invoice's retention ends, and whose everything is that is kept is decided anew.
    go_to(bench, date(2035, 1, 1))
    follow_up(current_app())
    assert [one.is_shown for one in tasks(bench, case_id, TaskKind.APPROVE)] == [True]
    (call,) = looks.findings(bench, case_id, "calls")
    assert (call.attribution, call.outcome) == (Attribution.UNCLEAR, OutcomeKind.RETAINED)
