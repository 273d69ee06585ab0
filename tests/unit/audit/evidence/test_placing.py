"""Which entry is which, when some are not as they were."""

from __future__ import annotations

from rightsflow.audit.evidence.placing import most_entries, place_entries
from rightsflow.audit.ledger import Head, read_entry
from rightsflow.audit.ledger.chain import digest_of
from tests.support.story import exported

LINKS = exported()
LINES = [one.body for one in LINKS]
HEAD = LINKS[-1].head


def test_the_altered_entry_is_placed_by_the_hashes_around_it():
    assert place_entries(LINES, HEAD) == LINKS
    lines = [*LINES[:6], LINES[6].replace("rightsflow", "Eve"), *LINES[7:]]
    assert place_entries(lines, HEAD)[6].digest == LINKS[6].digest
    # An entry that lies about the one before is the one that is named.
    lie = LINES[6].replace(read_entry(LINES[6]).previous, "f" * 64)
    placed = place_entries([*LINES[:6], lie, *LINES[7:]], HEAD)
    assert [one.number for one in placed if digest_of(one.body) != one.digest] == [7]
    # Nothing is believed without bounds.
    assert place_entries([], Head(2**50, "x")) == []
    assert [one.number for one in place_entries(["[]", "x", '{"number":true}'], Head(2**40, "x"))] == [1, 2, 3]
    assert most_entries(0) == 1000
