"""Acts of the desk, and what others send, killed at their commits and sent again: done once, noted once."""

from __future__ import annotations

import pytest

from proofs.kills.acts import INBOUND, PREPARED, KilledAct, Ready, kill, main
from rightsflow.domain.vocabulary.states import CaseState

pytestmark = pytest.mark.apart

CHOSEN = ("mute an interval", "release a package", "an agent's request is taken")
ACTS = {**PREPARED, **INBOUND}


@pytest.mark.parametrize(
    "act", [*CHOSEN, *(pytest.param(one, marks=pytest.mark.slow) for one in ACTS if one not in CHOSEN)]
)
def test_an_act_that_was_killed_is_done_once_when_it_is_sent_again(tmp_path, act):
    found = kill(act, tmp_path, ACTS[act])
    assert found.faults == ()
    assert found.kills >= 2


def test_an_act_that_is_done_twice_is_seen(tmp_path):
    """Without this the test above could pass on a comparison that sees nothing."""

    def careless(bench):
        case = bench.open("access")

        def noted(app):
            with app.store.case_file(case) as file:
                assert file.state is CaseState.RECEIVED
                file.ledger.append("StepBegun", step="a step")

        return Ready((case,), noted)

    found = kill("careless", tmp_path, careless)
    assert len(found.faults) == 1
    assert "after commit 1: entries" in found.faults[0]


def test_the_command_prints_a_row_for_each_act_and_fails_by_a_fault(capsys):
    for acts in (PREPARED, INBOUND):
        assert main(lambda name, _: KilledAct(name, 2, ()), acts) == 0
        assert capsys.readouterr().out.count("| 2 | yes |") == len(acts)
        assert main(lambda name, _: KilledAct(name, 2, ("another end",)), acts) == 1
