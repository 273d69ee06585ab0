"""After the answer: what was kept is erased the day after its last day, and what is gone is read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.record import certificate
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.purge import purge
from rightsflow.config.sections.limits import FollowUpSettings
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.records import Fact, OutcomeKind, RecordRef
from rightsflow.domain.wording import day as in_words
from rightsflow.testing.fakes import FakeRecord
from tests.integration.cases.answered_erasures import LAST_DAY, KeepsOnErasing, answered, go_to
from tests.support import looks
from tests.support.bench import ANNA_ID, ANNA_PROFILE, BORIS, running_bench
from tests.support.looks import entries, letter, tasks
from tests.support.steps import others_digest, outcomes

INVOICE = ("payments", "invoice", "i1")
POLICY = FollowUpSettings(approval="automatic", policy="Deletion policy 2.1", covers_conditions=True)
APPROVER = "Dana Decider"


@pytest.fixture
def by_policy(tmp_path):
    """A bench whose controller has written down that ends of retention need no person."""
    with running_bench(tmp_path) as made:
        settings = made.runtime.settings.model_copy(update={"follow_up": POLICY})
        made.runtime = replace(made.runtime, settings=settings)
        with installed(made.runtime):
            yield made


@pytest.mark.apart
def test_a_kept_record_is_erased_the_day_after_its_last_day_and_its_evidence_ends_after_the_last_look(by_policy):
    case_id, before = answered(by_policy), others_digest(by_policy)
    said = "Our software erases the records and checks that they are gone: on 1 January 2035 (Payments, 1 record)."
    assert said in letter(by_policy, case_id)
    go_to(by_policy, date(2031, 1, 2))
    follow_up(current_app())
    assert "still kept in the systems" in purge(current_app()).held[case_id]
    go_to(by_policy, LAST_DAY, hour=20)
    follow_up(current_app())
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.RETAINED
    go_to(by_policy, LAST_DAY, hour=23)  # midnight in Berlin
    assert follow_up(current_app()).ended == 1
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.REDACTED
    (held,) = [one for one in by_policy.systems["payments"].records() if one.key == "i1"]
    assert not held.names(frozenset({ANNA_ID}))
    assert others_digest(by_policy) == before
    (ended,) = entries(by_policy, case_id, "RetentionEnded")
    assert (ended.details["approval"], ended.details["policy"]) == ("policy", "Deletion policy 2.1")
    assert ended.details["count"] == 1
    assert len(ended.details["plan"]) == 64
    (shown,) = [one for one in entries(by_policy, case_id, "StepDone") if one.details["step"].startswith("plan at end")]
    assert shown.details["plan"] == ended.details["plan"]
    seen = {one.details["record"]: one.details["state"] for one in entries(by_policy, case_id, "PresenceChecked")}
    assert [seen[one] for one in ended.details["records"]] == ["absent"]
    go_to(by_policy, LAST_DAY + timedelta(days=1))
    follow_up(current_app())
    assert "verified again" in purge(current_app()).held[case_id]
    for day in (1, 7, 30):
        go_to(by_policy, LAST_DAY + timedelta(days=1 + day))
        follow_up(current_app())
    assert case_id in purge(current_app()).cases


@pytest.mark.apart
def test_no_letter_promises_a_day_that_has_passed(by_policy):
    """Before, what was kept until a day that passed while the answer was prepared was promised for a day before it."""
    written = LAST_DAY + timedelta(days=3)
    case_id = answered(by_policy, meanwhile=lambda: go_to(by_policy, written))
    said = "Our software erases the records and checks that they are gone: on 3 January 2035 (Payments, 1 record)."
    assert said in letter(by_policy, case_id)
    assert follow_up(current_app()).ended == 1
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.REDACTED


@pytest.mark.apart
def test_a_person_approves_where_no_policy_does_and_not_before_the_records_were_looked_at(bench):
    case_id = answered(bench)
    with pytest.raises(Conflict, match="were not looked at yet"):
        approve_task(current_app(), case_id, 1, by=APPROVER)
    with pytest.raises(BadInput, match="has no task 7"):
        approve_task(current_app(), case_id, 7, by=APPROVER)
    assert "once a person has approved it and has checked that they need not be kept longer" in letter(bench, case_id)
    go_to(bench, LAST_DAY + timedelta(days=1))
    assert follow_up(current_app()).asked == 1
    assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.RETAINED
    assert follow_up(current_app()).cases == 0, "it is not planned again each hour"
    with pytest.raises(Conflict, match="four eyes"):
        approve_task(current_app(), case_id, 1, by="olga opener")
    approve_task(current_app(), case_id, 1, by=APPROVER)
    assert follow_up(current_app()).ended == 1
    assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.REDACTED
    (ended,) = entries(bench, case_id, "RetentionEnded")
    assert (ended.actor, ended.details["approval"]) == (APPROVER, "person")
    assert [one.is_open for one in tasks(bench, case_id)] == [False]


@pytest.mark.apart
def test_a_record_that_another_rule_keeps_by_then_is_left_and_its_new_end_is_noted(by_policy):
    """A dispute was opened years later."""
    case_id = answered(by_policy)
    payments = by_policy.systems["payments"]
    (held,) = [one for one in payments.records() if one.key == "i1"]
    payments.add(replace(held, profile="", facts=held.facts | {Fact.LOCKED}, locked_until=date(2036, 5, 4)))
    go_to(by_policy, LAST_DAY + timedelta(days=1))
    follow_up(current_app())
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.RETAINED
    assert [(one.kept_until, one.is_open) for one in tasks(by_policy, case_id)] == [
        (LAST_DAY, False),
        (date(2036, 5, 4), True),
        (None, True),  # to tell the person
    ]
    assert entries(by_policy, case_id, "RetentionProlonged")
    go_to(by_policy, date(2036, 5, 5))
    payments.add(replace(held, profile=""))
    follow_up(current_app())
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.REDACTED


@pytest.mark.apart
def test_a_record_that_belongs_to_another_person_by_then_is_left_alone(by_policy):
    case_id = answered(by_policy)
    payments = by_policy.systems["payments"]
    taken_over = FakeRecord(kind="invoice", key="i1", texts=((BORIS | {ANNA_ID} - {ANNA_ID}, "his"),))
    payments.add(taken_over)
    go_to(by_policy, LAST_DAY + timedelta(days=1))
    follow_up(current_app())
    assert taken_over in payments.records()
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.RETAINED, "that it is gone is for a person to find out"
    (task,) = [one for one in tasks(by_policy, case_id) if one.kind is TaskKind.UNREADABLE]
    assert (task.is_open, task.system, task.records) == (True, "payments", 1)


@pytest.mark.apart
def test_a_person_can_keep_it_longer_and_has_to_tell(bench):
    case_id = answered(bench)
    go_to(bench, LAST_DAY + timedelta(days=1))
    follow_up(current_app())
    more = {"ground": "The tax assessment of 2026 is open.", "provision": "§ 147(3) AO", "by": APPROVER}
    with pytest.raises(BadInput, match="later than 2035-01-01"):
        keep_longer(current_app(), case_id, 1, LAST_DAY, **more)
    with pytest.raises(BadInput, match="not readable"):
        keep_longer(current_app(), case_id, 1, date(2037, 1, 1), **more | {"provision": "because"})
    keep_longer(current_app(), case_id, 1, date(2036, 12, 31), **more)
    assert [(one.kind, one.kept_until, one.is_open) for one in tasks(bench, case_id)] == [
        (TaskKind.APPROVE, LAST_DAY, False),
        (TaskKind.APPROVE, date(2036, 12, 31), True),
        (TaskKind.MANUAL, None, True),
    ]
    go_to(bench, date(2037, 1, 1))
    follow_up(current_app())
    approve_task(current_app(), case_id, 2, by=APPROVER)
    follow_up(current_app())
    assert outcomes(bench, case_id)[INVOICE] is OutcomeKind.REDACTED


@pytest.mark.apart
def test_what_was_erased_is_read_again_after_one_seven_and_thirty_days(by_policy):
    case_id = answered(by_policy)
    start = current_app().today
    read = []
    for day in (0, 1, 2, 6, 7, 8, 29, 30, 31, 39):
        go_to(by_policy, start + timedelta(days=day))
        before = by_policy.systems["helpdesk"].calls["presence"]
        follow_up(current_app())
        if by_policy.systems["helpdesk"].calls["presence"] > before:
            read.append(day)
    assert read == [1, 7, 30]
    assert entries(by_policy, case_id, "ErasedRecordsReturned") == []


@pytest.mark.apart
def test_what_is_back_is_told_and_erased_again_once_a_person_has_approved(by_policy):
    """A restored back-up, for instance."""
    snapshot = by_policy.systems["helpdesk"].records()
    case_id, before = answered(by_policy), others_digest(by_policy)
    by_policy.systems["helpdesk"].add(*snapshot)
    by_policy.pass_time(timedelta(days=1))
    assert follow_up(current_app()).back == 3
    returned = tasks(by_policy, case_id)[-1]
    assert (returned.kind, returned.records, returned.due_on) == (TaskKind.RETURNED, 3, current_app().today)
    assert {one.verified.value for one in looks.findings(by_policy, case_id, "helpdesk")} == {"present"}
    assert follow_up(current_app()).cases == 0
    approve_task(current_app(), case_id, returned.number, by=APPROVER)
    follow_up(current_app())
    assert not [one for one in by_policy.systems["helpdesk"].records() if one.names(ANNA_PROFILE)]
    assert others_digest(by_policy) == before
    assert [one.is_open for one in tasks(by_policy, case_id)] == [True, False]


@pytest.mark.apart
def test_the_end_of_a_retention_leaves_what_is_back_and_waits_for_approval(by_policy):
    """Before, it was erased with what another task erases, by no one's word, and the person was not told (L24)."""
    payments, snapshot = by_policy.systems["payments"], by_policy.systems["payments"].records()
    case_id, before = answered(by_policy), others_digest(by_policy)
    (profile,) = [one for one in snapshot if (one.kind, one.names(ANNA_PROFILE)) == ("profile", True)]
    payments.add(profile)
    by_policy.pass_time(timedelta(days=1))
    assert follow_up(current_app()).back == 1
    go_to(by_policy, LAST_DAY + timedelta(days=1))
    assert follow_up(current_app()).ended == 1
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.REDACTED
    assert profile in payments.records()
    (returned,) = [one for one in tasks(by_policy, case_id) if one.kind is TaskKind.RETURNED]
    approve_task(current_app(), case_id, returned.number, by=APPROVER)
    follow_up(current_app())
    assert profile not in payments.records()
    assert others_digest(by_policy) == before
    with by_policy.file(case_id) as file:
        assert file.outbox.has("L24")


