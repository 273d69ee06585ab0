"""The conformance suite in few walks: what changes nothing is held on one bench, and what erases on one each."""

from __future__ import annotations

from contextlib import suppress

import pytest

from rightsflow.testing.bench import Bench
from rightsflow.testing.conformance import ConnectorConformance

CHANGING = frozenset(
    {
        "test_a_record_that_changed_hands_is_neither_given_nor_erased",
        "test_erase_can_be_repeated_and_is_told_of_in_the_same_words",
        "test_erase_gives_one_outcome_per_record_and_a_fresh_read_shows_nothing",
        "test_erase_in_an_outage_raises_and_goes_on_afterwards",
        "test_erase_leaves_everybody_else_alone",
        "test_nothing_said_or_logged_shows_the_subject",
        "test_what_is_erased_is_gone_from_the_system",
        "test_what_is_not_yet_erased_is_still_found",
        "test_what_leads_back_after_an_erasure_is_a_residue_with_its_fields",
    }
)
"""The sentences that need a bench of their own."""
_ADDS_RECORDS = "test_records_beyond_the_first_page_are_found"


class ConformanceInWalks(ConnectorConformance):
    """The suite for a bench that takes long to make."""

    def test_what_changes_nothing(self, bench: Bench) -> None:
        """Each of the other sentences, in the order of the suite; its name stands in the traceback."""
        for sentence in sorted(READING, key=_ADDS_RECORDS.__eq__):
            with suppress(pytest.skip.Exception):
                getattr(ConnectorConformance, sentence)(self, bench)


_SENTENCES = (name for suite in ConnectorConformance.__mro__ for name in vars(suite) if name.startswith("test_"))
READING = tuple(sentence for sentence in _SENTENCES if sentence not in CHANGING)
for _sentence in READING:
    setattr(ConformanceInWalks, _sentence, None)
