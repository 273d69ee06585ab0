"""The short proof of the years after an erasure, and that its judge sees what it has to see."""

from __future__ import annotations

import pytest

from proofs.years import life
from rightsflow.cases.follow_up.rounds import Followed
from rightsflow.store.legal_holds import CaseHolds

SEED = 7


def test_the_years_of_a_controller_are_as_its_letters_say(tmp_path):
    years = life.live("DE", 2, SEED, tmp_path, 11)
    assert years.findings == []
    assert min(years.vouchers, years.holds, years.restores) > 0


@pytest.mark.parametrize(
    ("where", "name", "instead", "finding"),
    [
        # Each lives eleven years, and the others are for `make test-slow`.
        (life, "follow_up", lambda _app: Followed(), "vouchers are there, 0 were promised"),
        pytest.param(
            life,
            "replay_system",
            lambda *_args, **_options: None,
            "there is more than vouchers",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            CaseHolds, "scopes", lambda _self: (), "0 vouchers are there, 0 were promised", marks=pytest.mark.slow
        ),
    ],
)
def test_what_is_planted_is_seen(tmp_path, monkeypatch, where, name, instead, finding):
    monkeypatch.setattr(where, name, instead)
    found = life.live("DE", 2, SEED, tmp_path, 11).findings
    assert any(finding in one for one in found)
