"""What a case allows to be done with it, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.acts import (
    refuse_extension,
    refuse_handover,
    refuse_sending,
    refuse_task,
    refuse_withdrawal,
)
from rightsflow.domain.case.holds import EvidenceHold, hold_reason, refuse_hold, refuse_release
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import SETTLED, CaseState

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
