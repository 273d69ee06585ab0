"""The labelled set: the same each time, equally many texts a language, and every part of it used as it is meant."""

from collections import Counter

import pytest

from proofs.detector.texts import LANGUAGES, RIGHTS, Author, generated, misspell, requests, written


@pytest.fixture(scope="module")
def mixed():
    return generated()


@pytest.fixture(scope="module")
def everything(mixed):
    return [*mixed, *requests(), *written()]


def test_the_same_seed_gives_the_same_texts_and_another_one_others():
    first = generated(140)
    assert generated(140) == first
    assert {text.text for text in generated(140, seed=3)} != {text.text for text in first}


@pytest.mark.apart
def test_each_language_has_as_many_texts_and_requests_of_every_right(mixed, everything):
    assert Counter(text.language for text in mixed) == dict.fromkeys(LANGUAGES, 200)
    asked = Counter((text.language, text.right) for text in mixed if text.right)
    assert sum(asked.values()) == len(mixed) * 0.05
    assert set(asked) == {(language, right) for language in LANGUAGES for right in RIGHTS}
    assert Counter(text.language for text in everything[1_400:1_820]) == dict.fromkeys(LANGUAGES, 60)
    assert len({text.id for text in everything}) == 1_400 + 420 + 150


@pytest.mark.apart
def test_texts_have_known_labels_and_no_placeholder(everything):
    for text in everything:
        assert text.language in LANGUAGES
        assert text.right is None or text.right in RIGHTS
        assert text.text.strip() == text.text != "", text.id
        assert "{" not in text.text, text.id


@pytest.mark.apart
def test_no_text_has_two_labels(everything):
    assert len({text.text for text in everything}) == len({(text.text, text.right) for text in everything})


def test_the_texts_that_were_written_are_long_enough_and_spread():
    texts = written()
    assert len(texts) == 150
    assert min(Counter(text.language for text in texts).values()) >= 21
    assert sum(text.right is not None for text in texts) == 45
    assert all(len(text.text.split()) >= 20 for text in texts)
    assert sum(len(text.text.split()) > 600 for text in texts) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_enough_parts(language):
    parts = Author(language, 1).parts
    for right in RIGHTS:
        ways = {*parts["requests"][right], *parts["formal"][right]}
        assert len(ways) >= (25 if right in {"access", "erasure"} else 6)
        assert parts["reported"][right]
    assert sum(map(len, parts["negatives"].values())) >= 60
    assert len(set(parts["ordinary"]["texts"])) >= 60


def test_a_misspelt_text_differs_in_its_letters_only():
    author = Author("en", 1)
    text = "Please delete everything that you have about me."
    wrong = misspell(text, author.rng)
    assert wrong != text
    assert len(wrong.split()) == len(text.split())
