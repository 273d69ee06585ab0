"""Restriction as a decision at the gate: carried out where the system can, and said where it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.lifting import announce_lifting
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.sending.mail import way_by_mail
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.work.erasure.dry_run import dry_run
from rightsflow.cases.work.erasure.steps import settle_plan
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.records import Method, OutcomeKind
from rightsflow.store.proofs.ledger_check import check_ledger
from tests.support import looks
from tests.support.kept_cases import staged
from tests.support.looks import finding, letter
from tests.support.steps import at_approval, can_restrict, carry_out, others_digest, outcomes, send_answer

TICKET, SHARED, CALL, INVOICE = (
    ("helpdesk", "ticket", "t1"),
    ("helpdesk", "ticket", "t2"),
    ("calls", "recording", "r1"),
    ("payments", "invoice", "i1"),
)
UNTIL = date(2027, 1, 31)
RESTRICT = f"restrict | you need it for a claim | Art. 18(1)(c) | until {UNTIL}"


@pytest.fixture
def spanish(bench):
    """A bench whose controller is bound by Spanish law."""
    controller = bench.runtime.settings.controller.model_copy(update={"country": "ES", "timezone": "Europe/Madrid"})
    settings = bench.runtime.settings.model_copy(update={"controller": controller})
    bench.runtime = replace(bench.runtime, settings=settings)
    with installed(bench.runtime):
        yield bench


def decide(bench, case_id, **chosen):
    """Approve with lines on records, each by the key of its record."""
    bench.approve(case_id, *(f"{finding(bench, case_id, key).number}: {line}" for key, line in chosen.items()))


def finished(bench, case_id):
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return letter(bench, case_id)


@staged
def restricted(bench, *keys):
    """An answered erasure of which these records are restricted until a day."""
    can_restrict(bench, *("helpdesk" if key == "t1" else "calls" for key in keys))
    case_id = at_approval(bench)
    decide(bench, case_id, **dict.fromkeys(keys, RESTRICT))
    finished(bench, case_id)
    return case_id


def marked(bench):
    return {
        (name, one.kind, one.key) for name, fake in bench.systems.items() for one in fake.records() if one.restricted
    }


@pytest.mark.apart
def test_a_record_is_restricted_at_its_system_told_and_erased_the_day_after_its_last_day(bench):
    before, case_id = others_digest(bench), restricted(bench, "t1")
    text = letter(bench, case_id)
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.RESTRICTED
    assert marked(bench) == {TICKET}
    assert "restricted to being stored (Art. 18(2) GDPR)" in text
    assert "we only store it and use it for nothing else. The ground: you need it for a claim." in text
    assert "Art. 18(1)(c) GDPR" in text
    bench.moment[0] = datetime(2027, 2, 1, 9, tzinfo=UTC)
    follow_up(current_app())
    (task,) = [one for one in looks.tasks(bench, case_id) if one.kind is TaskKind.APPROVE and one.kept_until == UNTIL]
    approve_task(current_app(), case_id, task.number, by="Dana Decider")
    follow_up(current_app())
    assert outcomes(bench, case_id)[TICKET] is OutcomeKind.ERASED
    assert marked(bench) == set()
    assert others_digest(bench) == before


def restricted_case(bench):
    """An answered erasure with a ticket that is restricted until a day; returns it and the ticket's number."""
    case_id = restricted(bench, "t1")
    return case_id, finding(bench, case_id, "t1").number


def announce(case_id, numbers, days=14, by="Dana Decider"):
    on = current_app().today + timedelta(days=days)
    return announce_lifting(current_app(), case_id, numbers, on, reason="The claim is settled.", by=by)


