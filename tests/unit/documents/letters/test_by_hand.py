"""What letters say of systems that people search by hand: tidy in each combination, and never of a company."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from rightsflow.documents.letters import AtProcessor, LetterId, render
from rightsflow.domain.errors import Conflict
from rightsflow.domain.processors.terms import InstructionStanding
from tests.unit.documents.letters.sample import OPEN, PROVED, UNABLE, variables

ARCHIVE = {"name": "CCTV archive", "by_hand": True}
FOUND, NOTHING = PROVED.model_copy(update=ARCHIVE), PROVED.model_copy(update=ARCHIVE | {"records": 0})
LATER, CANNOT = OPEN.model_copy(update=ARCHIVE), UNABLE.model_copy(update=ARCHIVE)
CHECKED = OPEN.model_copy(update=ARCHIVE | {"standing": InstructionStanding.QUESTIONED})
UNKNOWN = AtProcessor(**ARCHIVE, standing=InstructionStanding.NOT_ASKED, finds_by="customer number")
EACH = (FOUND, NOTHING, LATER, CANNOT, CHECKED, UNKNOWN)
ERASURES = (LetterId.ERASURE_CONFIRMATION, LetterId.PARTIAL_ERASURE)


def body(letter_id: LetterId, *asked: AtProcessor) -> str:
    return render(letter_id, variables(letter_id, processors=asked)).body


@pytest.mark.long
def test_what_is_done_by_hand_is_named_and_limits_what_is_said() -> None:
    # Each combination is tidy and names each.
    for letter_id in (LetterId.ACCESS_COVER, *ERASURES):
        hands_over = letter_id is LetterId.ACCESS_COVER
        for few in combinations((*EACH, PROVED, OPEN), 2):
            asked = [one.model_copy(update={"hands_over": hands_over}) for one in few]
            text = body(letter_id, *asked)
            assert not re.search(r"\n{3,}|[ \t]\n|None|  \w+\(", text)
            assert not re.search(r"[^\n]\n[A-Z ,]{8,}\n", text), "a heading without its space"
            assert ("AT COMPANIES" in text) is any(not one.by_hand for one in asked)
            assert ("WHAT PEOPLE SEARCH BY HAND" in text) is any(one.by_hand for one in asked)
            assert "once" in text or "we write to you again" in text or not any(one.standing.is_open for one in asked)
    # What is not proved by hand limits what was carried out.
    for one in (LATER, CANNOT, CHECKED, UNKNOWN):
        for letter_id in ERASURES:
            text = body(letter_id, one)
            assert "The systems that people search by hand are listed below, with the status at each." in text
            assert "has erased" not in text
    # A clear no names what was searched by hand and is none while that is open.
    text = body(LetterId.NOTHING_HELD, NOTHING, UNKNOWN)
    assert "- CCTV archive: searched by hand on 23 November 2026; nothing of you was there." in text
    assert "it can be searched by customer number only. We know none" in text
    assert not re.search(r"\n{3,}|[^\n]\n[A-Z ,]{8,}\n", text)
    assert "In Helpdesk, Payments and Call recordings we found none" in text
    assert "Our answer is: no" not in body(LetterId.NOTHING_HELD, CANNOT)
    assert "Our answer is: no" in body(LetterId.NOTHING_HELD, NOTHING)
    for one in (LATER, CHECKED, FOUND):
        with pytest.raises(Conflict, match="the answer is not a no"):
            body(LetterId.NOTHING_HELD, one)
    # The second letter says what the answer named.
    assert "named systems that people search by hand as open" in body(LetterId.PROCESSORS_ANSWERED, FOUND)
    both = body(LetterId.PROCESSORS_ANSWERED, FOUND, PROVED)
    assert "named companies that work for us and systems that people search by hand as open" in both
