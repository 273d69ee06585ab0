"""How a form names one of several letters of a kind."""

from __future__ import annotations

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.letter_ids import WRITTEN_ANEW, LetterId, letter_named


@pytest.mark.parametrize("kind", LetterId)
def test_the_first_of_a_kind_needs_no_number_and_a_further_one_only_where_there_can_be_several(kind: LetterId) -> None:
    shown = f"{kind.value} in words"
    assert letter_named(shown, "1") == letter_named(shown, " ") == letter_named(kind.value.lower(), "1") == kind.value
    if kind in WRITTEN_ANEW:
        assert letter_named(shown, "12") == f"{kind.value}.12"
    else:
        with pytest.raises(BadInput, match="A case has one letter"):
            letter_named(shown, "2")


@pytest.mark.parametrize(("letter", "number"), [("", "1"), ("L15.2", "1"), ("Anna", "1")])
def test_what_is_no_letter_is_refused_without_repeating_it(letter: str, number: str) -> None:
    with pytest.raises(BadInput, match="choose one of the list"):
        letter_named(letter, number)


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "two", "²", "1000", "9" * 40])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(BadInput, match="a number from 1 to 999"):
        letter_named("L15 notice", number)
