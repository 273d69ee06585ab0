"""The short proof of the years after an erasure, and that its judge sees what it has to see."""

from __future__ import annotations

import pytest

from proofs.years import life
from rightsflow.cases.course.follow_up.rounds import Followed
from rightsflow.store.case.legal_holds import CaseHolds

pytestmark = pytest.mark.apart

SEED, CASES, PLAYED = 7, 1, 9


def test_the_years_of_a_controller_are_as_its_letters_say(tmp_path):
    years = life.live("DE", CASES, SEED, tmp_path, PLAYED)
    assert years.findings == []
    assert min(years.kept, years.holds, years.restores, years.purged) > 0


@pytest.mark.parametrize(
    ("where", "name", "instead", "finding", "cases"),
    [
        # Each lives nine years, and the others are for `make test-slow`.
        (life, "follow_up", lambda _app: Followed(), "records are in payments, 0 were promised", CASES),
        pytest.param(
            life, "replay_system", lambda *_args, **_options: None, ", 0 were promised", CASES, marks=pytest.mark.slow
        ),
        pytest.param(CaseHolds, "scopes", lambda _self: (), "1 were promised, 2 were held", 3, marks=pytest.mark.slow),
    ],
    ids=["no follow-up", "no replay", "no holds"],
)
def test_what_is_planted_is_seen(tmp_path, monkeypatch, where, name, instead, finding, cases):
    monkeypatch.setattr(where, name, instead)
    found = life.live("DE", cases, SEED, tmp_path, PLAYED).findings
    assert any(finding in one for one in found)
