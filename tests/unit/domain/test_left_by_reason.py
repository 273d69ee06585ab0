"""What a reason leaves to a person: by the sentences as they stand in case files, word for word."""

from __future__ import annotations

from rightsflow.domain.erasure.partial_erasure import left_by_reason
from rightsflow.domain.vocabulary.records import LeftToPerson

NOT_MUTED = "A card's security number was recorded in a part of it, which was not muted:"


def test_a_reason_leaves_what_it_says():
    # Do not change a sentence here to make this pass: records that are kept for years have it.
    for sentence, left in (
        ("Its system has no way to mark that, so that a person sees to it there by hand.", {LeftToPerson.NO_MARK}),
        (f"{NOT_MUTED} a person has to do that by hand.", {LeftToPerson.CARD_CODE}),
        (f"{NOT_MUTED} no one has thought of this yet.", {LeftToPerson.CARD_CODE}),
        (
            f"{NOT_MUTED} the law orders that the recording is kept unaltered, so that a person decides.",
            {LeftToPerson.CARD_CODE_HELD},
        ),
        (f"{NOT_MUTED} the recording is held as it is, so that a person decides.", {LeftToPerson.CARD_CODE_HELD}),
        ("What that does not need could not be blanked there: it was refused.", {LeftToPerson.NOT_BLANKED}),
        ("We need it for a claim.", set()),
    ):
        assert left_by_reason(sentence) == left
        assert left_by_reason(f"The law obliges us to keep it. {sentence} And more.") == left
    both = f"Kept. {NOT_MUTED} a person has to do that by hand. What that does not need could not be blanked there: no."
    assert left_by_reason(both) == {LeftToPerson.CARD_CODE, LeftToPerson.NOT_BLANKED}
