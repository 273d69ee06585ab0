"""A record that was located earlier is judged again by what stands in it and above it now."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.ownership import Standing

MINE = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
NUMBER = frozenset({identifier(IdentifierKind.PHONE, "+4930901820")})
THEIRS = frozenset({identifier(IdentifierKind.EMAIL, "bob@example.com")})
NONE: Identifiers = frozenset()
KNOWN = MINE | NUMBER
_SAID = st.sampled_from([MINE, NUMBER, THEIRS, NONE])


def test_the_chain_decides() -> None:
    for chain, standing in (
        ([MINE], Standing.MINE),
        ([NONE, MINE], Standing.MINE),
        ([NUMBER, THEIRS], Standing.OTHER),
        ([NONE, THEIRS], Standing.OTHER),
        ([NONE, NONE, THEIRS], Standing.OTHER),
        ([MINE, THEIRS], Standing.DOUBTFUL),
        ([THEIRS, MINE], Standing.DOUBTFUL),
        ([NONE, NONE], Standing.NO_ONES),
        ([], Standing.NO_ONES),
    ):
        assert standing_now(chain, KNOWN) is standing


@given(st.lists(_SAID, max_size=4))
def test_what_says_nothing_below_another_persons_is_theirs_and_is_never_the_subjects(above: list[Identifiers]) -> None:
    if standing_now(above, KNOWN) is Standing.OTHER:
        assert standing_now([NONE, *above], KNOWN) is Standing.OTHER
        assert standing_now([NUMBER, *above], KNOWN) is Standing.OTHER
        assert standing_now([MINE, *above], KNOWN) is not Standing.MINE
