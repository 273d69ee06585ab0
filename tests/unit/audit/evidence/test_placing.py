"""Which entry is which, when some are not as they were."""

from __future__ import annotations

from rightsflow.audit.evidence.placing import most_entries, place_entries
from rightsflow.audit.ledger import Head, read_entry
from rightsflow.audit.ledger.chain import digest_of
from tests.support.story import exported

LINKS = exported()
LINES = [one.body for one in LINKS]
HEAD = LINKS[-1].head


def test_whole_entries_are_as_they_are_kept():
    assert place_entries(LINES, HEAD) == LINKS


def test_the_altered_one_carries_the_hash_that_the_next_names():
    lines = [*LINES[:6], LINES[6].replace("rightsflow", "Eve"), *LINES[7:]]
    assert place_entries(lines, HEAD)[6].digest == LINKS[6].digest


def test_an_entry_that_lies_about_the_one_before_is_the_one_that_is_named():
    lie = LINES[6].replace(read_entry(LINES[6]).previous, "f" * 64)
    placed = place_entries([*LINES[:6], lie, *LINES[7:]], HEAD)
    assert [one.number for one in placed if digest_of(one.body) != one.digest] == [7]


def test_nothing_is_believed_without_bounds():
    assert place_entries([], Head(2**50, "x")) == []
    assert [one.number for one in place_entries(["[]", "x", '{"number":true}'], Head(2**40, "x"))] == [1, 2, 3]
    assert most_entries(0) == 1000
