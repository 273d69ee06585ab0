"""Marks of restrictions that a restored back-up takes away: seen, put back, and told to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.purge import purge
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.testing.fakes import FakeSystem
from tests.support import looks
from tests.support.kept_cases import staged
from tests.support.looks import entries
from tests.support.steps import can_restrict, carry_out, others_digest, searched, send_answer

TICKET, PROFILE = RecordRef("helpdesk", "ticket", "t1"), RecordRef("helpdesk", "profile", "u1")
APPROVER = "Dana Decider"
YEAR = 365


@staged
def restricted(bench):
    """A restriction on request, answered: Anna's ticket and profile are marked."""
    can_restrict(bench, "helpdesk")
    case_id = searched(bench, "restriction", ground="accuracy")
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


def marked(bench):
    return {one.key for one in bench.systems["helpdesk"].records() if one.restricted}


def restore(bench, *keys):
    """Let the helpdesk hold again what it held before it was marked, all of it or some records."""
    fake = bench.systems["helpdesk"]
    fake.add(
        *(replace(one, restricted=False, restricted_by="") for one in fake.records() if not keys or one.key in keys)
    )


def told(bench, case_id):
    """The open tasks at the helpdesk that a look at marks has noted."""
    with bench.file(case_id) as file:
        open_ = [one for one in file.tasks.all() if one.is_open and one.kind is TaskKind.MANUAL]
        return {one.what: one.records for one in open_ if one.what.startswith("Restricted records")}


def finding(bench, case_id, ref):
    return next(one for one in looks.findings(bench, case_id, "helpdesk") if one.ref == ref)


def lift(bench, case_id):
    on = current_app().today + timedelta(days=9)
    numbers = liftable(current_app(), case_id)
    announce_lifting(current_app(), case_id, numbers, on, reason="They are accurate.", by=APPROVER)
    record_sent(current_app(), case_id, "L15", by="Ben")
    bench.pass_time(timedelta(days=9))


@pytest.mark.apart
def test_a_mark_that_a_restore_took_away_is_put_back_at_the_next_look_and_told(bench):
    case_id = restricted(bench)
    others = others_digest(bench)
    restore(bench)
    bench.pass_time(timedelta(days=1))
    done = follow_up(current_app())
    assert (done.marked, done.back, done.failed) == (2, 0, 0)
    assert done.sentence.endswith("restrictions marked again: 2.")
    assert marked(bench) == {"t1", "u1"}
    assert others_digest(bench) == others
    lost, again = entries(bench, case_id, "MarksLost", "MarkedAgain")
    assert (lost.event, again.event) == ("MarksLost", "MarkedAgain")
    assert (lost.details["system"], lost.details["count"]) == ("helpdesk", 2)
    assert lost.details["records"] == again.details["records"]
    ((what, count),) = told(bench, case_id).items()
    assert (count, "`rightsflow systems replay helpdesk`" in what) == (2, True)
    assert finding(bench, case_id, TICKET).outcome is OutcomeKind.RESTRICTED
    acts = [one.event for one in fold(looks.entries(bench, case_id)).acts]
    assert acts.index("MarksLost") < acts.index("MarkedAgain")
    assert list(check_ledger(bench.runtime.store.database, [])) == []
    bench.pass_time(timedelta(days=2))
    look_at_cases(current_app())
    with bench.file(case_id) as file:
        (number,) = [one.number for one in file.tasks.all() if one.what == what]
        assert [one for one in file.alerts.all() if f"Task {number}" in one.text]


@pytest.mark.apart
def test_marks_are_read_after_one_seven_and_thirty_days_and_yearly_until_they_are_lifted(bench):
    case_id = restricted(bench)
    start, read, fake = current_app().today, [], bench.systems["helpdesk"]
    for day in (1, 2, 6, 7, 8, 29, 30, 31, 394, 395, 396, 760, 761, 762):
        bench.moment[0] += start + timedelta(days=day) - current_app().today
        before = fake.calls["marks"]
        follow_up(current_app())
        read += [day] * (fake.calls["marks"] - before)
    assert read == [1, 7, 30, 395, 761], "and on 4 April of each year from then on"
    assert case_id not in purge(current_app()).cases
    lift(bench, case_id)
    follow_up(current_app())
    assert marked(bench) == set()
    seen = fake.calls["marks"]
    for _ in range(3):
        bench.pass_time(timedelta(days=YEAR))
        follow_up(current_app())
    assert fake.calls["marks"] == seen + 1, "once more, whether a restore has brought the marks back"


