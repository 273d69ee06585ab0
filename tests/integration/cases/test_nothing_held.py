""" "Nothing held" is the answer that is wrong most easily, so a person looks at it before it goes out.

Before, it went out by itself as soon as the search had found nothing.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import order_search, reach_gate, record_decision
from rightsflow.cases.course.gates.policies import decide_by_policy
from rightsflow.cases.course.letters.answers import write_nothing_held, write_refusal
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.domain.connector import Sample
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.case_file import SEARCHES
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import ANNA_NAME
from tests.support.canary import Scanner
from tests.support.desk import DAY, TEXT, under_policies
from tests.support.kept_cases import staged
from tests.support.looks import entries, letters, state
from tests.support.steps import SYSTEMS, approved_nothing, identified, search, searched

STRANGER = {"email": "nobody.here@example.net", "phone": "+49 30 99887 766"}
SCANNER = Scanner({"email": "nobody.here", "phone": "99887", "text": TEXT})


@staged
def waiting(bench, right="access"):
    """A case that waits for the decision on "nothing held"."""
    case_id = searched(bench, right, **STRANGER)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def text_of(case_id):
    return describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_it_does_not_go_out_before_a_person_approved_it(bench, right):
    """It was written as soon as the search had ended."""
    case_id = searched(bench, right, **STRANGER)
    for _ in range(2):
        with pytest.raises(Conflict, match="decision at the approval gate"):
            write_nothing_held(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
    assert (state(bench, case_id), set(letters(bench, case_id))) == (CaseState.AWAITING_APPROVAL, {"L1"})
    bench.approve(case_id)
    write_nothing_held(current_app(), case_id)
    assert (state(bench, case_id), set(letters(bench, case_id))) == (CaseState.NOTHING_HELD, {"L1", "L8"})


def test_the_opener_does_not_approve_it_and_the_ledger_says_what_was_approved(bench):
    case_id = waiting(bench)
    with pytest.raises(Conflict, match="four eyes"):
        bench.approve(case_id, by="Olga Opener")
    bench.approve(case_id)
    (decided,) = [one for one in entries(bench, case_id) if one.details.get("gate") == "approval"]
    assert (decided.event, decided.actor, decided.details["about"]) == (
        "DecisionRecorded",
        "Dana Decider",
        "nothing held",
    )


class TestTheText:
    """What the gate says to the person who decides."""

    def test_it_says_how_each_system_was_searched(self, bench):
        bench.systems["payments"].cannot_find = ("Payments of guests.",)
        text = text_of(waiting(bench))
        assert "**The search found nothing.**" in text
        for system in SYSTEMS:
            assert f"- **{system}**, Thu 05 Mar 2026, 10:00: by 1 e-mail address, 1 phone number." in text, text
        assert "    - Of 2 records, 2 carry a readable identifier." in text
        assert "    - Does not find: Payments of guests." in text
        assert "No other case of this person is known." in text
        assert "Olga Opener opened the request and cannot approve (four eyes)." in text
        assert not SCANNER.scan(text.encode(), "text")

    def test_it_names_the_kinds_that_a_system_cannot_search_by(self, bench):
        bench.systems["calls"].searches = frozenset({"phone"})
        text = text_of(waiting(bench))
        assert "- **calls**, Thu 05 Mar 2026, 10:00: by 1 phone number.\n    - Not searched by: 1 e-mail" in text

    def test_it_names_other_cases_of_the_person(self, bench):
        earlier = waiting(bench)
        withdraw(current_app(), earlier, by="Ida")
        case_id = waiting(bench)
        assert f"Other cases of this person: {earlier}." in text_of(case_id)


class TestANewSearch:
    """The person who decides can have everything searched again."""

    def test_it_finds_what_the_first_one_missed(self, bench):
        case_id = waiting(bench)
        bench.systems["calls"].add(
            FakeRecord(kind="recording", key="r9", texts=((_stranger() | {ANNA_NAME}, "call"),), audio=b"RIFF")
        )
        order_search(current_app(), case_id, reason=f"The key was misspelt; {TEXT}.", by="Dana Decider")
        assert state(bench, case_id) is CaseState.IN_PROGRESS
        assert reach_gate(current_app(), case_id, Gate.APPROVAL).is_search_due, (
            "nothing is decided on before it was searched"
        )
        assert state(bench, case_id) is CaseState.IN_PROGRESS
        with pytest.raises(Conflict):
            write_nothing_held(current_app(), case_id)
        assert search(case_id).subject == 1
        assert not reach_gate(current_app(), case_id, Gate.APPROVAL).is_nothing_held
        assert set(letters(bench, case_id)) == {"L1"}

    def test_it_asks_every_system_again_for_a_reason_that_is_kept_encrypted_and_resumes_the_run_that_waits(self, bench):
        case_id = waiting(bench)
        for reason, by in [(" ", "Dana"), ("The index was rebuilt.", " ")]:
            with pytest.raises(BadInput):
                order_search(current_app(), case_id, reason=reason, by=by)
            assert state(bench, case_id) is CaseState.AWAITING_APPROVAL
        runs, store = {(case_id, Gate.APPROVAL), (case_id, Gate.IDENTITY)}, bench.runtime.store
        assert store.waiting.decided(runs) == {(case_id, Gate.IDENTITY)}
        before = {name: system.calls["locate"] for name, system in bench.systems.items()}
        order_search(current_app(), case_id, reason=f"A {TEXT} kettle was bought.", by="Dana Decider")
        assert store.waiting.decided(runs) == runs, "it was ordered while no server was up to be told"
        search(case_id)
        view = reach_gate(current_app(), case_id, Gate.APPROVAL)
        assert {name: system.calls["locate"] for name, system in bench.systems.items()} == {
            name: count + 1 for name, count in before.items()
        }
        assert (view.is_nothing_held, view.verdict) == (True, None)
        (ordered,) = [one for one in entries(bench, case_id) if one.event == "NewSearchOrdered"]
        assert (ordered.actor, ordered.details["gate"]) == ("Dana Decider", "approval")
        assert TEXT not in repr([one.details for one in entries(bench, case_id)])
        with bench.file(case_id) as file:
            assert file.outbox.secrets_below(SEARCHES) == [f"A {TEXT} kettle was bought."]

    def test_it_is_ordered_only_where_nothing_was_found(self, bench):
        case_id = identified(bench, "access")
        with pytest.raises(Conflict):
            order_search(current_app(), case_id, reason="again", by="Dana")
        search(case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        with pytest.raises(Conflict, match="nothing held"):
            order_search(current_app(), case_id, reason="again", by="Dana")


class TestThePolicy:
    """A policy approves in a person's place what every system proved, and ledger and evidence say that it did."""

    @pytest.mark.apart
    def test_it_decides_on_a_proven_search_and_ledger_and_evidence_name_it_as_automatic(self, bench):
        with under_policies(bench):
            case_id = searched(bench, "access", **STRANGER)
            assert decide_by_policy(current_app(), case_id)
            write_nothing_held(current_app(), case_id)
        told = {one.event: one for one in entries(bench, case_id)}
        decided, skipped = told["DecisionRecorded"], told["ReviewSkippedByPolicy"]
        assert (decided.actor, decided.details["role"]) == ("policy strangers-access version 3", "automatic")
        assert decided.details["signed_in"] == "decided by a policy of the configuration"
        assert skipped.details["systems"] == sorted(SYSTEMS)
        with bench.file(case_id) as file:
            assert file.decisions.at(Gate.APPROVAL).by == "policy strangers-access version 3"
        with under_policies(bench):
            content = export_evidence(current_app(), case_id, by="Ines Example").content
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            page = next(bundle.read(name).decode() for name in bundle.namelist() if name.endswith(".html"))
        assert "policy strangers-access version 3" in page
        assert "automatic, decided by a policy of the configuration" in page

    @pytest.mark.apart
    def test_every_so_many_are_decided_by_a_person_as_their_ids_draw(self, bench):
        with under_policies(bench, every=2):
            policy = current_app().settings.policies[0].policy
            for number in range(4):
                case_id = searched(bench, "access", email=f"stranger{number}@example.net")
                drawn = policy.sends_to_a_person(case_id)
                assert decide_by_policy(current_app(), case_id) is not drawn
                told = {one.event: one for one in entries(bench, case_id)}
                entry = told["ReviewDrawn" if drawn else "ReviewSkippedByPolicy"]
                assert (entry.details["draw"], entry.details["every"]) == (policy.draw(case_id), 2)

    @pytest.mark.parametrize("samples", [(), (Sample(what="objects", looked_at=0, readable=0),)])
    def test_a_system_that_proved_nothing_is_looked_at_all_the_same(self, bench, samples):
        bench.systems["calls"].sampled = samples
        section = bench.runtime.systems["calls"].model_copy(update={"may_be_empty": True})
        bench.runtime = replace(bench.runtime, systems={**bench.runtime.systems, "calls": section})
        with under_policies(bench):
            case_id = searched(bench, "access", **STRANGER)
            assert not decide_by_policy(current_app(), case_id)
            with pytest.raises(Conflict, match="decision at the approval gate"):
                write_nothing_held(current_app(), case_id)

    def test_by_default_and_of_what_was_found_a_person_decides(self, bench):
        assert not bench.runtime.settings.policies
        case_id = searched(bench, "access", **STRANGER)
        assert not decide_by_policy(current_app(), case_id)
        with under_policies(bench):
            case_id = searched(bench, "access")
            assert not decide_by_policy(current_app(), case_id)


