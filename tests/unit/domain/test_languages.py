"""An English letter says so in the reader's language, and offers help where the controller gives it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput
from rightsflow.domain.languages import (
    NOTICES,
    KnownLanguage,
    LanguageSource,
    agreed,
    language_known,
    language_name,
    language_of,
    language_on_file,
    notice_in,
    primary_of,
    read_language,
)

TAGS = st.sampled_from(["", "de", "de-AT", "de-at", "fr", "fr-BE", "en", "pt-BR"])


def test_who_does_not_read_english_is_told_so_in_their_language() -> None:
    # People who wrote German got English letters without a word.
    assert notice_in("de-AT", ("de", "en")) == (
        "Dieser Brief ist auf Englisch. Wir helfen Ihnen in diesen Sprachen: Deutsch, English.\n"
        "This letter is in English. We can help you in these languages: Deutsch, English."
    )
    assert notice_in("fr", ()) == "Cette lettre est en anglais.\nThis letter is in English."
    assert notice_in("tr", ("de",)) == "This letter is in English. We can help you in these languages: Deutsch."
    for language in ("", "en", "en-GB"):
        assert notice_in(language, ("de",)) == ""
    assert len(NOTICES) == 24
    assert all(one.in_english.endswith(".") and one.help for one in NOTICES.values())


def test_a_language_is_a_tag_and_the_request_counts_first() -> None:
    # The request counts before the countries.
    for typed, countries, language in (
        ("fr", ("DE",), "fr"),
        ("", ("AT", "GB"), "de"),
        ("", ("", "GR"), "el"),
        ("", ("IN", "US"), "en"),
        ("", (), ""),
    ):
        assert language_of(typed, *countries) == language
    # A language is a tag.
    assert read_language(" PT_br ") == "pt-br"
    for wrong in ("Deutsch bitte", "d", "anna@example.com"):
        with pytest.raises(BadInput, match="like de"):
            read_language(wrong)
    for value in ("", None, 7, ["de"], "Deutsch bitte", "English", "und", "mul-DE", "a@example.com"):
        assert language_on_file(value) == ""
    for value, tag in (("de", "de"), (" DE_at ", "de-at"), ("pt-BR", "pt-BR"), ("fil", "fil")):
        assert language_on_file(value) == tag
    for tag, name in (("de", "German"), ("de-AT", "German (de-AT)"), ("EN", "English"), ("tlh", "tlh")):
        assert language_name(tag) == name


@given(st.lists(TAGS))
def test_records_count_only_where_all_that_name_a_language_name_the_same(tags: list[str]) -> None:
    named = [tag for tag in tags if tag]
    found = agreed(tags)
    if found:
        assert {primary_of(tag) for tag in named} == {primary_of(found)}
        assert found in {*named, primary_of(found)}
    else:
        assert len({primary_of(tag) for tag in named}) != 1


@given(st.lists(TAGS), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_the_records_counts(tags: list[str], dice: random.Random) -> None:
    """Which was updated last is not known, so that the first or last of them is no better than another."""
    other = [*tags, *tags[:2], ""]
    dice.shuffle(other)
    assert agreed(other) == agreed(tags)


@given(TAGS, st.sampled_from(LanguageSource), st.lists(TAGS))
def test_the_request_counts_before_the_records_and_they_before_the_country(
    tag: str, source: LanguageSource, tags: list[str]
) -> None:
    noted = KnownLanguage(tag, source)
    known = language_known(noted, tags)
    if tag and source is not LanguageSource.COUNTRY:
        assert known == noted
    elif agreed(tags):
        assert known == KnownLanguage(agreed(tags), LanguageSource.RECORD)
    else:
        assert known == noted
