"""An English letter says so in the reader's language, and offers help where the controller gives it."""

from __future__ import annotations

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.domain.languages import NOTICES, language_of, notice_in, read_language


def test_a_german_reads_in_german_that_the_letter_is_in_english() -> None:
    """People who wrote German got English letters without a word."""
    assert notice_in("de-AT", ("de", "en")) == (
        "Dieser Brief ist auf Englisch. Wir helfen Ihnen in diesen Sprachen: Deutsch, English.\n"
        "This letter is in English. We can help you in these languages: Deutsch, English."
    )


def test_no_help_is_offered_that_nobody_gives() -> None:
    assert notice_in("fr", ()) == "Cette lettre est en anglais.\nThis letter is in English."


def test_a_language_without_a_sentence_of_its_own_is_told_in_english() -> None:
    assert notice_in("tr", ("de",)) == "This letter is in English. We can help you in these languages: Deutsch."


@pytest.mark.parametrize("language", ["", "en", "en-GB"])
def test_who_reads_english_is_told_nothing(language: str) -> None:
    assert notice_in(language, ("de",)) == ""


def test_all_official_languages_of_the_union_have_their_sentence() -> None:
    assert len(NOTICES) == 24
    assert all(one.in_english.endswith(".") and one.help for one in NOTICES.values())


@pytest.mark.parametrize(
    ("given", "countries", "language"),
    [("fr", ("DE",), "fr"), ("", ("AT", "GB"), "de"), ("", ("", "GR"), "el"), ("", ("IN", "US"), "en"), ("", (), "")],
)
def test_the_request_counts_before_the_countries(given: str, countries: tuple[str, ...], language: str) -> None:
    assert language_of(given, *countries) == language


def test_a_language_is_a_tag() -> None:
    assert read_language(" PT_br ") == "pt-br"
    for wrong in ("Deutsch bitte", "d", "anna@example.com"):
        with pytest.raises(BadInput, match="like de"):
            read_language(wrong)
