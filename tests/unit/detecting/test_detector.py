"""The detector: files of phrases that can be read, words with a slip, and what nothing is found in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.detecting.detector import POSSIBLE, find_requests
from rightsflow.detecting.phrases import LANGUAGES, MistypedWords, UnreadablePhraseError, phrase_book, phrases, rules
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
    # Near words in any order, beside another matter in its own clause.
    "The kettle leaks. I expect a refund for order A1, and of my details nothing must be left: wipe them.": "erasure",
    # "No longer keep" is erasure; "do not use until" is a restriction, though it says not to erase.
    "I don't want you to keep anything about me.": "erasure",
    "Löschen Sie meine Daten nicht, aber nutzen Sie sie bis zum Urteil nicht mehr.": "restriction",
    # Third persons count where a colleague reports a customer's wish.
    "Caller wants us to remove his details from the database": "erasure",
    # "It" is the data that the sentence before speaks of.
    "You hold data about me from 2019. Kindly delete it.": "erasure",
    # A dot in "Art. 17" ends no sentence.
    "Gemäß Art. 17 DSGVO verlange ich, dass Sie das tun.": "erasure",
}
NOT_FOUND = (
    "Where is my parcel?",
    "Please delete this ticket.",
    "If you are not the intended recipient, delete this e-mail.",
    "> Please delete all my personal data.\n\nWe have done so.",
    "He should remove his details from the database.",
    "Please do not delete my data!",
    "Ik wil niet dat jullie mijn account verwijderen.",
    "No le pregunto qué datos tienen de mí.",
    "Elimina i miei dati dal vecchio telefono.",
    "Can I limit my data plan?",
    "When a customer asks for a copy of his data, how do we answer?",
    "Usuńcie mój adres z newslettera.",
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


def test_the_rules_name_rights_that_a_case_can_be_opened_for():
    assert {rule.right for rule in rules()} == RIGHT_OF_PHRASE.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_each_meaning_of_the_rules(language: str):
    used = {name.removeprefix("no_") for rule in rules() for name in frozenset().union(*rule.needs, rule.unless)}
    assert phrase_book(language).meanings.names >= used - {"erase_me", "said_before"}


@pytest.mark.parametrize("wrong", ["(a|b", "a)", "<nothing>", "a ! b"])
def test_a_phrase_that_cannot_be_read_is_quoted(wrong: str):
    with pytest.raises(UnreadablePhraseError, match=re.escape(wrong)):
        phrases(f"right, {wrong}", "en")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("delte", "delet"),
        ("deelte", "delet"),
        ("delwted", "delet"),
        ("deleted", "deleted"),
        ("data", "data"),
        ("daet", "date"),
    ],
)
def test_one_slip_is_corrected_and_a_known_word_is_not(typed: str, meant: str):
    assert MistypedWords(frozenset({"delet*", "dates", "date"})).corrected(typed) == meant