@pytest.mark.apart
def test_a_system_that_does_not_answer_is_tried_again_and_the_others_are_done(by_policy):
    case_id = answered(by_policy)
    by_policy.pass_time(timedelta(days=1))
    by_policy.systems["calls"].fail("presence", times=1)
    assert follow_up(current_app()).failed == 1
    with by_policy.file(case_id) as file:
        steps = {one.system: one.state.value for one in file.steps.all() if one.step == "verify again"}
    assert steps == {"calls": "failed", "helpdesk": "done", "payments": "done"}
    assert follow_up(current_app()).failed == 0


@pytest.mark.apart
def test_an_erasure_that_was_cut_short_goes_on(by_policy):
    case_id = answered(by_policy)
    go_to(by_policy, LAST_DAY + timedelta(days=1))
    by_policy.systems["payments"].fail("presence", times=1, after=0)
    assert follow_up(current_app()).failed == 1
    assert follow_up(current_app()).ended == 1
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.REDACTED
    assert len(entries(by_policy, case_id, "RetentionEnded")) >= 1


@pytest.mark.apart
@pytest.mark.parametrize("until", [None, LAST_DAY - timedelta(days=2)])
def test_what_a_system_keeps_without_a_day_to_come_is_erased_once_it_lets_go(by_policy, until):
    """Before, a hold without an end, or a lock that was shortened, left the record out of its task for good."""
    case_id = answered(by_policy)
    system = KeepsOnErasing(by_policy.systems["payments"], until)
    made = replace(by_policy.runtime, connectors={**by_policy.runtime.connectors, "payments": system})
    with installed(made):
        go_to(by_policy, LAST_DAY + timedelta(days=1))
        for _ in range(2):
            assert follow_up(current_app()).failed == 1
        assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.RETAINED
        system.is_locked = False
        assert follow_up(current_app()).ended == 1
    assert outcomes(by_policy, case_id)[INVOICE] is OutcomeKind.REDACTED
    assert not [one for one in tasks(by_policy, case_id) if one.is_open and one.kept_until]


