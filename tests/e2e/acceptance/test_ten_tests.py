"""The ten acceptance tests of the rules of erasure (§10), end to end in real systems, with a clock of the test's own.

The helpdesk is the sandbox's, payments lie in localstripe, tickets in Redmine's own tables on PostgreSQL, recordings in
SeaweedFS. The same ten on systems in memory, with more of each: `tests/integration/cases/test_erasure_rules.py`.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
import wave
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from proofs.strangers import tables
from proofs.strangers.cases import by_steps
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.lifting import announce_lifting
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent, record_recipient_not_told
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import place_hold, release_hold
from rightsflow.cases.work.erasure.plan_records import blocked_records, look_at_blocked
from rightsflow.cases.work.erasure.suppression import Listed, are_suppressed
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.config.sections.policy_settings import SuppressionSettings
from rightsflow.domain.alerts.ladder import Audience, RungKind
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.erasure.retention_duties import Sector
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from tests.e2e.acceptance.real_systems import (
    ANNA,
    ANNAS_TICKET,
    ANNAS_USER,
    BEGAN_AT,
    SHARED_TICKET,
    connected,
    real_systems,
)
from tests.support.bench import running_bench
from tests.support.processors import with_processors
from tests.support.reading import read_then_decide
from tests.support.steps import send_answer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("acceptance")]

ERASED, RETAINED = OutcomeKind.ERASED, OutcomeKind.RETAINED
_RATE = 8000


def recording(silent=()):
    """Four seconds of one tone, 16 bits; in the silent ones nothing."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        for second in range(4):
            file.writeframes((b"\0\0" if second in silent else b"\x11\x22") * _RATE)
    return made.getvalue()


SOUND = recording()


@pytest.fixture
def at_work(tmp_path, postgres_server, store):
    """Makes systems and a bench that works at them; the controller and the sections as a test needs them."""

    @contextmanager
    def make(controller=(), **systems):
        for name in ("systems", "home"):
            (tmp_path / name).mkdir()
        with (
            real_systems(tmp_path / "systems", postgres_server, store, SOUND, **systems) as real,
            running_bench(tmp_path / "home") as bench,
        ):
            bench.moment[0] = BEGAN_AT
            connected(bench, real, **dict(controller))
            before = real.of_boris()
            with installed(bench.runtime):
                yield bench, real
            assert real.of_boris() == before, "something of another person was changed"

    return make


def at_the_gate(bench, right="erasure"):
    form = RequestForm(
        right=right,
        email="anna.quill@example.com",
        customer_id=ANNA,
        opened_by="Olga Opener",
        channel="e-mail",
    )
    case_id = open_request_form(current_app(), form).case_id
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    assert by_steps(case_id, Right(right)) == "Waiting"
    return case_id


def decided(case_id, *lines):
    """Approve the plan with lines on records."""
    decision = Decision(
        gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=read_record_decisions(lines)
    )
    read_then_decide(current_app(), case_id, decision)


def carried_out(case_id, *lines):
    decided(case_id, *lines)
    assert by_steps(case_id, Right.ERASURE) == "Answered"
    return case_id


def answered(bench, *lines):
    case_id = carried_out(at_the_gate(bench), *lines)
    send_answer(bench, case_id)
    return case_id


def records(bench, case_id, system="", kind=""):
    with bench.file(case_id) as file:
        return [one for one in file.findings.all(system) if one.ref.kind == kind or not kind]


def letter(bench, case_id, name="L11"):
    with bench.file(case_id) as file:
        return next(one.body for one in file.outbox.letters() if one.template_id == name)


def work(bench, case_id, on=None):
    """A round of the follow-up, an officer who approves what it shows, and another round."""
    if on is not None:
        bench.moment[0] = datetime.combine(on, time(12), UTC)
    follow_up(current_app())
    with bench.file(case_id) as file:
        shown = [one for one in file.tasks.all() if one.is_open and one.is_shown and not one.approved_by]
    for one in (one for one in shown if one.kind.needs_approval):
        approve_task(current_app(), case_id, one.number, by="Dana Decider")
    follow_up(current_app())


def is_erased(real, ticket):
    with real.helpdesk.lock:
        return ticket not in real.helpdesk.tickets


