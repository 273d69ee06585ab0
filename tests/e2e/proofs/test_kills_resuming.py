"""The desk killed between a decision and the resumption of the case's run: decided once, resumed once."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from deployments.applying import apply_deployments
from proofs.kills.desk_resuming import FORMS, MOMENTS, KilledResume, kill

CHOSEN = ("identity is confirmed", MOMENTS[0])


@pytest.fixture(scope="module", autouse=True)
def _deployments(prefect_server):
    apply_deployments()


@pytest.mark.parametrize(
    ("decision", "moment"),
    [
        pytest.param(*CHOSEN, marks=pytest.mark.apart),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in product(FORMS, MOMENTS) if one != CHOSEN),
    ],
)
def test_what_was_decided_is_decided_once_and_its_run_resumed_once(tmp_path, decision, moment):
    found = kill(decision, moment, tmp_path)
    assert (found.decided, found.resumed, found.runs) == (1, 1, 1)
    assert found.is_once


@pytest.mark.slow
def test_a_run_that_no_one_resumes_is_seen(tmp_path):
    """Without this the test above could pass on a count that sees nothing."""
    found = kill(*CHOSEN, tmp_path, lambda _: None)
    assert (found.decided, found.resumed) == (1, 0)
    assert not found.is_once


def test_once_is_one_decision_one_resumption_and_one_run_that_went_on():
    once = KilledResume("a decision", "a moment", 1, 1, 1, ("Answered", "Answered"))
    assert once.is_once
    others = ({"decided": 2}, {"resumed": 2}, {"resumed": 0}, {"runs": 2}, {"ended": ("Failed", "Answered")})
    assert not any(replace(once, **other).is_once for other in others)
