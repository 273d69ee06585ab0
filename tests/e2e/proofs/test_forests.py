"""The short proof of the forests: a few on SQLite, and the violations that the long one has to see."""

from __future__ import annotations

import pytest

from proofs.forests.__main__ import PLANTED, ROOT, sight
from proofs.forests.judging import planted_and_played
from proofs.forests.world import draw


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.apart) for one in range(2, 6))])
def test_nothing_of_other_people_is_given_or_goes_and_what_is_tied_is_found(seed, tmp_path):
    judgement = planted_and_played(draw(seed), f"sqlite:///{tmp_path / 'forest.db'}", tmp_path)
    assert judgement.harms == []
    assert judgement.missed == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_fits_the_code(name):
    assert PLANTED[name].broken(ROOT) != (ROOT / PLANTED[name].path).read_text()


@pytest.mark.apart
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_seen(name):
    assert sight(name, forests=12)