@pytest.mark.apart
def test_a_replay_puts_marks_back_at_once_and_says_how_many(bench):
    case_id = restricted(bench)
    assert replay_system(current_app(), "helpdesk", by=APPROVER).marked == 0
    others = others_digest(bench)
    restore(bench)
    done = replay_system(current_app(), "helpdesk", by=APPROVER)
    assert (done.cases, done.marked, done.back, done.erased, done.failed) == (1, 2, 0, 0, [])
    assert marked(bench) == {"t1", "u1"}
    assert others_digest(bench) == others
    assert replay_system(current_app(), "helpdesk", by=APPROVER).marked == 0
    assert len(entries(bench, case_id, "MarkedAgain")) == 1
    restore(bench, "t1")
    assert replay_system(current_app(), "helpdesk", by=APPROVER).marked == 1
    assert [one.details["count"] for one in entries(bench, case_id, "MarkedAgain")] == [2, 1]


@pytest.mark.apart
def test_what_was_lifted_is_never_marked_again(bench):
    case_id = restricted(bench)
    lift(bench, case_id)
    # Killed after the marks were gone and before that was noted.
    bench.systems["helpdesk"].fail("erase", after=1)
    assert follow_up(current_app()).failed == 1
    assert len(marked(bench)) == 1
    assert replay_system(current_app(), "helpdesk", by=APPROVER).marked == 0
    assert len(marked(bench)) == 1
    follow_up(current_app())
    assert marked(bench) == set()
    restore(bench)
    assert replay_system(current_app(), "helpdesk", by=APPROVER).marked == 0
    bench.pass_time(timedelta(days=YEAR))
    follow_up(current_app())
    assert marked(bench) == set()
    assert entries(bench, case_id, "MarksLost", "MarkedAgain") == []


def lifted(bench):
    """The same, and the restriction was lifted; returns the case and the helpdesk's records as they were marked."""
    case_id, fake = restricted(bench), bench.systems["helpdesk"]
    with_marks = [one for one in fake.records() if one.restricted]
    assert {one.restricted_by for one in with_marks} == {case_id}
    lift(bench, case_id)
    follow_up(current_app())
    assert marked(bench) == set()
    return case_id, with_marks


def of_lifted(bench, case_id):
    """The open tasks that a look at lifted marks has noted."""
    with bench.file(case_id) as file:
        return {
            one.what: one.records
            for one in file.tasks.all()
            if one.is_open and one.what.startswith("Records whose restriction was lifted")
        }


@pytest.mark.apart
def test_a_lifted_mark_that_a_restore_brought_back_is_taken_away_at_a_replay_and_at_the_looks(bench):
    case_id, with_marks = lifted(bench)
    fake, others = bench.systems["helpdesk"], others_digest(bench)
    fake.add(*with_marks)
    done = replay_system(current_app(), "helpdesk", by=APPROVER)
    assert (done.cases, done.lifted, done.marked, done.asked, done.failed) == (1, 2, 0, 0, [])
    assert (marked(bench), others_digest(bench)) == (set(), others)
    back, again = entries(bench, case_id, "MarksReturned", "LiftedAgain")
    assert (back.event, back.details["count"], again.event) == ("MarksReturned", 2, "LiftedAgain")
    assert back.details["records"] == again.details["records"]
    ((what, count),) = of_lifted(bench, case_id).items()
    assert (count, "`rightsflow systems replay helpdesk`" in what) == (2, True)
    assert finding(bench, case_id, TICKET).outcome is OutcomeKind.RETAINED
    assert replay_system(current_app(), "helpdesk", by=APPROVER).lifted == 0
    read = []
    for day in (1, 2, 7, 8, 30, 31):
        bench.moment[0] += timedelta(days=day - sum(read))
        read.append(day - sum(read))
        fake.add(*with_marks)
        done = follow_up(current_app())
        assert (done.lifted, marked(bench)) == ((2, set()) if day in {1, 7, 30} else (0, {"t1", "u1"})), day
    assert list(check_ledger(bench.runtime.store.database, [])) == []
    bench.pass_time(timedelta(days=2))
    look_at_cases(current_app())
    with bench.file(case_id) as file:
        assert [one for one in file.alerts.all() if any(f"Task {task.number}" in one.text for task in file.tasks.all())]