@pytest.mark.apart
def test_a_restored_system_is_replayed(bench):
    """Of the whole snapshot only what Anna's erasure took is taken again, at once and not after a day."""
    snapshot = bench.systems["helpdesk"].records()
    case_id, before = answered(bench), others_digest(bench)
    assert replay_system(current_app(), "helpdesk", by=APPROVER).back == 0
    bench.systems["helpdesk"].add(*snapshot)
    done = replay_system(current_app(), "helpdesk", by=APPROVER)
    assert (done.cases, done.back, done.erased, done.failed) == (1, 3, 1, [])
    assert not [one for one in bench.systems["helpdesk"].records() if one.names(ANNA_PROFILE)]
    assert others_digest(bench) == before
    assert replay_system(current_app(), "helpdesk", by=APPROVER).back == 0
    assert len(entries(bench, case_id, "ErasedRecordsReturned")) == 1
    with pytest.raises(BadInput, match="no such system"):
        replay_system(current_app(), "nowhere", by=APPROVER)


@pytest.mark.apart
def test_the_person_is_told_what_came_back_and_was_erased_again_each_time(bench):
    snapshot = bench.systems["helpdesk"].records()
    case_id = answered(bench)
    go_to(bench, date(2026, 3, 6))
    for name in ("L24", "L24.2"):
        bench.systems["helpdesk"].add(*snapshot)
        bench.pass_time(timedelta(days=1))
        assert replay_system(current_app(), "helpdesk", by=APPROVER).erased == 1
        written = looks.letters(bench, case_id)
        assert "Our answer of 5 March 2026 told you what had become of your data." in written[name]
        assert "- customer profiles (Helpdesk), 1 record\n- service tickets (Helpdesk), 2 records" in written[name]
        assert f"we saw it on {in_words(current_app().today)}" in written[name]
        assert (
            "On the same day we erased that again, and read it afresh: your data can no longer be read there."
            in written[name]
        )
        record_sent(current_app(), case_id, name, by="Ben")
    assert replay_system(current_app(), "helpdesk", by=APPROVER).back == 0
    with bench.file(case_id) as file:
        assert file.outbox.titles()[-2:] == ["L24", "L24.2"]


