"""How often a case, from its form to its answer, asks the case store: a budget that only a decision may raise.

Half of what a worker spends on a case it spends there. Counted are the transactions of everything that the case's
runs do: three systems, two rounds of searching, both gates.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.e2e.flows.whole_cases import FLOWS, answered_at_the_identity_gate
from tests.support.flow_runs import resume, work_on

BUDGET = {"access": 50, "erasure": 49}
"""Eight more than on a quiet machine, where no sheets are due between two steps, and no step waits for a slot."""


@contextmanager
def counted(engine):
    """A list that grows by one with each transaction."""
    begun = []

    def note(connection):
        begun.append(connection)

    event.listen(engine, "begin", note)
    try:
        yield begun
    finally:
        event.remove(engine, "begin", note)


@pytest.mark.parametrize("right", FLOWS)
def test_a_case_takes_no_more_transactions_than_its_budget(bench, deployments, right):
    with counted(bench.runtime.store.database.engine) as begun:
        case_id, run_id = answered_at_the_identity_gate(bench, deployments, right)
        resume(run_id, decision="approve", reason="", decided_by="Dana Decider")
        assert work_on(FLOWS[right], run_id).name == "Answered"
    assert len(begun) <= BUDGET[right], f"{case_id} took more than before; see where, or decide that it is worth it"