@pytest.mark.apart
def test_a_mark_of_anyone_else_stays_where_this_case_has_lifted_its_own(bench):
    case_id, (profile, ticket) = lifted(bench)
    fake = bench.systems["helpdesk"]
    fake.add(replace(ticket, restricted_by="DSR-2026-7K3M9Q"), replace(profile, restricted_by=""))
    done = replay_system(current_app(), "helpdesk", by=APPROVER)
    assert (done.lifted, done.asked) == (0, 1)
    assert marked(bench) == {"t1", "u1"}
    ((what, count),) = of_lifted(bench, case_id).items()
    assert (count, "names no case" in what) == (1, True)
    assert entries(bench, case_id, "MarksReturned", "LiftedAgain") == []


@pytest.mark.apart
def test_a_lifted_mark_that_could_not_be_taken_away_is_tried_again_and_noted_once(bench):
    case_id, with_marks = lifted(bench)
    fake = bench.systems["helpdesk"]
    fake.add(*with_marks)
    bench.pass_time(timedelta(days=1))
    for after in (0, 1):
        fake.fail("erase", after=after)
        assert follow_up(current_app()).failed == 1
        assert [one.event for one in entries(bench, case_id, "MarksReturned", "LiftedAgain")] == ["MarksReturned"]
    assert len(marked(bench)) == 1
    assert follow_up(current_app()).failed == 0
    assert marked(bench) == set()
    back, again = entries(bench, case_id, "MarksReturned", "LiftedAgain")
    assert sorted(back.details["records"]) == sorted(again.details["records"])
    assert len(of_lifted(bench, case_id)) == 1


@pytest.mark.apart
def test_a_lifted_mark_that_its_system_does_not_let_go_is_a_task_for_a_person(bench):
    case_id, (profile, ticket) = lifted(bench)
    fake = bench.systems["helpdesk"]
    fake.add(replace(ticket, facts=ticket.facts | {Fact.LEGAL_HOLD}), profile)
    done = replay_system(current_app(), "helpdesk", by=APPROVER)
    assert (done.lifted, done.asked, marked(bench)) == (1, 1, {"t1"})
    assert any("cannot take it: 1. Take it away by hand." in one for one in of_lifted(bench, case_id))


@pytest.mark.apart
def test_the_mark_of_what_another_request_restricts_too_names_that_one_and_goes_with_it(bench):
    first = restricted(bench)
    fake = bench.systems["helpdesk"]
    numbers, on = liftable(current_app(), first), current_app().today + timedelta(days=9)
    announce_lifting(current_app(), first, numbers, on, reason="They are accurate.", by=APPROVER)
    record_sent(current_app(), first, "L15", by="Ben")
    second = restricted(bench)
    # A restore of before brings back the first one's name.
    fake.add(*(replace(one, restricted_by=first) for one in fake.records() if one.restricted))
    bench.pass_time(timedelta(days=9))
    follow_up(current_app())
    assert marked(bench) == {"t1", "u1"}
    assert {one.restricted_by for one in fake.records() if one.restricted} == {second}
    lift(bench, second)
    follow_up(current_app())
    assert marked(bench) == set()
    assert entries(bench, first, "MarksReturned") == entries(bench, second, "MarksReturned") == []


def test_while_the_person_has_not_been_told_the_restriction_stands_and_its_mark_is_put_back(bench):
    case_id = restricted(bench)
    numbers, on = liftable(current_app(), case_id), current_app().today + timedelta(days=9)
    announce_lifting(current_app(), case_id, numbers, on, reason="They are accurate.", by=APPROVER)
    bench.pass_time(timedelta(days=12))
    restore(bench)
    assert follow_up(current_app()).marked == 2
    assert marked(bench) == {"t1", "u1"}


