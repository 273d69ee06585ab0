"""The two requests from beginning to end, run without a deployment as ``rightsflow run`` does."""

from __future__ import annotations

import pytest

from flows.runs import outcome_of
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import order_search, record_decision
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.e2e.flows.whole_cases import ACCESS_ABOVE_ALL, ERASURE_ABOVE_ALL, go, letters
from tests.support.desk import under_policies
from tests.support.erasures import EXPECTED
from tests.support.flow_runs import artifact, events_of, read_run
from tests.support.steps import others_digest, outcomes

STRANGER = identifier(IdentifierKind.EMAIL, "nobody.here@example.net")


def refuse(case_id, gate, reason="It could not be settled who asks."):
    details = {"What proof is needed": "a written authority"}
    record_decision(
        current_app(),
        case_id,
        Decision(gate=gate, verdict=Verdict.REFUSED, by="Dana Decider", reason=reason, code="R8", details=details),
    )


@pytest.mark.apart
@pytest.mark.parametrize(
    ("right", "letter", "gate"),
    [("access", "L9", "release"), pytest.param("erasure", "L11", "approval", marks=pytest.mark.apart)],
)
def test_a_request_waits_at_its_gates_and_is_answered(bench, right, letter, gate):
    before = others_digest(bench)
    case_id = bench.open(right)
    first = go(right, case_id)
    assert first.name == "Completed"
    assert first.message == "Waiting: The case waits for a decision at the identity gate; then run it again."
    assert sum(system.calls["locate"] for system in bench.systems.values()) == 0, "nothing is searched before"
    bench.confirm_identity(case_id)
    second = go(right, case_id)
    assert (outcome_of(second), f"at the {gate} gate" in second.message) == ("Waiting", True)
    assert sum(system.calls["erase"] for system in bench.systems.values()) == 0, "nothing is erased before"
    bench.approve(case_id)
    last = go(right, case_id)
    assert outcome_of(last) == "Answered"
    assert set(letters(bench, case_id)) == {"L1", letter}
    with bench.file(case_id) as file:
        assert file.state is CaseState.ANSWERED
    assert others_digest(bench) == before
    if right == "erasure":
        assert outcomes(bench, case_id) == EXPECTED
    run = read_run(last.state_details.flow_run_id)
    assert run.name == case_id
    assert set(run.tags) == {right, "green", "answered", "helpdesk", "payments", "calls"}
    assert "closed" not in run.tags, "it is closed when its answer is noted as sent"
    assert "state **answered**" in artifact(case_id)
    assert "rightsflow.case.answered" in events_of(case_id)


@pytest.mark.apart
@pytest.mark.parametrize("right", ACCESS_ABOVE_ALL)
def test_somebody_no_system_knows_gets_a_clear_no_once_a_person_has_looked_at_it(bench, right):
    """The clear no went out without a second look, on one identifier with a typing error or one wrong mapping."""
    case_id = bench.open(right, email="nobody.here@example.net")
    bench.confirm_identity(case_id)
    for _ in range(2):
        state = go(right, case_id)
        assert state.message == "Waiting: The case waits for a decision at the approval gate; then run it again."
        assert set(letters(bench, case_id)) == {"L1"}
    bench.approve(case_id)
    state = go(right, case_id)
    assert outcome_of(state) == "Nothing held"
    assert set(letters(bench, case_id)) == {"L1", "L8"}
    assert {name: system.calls["locate"] for name, system in bench.systems.items()} == dict.fromkeys(bench.systems, 1)
    with bench.file(case_id) as file:
        assert file.state is CaseState.NOTHING_HELD
    assert outcome_of(go(right, case_id)) == "Nothing held"
    assert {name: system.calls["locate"] for name, system in bench.systems.items()} == dict.fromkeys(bench.systems, 1)


@pytest.mark.apart
@pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
def test_the_controllers_policy_may_let_a_proven_no_go_out(bench, right):
    with under_policies(bench):
        case_id = bench.open(right, email="nobody.here@example.net")
        bench.confirm_identity(case_id)
        for _ in range(2):
            assert outcome_of(go(right, case_id)) == "Nothing held"
    assert set(letters(bench, case_id)) == {"L1", "L8"}


@pytest.mark.apart
@pytest.mark.parametrize(
    ("right", "letter"), [("access", "L9"), pytest.param("erasure", "L10", marks=pytest.mark.slow)]
)
def test_a_new_search_can_be_ordered_instead_of_the_clear_no(bench, right, letter):
    case_id = bench.open(right, email="nobody.here@example.net")
    bench.confirm_identity(case_id)
    go(right, case_id)
    order_search(current_app(), case_id, reason="The index was rebuilt.", by="Dana Decider")
    assert "at the approval gate" in go(right, case_id).message
    found = FakeRecord(kind="ticket", key="t9", texts=((frozenset({STRANGER}), "a matter of theirs"),))
    bench.systems["helpdesk"].add(found)
    order_search(current_app(), case_id, reason="A ticket was found.", by="Dana Decider")
    assert outcome_of(go(right, case_id)) == "Waiting"
    bench.approve(case_id)
    assert outcome_of(go(right, case_id)) == "Answered"
    assert set(letters(bench, case_id)) == {"L1", letter}


@pytest.mark.apart
@pytest.mark.parametrize("right", ACCESS_ABOVE_ALL)
def test_a_refusal_at_the_identity_gate_searches_nothing(bench, right):
    case_id = bench.open(right)
    refuse(case_id, Gate.IDENTITY)
    assert outcome_of(go(right, case_id)) == "Refused"
    assert "It could not be settled who asks." in letters(bench, case_id)["L7"]
    assert sum(system.calls.total() for system in bench.systems.values()) == 0


@pytest.mark.parametrize("right", ERASURE_ABOVE_ALL)
@pytest.mark.apart
def test_a_refusal_at_the_approval_gate_changes_nothing_at_the_systems(bench, right):
    held = {name: system.records() for name, system in bench.systems.items()}
    case_id = bench.open(right)
    bench.confirm_identity(case_id)
    go(right, case_id)
    refuse(case_id, Gate.APPROVAL)
    assert outcome_of(go(right, case_id)) == "Refused"
    assert {name: system.records() for name, system in bench.systems.items()} == held
    assert set(letters(bench, case_id)) == {"L1", "L7"}
    assert outcome_of(go(right, case_id)) == "Refused"


def test_a_case_that_does_not_exist_fails_in_a_sentence(bench):
    for typed, sentence in (
        ("DSR-2026-000000", "There is no case"),
        ("anna.quill@example.com", "That is not a case id"),
    ):
        state = go("access", typed)
        assert state.is_failed()
        assert state.message.startswith(sentence)

    case_id = bench.open("access")
    assert outcome_of(go("access", f" {case_id.lower()} ")) == "Waiting"
