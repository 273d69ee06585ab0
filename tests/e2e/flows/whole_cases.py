"""Cases from the request to the answer, as the tests of the flows play them."""

from __future__ import annotations

import pytest

from flows.access import access_request
from flows.erasure import erasure_request
from flows.suspended import resume_all
from rightsflow.app import current_app
from tests.support.flow_runs import gate_key, order_run, work_on
from tests.support.reading import read_then_decide
from tests.support.steps import prepared

FLOWS = {"access": access_request, "erasure": erasure_request}
ACCESS_ABOVE_ALL = ["access", pytest.param("erasure", marks=pytest.mark.slow)]
ERASURE_ABOVE_ALL = ["erasure", pytest.param("access", marks=pytest.mark.slow)]
"""For what both flows do by the same code: one of them always, the other one with `make test-slow`."""


def go(right, case_id):
    return FLOWS[right](case_id, return_state=True)


def letters(bench, case_id):
    with bench.file(case_id) as file:
        return {letter.template_id: letter.body for letter in file.outbox.letters()}


def suspended(bench, deployments, right):
    """A case's run, suspended at the identity gate."""
    case_id = bench.open(right)
    run = order_run(deployments[f"{right}-request"], case_id=case_id)
    assert work_on(FLOWS[right], run.id).name == "Suspended"
    return case_id, run.id


def decide_and_go_on(case_id, run_id, flow, decision):
    """Decide at a gate as the desk does, and let the suspended run go on; returns its state."""
    read_then_decide(current_app(), case_id, decision)
    assert resume_all(case_id, decision.gate)
    return work_on(flow, run_id)


def at_the_approval_gate(bench, deployments, right):
    """A run that begins on a case whose person is identified and whose search is done, suspended at the approval."""
    case_id = prepared(bench, right)
    run = order_run(deployments[f"{right}-request"], case_id=case_id)
    state = work_on(FLOWS[right], run.id)
    assert (state.name, gate_key(state)) == ("Suspended", "approval-0")
    return case_id, run.id
