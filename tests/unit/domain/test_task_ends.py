"""What became of a task by hand: which ends fit which task, and where a reason is wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, checked_end, read_end
from rightsflow.domain.errors import BadInput

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
    end: TaskEnd | None,
    reason: str,
    corrected: tuple[str, ...],
    *,
    is_check: bool,
    may_be_left: bool,
    has_fields: bool,
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