@pytest.mark.parametrize("document", ["trade_letter", "none"])
def test_1_invoice_chat_recording_and_profile_of_a_german_controller(at_work, document):
    classes = {"ticket": document, "call-recording": "none", "partner-recording": "none"}
    with at_work(helpdesk={"document_classes": classes}) as (bench, real):
        listing = bench.runtime.settings.model_copy(update={"suppression": SuppressionSettings(after_erasure=True)})
        bench.runtime = replace(bench.runtime, settings=listing)
        with installed(bench.runtime):
            case_id = answered(bench)
            assert list(are_suppressed(current_app(), ["anna.quill@example.com"])) == [Listed.YES]
        (charge,) = records(bench, case_id, "payments", "charge")
        assert (charge.outcome, charge.until) == (RETAINED, date(2034, 12, 31))
        (ticket,) = [one for one in records(bench, case_id, "helpdesk", "ticket") if one.ref.ref == str(ANNAS_TICKET)]
        if document == "trade_letter":
            assert (ticket.outcome, ticket.until) == (RETAINED, date(2032, 12, 31))
        else:
            assert (ticket.outcome, is_erased(real, ANNAS_TICKET)) == (ERASED, True)
        assert {one.outcome for one in records(bench, case_id, "calls")} == {ERASED}
        assert real.calls() == ["boris.wav", "boris.wav"]
        with real.helpdesk.lock:
            assert ANNAS_USER not in real.helpdesk.users
        assert real.rows("SELECT firstname FROM users WHERE lastname = 'Quillfeather'") == []


def test_2_a_dispute_and_a_hold_keep_their_records_and_the_holds_end_opens_the_decision(at_work):
    with at_work(disputed=True) as (bench, real):
        review_on = current_app().today + timedelta(days=90)
        person = Sought(email="anna.quill@example.com")
        number, _ = place_hold(
            current_app(), "A claim.", review_on, by="Lena Law", owner="dpo", person=person, system="calls"
        )
        case_id = answered(bench)
        (charge,) = records(bench, case_id, "payments", "charge")
        assert charge.outcome is RETAINED
        assert charge.legal_basis.startswith("Art. 17(3)(e)")
        assert charge.ends_when == "the dispute is settled"
        held = records(bench, case_id, "calls")
        assert {(one.outcome, one.legal_basis[:13]) for one in held} == {(RETAINED, "Art. 17(3)(e)")}
        assert is_erased(real, ANNAS_TICKET)
        assert real.call() == SOUND
        release_hold(current_app(), number, by="Ben Boss", reason="Settled.")
        follow_up(current_app())
        with bench.file(case_id) as file:
            assert [one.is_open for one in file.tasks.all() if one.kind is TaskKind.RELEASED] == [True]
        assert real.call() == SOUND, "a person decides"
        work(bench, case_id)
        assert (real.call(), {one.outcome for one in records(bench, case_id, "calls")}) == (b"", {ERASED})


KEEP = "calls recording: keep | defence of a claim of 4 May 2026 | Art. 17(3)(e) | until 2027-12-31"


def test_3_a_card_code_is_muted_in_the_store_and_the_unmuted_versions_are_erased(at_work):
    with at_work(seconds="1-2") as (bench, real):
        case_id = answered(bench, KEEP)
        silenced = recording(silent={1})
        assert real.call() == silenced
        assert real.calls() == ["anna.wav", "boris.wav", "boris.wav"]
        assert sorted(one.outcome for one in records(bench, case_id, "calls")) == [ERASED, RETAINED]
        with bench.file(case_id) as file:
            (noted,) = [one.details for one in file.ledger.entries() if one.event == "RecordingMuted"]
        assert noted["sha256"] == hashlib.sha256(silenced).hexdigest()
        assert "is muted for good" in letter(bench, case_id)
        work(bench, case_id, date(2027, 12, 31))
        assert real.call() == silenced, "its last day is not over"
        work(bench, case_id, date(2028, 1, 1))
        assert real.calls() == ["boris.wav", "boris.wav"]


def test_3_a_recording_under_a_duty_of_mifid_is_left_and_a_person_has_the_task(at_work):
    classes = {"document_classes": {"recording": "recording", "transcript": "none", "screen-recording": "none"}}
    investing = {"sector": Sector.INVESTMENT_FIRM}
    # The store itself says when a recording was made: now.
    began = datetime.now(UTC).date()
    with at_work(seconds="1-2", controller=investing, calls=classes) as (bench, real):
        case_id = answered(bench)
        assert real.calls() == ["anna.wav", "anna.wav", "boris.wav", "boris.wav"]
        assert real.call() == SOUND
        ((outcome, until),) = {(one.outcome, one.until) for one in records(bench, case_id, "calls")}
        assert outcome is RETAINED
        assert until in {add_months(day, 60) for day in (began, datetime.now(UTC).date())}
        with bench.file(case_id) as file:
            (task,) = [one for one in file.tasks.all() if "security number" in one.what]
        assert (task.kind, task.records) == (TaskKind.MANUAL, 2)


