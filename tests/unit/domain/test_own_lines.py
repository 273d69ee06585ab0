"""The controller's own lines are read in any spelling."""

from __future__ import annotations

import pytest

from rightsflow.domain.spellings.wordforms import Own, read_line


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("+49 30 901000", "+4930901000"),
        ("030 901 000", "+4930901000"),
        ("0049 (0)30 901000", "+4930901000"),
        ("+49 30 901000 ext. 12", "+4930901000"),
        ("+49 30 901*", "+4930901*"),
    ],
)
def test_a_line_is_read_in_any_spelling(written: str, line: str) -> None:
    assert read_line(written, "DE") == line


@pytest.mark.parametrize("written", ["", "hotline", "030 901*"])
def test_what_is_no_line_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"\+4930901"):
        read_line(written, "DE")


def test_a_domain_counts_with_those_below_it_and_a_name_in_any_case() -> None:
    own = Own(domains=frozenset({"Own.example"}), names=frozenset({"Callhouse  Lisbon"}))
    assert own.has_domain("desk.OWN.example")
    assert not own.has_domain("disown.example")
    assert own.has_name("CALLHOUSE lisbon")
    assert not own.has_name("Lisbon")
