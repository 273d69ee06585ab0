"""The short proof of the answers: 30 cases without a finding, and a few of the changes that have to be seen."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from pathlib import Path

import pytest

import proofs.answers
from proofs.answers.__main__ import catch, prove
from proofs.answers.controllers import STARTS
from proofs.answers.mutants import MUTANTS

BESIDE, TOGETHER = STARTS["beside"], STARTS["together"]
HERE = Path(proofs.answers.__file__).parent
KNOWS_ONLY_TEXTS = sorted(
    one.relative_to(HERE)
    for pattern in ("checker.py", "facts.py", "letters*.py", "package.py", "evidence.py", "sheet.py")
    for one in HERE.glob(pattern)
)
SHORT = (
    "a passage that a person masked is called masked and stays",
    "files beside a record are counted as records",
    "the day of receipt is the day after",
    "letters leave out the court",
    "who was written to is not told that the case was stopped",
)
"""The changes whose traces are common, so that a few cases show them."""


def test_the_checker_knows_nothing_of_the_code_that_words_the_answers():
    assert len(KNOWS_ONLY_TEXTS) > 5
    for module in KNOWS_ONLY_TEXTS:
        text = (HERE / module).read_text()
        assert not re.search(r"^\s*(from|import)\s+(rightsflow|tasks|flows|connectors)\b", text, re.MULTILINE), module


@pytest.mark.apart
@pytest.mark.parametrize("each", [6, pytest.param(1, marks=pytest.mark.apart)])
def test_no_answer_says_what_the_case_file_does_not_prove(each):
    """Before, ten kinds of sentence did: "carried out in part" where nothing was erased, "none" where some are unclear."""
    assert prove(range(0, 30, each)).findings == []


@pytest.mark.apart
def test_no_text_of_the_rights_beside_them_does_either():
    """Before, who asked for a correction and of whom nothing was held was told that they had asked for an erasure."""
    assert prove(range(BESIDE, BESIDE + 10)).findings == []


@pytest.mark.apart
def test_two_requests_beside_each_other_and_a_stopped_case_are_told_as_they_are():
    """Before, what one of them had erased was called restricted, kept or handed over in the answer to the other."""
    assert prove([*range(TOGETHER, TOGETHER + 20), *(TOGETHER + one for one in (3_000_407, 3_001_106))]).findings == []


@pytest.mark.apart
@pytest.mark.parametrize("number", [2499, 40213, 1040123, 1050106])
def test_what_follows_an_answer_is_told_as_it_is(number):
    """Before: a look that no entry told of, an erasure that no one approved, a task that was overtaken."""
    assert prove([number]).findings == []


@pytest.mark.apart
@pytest.mark.parametrize("number", [1155, 1883])
def test_an_instant_at_midnight_is_told_as_its_day(number):
    """Before, the checker took the day alone for an unproved sentence."""
    assert prove([number]).findings == []


def test_every_change_is_still_one():
    """What a change replaces is there: otherwise the long proof ends at it."""
    for mutant in MUTANTS:
        with mutant.put_in():
            pass


@pytest.mark.apart
@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.what in SHORT], ids=lambda one: one.what)
def test_a_change_that_makes_an_answer_untrue_is_seen(mutant):
    played, finding = catch(mutant, range(30) if not mutant.together else None)
    assert played, "nothing was found"
    assert finding


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.what)
def test_every_change_is_seen(mutant):
    played, _ = catch(mutant)
    assert played
