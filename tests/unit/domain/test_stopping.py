"""Whether a case can be stopped without an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.acts import (
    OtherRequest,
    StoppedCase,
    StopReason,
    read_stop_reason,
    refuse_duplicate,
    refuse_own_stop,
    refuse_stop,
)
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import ENDED_UNANSWERED, SETTLED, CaseState

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
CASE = StoppedCase(case_id="DSR-2026-7K3M9Q", right=Right.ACCESS, state=CaseState.RECEIVED, received_at=NOON)
OTHER = OtherRequest(
    case_id="DSR-2026-7K3M9R", right=Right.ACCESS, state=CaseState.RECEIVED, closed_at=None, is_same_person=True
)
SHOWN = ("is_awaited", "may_have_begun", "has_changed", "has_answered")


@given(st.sampled_from(CaseState), st.sampled_from(StopReason), st.sets(st.sampled_from(SHOWN)))
def test_a_case_is_stopped_only_while_no_answer_is_owed(state: CaseState, reason: StopReason, shown: set[str]) -> None:
    case = replace(CASE, state=state, **dict.fromkeys(shown, True))
    is_theirs = reason is StopReason.OPENED_IN_ERROR and "has_answered" in shown
    if state in SETTLED or shown - {"has_answered"} or is_theirs:
        with pytest.raises(Conflict, match=CASE.case_id):
            refuse_stop(case, reason)
    else:
        refuse_stop(case, reason)


def test_who_stops_it_why_and_what_had_begun() -> None:
    # What may have begun is braked where it erases and carried out where not.
    for right in Right:
        with pytest.raises(Conflict) as refused:
            refuse_stop(replace(CASE, right=right, may_have_begun=True), StopReason.DUPLICATE)
        assert (f"rightsflow systems pause {CASE.case_id}" in str(refused.value)) == (right in ERASING)
        assert ("Carry it out to its end." in str(refused.value)) == (right not in ERASING)
    with pytest.raises(BadInput, match="no duplicate of itself"):
        refuse_duplicate(CASE, replace(OTHER, case_id=CASE.case_id))
    # Who opened it stops it alone while no one has heard of it.
    refuse_own_stop("Olga Officer", opened_by="olga  officer", has_gone_out=False)
    refuse_own_stop("Ida", opened_by="Olga Officer", has_gone_out=True)
    with pytest.raises(Conflict, match="four eyes"):
        refuse_own_stop("Olga Officer", opened_by="olga  officer", has_gone_out=True)
    for typed in ("Opened in error", "opened-in-error", " DUPLICATE "):
        assert read_stop_reason(typed) in StopReason
    with pytest.raises(BadInput, match="say opened in error, or duplicate"):
        read_stop_reason("no time")


@given(
    st.sampled_from(CaseState),
    st.sampled_from(Right),
    st.sampled_from([None, True, False]),
    st.none() | st.integers(-3, 3),
)
def test_what_answers_a_duplicate_is_the_same_request_of_the_same_person_and_answered_after_it(
    state: CaseState, right: Right, is_same: bool | None, closed: int | None
) -> None:
    closed_at = None if closed is None else NOON + timedelta(days=closed)
    other = replace(OTHER, state=state, right=right, is_same_person=is_same, closed_at=closed_at)
    answers = state not in ENDED_UNANSWERED and (closed is None or closed >= 0)
    if is_same and right is CASE.right and answers:
        refuse_duplicate(CASE, other)
    else:
        with pytest.raises(RightsflowError, match=OTHER.case_id):
            refuse_duplicate(CASE, other)
