"""The case: every state with every action, acts and tasks, and case ids as people type them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rightsflow.domain.case.acts import (
    refuse_extension,
    refuse_handover,
    refuse_sending,
    refuse_task,
    refuse_withdrawal,
)
from rightsflow.domain.case.holds import EvidenceHold, hold_reason, refuse_hold, refuse_release
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, checked_end, read_end
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.rights import Right
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


def test_every_state_with_every_action() -> None:
    for state, action in product(S, A):
        if (state, action) in ALLOWED:
            assert advance(state, action) == ALLOWED[state, action]
            continue
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


CASE = "DSR-2026-7K3M9Q"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(st.sampled_from(CaseState), st.sampled_from(Right), st.booleans())
def test_a_request_is_withdrawn_until_it_is_settled_or_its_erasure_may_have_begun(
    state: CaseState, right: Right, nothing: bool
) -> None:
    is_erasing = right.has_plan and state is CaseState.EXECUTING and not nothing
    if state in SETTLED or is_erasing:
        with pytest.raises(Conflict, match=CASE):
            refuse_withdrawal(CASE, right, state, has_not_begun=nothing)
    else:
        refuse_withdrawal(CASE, right, state, has_not_begun=nothing)


def test_nothing_is_called_erased_that_was_not_and_an_owner_hands_over() -> None:
    # Nothing is called erased in a request that erases nothing.
    for right in (Right.RECTIFICATION, Right.RESTRICTION):
        with pytest.raises(Conflict, match=f"The {right.value} of {CASE} was approved") as refused:
            refuse_withdrawal(CASE, right, CaseState.EXECUTING, has_not_begun=False)
        assert "eras" not in str(refused.value)
    # A case goes to another owner with a reason while there is something to do.
    for changed, error in (
        ({}, None),
        ({"is_closed": True, "has_tasks": True}, None),
        ({"is_closed": True}, Conflict),
        ({"to_owner": "case_owner"}, Conflict),
        ({"reason": " "}, BadInput),
    ):
        said = {
            "owner": "case_owner",
            "to_owner": "dpo",
            "reason": "ill",
            "is_closed": False,
            "has_tasks": False,
        } | changed
        if error is None:
            refuse_handover(CASE, **said)  # type: ignore[arg-type]
        else:
            with pytest.raises(error):
                refuse_handover(CASE, **said)  # type: ignore[arg-type]


@given(st.booleans(), st.booleans(), st.booleans(), st.none() | DAYS, DAYS)
def test_the_period_is_extended_once_and_with_notice_in_time(
    settled: bool, extended: bool, suspended: bool, notice: date | None, today: date
) -> None:
    def extend() -> date:
        return refuse_extension(
            CASE, is_settled=settled, is_extended=extended, is_suspended=suspended, notice_due_on=notice, today=today
        )

    if settled or extended or notice is None or today > notice:
        with pytest.raises(Conflict):
            extend()
    else:
        assert extend() == notice


def test_a_late_extension_a_letter_a_task_and_a_hold_are_one_each() -> None:
    # A late extension says what is left to do.
    said = {"is_settled": False, "is_extended": False, "notice_due_on": TODAY, "today": TODAY + DAY}
    with pytest.raises(Conflict, match=r"clock is suspended.*once the person has answered"):
        refuse_extension(CASE, is_suspended=True, **said)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match=r"too late.*Answer at once"):
        refuse_extension(CASE, is_suspended=False, **said)  # type: ignore[arg-type]
    # A letter goes out once and after it was written.
    refuse_sending(CASE, "L6", written_at=NOON, sent_at=None, at=NOON)
    with pytest.raises(Conflict, match="already"):
        refuse_sending(CASE, "L6", written_at=NOON, sent_at=NOON, at=NOON + DAY)
    with pytest.raises(BadInput, match="before it was written"):
        refuse_sending(CASE, "L6", written_at=NOON, sent_at=None, at=NOON - timedelta(seconds=1))
    # A task is done once and not while its records are kept.
    refuse_task(CASE, 1, done_on=None, kept_until=TODAY, on=TODAY + DAY)
    refuse_task(CASE, 1, done_on=None, kept_until=None, on=TODAY)
    with pytest.raises(Conflict, match="kept until"):
        refuse_task(CASE, 1, done_on=None, kept_until=TODAY, on=TODAY)
    with pytest.raises(Conflict, match="already"):
        refuse_task(CASE, 1, done_on=TODAY, kept_until=None, on=TODAY)
    # Evidence is held with a reason until a day to come and released once.
    refuse_hold(TODAY, today=TODAY)
    refuse_hold(None, today=TODAY)
    with pytest.raises(BadInput, match="over already"):
        refuse_hold(TODAY - DAY, today=TODAY)
    refuse_release(EvidenceHold(TODAY - DAY), CASE)
    with pytest.raises(Conflict, match="nothing to lift"):
        refuse_release(None, CASE)
    assert hold_reason("complaint 7") == "complaint 7"
    with pytest.raises(BadInput, match="reason is missing"):
        hold_reason(" ")


FIELDS = ("date of birth", "name")


def test_what_is_typed_is_read_in_one_spelling() -> None:
    read = read_end(" Not  DONE ", " the books\n are closed ", "Name, name , ")
    assert read == StatedEnd(end=TaskEnd.LEFT, reason="the books are closed", corrected=("name",))
    assert read_end("") == StatedEnd()
    assert "closed" not in repr(read)
    with pytest.raises(BadInput, match="say done, still needed or not done"):
        read_end("perhaps")
    with pytest.raises(BadInput, match="2,000 characters"):
        read_end("done", "x" * 2_001)


@given(
    end=st.sampled_from([None, *TaskEnd]),
    reason=st.sampled_from(["", "why"]),
    corrected=st.sets(st.sampled_from(FIELDS)).map(tuple),
    is_check=st.booleans(),
    may_be_left=st.booleans(),
    has_fields=st.booleans(),
)
def test_no_end_is_assumed_that_was_not_stated_and_none_is_without_its_reason(
    end: TaskEnd | None, reason: str, corrected: tuple[str, ...], *, is_check: bool, may_be_left: bool, has_fields: bool
) -> None:
    stated, fields = StatedEnd(end=end, reason=reason, corrected=corrected), FIELDS if has_fields else ()
    fits = {
        None: not is_check,
        TaskEnd.DONE: True,
        TaskEnd.KEPT: is_check and bool(reason),
        TaskEnd.LEFT: not is_check and may_be_left and bool(reason),
    }[end]
    in_part = end is TaskEnd.LEFT and has_fields and set(corrected) < set(FIELDS)
    if fits and (not corrected or in_part):
        assert checked_end(stated, is_check=is_check, may_be_left=may_be_left, fields=fields) is (end or TaskEnd.DONE)
    else:
        with pytest.raises(BadInput):
            checked_end(stated, is_check=is_check, may_be_left=may_be_left, fields=fields)
