"""How a form names one of several letters of a kind."""

from __future__ import annotations

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.letter_ids import WRITTEN_ANEW, LetterId, letter_named


def test_a_letter_is_named_by_its_kind_and_number() -> None:
    # The first of a kind needs no number and a further one only where there can be several.
    for kind in LetterId:
        shown = f"{kind.value} in words"
        assert (
            letter_named(shown, "1") == letter_named(shown, " ") == letter_named(kind.value.lower(), "1") == kind.value
        )
        if kind in WRITTEN_ANEW:
            assert letter_named(shown, "12") == f"{kind.value}.12"
        else:
            with pytest.raises(BadInput, match="A case has one letter"):
                letter_named(shown, "2")
    # What is no letter is refused without repeating it.
    for letter, number in (("", "1"), ("L15.2", "1"), ("Anna", "1")):
        with pytest.raises(BadInput, match="choose one of the list"):
            letter_named(letter, number)
    # What is no number is refused.
    for number in ("0", "-1", "1.5", "two", "²", "1000", "9" * 40):
        with pytest.raises(BadInput, match="a number from 1 to 999"):
            letter_named("L15 notice", number)
