"""A day that was typed: read, or said by name to be none."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.domain.typed_input import read_day


def test_a_day_is_read_or_refused_by_the_name_of_its_field() -> None:
    assert read_day(" 2026-12-21\n", "The option --until") == date(2026, 12, 21)
    # What is no day is refused by the name of the field and not quoted.
    for typed in ("", "21.12.2026", "2026-02-30", "tomorrow"):
        with pytest.raises(BadInput) as raised:
            read_day(typed, "The option --until")
        assert str(raised.value) == "The option --until is not a date; use YYYY-MM-DD, such as 2026-12-21."
