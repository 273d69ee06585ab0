"""A restriction that the person asks for (Art. 18): marked at the systems, told in L22, lifted after L15."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.purge import purge
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, TaskKind
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef
from rightsflow.store.purging import Hold
from rightsflow.testing.fakes import FakeSystem
from tests.support import looks
from tests.support.kept_cases import staged
from tests.support.looks import letter
from tests.support.steps import can_restrict, carry_out, others_digest, outcomes, searched

STILL_CONTESTED = StatedEnd(end=TaskEnd.KEPT, reason="They still contest it.")
TICKET, SHARED, INVOICE, CALL = (
    ("helpdesk", "ticket", "t1"),
    ("helpdesk", "ticket", "t2"),
    ("payments", "invoice", "i1"),
    ("calls", "recording", "r1"),
)


@staged
def at_the_gate(bench, ground="accuracy"):
    can_restrict(bench, "helpdesk")
    case_id = searched(bench, "restriction", ground=ground)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def carried_out(bench, case_id, *lines):
    bench.approve(case_id, *lines)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)


@staged
def answered(bench):
    """A restriction that was carried out and whose answer is written."""
    case_id = at_the_gate(bench)
    carried_out(bench, case_id)
    return case_id


@staged
def sent(bench):
    """The same, and the answer went out."""
    case_id = answered(bench)
    record_sent(current_app(), case_id, "L22", by="Ben")
    return case_id


def marked(bench):
    return {one.key for one in bench.systems["helpdesk"].records() if one.restricted}


def number_of(bench, case_id, kind):
    return next(one.number for one in looks.findings(bench, case_id) if one.ref.kind == kind)


@pytest.mark.apart
def test_what_can_be_marked_is_and_is_lifted_only_after_the_person_was_told_a_week_before(bench):
    others, case_id = others_digest(bench), answered(bench)
    became = outcomes(bench, case_id)
    assert (became[TICKET], became[SHARED]) == (OutcomeKind.RESTRICTED, OutcomeKind.RETAINED)
    assert (became[INVOICE], became[CALL]) == (OutcomeKind.RETAINED, OutcomeKind.RETAINED)
    assert marked(bench) == {"t1", "u1"}
    assert others_digest(bench) == others
    text = letter(bench, case_id, "L22")
    assert "since you contest that they are accurate (Art. 18(1)(a) GDPR). We have carried this out in part" in text
    assert "until we have checked whether they are accurate. Before we lift the mark, we tell you" in text
    assert "Another person's data stand in the same record" in text
    with bench.file(case_id) as file:
        assert {one.system for one in file.tasks.all()} == {"helpdesk", "payments", "calls"}
        assert next(iter(file.ledger.entries())).details["ground"] == "accuracy"
    record_sent(current_app(), case_id, "L22", by="Ben")
    numbers, on = liftable(current_app(), case_id), current_app().today + timedelta(days=10)
    announce_lifting(current_app(), case_id, numbers, on, reason="They are accurate.", by="Dana Decider")
    text = letter(bench, case_id, "L15")
    assert "you asked us to restrict the use of personal data (Art. 18 GDPR)" in text
    assert "said that we only store the data named below and use them for nothing else" in text
    assert "erased" not in text, "nothing was to be erased"
    bench.pass_time(timedelta(days=9))
    follow_up(current_app())
    assert marked(bench) == {"t1", "u1"}, "L15 has not gone out"
    record_sent(current_app(), case_id, "L15", by="Ben")
    bench.pass_time(timedelta(days=1))
    follow_up(current_app())
    assert marked(bench) == {"t1", "u1"}, "the day that it names is too near"
    bench.pass_time(timedelta(days=7))
    follow_up(current_app())
    assert marked(bench) == set()


@pytest.mark.apart
def test_nothing_is_erased_later_of_who_asked_for_a_restriction(bench):
    """Before, what a system does not let be marked until a day was to be erased after it."""
    case_id = at_the_gate(bench)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    locked, until = RecordRef(*TICKET), date(2031, 5, 31)
    with bench.file(case_id) as file:
        file.findings.record_outcome(
            Outcome(record=locked, kind=OutcomeKind.RETAINED, reason="A lock ends then.", until=until, refused=True)
        )
    write_answer(current_app(), case_id)
    assert not [one.what for one in looks.tasks(bench, case_id) if one.kept_until]


@pytest.mark.apart
def test_what_was_not_there_and_is_back_is_marked_and_called_so(bench):
    """Before, the task said that it is erased again, its reason was lost, and the task never ended."""
    helpdesk, case_id = bench.systems["helpdesk"], at_the_gate(bench)
    (ticket,) = [one for one in helpdesk.records() if one.key == "t1"]
    list(helpdesk.erase([RecordRef(*TICKET)], Method.ERASE, ticket.owner))
    carried_out(bench, case_id)
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.NOT_HELD
    helpdesk.add(ticket)
    assert replay_system(current_app(), "helpdesk", by="Dana Decider").failed == []
    with bench.file(case_id) as file:
        (task,) = [one for one in file.tasks.all() if one.kind is TaskKind.RETURNED]
        (record,) = [one for one in file.findings.all() if one.ref == RecordRef(*TICKET)]
        assert not file.outbox.has("L24")
    assert task.what.endswith("approve that what is back is marked to be stored and used for nothing else.")
    assert (task.is_open, record.outcome, marked(bench)) == (False, OutcomeKind.RESTRICTED, {"t1", "u1"})
    assert record.reason == "You asked that it is stored and used for nothing else."


@pytest.mark.apart
def test_a_record_that_the_request_is_not_about_is_left_as_decided(bench):
    case_id = at_the_gate(bench, "claim")
    number = number_of(bench, case_id, "profile")
    carried_out(bench, case_id, f"{number}: leave out | it is not what you contest | Art. 18(1)")
    assert OutcomeKind.NOT_CONCERNED in outcomes(bench, case_id).values()
    text = letter(bench, case_id, "L22")
    assert (
        "your request does not concern it. The ground: it is not what you contest. Provision: Art. 18(1) GDPR." in text
    )
    assert "not concerned by your request" not in text, "it is told once"


def test_nothing_else_is_decided_on_its_records(bench):
    case_id = at_the_gate(bench)
    for line in ["erase", "keep | a claim | Art. 17(3)(e) | until 2027-01-31", "leave out | others"]:
        wrong = read_record_decisions([f"1: {line}"])
        with pytest.raises(BadInput):
            record_decision(
                current_app(),
                case_id,
                Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=wrong),
            )


def test_the_ground_belongs_to_a_restriction_and_to_it_alone(bench):
    for right, ground in [("restriction", ""), ("restriction", "because"), ("access", "claim")]:
        with pytest.raises(BadInput, match="ground"):
            bench.open(right, ground=ground)
        assert not bench.runtime.store.summaries(closed_too=True)


def lifted(bench, case_id, numbers=()):
    on = current_app().today + timedelta(days=9)
    these = numbers or liftable(current_app(), case_id)
    announce_lifting(current_app(), case_id, these, on, reason="They are accurate.", by="Dana Decider")
    record_sent(current_app(), case_id, "L15", by="Ben")
    bench.moment[0] += timedelta(days=9)
    follow_up(current_app())


def checks(bench, case_id):
    return {one.system: one for one in looks.tasks(bench, case_id) if one.kind is TaskKind.CHECK and one.is_open}


@pytest.mark.apart
def test_what_was_lifted_is_checked_no_more_and_does_not_keep_the_record_of_the_request(bench):
    """Before, the yearly check of a ground that was over came back for ever, and with it the case stayed."""
    case_id = sent(bench)
    assert set(checks(bench, case_id)) == {"helpdesk", "payments", "calls"}
    lifted(bench, case_id)
    assert not checks(bench, case_id)
    for one in current_app().store.work.open_tasks():
        mark_task_done(current_app(), case_id, one.number, on=None, by="Dana Decider")
    bench.moment[0] += timedelta(days=366 * 6)
    follow_up(current_app())
    over = purge(current_app())
    assert (over.held, set(over.cases)) == ({}, {case_id})


@pytest.mark.apart
def test_the_ground_of_what_is_still_restricted_is_checked_on(bench):
    case_id = sent(bench)
    number = number_of(bench, case_id, "profile")
    lifted(bench, case_id, [number])
    check = checks(bench, case_id)["helpdesk"]
    assert number in check.numbers
    mark_task_done(current_app(), case_id, check.number, on=None, by="Dana Decider", stated=STILL_CONTESTED)
    again = checks(bench, case_id)["helpdesk"]
    assert set(again.numbers) == set(check.numbers) - {number}
    assert again.due_on > check.due_on


def test_its_record_stays_as_long_as_anything_is_marked(bench):
    case_id = sent(bench)
    for one in current_app().store.work.open_tasks():
        stated = STILL_CONTESTED if one.kind is TaskKind.CHECK else StatedEnd()
        mark_task_done(current_app(), case_id, one.number, on=None, by="Dana Decider", stated=stated)
    bench.moment[0] += timedelta(days=366 * 6)
    assert purge(current_app()).held == {case_id: Hold.RECORDS.value}


@pytest.mark.apart
def test_what_a_check_finds_gone_keeps_the_record_of_the_request_no_more(bench):
    """What another request erased bears no mark any more, and can be lifted by no one."""
    case_id = sent(bench)
    for one in current_app().store.work.open_tasks():
        stated = StatedEnd(end=TaskEnd.DONE)
        mark_task_done(current_app(), case_id, one.number, on=None, by="Dana Decider", stated=stated)
    assert set(outcomes(bench, case_id).values()) <= {OutcomeKind.NOT_HELD, OutcomeKind.NOT_CONCERNED}
    assert not checks(bench, case_id)
    for name, system in bench.systems.items():
        bench.systems[name] = FakeSystem(system=name, kinds=system.kinds)
    for days in (1, 6, 23, 366 * 6):
        bench.moment[0] += timedelta(days=days)
        follow_up(current_app())
    assert set(purge(current_app()).cases) == {case_id}


@pytest.mark.apart
def test_a_record_that_another_request_restricts_stays_restricted(bench):
    case_id = sent(bench)
    again = at_the_gate(bench, "claim")
    carried_out(bench, again)
    number = number_of(bench, case_id, "profile")
    with pytest.raises(Conflict, match=f"Record {number} is restricted in {again} too"):
        announce_lifting(current_app(), case_id, [number], date(2026, 4, 20), reason="It is right.", by="Dana Decider")
    with bench.file(case_id) as file:
        assert not file.outbox.has("L15")
