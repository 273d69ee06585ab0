"""The controller's own lines are read in any spelling."""

from __future__ import annotations

import pytest

from rightsflow.domain.spellings.wordforms import Own, read_line


def test_a_line_is_read_in_any_spelling_and_counts_for_what_is_below() -> None:
    # A line is read in any spelling.
    for written, line in (
        ("+49 30 901000", "+4930901000"),
        ("030 901 000", "+4930901000"),
        ("0049 (0)30 901000", "+4930901000"),
        ("+49 30 901000 ext. 12", "+4930901000"),
        ("+49 30 901*", "+4930901*"),
    ):
        assert read_line(written, "DE") == line
    # What is no line is refused.
    for written in ("", "hotline", "030 901*"):
        with pytest.raises(ValueError, match=r"\+4930901"):
            read_line(written, "DE")
    # A domain counts with those below it and a name in any case.
    own = Own(domains=frozenset({"Own.example"}), names=frozenset({"Callhouse  Lisbon"}))
    assert own.has_domain("desk.OWN.example")
    assert not own.has_domain("disown.example")
    assert own.has_name("CALLHOUSE lisbon")
    assert not own.has_name("Lisbon")
