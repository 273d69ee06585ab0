"""Letters given beside the evidence: those that were written pass, and whatever else is given is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from rightsflow.audit.evidence.record import EvidenceLetterLine
from rightsflow.audit.evidence.texts import GivenText, GivenTexts, compare_texts, read_texts, texts_file
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.documents.letters.commitment import commitment
from rightsflow.domain.errors import BadInput
from tests.support.story import CASE, bundle

AT = datetime(2026, 3, 5, tzinfo=UTC)
L1 = GivenText(letter="L1", salt="5" * 64, subject_line="Your request", body="Dear Anna,\nwe have it.")
L9 = GivenText(letter="L9", salt="6" * 64, subject_line="Your data", body="Here they are.")
PLAIN = check_bundle(bundle())


def written(one, **changes):
    bound = commitment(one.salt, one.subject_line, one.body)
    line = {"letter": one.letter, "version": "1", "written_at": AT, "text_hash": "a" * 64, "commitment": bound}
    return EvidenceLetterLine(**(line | changes))


FOUND = replace(PLAIN, letters=(written(L1), written(L9)))


def compared(*letters, found=FOUND, case_id=CASE):
    return compare_texts(found, GivenTexts(case_id=case_id, letters=letters))


def test_what_was_written_passes_and_each_letter_that_differs_is_named():
    found = compared(L1, L9)
    assert (found.is_whole, found.texts, found.notes) == (True, 2, PLAIN.notes)
    # Each letter that differs is named.
    for changes in ({"body": "Dear Anna,\nwe lost it."}, {"subject_line": "x"}, {"salt": "7" * 64}):
        found = compared(L1, replace(L9, **changes))
        assert [(one.kind, one.text) for one in found.faults] == [
            ("altered", "The text of letter L9 is not the one that was written.")
        ]
        assert (found.is_whole, found.texts) == (False, 1)
    # What is given twice or names no letter of the case is named.
    found = compared(L1, L1, replace(L9, letter="L7"), replace(L9, letter="anna@example.com"))
    assert [one.text for one in found.faults] == [
        "The text of letter L1 is given twice.",
        "The text of letter L7 is given, and the evidence names none such.",
        "The text of letter of a name that no letter has is given, and the evidence names none such.",
    ]
    assert "The text of letter L9 was not given." in found.notes
    assert not compared(L1, L9, case_id="DSR-2026-AAAAAA").is_whole


def test_what_cannot_be_compared_is_not_taken_as_compared():
    # A letter of before the commitment is not taken as compared.
    found = compared(L1, L9, found=replace(FOUND, letters=(written(L1, commitment=""), written(L9))))
    assert (found.is_whole, found.faults, found.texts) == (False, (), 1)
    assert "letter L1 cannot be compared here" in found.uncompared[0]
    assert not compared(L1, found=replace(FOUND, letters=())).is_whole
    # Another file is refused.
    for text in ("", "[]", "{}", '{"kind": "x", "format": 1}', "[" * 5000):
        with pytest.raises(BadInput, match="holds no letters"):
            read_texts(text)


@for_any(st.lists(st.builds(GivenText, letter=st.text(), salt=st.text(), subject_line=st.text(), body=st.text())))
def test_texts_come_back_as_they_were_given(letters):
    texts = GivenTexts(case_id=CASE, letters=tuple(letters))
    assert read_texts(texts_file(texts)) == texts


@for_any(st.text(), st.text(), st.text())
def test_another_body_never_has_the_same_commitment(subject, body, other):
    salt = "5" * 64
    assert (commitment(salt, subject, body) == commitment(salt, subject, other)) == (body == other)
