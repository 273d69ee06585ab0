"""The answers: the right letter, written once, with the case's end in one act, and never on an unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held, write_refusal
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeSystem
from tests.support import looks
from tests.support.looks import letters, state
from tests.support.steps import SYSTEMS, answered, answered_access, carried_out, identified, nothing_held, searched


def refuse(case_id, gate=Gate.APPROVAL, reason="A claim is pending.", code="R6", details=None):
    details = details or {"Provision": "§ 29 BDSG"}
    record_decision(
        current_app(),
        case_id,
        Decision(gate=gate, verdict=Verdict.REFUSED, by="Dana Decider", reason=reason, code=code, details=details),
    )


@pytest.mark.apart
def test_the_erasures_answer_names_what_became_of_every_record_and_promises_what_a_task_stands_behind(bench):
    case_id = answered(bench)
    assert state(bench, case_id) is CaseState.ANSWERED
    body = letters(bench, case_id)["L11"]
    assert set(letters(bench, case_id)) == {"L1", "L11"}
    did = body[body.index("WHAT BECAME OF YOUR DATA") : body.index("WHAT WE KEEP")]
    assert [line.partition(".")[0] for line in did.splitlines()[1:] if line] == [
        "Calls",
        "- call recordings: 1 record erased",
        "Helpdesk",
        "- customer profiles: 1 record erased",
        "- service tickets: 1 record erased",
        "- service tickets: 1 record cleared of your data; what is left of the record is not about you",
        "Payments",
        "- customer profiles: 1 record erased",
        "- invoices: 1 record kept (why: below)",
    ]
    assert "Kept until 31 December 2034" in body
    assert "Backups keep it for 30 days." in body
    assert "Dear Anna Quillfeather" in body
    before = letters(bench, case_id)
    write_answer(current_app(), case_id)
    assert letters(bench, case_id) == before
    events = [entry.event for entry in looks.entries(bench, case_id)]
    assert events.count("CaseAnswered") == 1
    assert events.count("LetterWritten") == 2
    (task,) = looks.tasks(bench, case_id, TaskKind.APPROVE)
    assert (task.system, task.records, task.owner) == ("payments", 1, "case_owner")
    assert (task.kept_until, task.due_on) == (date(2034, 12, 31), date(2035, 1, 1))
    body = letters(bench, case_id)["L11"]
    assert "and checks that they are gone: on 1 January 2035 (Payments, 1 record)." in body
    assert "you can ask us to erase" not in body


@pytest.mark.apart
def test_the_answer_names_the_back_ups_that_still_hold_what_was_erased(bench):
    """The EDPB's action of 2025 names back-ups as one of seven weak spots."""
    sections = dict(bench.runtime.systems)
    sections["helpdesk"] = sections["helpdesk"].model_copy(
        update={"backup_days": 35, "backup_contents": "the whole database"}
    )
    with installed(replace(bench.runtime, systems=sections)):
        case_id = answered(bench)
    body = letters(bench, case_id)["L11"]
    kept = "Back-ups of it still hold what was erased, until 9 April 2026 at the latest. They hold the whole database."
    assert f"- Helpdesk: {kept}\n" in body
    (named,) = [one.details for one in looks.entries(bench, case_id, "BackupsNamed")]
    assert (named["system"], named["until"]) == ("helpdesk", "2026-04-09")
    with ZipFile(BytesIO(export_evidence(current_app(), case_id, by="Aud Itor").content)) as bundle:
        page = bundle.read("index.html").decode()
    assert "<dt>Back-ups</dt><dd>as listed under everything else; others are not recorded</dd>" in page
    assert "until 2026-04-09" in page


def by_hand(bench, *systems):
    """Let the systems' kinds need a step by hand, named for the kind."""
    for system in systems:
        fake = bench.systems[system]
        kinds = tuple(replace(kind, manual_step=f"Clean the list of each {kind.name}.") for kind in fake.kinds)
        bench.systems[system] = FakeSystem(system=system, kinds=kinds)
        bench.systems[system].add(*fake.records())


@pytest.mark.apart
def test_the_answer_names_what_is_left_to_a_person_and_by_when(bench):
    """Before, "We have carried this out" stood in the answer, and the step by hand in the case file alone."""
    by_hand(bench, "helpdesk", "payments")
    case_id = answered(bench)
    tasks = {one.what: one.due_on for one in looks.tasks(bench, case_id) if one.kind is TaskKind.MANUAL}
    promised_on = date(2026, 4, 2)
    assert "You will get our answer by 2 April 2026 at the latest." in letters(bench, case_id)["L1"]
    assert tasks == {
        "Clean the list of each profile.": promised_on,
        "Clean the list of each ticket.": promised_on,
        "Clean the list of each invoice.": date(2035, 1, 1),
    }, "what is beside a record that has to be kept is done when that ends"
    body = letters(bench, case_id)["L11"]
    assert "The remaining manual steps are listed below." in body
    assert "- Helpdesk: 2 manual steps, by 2 April 2026.\n" in body
    assert "- Payments: 1 manual step, by 2 April 2026.\n- Payments: 1 manual step, by 1 January 2035.\n" in body
    assert "Clean the list" not in body, "an instruction to a colleague is not quoted to the person"


