"""The short form of the quarter with processors of all manners, and that its judge sees who is not of their manner."""

from __future__ import annotations

import pytest

from proofs.quarter.__main__ import judge
from proofs.quarter.life import MOVES, Manner, Person, Quarter, people, world
from rightsflow.domain.vocabulary.rights import Right

pytestmark = pytest.mark.apart

EVERYWHERE = ("helpdesk", "payments", "calls")


def lived(folder, moves=MOVES, days=24):
    """What is found after some weeks with one erasure that concerns a processor of each manner."""
    with world(folder, 1) as made:
        quarter = Quarter(made, [Person(0, Right.ERASURE, EVERYWHERE, 0)], days, moves)
        quarter.live()
        return judge(quarter)


def test_the_right_ones_are_open_alerted_named_and_told_apart(tmp_path):
    assert lived(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("manner", "acts_as", "finding"),
    [
        (Manner.SILENT, Manner.PROMPT, "the scorecard shows p03-silent as prompt"),
        (Manner.PROMPT, Manner.SILENT, "the instruction to p01-prompt is waiting for proof"),
        (Manner.CANNOT, Manner.PROMPT, "the scorecard shows p10-cannot as prompt"),
        (Manner.ZERO, Manner.PROMPT, "the instruction to p04-zero is confirmed"),
    ],
)
def test_who_is_not_of_their_manner_is_seen(tmp_path, manner, acts_as, finding):
    found = lived(tmp_path, {**MOVES, manner: MOVES[acts_as]})
    assert any(finding in one for one in found), found


@pytest.mark.slow
def test_a_quarter_with_twenty_processors(tmp_path):
    with world(tmp_path, 2) as made:
        quarter = Quarter(made, list(people(8, 92)), 92)
        quarter.live()
        assert judge(quarter) == []
        assert len(made.manners) == 20
        assert {name for _, _, name, _ in quarter.letters} == {"L9", "L10", "L20"}
