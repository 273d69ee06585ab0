"""Two ways to work a case: the flows with their Prefect server, and their steps one after another without one."""

from __future__ import annotations

from flows.access import access_request
from flows.erasure import erasure_request
from rightsflow.case import CaseState
from rightsflow.gates import Gate
from rightsflow.request import Right
from tasks.access import assemble_package, extract_records, redact_third_parties
from tasks.answering import write_answer
from tasks.erasure import erase_records, prepare_plan, settle_plan, verify_erasure
from tasks.gates import reach_gate
from tasks.locating import locate_records, resolve_identifiers
from tasks.systems import configured_systems, state_of, systems_with_records

_MOST_ROUNDS = 12


def by_flows(case_id: str, right: Right) -> str:
    """As ``rightsflow run`` does."""
    flow = {Right.ACCESS: access_request, Right.ERASURE: erasure_request}[right]
    state = flow(case_id, return_state=True)
    if not state.is_completed():
        raise RuntimeError(f"The run failed: {state.message}")
    return str(state.name)


def by_steps(case_id: str, right: Right) -> str:
    """The flows' steps in their order."""
    reach_gate(case_id, Gate.IDENTITY)
    if state_of(case_id) is CaseState.IN_PROGRESS:
        _search(case_id)
        if right is Right.ACCESS:
            _copy(case_id)
        else:
            prepare_plan.fn(case_id)
        reach_gate(case_id, Gate.APPROVAL)
        return "Waiting"
    if right is Right.ERASURE:
        settle_plan.fn(case_id)
        for system in systems_with_records(case_id):
            erase_records.fn(case_id, system)
            verify_erasure.fn(case_id, system)
    write_answer.fn(case_id)
    return "Answered"


def _search(case_id: str) -> None:
    for _ in range(_MOST_ROUNDS):
        for system in configured_systems():
            locate_records.fn(case_id, system)
        if not resolve_identifiers.fn(case_id).learnt:
            return
    raise RuntimeError("The search came to no end.")


def _copy(case_id: str) -> None:
    for system in systems_with_records(case_id):
        extract_records.fn(case_id, system)
        redact_third_parties.fn(case_id, system)
    assemble_package.fn(case_id)
