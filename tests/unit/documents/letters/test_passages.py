"""Letters as the desk shows them: standard wording apart, nothing lost, nothing of the case called standard."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.documents.letters.passages import passages

RESIDUE = "An erased ticket leaves its number; logs keep it for 30 days."
LETTER = f"""Dear Ben Ziegler,

HOW WE SEARCHED

- Helpdesk, by your e-mail address

Such a search does not find everything. In Helpdesk it may pass over free text.

WHAT ELSE STAYS, AND FOR HOW LONG

- A record of this erasure: your request and this answer.
- Helpdesk: {RESIDUE}
- Helpdesk: {RESIDUE} And more.

IF YOU DO NOT AGREE

You can complain.

Yours sincerely
Example Devices GmbH
"""


def test_what_every_letter_has_is_apart_and_what_differs_by_a_word_is_not():
    found = passages(LETTER, {RESIDUE})
    assert [one.standard.split()[0] for one in found if one.standard] == ["limits", "what", "complaint,"]
    own = "".join(one.text for one in found if not one.standard)
    assert "And more." in own
    assert own.endswith("Yours sincerely\nExample Devices GmbH\n")
    assert not [words for words in ("You can complain", "does not find", f"{RESIDUE}\n") if words in own]


PIECES = st.sampled_from([*LETTER.splitlines(keepends=True), "\n", "x", RESIDUE, "IF YOU DO NOT AGREE"])


@pytest.mark.long
@given(st.lists(PIECES).map("".join), st.sets(st.just(RESIDUE)))
def test_the_passages_together_are_the_letter(body, declared):
    found = passages(body, declared)
    assert "".join(one.text for one in found) == body
    assert all(one.text for one in found)
    assert all(before.standard != after.standard for before, after in pairwise(found))