def test_4_what_is_retained_is_erased_the_day_after_its_last_day(at_work):
    tables = [
        {**one, "document_class": "trade_letter"} if one["name"] == "issues" else one for one in _redmines_tables()
    ]
    with at_work(tickets={"tables": tables}) as (bench, real):
        case_id = answered(bench)
        (issue,) = records(bench, case_id, "tickets", "issues")
        assert (issue.outcome, issue.until) == (RETAINED, date(2032, 12, 31))
        issues = "SELECT subject FROM issues ORDER BY id"
        work(bench, case_id, date(2032, 12, 31))
        assert real.rows(issues)[0] == ("Kettle of Anna Quillfeather",)
        work(bench, case_id, date(2033, 1, 1))
        assert real.rows(issues) == [("",), ("Kettle of Boris Other",)]
        with bench.file(case_id) as file:
            said = [one.event for one in file.ledger.entries()]
        assert said.index("TaskApproved") < said.index("RetentionEnded") < said.index("TaskDone")


def _redmines_tables():
    return tomllib.loads(tables.TICKETS)["systems"]["tickets"]["tables"]


def test_4_a_restriction_is_lifted_for_use_only_after_the_person_was_told(at_work):
    with at_work(status="solved", helpdesk={"restricted_tag": "restricted"}) as (bench, real):
        case_id = at_the_gate(bench)
        (ticket,) = [one for one in records(bench, case_id, "helpdesk", "ticket") if one.ref.ref == str(ANNAS_TICKET)]
        (profile,) = records(bench, case_id, "helpdesk", "user")
        which = f"{profile.number}, {ticket.number}"
        carried_out(case_id, f"{which}: restrict | you need it for a claim | Art. 18(1)(c) | until 2027-12-31")
        send_answer(bench, case_id)
        marks = {"restricted", f"restricted_{case_id.lower()}"}
        assert set(tags_of(real)) == marks
        on = current_app().today + timedelta(days=14)
        announce_lifting(current_app(), case_id, {ticket.number}, on, reason="It is settled.", by="Dana Decider")
        bench.pass_time(timedelta(days=14))
        follow_up(current_app())
        assert set(tags_of(real)) == marks, "the letter has not gone out"
        with pytest.raises(Conflict, match="told before"):
            record_sent(current_app(), case_id, "L15", by="Ben")
        later = current_app().today + timedelta(days=14)
        announce_lifting(current_app(), case_id, {ticket.number}, later, reason="It is settled.", by="Dana Decider")
        record_sent(current_app(), case_id, "L15.2", by="Ben")
        bench.pass_time(timedelta(days=13))
        follow_up(current_app())
        assert set(tags_of(real)) == marks, "the day has not come"
        bench.pass_time(timedelta(days=1))
        follow_up(current_app())
        assert tags_of(real) == []


def tags_of(real):
    with real.helpdesk.lock:
        return list(real.helpdesk.ticket(ANNAS_TICKET)["tags"])


def test_5_what_a_restored_snapshot_brings_back_is_erased_again(at_work):
    with at_work(versions=False) as (bench, real):
        with real.helpdesk.lock:
            snapshot = dump_helpdesk(real.helpdesk)
        rows = real.rows("SELECT id, subject, description FROM issues ORDER BY id")
        answered(bench)
        assert real.calls() == ["boris.wav"]
        _restore(real, snapshot, rows)
        for system in ("helpdesk", "tickets", "calls"):
            done = replay_system(current_app(), system, by="Dana Decider")
            assert (done.erased, done.failed, done.back > 0) == (1, [], True)
        assert (real.calls(), is_erased(real, ANNAS_TICKET)) == (["boris.wav"], True)
        assert real.rows("SELECT subject FROM issues ORDER BY id") == [("",), ("Kettle of Boris Other",)]


def _restore(real, snapshot, rows):
    """Each system as it was before the erasure."""
    before = load_helpdesk(snapshot)
    with real.helpdesk.lock:
        for name in ("users", "tickets", "comments", "identities", "purged", "trash"):
            held = getattr(real.helpdesk, name)
            held.clear()
            held.update(getattr(before, name))
    with real.database.server.admin(real.database.name) as admin:
        for number, subject, text in rows:
            admin.execute("UPDATE issues SET subject = %s, description = %s WHERE id = %s", [subject, text, number])
    real.s3.put_object(Bucket=real.bucket, Key="anna.wav", Body=SOUND, Metadata={"customer": ANNA})


@contextmanager
def registered(bench):
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings))
    with installed(bench.runtime):
        yield


