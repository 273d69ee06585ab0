"""After the answer the rules change: what may go, or stays longer, is put before a person and never done unseen."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.changed_rules import rules_version
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.erasure.retention_duties import Sector
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, OutcomeKind
from tests.integration.cases.answered_erasures import LAST_DAY, answered, go_to
from tests.support import looks
from tests.support.looks import entries, finding
from tests.support.steps import outcomes

INVOICE, TICKET = ("payments", "invoice", "i1"), ("helpdesk", "ticket", "t1")
GONE = {OutcomeKind.ERASED, OutcomeKind.REDACTED}
LONGER = date(LAST_DAY.year + 2, 12, 31)
"""What a supervised bank keeps for ten years instead of eight."""


@contextmanager
def ruled(bench, sector):
    """The same controller under the rules of another sector."""
    settings = bench.runtime.settings
    controller = settings.controller.model_copy(update={"sector": sector})
    bench.runtime = replace(bench.runtime, settings=settings.model_copy(update={"controller": controller}))
    with installed(bench.runtime):
        yield


def tasks(bench, case_id, *kinds):
    return looks.tasks(bench, case_id, *kinds, still_open=True)


def until(bench, case_id):
    return finding(bench, case_id, "i1").until


def events(bench, case_id):
    return [one.event for one in entries(bench, case_id)]


@pytest.mark.apart
def test_while_the_rules_are_the_same_nothing_is_asked_and_no_case_is_looked_at_twice(bench):
    case_id = answered(bench)
    before = [one.what for one in looks.tasks(bench, case_id)]
    follow_up(current_app())
    assert bench.runtime.store.rounds.under_other_rules(rules_version(current_app()), 9) == []
    assert [one.what for one in looks.tasks(bench, case_id)] == before
    assert until(bench, case_id) == LAST_DAY


@pytest.mark.apart
def test_an_earlier_last_day_counts_once_a_person_has_approved_it(bench):
    with ruled(bench, Sector.SUPERVISED_FINANCE):
        case_id = answered(bench)
        follow_up(current_app())
        assert until(bench, case_id) == LONGER
    with ruled(bench, Sector.GENERAL):
        follow_up(current_app())
        (task,) = tasks(bench, case_id, TaskKind.EARLIER)
        assert task.what == (
            "By today's rules 1 record kept until 31 December 2036 can go after 31 December 2034; approve that they "
            "end then. Our letter of 5 March 2026 named another end."
        )
        with pytest.raises(Conflict, match="approve it with `rightsflow case approve-task`"):
            mark_task_done(current_app(), case_id, task.number, on=None, by="Dana Decider")
        go_to(bench, LAST_DAY + timedelta(days=1))
        follow_up(current_app())
        assert (until(bench, case_id), outcomes(bench, case_id)[INVOICE]) == (LONGER, OutcomeKind.RETAINED)
        done = approve_task(current_app(), case_id, task.number, by="Dana Decider")
        assert done == f"1 record of {case_id} at payments can go after 31 December 2034 from now on."
        assert until(bench, case_id) == LAST_DAY
        assert "RetentionShortened" in events(bench, case_id)
        follow_up(current_app())
        (end,) = [one for one in tasks(bench, case_id, TaskKind.APPROVE) if one.kept_until == LAST_DAY]
        assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.RETAINED, "no one has approved the erasure"
        approve_task(current_app(), case_id, end.number, by="Dana Decider")
        follow_up(current_app())
        assert outcomes(bench, case_id)[INVOICE] in GONE


@pytest.mark.parametrize("seen_before", [True, False], ids=["while it is kept", "on its last day"])
def test_a_later_last_day_prolongs_no_promise_of_a_letter_before_a_person_says_so(bench, seen_before):
    """Before, the follow-up kept it on by itself on the day that the letter had named."""
    with ruled(bench, Sector.GENERAL):
        case_id = answered(bench)
        if not seen_before:
            go_to(bench, LAST_DAY + timedelta(days=1))
    with ruled(bench, Sector.SUPERVISED_FINANCE):
        follow_up(current_app())
        (task,) = tasks(bench, case_id, TaskKind.LATER)
        assert "1 record must be kept until 31 December 2036" in task.what
        assert "our letter of 5 March 2026 promised 31 December 2034" in task.what
        for refused in (approve_task, lambda *given, by: mark_task_done(*given, on=None, by=by)):
            with pytest.raises(
                Conflict, match="keep its records with `rightsflow case keep-longer`, or correct the rule"
            ):
                refused(current_app(), case_id, task.number, by="Dana Decider")
        go_to(bench, LAST_DAY + timedelta(days=1))
        follow_up(current_app())
        assert (until(bench, case_id), outcomes(bench, case_id)[INVOICE]) == (LAST_DAY, OutcomeKind.RETAINED)
        assert "RetentionProlonged" not in events(bench, case_id)
        said = {"ground": "The law orders it.", "provision": "Art. 17(3)(b)"}
        keep_longer(current_app(), case_id, task.number, LONGER, **said, by="Dana Decider")
        assert until(bench, case_id) == LONGER
        assert not tasks(bench, case_id, TaskKind.LATER)
        (telling,) = [one for one in tasks(bench, case_id, TaskKind.MANUAL) if "longer than the letter" in one.what]
        assert "31 December 2036" in telling.what


def test_a_rule_that_is_put_right_again_lets_the_record_go_as_promised(bench):
    with ruled(bench, Sector.GENERAL):
        case_id = answered(bench)
    go_to(bench, LAST_DAY + timedelta(days=1))
    with ruled(bench, Sector.SUPERVISED_FINANCE):
        follow_up(current_app())
        assert tasks(bench, case_id, TaskKind.LATER)
    with ruled(bench, Sector.GENERAL):
        follow_up(current_app())
        assert not tasks(bench, case_id, TaskKind.LATER)
        (end,) = [one for one in tasks(bench, case_id, TaskKind.APPROVE) if one.kept_until == LAST_DAY]
        follow_up(current_app())
        approve_task(current_app(), case_id, end.number, by="Dana Decider")
        follow_up(current_app())
        assert outcomes(bench, case_id)[INVOICE] in GONE


@pytest.mark.apart
def test_what_is_gone_or_kept_for_another_reason_can_end_no_earlier(bench):
    """Before, a task went on saying until when a record is kept and can go that was locked by then."""
    with ruled(bench, Sector.SUPERVISED_FINANCE):
        case_id = answered(bench)
    with ruled(bench, Sector.GENERAL):
        follow_up(current_app())
        (task,) = tasks(bench, case_id, TaskKind.EARLIER)
        payments = bench.systems["payments"]
        (held,) = [one for one in payments.records() if one.key == "i1"]
        locked = {"facts": held.facts | {Fact.LOCKED}, "locked_until": date(2040, 5, 4)}
        payments.add(replace(held, profile="", **locked))
        go_to(bench, LONGER + timedelta(days=1))
        follow_up(current_app())
        assert until(bench, case_id) == date(2040, 5, 4)
        assert task.number not in [one.number for one in tasks(bench, case_id, TaskKind.EARLIER)]


@pytest.mark.apart
def test_what_no_rule_keeps_any_more_is_erased_once_a_person_has_approved_it_and_no_more_once_it_is_kept_again(bench):
    helpdesk = bench.systems["helpdesk"]
    kinds = helpdesk.kinds
    kept = tuple(replace(one, document=DocumentClass.TRADE_LETTER) if one.name == "ticket" else one for one in kinds)
    helpdesk.kinds = kept
    case_id = answered(bench)
    follow_up(current_app())
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.RETAINED
    helpdesk.kinds = kinds
    follow_up(current_app())
    (task,) = tasks(bench, case_id, TaskKind.UNDATED)
    assert task.what.startswith("By today's rules nothing keeps")
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.RETAINED, "no one has approved it"
    helpdesk.kinds = kept
    follow_up(current_app())
    assert not tasks(bench, case_id, TaskKind.UNDATED), "nor is it to go once the rules keep it again"
    helpdesk.kinds = kinds
    follow_up(current_app())
    (task,) = tasks(bench, case_id, TaskKind.UNDATED)
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[TICKET] in GONE
