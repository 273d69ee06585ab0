"""A day that was typed: read, or said by name to be none."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.domain.typed_input import read_day


def test_a_day_is_read_with_blanks_around_it() -> None:
    assert read_day(" 2026-12-21\n", "The option --until") == date(2026, 12, 21)


@pytest.mark.parametrize("typed", ["", "21.12.2026", "2026-02-30", "tomorrow"])
def test_what_is_no_day_is_refused_by_the_name_of_the_field_and_not_quoted(typed: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_day(typed, "The option --until")
    assert str(raised.value) == "The option --until is not a date; use YYYY-MM-DD, such as 2026-12-21."
