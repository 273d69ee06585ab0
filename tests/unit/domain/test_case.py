"""The case: every state with every action, and case ids as people type them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.states import (
    SETTLED,
    STATE_AFTER,
    CaseAction,
    CaseState,
    advance,
    new_case_id,
    read_case_id,
)

A, S = CaseAction, CaseState
OPEN = [S.RECEIVED, S.IDENTITY_PENDING, S.IN_PROGRESS, S.AWAITING_APPROVAL, S.EXECUTING]

# The table of DESIGN §4; whatever is not in it is refused.
ALLOWED = {
    (S.RECEIVED, A.AWAIT_IDENTITY): (S.IDENTITY_PENDING, "IdentityReviewAwaited"),
    (S.RECEIVED, A.ASK_IDENTITY): (S.IDENTITY_PENDING, "IdentityAsked"),
    (S.IN_PROGRESS, A.ASK_IDENTITY): (S.IDENTITY_PENDING, "IdentityAsked"),
    (S.RECEIVED, A.CONFIRM_IDENTITY): (S.IN_PROGRESS, "IdentityConfirmed"),
    (S.IDENTITY_PENDING, A.CONFIRM_IDENTITY): (S.IN_PROGRESS, "IdentityConfirmed"),
    (S.IN_PROGRESS, A.SUBMIT_FOR_APPROVAL): (S.AWAITING_APPROVAL, "ApprovalAwaited"),
    (S.AWAITING_APPROVAL, A.ORDER_SEARCH): (S.IN_PROGRESS, "NewSearchOrdered"),
    (S.AWAITING_APPROVAL, A.SEND_BACK): (S.IN_PROGRESS, "PackageSentBack"),
    (S.IN_PROGRESS, A.REPORT_NOTHING_HELD): (S.NOTHING_HELD, "NothingHeldReported"),
    (S.EXECUTING, A.REPORT_NOTHING_HELD): (S.NOTHING_HELD, "NothingHeldReported"),
    (S.AWAITING_APPROVAL, A.APPROVE): (S.EXECUTING, "Approved"),
    (S.EXECUTING, A.ANSWER): (S.ANSWERED, "CaseAnswered"),
    **{(state, A.REFUSE): (S.REFUSED, "CaseRefused") for state in OPEN},
    **{(state, A.WITHDRAW): (S.WITHDRAWN, "CaseWithdrawn") for state in OPEN},
    **{(state, A.STOP): (S.STOPPED, "CaseStopped") for state in OPEN},
}


def test_a_case_goes_by_its_moves_until_it_is_closed() -> None:
    assert {event: state for state, event in ALLOWED.values()} == STATE_AFTER
    # Closed is what no action leaves.
    left_by = {state for state, _ in ALLOWED}
    assert frozenset(S) - left_by == SETTLED
    assert {state for state in S if state.is_settled} == SETTLED


@pytest.mark.parametrize("action", list(A), ids=lambda action: action.value)
@pytest.mark.parametrize("state", list(S), ids=lambda state: state.value)
def test_every_state_with_every_action(state: CaseState, action: CaseAction) -> None:
    if (state, action) in ALLOWED:
        assert advance(state, action) == ALLOWED[state, action]
        return
    with pytest.raises(Conflict) as caught:
        advance(state, action)
    assert state.value in str(caught.value)
    assert action.value in str(caught.value)


class AnyHandling(RuleBasedStateMachine):
    """Whatever is done to a case in whatever order: nothing is carried out or answered without its approval."""

    def __init__(self) -> None:
        super().__init__()
        self.state = S.RECEIVED
        self.done: list[CaseAction] = []

    @rule(action=st.sampled_from(A))
    def act(self, action: CaseAction) -> None:
        try:
            self.state, _ = advance(self.state, action)
        except Conflict:
            return
        self.done.append(action)

    @invariant()
    def carried_out_only_after_approval(self) -> None:
        if self.state in {S.EXECUTING, S.ANSWERED}:
            confirmed, submitted, approved = (
                self.done.index(step) for step in (A.CONFIRM_IDENTITY, A.SUBMIT_FOR_APPROVAL, A.APPROVE)
            )
            assert confirmed < submitted < approved

    @invariant()
    def settled_is_the_end(self) -> None:
        assert sum(
            action in {A.ANSWER, A.REPORT_NOTHING_HELD, A.REFUSE, A.WITHDRAW, A.STOP} for action in self.done
        ) == (self.state.is_settled)


TestAnyHandling = AnyHandling.TestCase


def test_an_id_is_opaque_and_read_in_any_spelling() -> None:
    # New ids are opaque and differ.
    ids = {new_case_id(2026) for _ in range(500)}
    assert len(ids) > 495
    assert all(re.fullmatch(r"DSR-2026-[0-9A-HJKMNP-TV-Z]{6}", one) for one in ids)
    assert len({one[-6] for one in ids}) > 20, "the first letter tells nothing of the number of cases"
    # What is easily mistaken does not matter.
    for typed in (
        "DSR-2026-7K3M10",
        "dsr-2026-7k3m10",
        "DSR-2026-7K3MIO",
        "dsr-2026-7k3mlo",
        "DSR-2O26-7K3MLO",
        "DSR-2026-7K3 M1 0",
        "  DSR - 2026 - 7K3M10\n",
    ):
        assert read_case_id(typed) == "DSR-2026-7K3M10"
    # What is no case id is refused and not quoted.
    for typed in (
        "",
        "DSR",
        "7K3M9Q",
        "DSR-2026-",
        "DSR-2026-7K3M9",
        "DSR-2026-7K3M9QQ",
        "DSR-2026-7K3M9U",
        "DSR-226-7K3M9Q",
        "DSR-20266-7K3M9Q",
        "DSX-2026-7K3M9Q",
        "DSR-2026-7K3-M9Q",
        "DSR-2026-7K3M9!",
        "DSR-²²²²-7K3M9Q",
        "DSR-２０２６-7K3M9Q",
        "DSR-2026-7K3Mß",
        "DSR-2026-7K3M9Q; DROP TABLE cases",
        "anna@example.com",
    ):
        with pytest.raises(BadInput, match="DSR-2026-7K3M9Q") as caught:
            read_case_id(typed)
        assert "anna" not in str(caught.value)


@given(st.integers(1000, 9999))
def test_every_new_id_is_read_as_itself(year: int) -> None:
    case_id = new_case_id(year)
    assert read_case_id(case_id) == case_id
    assert read_case_id(f"  {case_id.lower()} ") == case_id
    assert read_case_id(case_id.replace("0", "O").replace("1", "l")) == case_id


@given(st.text())
def test_whatever_is_typed_reads_as_a_proper_id_or_is_refused(typed: str) -> None:
    try:
        assert re.fullmatch(r"DSR-[0-9]{4}-[0-9A-HJKMNP-TV-Z]{6}", read_case_id(typed))
    except BadInput as error:
        assert str(error) == "That is not a case id; give one like DSR-2026-7K3M9Q."
