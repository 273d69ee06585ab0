"""Gates: who may decide what and when, what becomes of a rejected answer, and what the forms show."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gate_texts import awaited_gate, describe_gate
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.gates.many_cases import approve_many, look_at_many
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.four_eyes import GateSubject
from rightsflow.domain.people import NO_ONE_SIGNED_IN, Actor, Proof
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.support import looks
from tests.support.bench import ANNA_PHONE, BORIS, CANARIES
from tests.support.canary import Scanner
from tests.support.desk import DAY, DOUBT
from tests.support.identity import confirmed
from tests.support.instead import Instead
from tests.support.looks import state
from tests.support.steps import at_approval, identified, is_accepted, objection_to, search, searched

SCANNER = Scanner({value: value for value in (*CANARIES, "23125", "quill")})


def decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", reason="", **fields):
    return Decision(gate=gate, verdict=verdict, by=by, reason=reason, **fields)


@pytest.mark.apart
def test_who_opened_the_case_and_what_is_unusable_decides_nothing_and_says_why(bench):
    case_id = at_approval(bench)
    for name in ["Olga Opener", "olga opener", "  OLGA   Opener ", "Ｏlga Opener", "Olga\u00a0Opener"]:
        for verdict in [Verdict.APPROVED, Verdict.REFUSED]:
            code = "R6" if verdict is Verdict.REFUSED else ""
            with pytest.raises(Conflict, match="four eyes"):
                record_decision(
                    current_app(),
                    case_id,
                    decision(by=name, verdict=verdict, reason="because", code=code, details={"Provision": "§ 29 BDSG"}),
                )
            assert state(bench, case_id) is CaseState.AWAITING_APPROVAL
            assert reach_gate(current_app(), case_id, Gate.APPROVAL).verdict is None
    for given, error, sentence in [
        (decision(verdict=Verdict.REFUSED, reason=" "), BadInput, "needs its reason"),
        (decision(verdict=Verdict.REFUSED, reason="A claim."), BadInput, "reason code of the refusal is missing"),
        (decision(by=" "), BadInput, "Your name is missing"),
        (decision(by="Dana\x00Decider"), BadInput, "not valid"),
    ]:
        with pytest.raises(error, match=sentence):
            record_decision(current_app(), case_id, given)
        assert state(bench, case_id) is CaseState.AWAITING_APPROVAL
    assert "four eyes" in objection_to(case_id, decision(by="Olga Opener", reason="zebra-striped"))
    assert "needs its reason" in objection_to(case_id, decision(verdict=Verdict.REFUSED))
    assert reach_gate(current_app(), case_id, Gate.APPROVAL).verdict is None
    assert is_accepted(case_id, decision())
    assert reach_gate(current_app(), case_id, Gate.APPROVAL).verdict is Verdict.APPROVED
    assert not SCANNER.scan(repr([entry.details for entry in looks.entries(bench, case_id)]).encode(), "ledger")


def test_the_data_subject_does_not_decide(bench):
    """Typed by mistake where the own name belongs, it stood in clear in the ledger and the evidence."""
    case_id = bench.open("erasure", name="Anna Quillfeather")
    for by in ["Anna Quillfeather", "anna.quill@example.com", "anna  QUILLFEATHER"]:
        assert not is_accepted(case_id, decision(Gate.IDENTITY, Verdict.CONFIRMED, by=by))
        said = [entry.details for entry in looks.entries(bench, case_id)]
        assert not SCANNER.scan(repr(said).encode(), "the ledger")
        assert reach_gate(current_app(), case_id, Gate.IDENTITY).verdict is None


@pytest.mark.apart
def test_an_approval_notes_that_no_one_signed_in_opened_the_case(bench):
    """Four eyes of one person: opened under another name, checked and approved under her own."""
    for right in ["access", "erasure"]:
        dana = Actor("Dana Decider", role="officer, approver", proof=Proof.PASSWORD_AND_CODE)
        said = {}
        for opener in (NO_ONE_SIGNED_IN, "Mickey Mouse", Actor("Olga Opener", role="officer", proof=Proof.PASSKEY)):
            case_id = bench.open(right, opened_by=opener, email=f"{len(said)}.{right}@example.org")
            bench.confirm_identity(case_id)
            search(case_id)
            reach_gate(current_app(), case_id, Gate.APPROVAL)
            record_decision(current_app(), case_id, decision(by=dana))
            entry = looks.entries(bench, case_id, "DecisionRecorded")[-1]
            said[opener] = (entry.actor, entry.details["signed_in"], entry.details.get("opener"))
        by = ("Dana Decider", "signed in by password and code")
        assert list(said.values()) == [(*by, Proof.TYPED.value), (*by, Proof.TYPED.value), (*by, None)]


def test_the_opener_may_check_the_identity(bench):
    case_id = bench.open("erasure")
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    record_decision(current_app(), case_id, confirmed(bench.moment[0], by="Olga Opener"))
    assert state(bench, case_id) is CaseState.IN_PROGRESS


def test_a_decision_is_final(bench):
    case_id = at_approval(bench)
    record_decision(current_app(), case_id, decision())
    for second in [Verdict.APPROVED, Verdict.REFUSED]:
        with pytest.raises(Conflict, match="decided already"):
            record_decision(
                current_app(), case_id, decision(by="Emil Else", verdict=second, reason="on second thoughts")
            )
        with bench.file(case_id) as file:
            kept = file.decisions.at(Gate.APPROVAL)
            assert (kept.verdict, kept.by, file.state) == (Verdict.APPROVED, "Dana Decider", CaseState.EXECUTING)


def test_nothing_is_approved_before_there_is_a_plan(bench):
    case_id = identified(bench, "erasure")
    with pytest.raises(Conflict, match="nothing to decide on yet"):
        record_decision(current_app(), case_id, decision())
    assert reach_gate(current_app(), case_id, Gate.APPROVAL).verdict is None


def test_the_command_shows_what_is_decided_on_while_the_case_waits(bench):
    case_id = at_approval(bench)
    seen = read_overview(current_app(), case_id)
    assert awaited_gate(current_app(), seen) == describe_gate(
        current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL)
    )
    assert is_accepted(case_id, decision())
    assert awaited_gate(current_app(), read_overview(current_app(), case_id)) == ""


class TestTexts:
    """What the gates show: enough to decide on, and nothing of the person."""

    def test_identity(self, bench):
        case_id = bench.open("access", phone="+49 30 23125 001", name="Anna Quillfeather")
        text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.IDENTITY))
        assert "1 e-mail address, 1 name, 1 phone number" in text
        assert case_id in text
        assert "Dates as of Thu 05 Mar 2026, 10:00; the case sheet is current." in text
        assert "no answer is noted" not in text
        assert not SCANNER.scan(text.encode(), "form")

    def test_a_single_date_is_named_once_and_after_a_question_what_was_asked(self, bench):
        case_id = bench.open("access")
        ask_identity(current_app(), case_id, doubt=DOUBT, by="Ida")
        record_sent(current_app(), case_id, "L2", by="Ida")
        bench.pass_time(2 * DAY)
        text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.IDENTITY))
        assert "The person was asked to prove who they are on Thu 05 Mar 2026; no answer is noted." in text
        assert "Dates as of Sat 07 Mar 2026, 10:00; the case sheet is current." in text

    def test_a_single_date_is_named_once(self, bench):
        case_id = bench.open("access")
        view = reach_gate(current_app(), case_id, Gate.IDENTITY)
        with bench.file(case_id) as file:
            file.clock.set_dates(replace(file.clock.dates(), work_to_on=file.due_on))
        text = describe_gate(current_app(), view)
        assert "Statutory deadline Tue 07 Apr 2026. Dates as of" in text
        assert "Target date" not in text

    def test_the_plan(self, bench):
        case_id = at_approval(bench)
        text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
        assert "**The plan for 6 records:**" in text
        assert (
            "**Erase: 4 records.** calls: call recordings (1); helpdesk: customer profiles (1), service tickets (1);"
            in text
        )
        assert "**Remove only the person's part: 1 record.** helpdesk: service tickets (1)" in text
        assert "**Keep: 1 record.** payments: invoices (1)" in text
        assert re.search(
            r"- 1 record \(\d\): “The law obliges us .+\.” Kept until 31 Dec 20\d\d\. Provision: Art\. 17.+[^.]\.\n",
            text,
        )
        assert "Art. 17(3)(b) GDPR, § 147(1)" in text
        assert not SCANNER.scan(text.encode(), "form")

    @pytest.mark.apart
    def test_the_package(self, bench):
        case_id = at_approval(bench, "access")
        text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
        assert "| helpdesk | service tickets | 2 |" in text
        assert "| calls | call recordings | 1 | 1 |" in text
        assert not SCANNER.scan(text.encode(), "form")

    @pytest.mark.apart
    def test_what_nobody_can_attribute(self, bench):
        shared = FakeRecord(kind="profile", key="u9", texts=((BORIS | {ANNA_PHONE}, "another user of the number"),))
        bench.systems["helpdesk"].add(shared)
        case_id = at_approval(bench)
        text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
        assert "**1 record is unclear** (1): no one is named there" in text

    @pytest.mark.apart
    def test_what_has_to_be_done_by_hand(self, bench):
        fake = bench.systems["calls"]
        kinds = tuple(
            replace(kind, manual_step="Delete it from the tape.") if kind.name == "recording" else kind
            for kind in fake.kinds
        )
        bench.systems["calls"] = FakeSystem(system="calls", kinds=kinds)
        bench.systems["calls"].add(*fake.records())
        case_id = at_approval(bench)
        text = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
        assert "- calls: Delete it from the tape." in text


def nothing_at_the_gate(bench, number=0):
    case_id = searched(bench, "access", email=f"nobody.{number}@example.net")
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


class TestManyNothingHeld:
    """As the command approves them, without a reason, as a single one; each stands for itself."""

    def approve(self, cases, by="Dana Decider"):
        chosen = {one.case_id: one.bound_to for one in look_at_many(current_app(), cases, by=by)}
        results = approve_many(current_app(), chosen, about=GateSubject.NOTHING_HELD, reason="", by=by)
        return {one.case_id: one.refused for one in results}

    @pytest.mark.apart
    def test_each_of_them_has_its_own_decision_and_author(self, bench):
        cases = [nothing_at_the_gate(bench, number) for number in range(3)]
        assert self.approve(cases, by=" Dana  Decider ") == dict.fromkeys(cases, "")
        for case_id in cases:
            with bench.file(case_id) as file:
                (entry,) = [one for one in file.ledger.entries() if one.event == "DecisionRecorded"][-1:]
                assert (entry.actor, entry.details["gate"]) == ("Dana Decider", "approval")
                assert file.decisions.at(Gate.APPROVAL).verdict is Verdict.APPROVED

    @pytest.mark.apart
    def test_one_at_another_gate_and_one_that_was_opened_by_who_decides_stop_none(self, bench):
        cases = [nothing_at_the_gate(bench, 1), bench.open("access"), nothing_at_the_gate(bench, 2)]
        told = self.approve(cases)
        assert "It waits for no decision at this gate" in told[cases[1]]
        assert [told[cases[0]], told[cases[2]]] == ["", ""]
        other = nothing_at_the_gate(bench, 3)
        assert "four eyes" in self.approve([other], by="Olga Opener")[other]
        for case_id in (cases[1], other):
            with bench.file(case_id) as file:
                assert file.decisions.at(Gate.APPROVAL) is None

    @pytest.mark.parametrize("cases", [[], ["DSR-2026-000000"]])
    def test_a_list_that_is_empty_or_names_no_case_is_refused(self, bench, cases):
        with pytest.raises(BadInput):
            self.approve(cases)

    @pytest.mark.apart
    @pytest.mark.parametrize("is_at_the_end", [False, True])
    def test_where_the_store_fails_on_the_way_it_is_said_which_were_decided(self, bench, is_at_the_end):
        """Before, an error alone was shown, while the first of them were decided."""
        cases = sorted(nothing_at_the_gate(bench, number) for number in range(3))
        app = current_app()

        @contextmanager
        def failing(case_ids):
            if cases[1] in case_ids and not is_at_the_end:
                raise Transient("The case store does not answer.")
            with app.store.case_files(case_ids) as files:
                yield files
            if cases[1] in case_ids:
                raise Transient("The case store does not answer.")

        stopped = replace(app, store=Instead(app.store, case_files=failing))
        chosen = {one.case_id: one.bound_to for one in look_at_many(app, cases, by="Dana Decider")}
        about, by = GateSubject.NOTHING_HELD, "Dana Decider"
        results = approve_many(stopped, chosen, about=about, reason="", by=by, at_once=1)
        assert [(one.case_id, bool(one.refused), one.is_unknown) for one in results] == [
            (cases[0], False, False),
            (cases[1], True, is_at_the_end),
            (cases[2], True, False),
        ]
        for case_id, was_decided in ((cases[0], True), (cases[2], False)):
            with bench.file(case_id) as file:
                assert (file.decisions.at(Gate.APPROVAL) is not None) is was_decided

    def test_plans_and_packages_are_approved_together_with_a_reason_only(self, bench):
        case_id = nothing_at_the_gate(bench)
        with pytest.raises(BadInput, match="The reason is missing"):
            approve_many(current_app(), {case_id: ""}, about=GateSubject.PACKAGE, reason=" ", by="Dana")