@pytest.mark.apart
def test_a_late_answer_promises_no_day_that_has_passed(bench):
    by_hand(bench, "helpdesk")
    case_id = carried_out(bench)
    bench.pass_time(timedelta(days=60))
    write_answer(current_app(), case_id)
    assert {one.due_on for one in looks.tasks(bench, case_id) if one.kind is TaskKind.MANUAL} == {bench.runtime.today}


def test_letter_and_end_stand_or_fall_together(bench):
    """A case that may not be answered yet gets no letter either."""
    case_id = searched(bench, "access")
    with pytest.raises(RightsflowError):
        write_answer(current_app(), case_id)
    assert state(bench, case_id) is CaseState.IN_PROGRESS
    assert set(letters(bench, case_id)) == {"L1"}


@pytest.mark.apart
def test_the_access_answer_comes_with_the_package_and_the_copies_go(bench):
    case_id = answered_access(bench)
    assert set(letters(bench, case_id)) == {"L1", "L9"}
    with bench.file(case_id) as file:
        passphrase = file.outbox.secret("passphrase")
    assert passphrase not in letters(bench, case_id)["L9"]
    files = [path.name for path in Path(bench.runtime.work_location, case_id).rglob("*") if path.is_file()]
    assert files == [f"{case_id}.zip"]


class TestNothingHeld:
    """A clear no is a finding with proof."""

    def nobody(self, bench, email="nobody.here@example.net"):
        return identified(bench, "access", email=email)

    def test_it_is_written_once_all_systems_were_searched(self, bench):
        case_id = nothing_held(bench)
        assert state(bench, case_id) is CaseState.NOTHING_HELD
        body = letters(bench, case_id)["L8"]
        for system in SYSTEMS:
            assert system in body.casefold()

    def test_it_says_what_the_searches_cannot_find(self, bench):
        bench.systems["payments"].cannot_find = ("Payments of guests.",)
        case_id = nothing_held(bench)
        assert "In Payments it may pass over unusual spellings, free text, or data" in letters(bench, case_id)["L8"]

    @pytest.mark.apart
    def test_one_unsearched_system_or_failed_search_forbids_it(self, bench):
        for missing in SYSTEMS:
            case_id = self.nobody(bench, f"no.one.{missing}@example.net")
            for system in SYSTEMS:
                if system != missing:
                    locate_records(current_app(), case_id, system)
            resolve_identifiers(current_app(), case_id)
            with pytest.raises(RightsflowError):
                write_nothing_held(current_app(), case_id)
            assert state(bench, case_id) is CaseState.IN_PROGRESS
            assert set(letters(bench, case_id)) == {"L1"}
        for failing in SYSTEMS:
            case_id = self.nobody(bench, f"nobody.{failing}@example.net")
            bench.systems[failing].fail("locate")
            for system in SYSTEMS:
                if system == failing:
                    with pytest.raises(RightsflowError):
                        locate_records(current_app(), case_id, system)
                else:
                    locate_records(current_app(), case_id, system)
            resolve_identifiers(current_app(), case_id)
            with pytest.raises(RightsflowError):
                write_nothing_held(current_app(), case_id)
            assert set(letters(bench, case_id)) == {"L1"}

    def test_it_is_not_written_before_identity_is_clear(self, bench):
        case_id = bench.open("access", email="nobody.here@example.net")
        with pytest.raises(RightsflowError):
            write_nothing_held(current_app(), case_id)
        assert set(letters(bench, case_id)) == {"L1"}


class TestRefusal:
    """The refusal has its reason and the remedies."""

    def test_it_gives_the_deciders_reason_and_the_remedies(self, bench):
        case_id = bench.open("access")
        reach_gate(current_app(), case_id, Gate.IDENTITY)
        refuse(
            case_id,
            gate=Gate.IDENTITY,
            reason="She could not name the last order.",
            code="R8",
            details={"What proof is needed": "a written authority"},
        )
        write_refusal(current_app(), case_id)
        body = letters(bench, case_id)["L7"]
        assert "She could not name the last order." in " ".join(body.split())
        assert "BayLDA" in body
        assert "court" in body
        assert state(bench, case_id) is CaseState.REFUSED

    def test_nobody_is_refused_without_a_decision(self, bench):
        case_id = identified(bench, "erasure")
        with pytest.raises(Conflict, match="only after it was decided"):
            write_refusal(current_app(), case_id)
        assert set(letters(bench, case_id)) == {"L1"}

    def test_it_is_written_once(self, bench):
        case_id = searched(bench, "erasure")
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        refuse(case_id)
        write_refusal(current_app(), case_id)
        before = letters(bench, case_id)
        write_refusal(current_app(), case_id)
        assert letters(bench, case_id) == before


def test_the_acknowledgement_says_nothing_of_what_is_held(bench):
    body = letters(bench, bench.open("access", name="Anna Quillfeather"))["L1"]
    assert "Quillfeather" not in body
    assert "Good day" in body
