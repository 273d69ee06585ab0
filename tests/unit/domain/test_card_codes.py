"""A card's security number in a recording: what is marked, and what comes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.erasure.partial_erasure import read_intervals
from rightsflow.domain.errors import BadInput

_SECONDS = st.integers(0, 999_999_999)


@given(st.lists(st.tuples(_SECONDS, _SECONDS, st.integers(0, 99)), min_size=1, max_size=20))
def test_what_is_marked_is_read_to_the_millisecond(marked):
    text = " ".join(
        f"{start // 1000}.{start % 1000:03}-{end // 1000}.{end % 1000:03}" + (f"@{channel}" if channel else "")
        for start, end, channel in marked
    )
    assert read_intervals(text) == tuple(Interval(start=one, end=two, channel=three) for one, two, three in marked)


def test_what_is_marked_is_read_or_refused_without_being_quoted():
    assert read_intervals("12.5-18.25 40-43@1") == (Interval(12_500, 18_250), Interval(40_000, 43_000, 1))
    # What cannot be read is refused without being quoted.
    for text in ("", "yes", "12.5", "12,5-18", "1-2;3-4", "1-2@", "-1-2", "1.0001-2", "1-2 " * 21):
        with pytest.raises(BadInput, match="The marked seconds are not readable") as refused:
            read_intervals(text)
        assert "1-2;3-4" not in str(refused.value)
