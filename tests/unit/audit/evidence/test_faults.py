"""Sentences of faults: begun with their place, and fit to be printed whatever stands in them."""

from __future__ import annotations

import pytest

from rightsflow.audit.evidence.faults import Faults, printable, shown
from rightsflow.audit.ledger import Fault, FaultKind


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("index.html", "index.html is missing."),
        ("seal 5", "Seal 5 is missing."),
        ("\x1b[8m.txt", "\\x1b[8m.txt is missing."),
        ("", " is missing."),
    ],
)
def test_a_sentence_begins_with_its_place_and_a_files_name_stays_as_it_is(place, text):
    faults = Faults()
    faults.note(FaultKind.REMOVED, place, "is missing")
    (fault,) = faults
    assert (fault.kind, fault.text) == (FaultKind.REMOVED, text)


def test_what_is_long_or_cannot_be_printed_is_cut_and_written_out():
    assert shown("a" * 100) == f"{'a' * 80}…"
    assert shown("\n\u202e") == "\\n\\u202e"
    found = printable(Fault(FaultKind.ALTERED, "\x07" * 50, "b" * 1000))
    assert found == Fault(FaultKind.ALTERED, "\\x07" * 20 + "…", f"{'b' * 400}…")