def test_the_request_can_be_refused_there_but_not_since_data_are_kept(bench):
    case_id = waiting(bench, "erasure")
    kept = {"Exception and provision": "Art. 17(3)(b)", "Data that are kept": "invoices", "Kept until": "2030"}
    for code, details in (("R3", {"Purpose that goes on": "x", "Legal basis": "y"}), ("R4", kept)):
        with pytest.raises(BadInput):
            record_decision(current_app(), case_id, _refusal(code, details))
    record_decision(
        current_app(), case_id, _refusal("R7", {"Who is the controller": "A", "What we did with your request": "B"})
    )
    write_refusal(current_app(), case_id)
    assert (state(bench, case_id), set(letters(bench, case_id))) == (CaseState.REFUSED, {"L1", "L7"})


@pytest.mark.parametrize("right", ["access", "erasure"])
@pytest.mark.parametrize("make", [waiting, approved_nothing])
def test_it_can_be_withdrawn_until_it_is_written(bench, right, make):
    case_id = make(bench, right)
    withdraw(current_app(), case_id, by="Ida")
    assert state(bench, case_id) is CaseState.WITHDRAWN


def test_the_letter_gives_the_day_of_the_search_and_not_of_the_approval(bench):
    """It gave the day on which it was written."""
    case_id = waiting(bench)
    bench.pass_time(4 * DAY)
    bench.approve(case_id)
    write_nothing_held(current_app(), case_id)
    assert "the last of them on 5 March 2026:" in letters(bench, case_id)["L8"]


def _refusal(code, details):
    return Decision(
        gate=Gate.APPROVAL, verdict=Verdict.REFUSED, by="Dana Decider", reason="Not ours.", code=code, details=details
    )


def _stranger():
    from rightsflow.domain.identifiers import IdentifierKind, identifier

    return frozenset({identifier(IdentifierKind.EMAIL, STRANGER["email"])})
