"""Cases from the form to the answer, as the tests of the flows play them."""

from __future__ import annotations

import pytest

from flows.access import access_request
from flows.erasure import erasure_request
from tests.support.flow_runs import gate_key, order_run, resume, work_on
from tests.support.identity import as_form
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


def answered_at_the_identity_gate(
    bench, deployments, right, reason="Called back, and asked for the date of the last order."
):
    """The same run, suspended at the approval gate once the form of the identity gate was answered."""
    case_id, run_id = suspended(bench, deployments, right)
    resume(run_id, **as_form(bench.moment[0], note=reason, what_was_done=reason))
    state = work_on(FLOWS[right], run_id)
    assert (state.name, gate_key(state)) == ("Suspended", "approval-0")
    return case_id, run_id


def at_the_approval_gate(bench, deployments, right):
    """A run that begins on a case whose person is identified and whose search is done, suspended at the approval."""
    case_id = prepared(bench, right)
    run = order_run(deployments[f"{right}-request"], case_id=case_id)
    state = work_on(FLOWS[right], run.id)
    assert (state.name, gate_key(state)) == ("Suspended", "approval-0")
    return case_id, run.id