@pytest.mark.apart
def test_a_task_says_how_many_are_back_and_who_opened_the_case_does_not_approve_its_replay(bench):
    """Before, it named for ever how many the first look had seen."""
    snapshot, case_id = bench.systems["helpdesk"].records(), answered(bench)
    for some, said in ((snapshot[:1], "1 record is back"), (snapshot, "3 records are back")):
        bench.systems["helpdesk"].add(*some)
        replay_system(current_app(), "helpdesk", by="Olga Opener")
        (task,) = [one for one in tasks(bench, case_id) if one.is_open and one.kind is TaskKind.RETURNED]
        assert task.what.startswith(f"{said} that had been erased or had gone.")
    assert replay_system(current_app(), "helpdesk", by="Olga Opener").failed == [case_id]
    assert tasks(bench, case_id)[-1].is_open
    assert replay_system(current_app(), "helpdesk", by=APPROVER).erased == 1


def test_nothing_is_told_before_it_is_gone_again(bench):
    snapshot = bench.systems["helpdesk"].records()
    case_id = answered(bench)
    bench.systems["helpdesk"].add(*snapshot)
    bench.systems["helpdesk"].fail("erase", times=1, after=0)
    assert replay_system(current_app(), "helpdesk", by=APPROVER).failed == [case_id]
    with bench.file(case_id) as file:
        assert not file.outbox.has("L24")


