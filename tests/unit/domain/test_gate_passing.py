"""How a case passes a gate: what is due when it comes there, and what a decision there does and is bound by."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.safeguards import PlannedLine, leaves_data, plan_digest, refuse_unbound
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates import decisions, four_eyes
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.identity import refuse_unproven
from rightsflow.domain.gates.refusals import check_refusal
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import MOVES, CaseAction, CaseState, advance

CASE = "DSR-2026-7K3M9Q"
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def decision(gate: Gate, verdict: Verdict, reason: str = "") -> Decision:
    return Decision(gate=gate, verdict=verdict, by="Dana", reason=reason)


@given(st.sampled_from(Gate), st.sampled_from(Verdict))
def test_each_verdict_is_given_at_its_gate_only(gate: Gate, verdict: Verdict) -> None:
    favourable = {Gate.IDENTITY: Verdict.CONFIRMED, Gate.APPROVAL: Verdict.APPROVED}.get(gate)
    if gate is not Gate.DOSSIER and verdict in {favourable, Verdict.REFUSED}:
        assert (decisions.action_of(decision(gate, verdict)) is CaseAction.REFUSE) is (verdict is Verdict.REFUSED)
    else:
        with pytest.raises(BadInput, match=gate.value):
            decisions.action_of(decision(gate, verdict))


@given(st.sampled_from(Gate), st.sampled_from(CaseState), st.booleans())
def test_coming_to_a_gate_never_does_what_the_state_does_not_allow(
    gate: Gate, state: CaseState, searched: bool
) -> None:
    action = gate.action_on_arrival(state, is_searched=searched)
    if action is not None:
        advance(state, action)
    assert not (action and gate.needs_search(state, is_searched=searched))


def test_what_is_missing_or_not_searched_is_named() -> None:
    # A case that was not searched does not wait for approval.
    progress = CaseState.IN_PROGRESS
    assert Gate.APPROVAL.needs_search(progress, is_searched=False)
    assert Gate.APPROVAL.action_on_arrival(progress, is_searched=False) is None
    assert Gate.APPROVAL.action_on_arrival(progress, is_searched=True) is CaseAction.SUBMIT_FOR_APPROVAL
    assert Gate.IDENTITY.action_on_arrival(CaseState.RECEIVED, is_searched=False) is CaseAction.AWAIT_IDENTITY
    # What is missing is named.
    with pytest.raises(BadInput, match="what was done"):
        refuse_unproven(decision(Gate.IDENTITY, Verdict.CONFIRMED), received_at=NOON, now=NOON, zone=ZoneInfo("UTC"))
    with pytest.raises(BadInput, match="needs its reason"):
        check_refusal(decision(Gate.APPROVAL, Verdict.REFUSED), right=Right.ACCESS, asked=None, today=NOON.date())
    with pytest.raises(BadInput, match="reason for a new search"):
        decisions.refuse_new_search(CASE, Right.ACCESS, CaseState.AWAITING_APPROVAL, "", found_nothing=True)
    for count in (0, four_eyes.MOST_AT_ONCE + 1):
        with pytest.raises(BadInput, match="at most 500"):
            four_eyes.refuse_bulk_of(count)
    four_eyes.refuse_bulk_of(four_eyes.MOST_AT_ONCE)
    # A search that has not ended found nothing out.
    for counts, nothing in (
        (None, False),
        ({}, True),
        ({"others": 3}, True),
        ({"subject": 1}, False),
        ({"unclear": 1}, False),
    ):
        assert decisions.found_nothing(counts) is nothing
        about = decisions.what_it_is_about(Gate.APPROVAL, found_nothing=nothing)
        assert about == ({"about": "nothing held"} if nothing else {})
        assert decisions.what_it_is_about(Gate.IDENTITY, found_nothing=nothing) == {}
    # A release is bound by the last package.
    steps = [{"step": StepName.ASSEMBLE, "package": "a"}, {"step": StepName.ASSEMBLE, "package": "b"}, {"step": "x"}]
    assert decisions.package_approved(steps, found_nothing=False) == "b"
    assert decisions.package_approved(steps[2:], found_nothing=False) == ""
    assert decisions.package_approved(steps, found_nothing=True) == "", (
        "what is decided on then is that nothing is held"
    )


@given(st.sampled_from(CaseState), st.sampled_from(Right), st.booleans())
def test_nothing_held_is_decided_where_a_case_waits_for_it(state: CaseState, right: Right, nothing: bool) -> None:
    waits = state in MOVES[CaseAction.ORDER_SEARCH].sources and nothing
    assert decisions.waits_on_nothing_held(state, found_nothing=nothing) is waits
    if waits:
        decisions.refuse_new_search(CASE, right, state, "mapping corrected", found_nothing=nothing)


@given(st.sampled_from(CaseState), st.sampled_from(Right), st.booleans())
def test_a_plan_and_nothing_held_are_sent_back_for_another_search(
    state: CaseState, right: Right, nothing: bool
) -> None:
    if state is CaseState.AWAITING_APPROVAL and (nothing or right.has_plan):
        decisions.refuse_new_search(CASE, right, state, "mapping corrected", found_nothing=nothing)
        return
    with pytest.raises(Conflict, match="searched again"):
        decisions.refuse_new_search(CASE, right, state, "mapping corrected", found_nothing=nothing)


LINE = st.builds(PlannedLine, st.text("ab", min_size=1), st.text("mn"), st.sampled_from(OutcomeKind), st.none())
LINES = st.lists(LINE, max_size=5)


@given(LINES, st.randoms())
def test_an_approval_is_bound_by_the_plan_in_any_order(lines: list[PlannedLine], random: object) -> None:
    mixed = list(lines)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert plan_digest(lines) == plan_digest(mixed)
    assert bool(plan_digest(lines)) is bool(lines)
    changed = [*lines, PlannedLine("c", "", OutcomeKind.RETAINED, date(2030, 12, 31))]
    assert plan_digest(changed) != plan_digest(lines)


def test_a_plan_with_a_hole_is_not_carried_out_and_what_leaves_data_is_known() -> None:
    # A plan with a hole or a question is not carried out.
    planned = PlannedLine("a", "delete", OutcomeKind.ERASED, None)
    refuse_unbound([planned])
    with pytest.raises(Conflict, match="not in the approved plan"):
        refuse_unbound([planned, PlannedLine("b", "", "", None)])
    with pytest.raises(Conflict, match="question"):
        refuse_unbound([PlannedLine("a", "delete", OutcomeKind.ERASED, None, has_question=True)])
    # What leaves data behind.
    assert leaves_data(OutcomeKind.RETAINED, refused=False)
    assert leaves_data(OutcomeKind.ERASED, refused=True)
    assert not leaves_data(OutcomeKind.ERASED, refused=False)
    assert not leaves_data(None, refused=True)
