"""The detector: files of phrases that can be read, words with a slip, and what nothing is found in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.detecting.detector import POSSIBLE, find_requests
from rightsflow.detecting.phrases import LANGUAGES, MistypedWords, UnreadablePhraseError, phrase_book, read_phrase_book
from rightsflow.domain.unopened import RIGHT_OF_PHRASE

FOUND = {
    "What data do you hold about me?": "access",
    "Pls delte all my personal data": "erasure",
    "Bitte löschen Sie alle meine Daten.": "erasure",
    "bitte loeschen sie alle meine daten": "erasure",
    "Quelles données avez-vous sur moi ?": "access",
    "Quiero que borren todos mis datos": "erasure",
    "Chiedo una copia dei miei dati personali": "access",
    "Ik wil dat jullie al mijn gegevens verwijderen": "erasure",
    "Proszę o usunięcie wszystkich moich danych": "erasure",
}
NOT_FOUND = (
    "Where is my parcel?",
    "Please delete this ticket.",
    "If you are not the intended recipient, delete this e-mail.",
    "> Please delete all my personal data.\n\nWe have done so.",
    "",
)


@pytest.mark.parametrize(("text", "right"), FOUND.items())
def test_a_request_is_found_with_its_right_and_its_words(text: str, right: str):
    best = find_requests(text)[0]
    assert best.right == right
    assert best.score >= POSSIBLE
    assert re.search(r"\w", text[best.start : best.end])


@pytest.mark.parametrize("text", NOT_FOUND)
def test_nothing_is_found_where_nothing_is_asked_for(text: str):
    assert [found for found in find_requests(text) if found.score >= POSSIBLE] == []


@given(st.text(max_size=300))
def test_any_text_is_read_and_every_place_lies_in_it(text: str):
    for found in find_requests(text):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_names_rights_that_a_case_can_be_opened_for(language: str):
    assert phrase_book(language).sure.keys() == RIGHT_OF_PHRASE.keys()


@pytest.mark.parametrize("wrong", ["(a|b", "a)", "<nothing>", "a ! b"])
def test_a_phrase_that_cannot_be_read_is_quoted(wrong: str):
    right = {"sure": [wrong], "possible": []}
    cut = {"signature": [], "quote": [], "forward": []}
    tables = {"words": {"common": [], "fillers": []}, "lists": {}, "law": {"hints": []}, "void": {"phrases": []}}
    with pytest.raises(UnreadablePhraseError, match=re.escape(wrong)):
        read_phrase_book("en", {**tables, "cut": cut, "access": right})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("delte", "delet"), ("deelte", "delet"), ("delwted", "delet"), ("deleted", "deleted"), ("data", "data")],
)
def test_one_slip_is_corrected_and_a_known_word_is_not(typed: str, meant: str):
    assert MistypedWords(frozenset({"delet", "dates"})).corrected(typed) == meant