@pytest.mark.apart
def test_the_person_is_told_once_it_is_read_also_where_an_attempt_before_has_erased_it(bench):
    """Before, a look that failed after the erasure left them without a word, and the day would have been another."""
    snapshot, case_id = bench.systems["helpdesk"].records(), answered(bench)
    bench.systems["helpdesk"].add(*snapshot)
    go_to(bench, date(2026, 3, 9))
    assert replay_system(current_app(), "helpdesk", by="Olga Opener").failed == [case_id]
    (task,) = [one for one in tasks(bench, case_id) if one.kind is TaskKind.RETURNED]
    assert task.what.startswith("3 records are back that had been erased or had gone.")
    approve_task(current_app(), case_id, task.number, by=APPROVER)
    bench.systems["helpdesk"].fail("presence")
    assert follow_up(current_app()).failed == 1
    go_to(bench, date(2026, 3, 11))
    follow_up(current_app())
    with bench.file(case_id) as file:
        (written,) = [one.body for one in file.outbox.letters() if one.template_id == "L24"]
    assert "\n11 March 2026\nCase number" in written
    assert "we saw it on 9 March 2026" in written
    assert "- customer profiles (Helpdesk), 1 record\n- service tickets (Helpdesk), 2 records" in written
    assert "On the same day we erased that again, and read it afresh: your data can no longer be read there." in written


@pytest.mark.apart
def test_what_had_gone_by_itself_is_erased_when_a_restored_system_brings_it_back(by_policy):
    """Before, a voucher that was not there on its last day stayed for ever after a restore."""
    payments, snapshot = by_policy.systems["payments"], by_policy.systems["payments"].records()
    case_id = answered(by_policy)
    del payments._records[RecordRef("payments", "invoice", "i1")]
    go_to(by_policy, LAST_DAY + timedelta(days=1))
    follow_up(current_app())
    assert outcomes(by_policy, case_id)["payments", "invoice", "i1"] is OutcomeKind.NOT_HELD
    payments.add(*snapshot)
    replay_system(current_app(), "payments", by=APPROVER)
    assert not [one for one in payments.records() if one.names(ANNA_PROFILE)]


def with_backups(bench, days):
    """Let the helpdesk have back-ups that hold what was erased for so many days."""
    section = bench.runtime.systems["helpdesk"].model_copy(update={"backup_days": days, "backup_contents": "all of it"})
    bench.runtime = replace(bench.runtime, systems={**bench.runtime.systems, "helpdesk": section})
    return installed(bench.runtime)


@pytest.mark.apart
def test_a_case_is_there_to_be_replayed_as_long_as_a_back_up_could_bring_its_records_back(by_policy):
    """Its evidence period, and the end of its invoice's retention, are over long before."""
    snapshot, years = by_policy.systems["helpdesk"].records(), 10 * 366
    with with_backups(by_policy, years):
        case_id, before = answered(by_policy), others_digest(by_policy)
        start = current_app().today
        for day in (1, 7, 30):
            go_to(by_policy, start + timedelta(days=day))
            follow_up(current_app())
        go_to(by_policy, LAST_DAY + timedelta(days=1))
        for day in (0, 1, 7, 30):
            go_to(by_policy, LAST_DAY + timedelta(days=1 + day))
            follow_up(current_app())
        assert "verified again" in purge(current_app()).held[case_id]
        by_policy.systems["helpdesk"].add(*snapshot)
        assert replay_system(current_app(), "helpdesk", by=APPROVER).erased == 1
        assert not [one for one in by_policy.systems["helpdesk"].records() if one.names(ANNA_PROFILE)]
        assert others_digest(by_policy) == before
        ended = current_app().today
        go_to(by_policy, ended + timedelta(days=years))
        follow_up(current_app())
        assert case_id in purge(current_app()).held
        go_to(by_policy, ended + timedelta(days=years + 1))
        follow_up(current_app())
        assert case_id in purge(current_app()).cases


@pytest.mark.apart
def test_the_certificate_names_the_back_ups_and_their_last_day(bench):
    with with_backups(bench, 35):
        case_id = answered(bench)
        assert "Back-ups of it still hold what was erased, until 9 April 2026" in letter(bench, case_id)
        certified = certificate(fold(looks.entries(bench, case_id)))
    assert "system helpdesk, until 2026-04-09, what all of it" in certified