@pytest.mark.apart
def test_a_notice_that_did_not_go_out_before_its_day_is_not_sent_and_another_takes_its_place(bench):
    """It could be noted as sent after the day from which it says that the records are used again."""
    case_id = restricted(bench, "t1", "r1")
    numbers = {key: finding(bench, case_id, key).number for key in ("t1", "r1")}
    announce(case_id, set(numbers.values()))
    bench.pass_time(timedelta(days=14))
    with pytest.raises(Conflict, match=r"L15 says that the records are used again from 19 March 2026, of which"):
        record_sent(current_app(), case_id, "L15", by="Ben")
    with bench.file(case_id) as file, pytest.raises(Conflict, match="told before"):
        way_by_mail(file, "L15", current_app())
    said = announce(case_id, {numbers["t1"]})
    assert "The letter L15.2 is in the outbox" in said
    assert f"That of record {numbers['r1']} stays: its letter had not gone out before its day." in said
    assert {one.letter for one in current_app().store.work.letters_to_send()} >= {"L15.2"}
    assert "L15" not in {one.letter for one in current_app().store.work.letters_to_send()}
    record_sent(current_app(), case_id, "L15.2", by="Ben")
    bench.pass_time(timedelta(days=30))
    follow_up(current_app())
    assert marked(bench) == {CALL}, "nothing is lifted on a letter that has not gone out"
    announce(case_id, {numbers["r1"]})
    with bench.file(case_id) as file:
        assert [one.details["letter"] for one in file.ledger.entries() if one.event == "LetterOvertaken"][-1:] == [
            "L15"
        ]
    record_sent(current_app(), case_id, "L15.3", by="Ben")
    bench.pass_time(timedelta(days=15))
    follow_up(current_app())
    assert marked(bench) == set()
    assert list(check_ledger(bench.runtime.store.database, [])) == []


@pytest.mark.apart
def test_a_notice_that_went_out_in_time_is_noted_later_and_a_lifting_that_failed_is_tried_again(bench):
    case_id, number = restricted_case(bench)
    announce(case_id, {number})
    sent_at = current_app().now() + timedelta(days=2)
    bench.pass_time(timedelta(days=20))
    assert "noted as sent" in record_sent(current_app(), case_id, "L15", at=sent_at, by="Ben")
    bench.systems["helpdesk"].fail("erase", times=1, after=0)
    assert follow_up(current_app()).failed == 1
    assert marked(bench) == {TICKET}
    follow_up(current_app())
    assert marked(bench) == set()


@pytest.mark.apart
def test_of_what_is_lifted_later_the_person_is_told_in_a_letter_of_its_own(bench):
    case_id = restricted(bench, "t1", "r1")
    numbers = {key: finding(bench, case_id, key).number for key in ("t1", "r1")}
    announce(case_id, {numbers["t1"]})
    with pytest.raises(Conflict, match="is to be lifted already"):
        announce(case_id, {numbers["t1"]})
    assert "The letter L15.2 is in the outbox" in announce(case_id, {numbers["r1"]}, days=20)
    waiting = {one.letter for one in current_app().store.work.letters_to_send()}
    assert waiting >= {"L15", "L15.2"}
    record_sent(current_app(), case_id, "L15", by="Ben")
    bench.pass_time(timedelta(days=19))
    follow_up(current_app())
    assert marked(bench) == {CALL}, "of the call the person has not been told"
    assert "noted as sent" in record_sent(current_app(), case_id, "l15.2", by="Ben")
    bench.pass_time(timedelta(days=7))
    follow_up(current_app())
    assert marked(bench) == set()
    texts = looks.letters(bench, case_id)
    assert "- call recordings (Calls), 1 record" in texts["L15.2"]
    assert "call recordings" not in texts["L15"]
    assert "L15.2 restriction lifted" in render_sheet(read_overview(current_app(), case_id), current_app())


@pytest.mark.apart
def test_a_restriction_is_lifted_only_after_the_person_was_told_a_week_before(bench):
    case_id, number = restricted_case(bench)
    for changes, error, sentence in [
        ({"days": 7}, BadInput, "a week before"),
        ({"by": "Olga Opener"}, Conflict, "four eyes"),
        ({"numbers": {99}}, BadInput, "does not occur"),
        ({"numbers": {1, 2, 3, 4, 5, 6}}, Conflict, "restricted neither by a decision"),
    ]:
        with pytest.raises(error, match=sentence):
            announce(case_id, **({"numbers": {number}} | changes))
        with bench.file(case_id) as file:
            assert not file.outbox.has("L15")
            assert not [one for one in file.tasks.all() if one.kind is TaskKind.LIFT]
    assert "once it went out" in announce(case_id, {number})
    (lifting,) = [one.number for one in looks.tasks(bench, case_id) if one.kind is TaskKind.LIFT]
    with pytest.raises(Conflict, match=r"follow-up's own, .* if `rightsflow letter mark-sent` notes the letter"):
        mark_task_done(current_app(), case_id, lifting, on=None, by="Dana Decider")
    text = letter(bench, case_id, "L15")
    assert "We tell you before that ends (Art. 18(3) GDPR)." in text
    assert "- service tickets (Helpdesk), 1 record" in text
    assert "From 19 March 2026 on we use these data again" in text
    bench.pass_time(timedelta(days=13))
    follow_up(current_app())
    assert marked(bench) == {TICKET}, "the letter has not gone out"
    record_sent(current_app(), case_id, "L15", by="Ben")
    bench.pass_time(timedelta(days=6))
    follow_up(current_app())
    assert marked(bench) == {TICKET}, "it went out less than a week ago"
    bench.pass_time(timedelta(days=1))
    follow_up(current_app())
    assert marked(bench) == set()
    with bench.file(case_id) as file:
        (ticket,) = [one for one in file.findings.all() if one.number == number]
        events = [one.event for one in file.ledger.entries()]
        assert [one.is_open for one in file.tasks.all() if one.kind is TaskKind.LIFT] == [False]
    assert (ticket.outcome, ticket.until) == (OutcomeKind.RETAINED, UNTIL)
    assert events.index("LiftingAnnounced") < events.index("RestrictionLifted")
    assert list(check_ledger(bench.runtime.store.database, [])) == []