def test_6_a_processor_without_proof_keeps_its_part_open_and_is_not_called_erased(at_work):
    with at_work() as (bench, real), registered(bench):
        case_id = at_the_gate(bench)
        decided(case_id)
        instruct_processor(current_app(), case_id, "callhouse")
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        assert waits_for_processors(current_app(), case_id)
        with bench.file(case_id) as file:
            bench.moment[0] = datetime.combine(file.instructions.one(1).due_on, time(9), UTC) + timedelta(days=1)
        look_at_cases(current_app())
        with bench.file(case_id) as file:
            raised = {one.kind: one for one in file.alerts.all()}
            assert current_app().today < file.due_on
        assert {Audience.OWNER, Audience.MANAGEMENT} <= set(raised[RungKind.PROCESSOR_OVERDUE].tell)
        assert by_steps(case_id, Right.ERASURE) == "Answered"
        body = letter(bench, case_id)
        assert "It has not proved it yet." in body
        assert "confirmed" not in body
        assert is_erased(real, ANNAS_TICKET)


def test_7_a_recipient_that_cannot_be_told_has_its_reason_stored_and_the_letter_is_not_blocked(at_work):
    with at_work() as (bench, _), registered(bench):
        case_id = at_the_gate(bench)
        decided(case_id)
        instruct_processor(current_app(), case_id, "carrier")
        record_recipient_not_told(current_app(), case_id, 1, reason="The company was dissolved in 2025", by="Ben")
        assert by_steps(case_id, Right.ERASURE) == "Answered"
        assert "We could not tell Carrier about the erasure: The company was dissolved in 2025." in letter(
            bench, case_id
        )


def test_8_a_second_request_is_not_answered_with_nothing_held(at_work):
    with at_work() as (bench, real):
        listing = bench.runtime.settings.model_copy(update={"suppression": SuppressionSettings(after_erasure=True)})
        bench.runtime = replace(bench.runtime, settings=listing)
        with installed(bench.runtime):
            answered(bench)
            bench.pass_time(timedelta(days=40))
            second = at_the_gate(bench)
            assert {one.ref.system for one in records(bench, second)} == {"payments"}
            body = letter(bench, carried_out(second))
        assert "Kept until 31 December 2034" in body
        assert "An entry on our suppression list: keyed codes of your e-mail address and your phone number" in body
        assert is_erased(real, ANNAS_TICKET)


def test_9_what_a_spanish_controller_blocks_is_read_by_the_role_alone_and_destroyed_after_its_day(at_work):
    spanish = {"country": "ES", "timezone": "Europe/Madrid"}
    with at_work(controller=spanish, calls={"restricted_tag": "blocked"}) as (bench, real):
        case_id = answered(bench)
        until = date(2029, 11, 27)
        blocked = blocked_records(current_app(), case_id)
        assert {(one.system, one.until) for one in blocked} == {("calls", until)}
        assert real.tags()["blocked"] == "yes"
        seen = look_at_blocked(
            current_app(),
            case_id,
            [blocked[0].number],
            authority="Juzgado 3, 12/2027",
            reason="A claim.",
            by="Aud Hora",
        )
        assert [bool(one.items) for one in seen.values()] == [True]
        work(bench, case_id, until)
        assert real.call() == SOUND
        work(bench, case_id, until + timedelta(days=1))
        assert real.calls() == ["boris.wav", "boris.wav"]


def test_10_an_import_with_a_suppressed_address_is_told_not_to_contact_it(at_work):
    with at_work() as (bench, _):
        listing = bench.runtime.settings.model_copy(update={"suppression": SuppressionSettings(after_erasure=True)})
        bench.runtime = replace(bench.runtime, settings=listing)
        with installed(bench.runtime):
            answered(bench)
            asked = ["new@example.net", "ANNA.QUILL@example.com", "+49 30 23125 001", "boris.other@example.org"]
            assert list(are_suppressed(current_app(), asked)) == [Listed.NO, Listed.YES, Listed.YES, Listed.NO]


def test_what_two_people_wrote_in_one_ticket_keeps_the_other_ones_part(at_work):
    with at_work() as (bench, real):
        case_id = answered(bench)
        (shared,) = [one for one in records(bench, case_id, "helpdesk", "ticket") if one.ref.ref == str(SHARED_TICKET)]
        assert shared.outcome in {OutcomeKind.REDACTED, OutcomeKind.RESIDUE}
        with real.helpdesk.lock:
            left = [one["body"] for one in real.helpdesk.comments[SHARED_TICKET]]
        assert "It leaks, says 1002." in left
        assert "It leaks, says 1001." not in left


def test_the_ten_are_here():
    numbers = {name.split("_")[1] for name in globals() if name.startswith("test_") and name.split("_")[1].isdigit()}
    assert numbers == {str(number) for number in range(1, 11)}
