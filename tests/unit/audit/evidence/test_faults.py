"""Sentences of faults: begun with their place, and fit to be printed whatever stands in them."""

from __future__ import annotations

from rightsflow.audit.evidence.faults import Faults, printable, shown
from rightsflow.audit.ledger import Fault, FaultKind


def test_a_fault_begins_with_its_place_and_is_cut_where_it_is_long():
    # A sentence begins with its place and a files name stays as it is.
    for place, text in (
        ("index.html", "index.html is missing."),
        ("seal 5", "Seal 5 is missing."),
        ("\x1b[8m.txt", "\\x1b[8m.txt is missing."),
        ("", " is missing."),
    ):
        faults = Faults()
        faults.note(FaultKind.REMOVED, place, "is missing")
        (fault,) = faults
        assert (fault.kind, fault.text) == (FaultKind.REMOVED, text)
    # What is long or cannot be printed is cut and written out.
    assert shown("a" * 100) == f"{'a' * 80}…"
    assert shown("\n\u202e") == "\\n\\u202e"
    found = printable(Fault(FaultKind.ALTERED, "\x07" * 50, "b" * 1000))
    assert found == Fault(FaultKind.ALTERED, "\\x07" * 20 + "…", f"{'b' * 400}…")