@pytest.mark.apart
def test_what_the_law_keeps_is_kept_as_long_and_restricted_besides(bench):
    can_restrict(bench, "payments")
    case_id = at_approval(bench)
    decide(bench, case_id, i1=RESTRICT)
    text = finished(bench, case_id)
    assert marked(bench) == {INVOICE}
    assert "that we use it for nothing else until then" in text
    (invoice,) = [one for one in looks.findings(bench, case_id, "payments") if one.ref.kind == "invoice"]
    assert (invoice.outcome, invoice.until) == (OutcomeKind.RESTRICTED, date(2034, 12, 31))
    assert "§ 147" in invoice.legal_basis


@pytest.mark.apart
def test_where_the_system_cannot_that_is_said_and_a_person_has_the_task(bench):
    case_id = at_approval(bench)
    decide(bench, case_id, r1=RESTRICT)
    text = finished(bench, case_id)
    assert outcomes(bench, case_id)[CALL] is OutcomeKind.RETAINED
    assert marked(bench) == set()
    assert "Its system has no way to mark that, so that a person sees to it there by hand." in text
    assert "restricted to being stored" not in text
    (task,) = [one for one in looks.tasks(bench, case_id) if one.kind is TaskKind.MANUAL and one.system == "calls"]
    assert task.what == "Mark by hand that these are stored and used for nothing else: call recordings (1)."
    assert ": 1 manual step, by " in text


def test_another_persons_record_is_never_restricted_and_the_dry_run_shows_what_is(bench):
    can_restrict(bench, "helpdesk")
    case_id = at_approval(bench)
    with pytest.raises(BadInput, match="it is another person's too"):
        decide(bench, case_id, t2=RESTRICT)
    with bench.file(case_id) as file:
        assert file.decisions.at(Gate.APPROVAL) is None
    assert marked(bench) == set()
    settings = bench.runtime.settings
    assert settings.brakes.case_floor >= 1
    decide(bench, case_id, t1=RESTRICT)
    shown = {one.system: one for one in dry_run(current_app(), case_id)}["helpdesk"]
    assert [(one.title, one.does, one.records) for one in shown.calls] == [
        ("service tickets", "redact", 1),
        ("service tickets", "restrict", 1),
        ("customer profiles", "erase", 1),
    ]


def test_where_a_spanish_system_cannot_block_the_approver_is_told(spanish):
    bench = spanish
    case_id = at_approval(bench)
    (call,) = looks.findings(bench, case_id, "calls")
    assert (call.method, call.planned) == (Method.ERASE, OutcomeKind.ERASED)
    assert "Art. 32 LOPDGDD has erased data blocked first" in call.note


@pytest.mark.apart
def test_what_another_case_has_blocked_in_spain_is_promised_until_that_ends(spanish):
    bench = spanish
    can_restrict(bench, "helpdesk", "calls")
    first = at_approval(bench)
    bench.approve(first)
    finished(bench, first)
    bench.pass_time(timedelta(days=10))
    with bench.file(at_approval(bench)) as file:
        (call,) = file.findings.all("calls")
    assert (call.method, call.until) == (Method.RESTRICT, date(2029, 3, 5)), "the first blocking ends then"
