"""What others send, killed at its commits, and sent again: taken once, noted once."""

from __future__ import annotations

import pytest

from proofs.kills.acts import INBOUND, KilledAct, kill, main

CHOSEN = ("an agent's request is taken",)


@pytest.mark.parametrize(
    "act", [*CHOSEN, *(pytest.param(one, marks=pytest.mark.slow) for one in INBOUND if one not in CHOSEN)]
)
def test_what_was_killed_is_taken_once_when_it_is_sent_again(tmp_path, act):
    found = kill(act, tmp_path, INBOUND[act])
    assert found.faults == ()
    assert found.kills >= 2


def test_the_command_prints_a_row_for_each(capsys):
    assert main(lambda name, _: KilledAct(name, 2, ()), INBOUND) == 0
    assert capsys.readouterr().out.count("| 2 | yes |") == len(INBOUND)