@pytest.mark.apart
def test_what_is_gone_is_said_once_and_marked_when_it_is_back(bench):
    case_id, fake = restricted(bench), bench.systems["helpdesk"]
    held = [one for one in fake.records() if one.key == "t1"]
    list(fake.erase([TICKET], Method.ERASE, held[0].owner))
    bench.pass_time(timedelta(days=1))
    follow_up(current_app())
    assert told(bench, case_id) == {"Restricted records that are not there any more: 1. Find out why.": 1}
    gone = finding(bench, case_id, TICKET)
    assert (gone.outcome, gone.verified) == (OutcomeKind.RESTRICTED, PresenceState.ABSENT)
    (seen,) = entries(bench, case_id, "PresenceChecked")[-1:]
    assert seen.details["state"] == "absent"
    bench.pass_time(timedelta(days=6))
    follow_up(current_app())
    assert len(told(bench, case_id)) == 1
    fake.add(replace(held[0], restricted=False))
    assert replay_system(current_app(), "helpdesk", by=APPROVER).marked == 1
    assert finding(bench, case_id, TICKET).verified is PresenceState.PRESENT
    assert marked(bench) == {"t1", "u1"}


@pytest.mark.apart
def test_a_mark_that_could_not_be_put_back_is_tried_again_and_one_put_back_before_a_kill_is_noted(bench):
    case_id, fake = restricted(bench), bench.systems["helpdesk"]
    restore(bench)
    bench.pass_time(timedelta(days=1))
    fake.fail("erase", after=0)
    assert follow_up(current_app()).failed == 1
    assert marked(bench) == set()
    assert [one.event for one in entries(bench, case_id, "MarksLost", "MarkedAgain")] == ["MarksLost"]
    fake.fail("erase", after=1)
    assert follow_up(current_app()).failed == 1
    assert len(marked(bench)) == 1
    assert follow_up(current_app()).failed == 0
    assert marked(bench) == {"t1", "u1"}
    lost, again = entries(bench, case_id, "MarksLost", "MarkedAgain")
    assert sorted(lost.details["records"]) == sorted(again.details["records"])
    assert len(told(bench, case_id)) == 1


@pytest.mark.apart
def test_what_its_system_does_not_let_be_marked_is_a_task_for_a_person(bench):
    case_id, fake = restricted(bench), bench.systems["helpdesk"]
    restore(bench)
    (ticket,) = [one for one in fake.records() if one.key == "t1"]
    fake.add(replace(ticket, facts=ticket.facts | {Fact.LEGAL_HOLD}))
    bench.pass_time(timedelta(days=1))
    assert follow_up(current_app()).marked == 1
    assert marked(bench) == {"u1"}
    (what,) = [one for one in told(bench, case_id) if "cannot mark" in one]
    assert what.endswith("Mark by hand that they are stored only.")
    assert finding(bench, case_id, TICKET).outcome is OutcomeKind.RESTRICTED


@pytest.mark.apart
def test_what_another_request_of_the_person_has_erased_is_no_riddle(bench):
    case_id = restricted(bench)
    erasure = searched(bench, "erasure")
    prepare_plan(current_app(), erasure)
    reach_gate(current_app(), erasure, Gate.APPROVAL)
    bench.approve(erasure)
    settle_plan(current_app(), erasure)
    carry_out(erasure)
    assert not [one for one in bench.systems["helpdesk"].records() if one.key == "t1"]
    bench.pass_time(timedelta(days=1))
    follow_up(current_app())
    assert told(bench, case_id) == {}
    assert finding(bench, case_id, TICKET).verified is PresenceState.ABSENT


class Silent(FakeSystem):
    """A system whose connector can mark, and cannot show a mark."""

    marks = None


@pytest.mark.apart
def test_a_system_that_cannot_show_marks_says_so_and_a_person_looks(bench):
    silent = Silent(system="helpdesk")
    silent.add(*bench.systems["helpdesk"].records())
    bench.systems["helpdesk"] = silent
    case_id = restricted(bench)
    bench.pass_time(timedelta(days=1))
    follow_up(current_app())
    ((what, count),) = told(bench, case_id).items()
    assert (count, "whose mark the system does not show to the software" in what) == (2, True)
    done = replay_system(current_app(), "helpdesk", by=APPROVER)
    assert (done.marked, done.asked) == (0, 3), "the shared ticket, which a person was to mark, is asked for too"
    assert sorted(told(bench, case_id).values()) == [1, 2]


@pytest.mark.apart
def test_marks_put_by_hand_are_asked_of_a_person_once_the_system_was_restored(bench):
    case_id = restricted(bench)
    done = replay_system(current_app(), "calls", by=APPROVER)
    assert (done.cases, done.marked, done.asked) == (1, 0, 1)
    tasks = [one for one in looks.tasks(bench, case_id) if one.system == "calls" and "was restored" in one.what]
    assert [(one.is_open, one.records) for one in tasks] == [(True, 1)]
