"""Two ways to work a case: the flows with their Prefect server, and their steps one after another without one."""

from __future__ import annotations

from flows.access import access_request
from flows.erasure import erasure_request
from rightsflow.app import current_app
from rightsflow.cases.access.copies import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.erasure.erasing import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.letters.answering import write_answer
from rightsflow.cases.search.locating import locate_records, resolve_identifiers
from rightsflow.cases.search.systems import configured_systems, state_of, systems_with_records
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.request import Right

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
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    if state_of(current_app(), case_id) is CaseState.IN_PROGRESS:
        _search(case_id)
        if right is Right.ACCESS:
            _copy(case_id)
        else:
            prepare_plan(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        return "Waiting"
    if right.has_plan:
        settle_plan(current_app(), case_id)
        for system in systems_with_records(current_app(), case_id):
            erase_records(current_app(), case_id, system)
            verify_erasure(current_app(), case_id, system)
    write_answer(current_app(), case_id)
    return "Answered"


def _search(case_id: str) -> None:
    for _ in range(_MOST_ROUNDS):
        for system in configured_systems(current_app()):
            locate_records(current_app(), case_id, system)
        if not resolve_identifiers(current_app(), case_id).learnt:
            return
    raise RuntimeError("The search did not end.")


def _copy(case_id: str) -> None:
    for system in systems_with_records(current_app(), case_id):
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)
