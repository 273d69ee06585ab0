"""The free parts of a letter are read again as they were worded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.documents.letters.free_parts import FreeParts, free_parts_of, with_free_parts
from rightsflow.domain.vocabulary.letter_ids import LetterId

LETTER = "Good day,\n\nYou asked us on 5 March 2026.\n\nWe write again.\n\nYours sincerely\nExample Devices\n"
words = st.lists(st.sampled_from(["thank", "patience", "Ms", "Quill", "we write soon."]), max_size=6).map(" ".join)


@given(salutation=words, lines=st.lists(words, max_size=3))
def test_what_a_person_worded_is_read_from_the_letter_again(salutation, lines):
    typed = FreeParts(salutation=f"Dear {salutation}," if salutation else "", remark="\n".join(lines))
    worded = with_free_parts(LetterId.ACKNOWLEDGEMENT, LETTER, typed)
    parts = free_parts_of(LETTER, worded)
    assert with_free_parts(LetterId.ACKNOWLEDGEMENT, LETTER, parts) == worded
    assert parts.salutation == typed.salutation
