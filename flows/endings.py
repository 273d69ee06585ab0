"""What both requests have in common: the identity gate, the search, the decision on what it found, and their ends."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from flows.gates import Passage, pass_gate
from flows.steps import all_done, ended, locate_everything, start, waiting
from rightsflow.cases.gates.by_policy import decide_by_policy
from rightsflow.cases.search.systems import found_nothing, state_of, systems_to_search
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.gates.decisions import Gate
from tasks.answering import write_nothing_held, write_refusal
from tasks.composition import current_app
from tasks.prefect_io.kinds import AnyState


class _Search(StrEnum):
    """The result of the search."""

    FOUND = "found"
    """Something was found in this run."""
    NOTHING = "nothing"
    """Nothing was found in this run."""
    BEFORE = "before"
    """An earlier run searched, and people have been shown the result: it is not searched again behind their backs."""


def not_identified(case_id: str) -> AnyState | None:
    """Pass the identity gate; returns the run's end where it goes no further.

    Args:
        case_id: The case.
    """
    match pass_gate(case_id, Gate.IDENTITY):
        case Passage.WAITING:
            return waiting("identity")
        case Passage.REFUSED:
            return _refuse(case_id)
    return None


def not_approved(case_id: str, prepare: Callable[[str], AnyState | None], gate: str) -> AnyState | None:
    """Search, prepare what a person decides on, and let them decide; returns the run's end where it goes no further.

    "Nothing held" passes the same gate, since no answer is wrong more easily: one identifier with a typing error, one
    wrong mapping. There a new search can be ordered too.

    Args:
        case_id: The case.
        prepare: Prepares what was found for the decision; returns the run's end where that has to wait.
        gate: What the gate is called where something was found.
    """
    while (state := state_of(current_app(), case_id)) is not CaseState.NOTHING_HELD:
        searched = _search(case_id, state)
        if searched is _Search.FOUND and (end := prepare(case_id)):
            return end
        if searched is _Search.NOTHING and decide_by_policy(current_app(), case_id):
            break
        match pass_gate(case_id, Gate.APPROVAL):
            case Passage.WAITING:
                return waiting("approval" if found_nothing(current_app(), case_id) else gate)
            case Passage.REFUSED:
                return _refuse(case_id)
            case Passage.NOTHING_HELD:
                break
            case Passage.OPEN:
                return None
    return _nothing_held(case_id)


def _search(case_id: str, state: CaseState) -> _Search:
    """Search all systems, unless the case is past that."""
    if state is not CaseState.IN_PROGRESS:
        return _Search.BEFORE
    found = locate_everything(case_id, systems_to_search(current_app(), case_id))
    return _Search.FOUND if found.subject or found.unclear else _Search.NOTHING


def _nothing_held(case_id: str) -> AnyState:
    """Write the clear no and end the run."""
    all_done(case_id, [start(write_nothing_held, case_id)])
    return ended("Nothing held", case_id, "No system holds data on the person; the answer is in the outbox.")


def _refuse(case_id: str) -> AnyState:
    """Write the refusal and end the run."""
    all_done(case_id, [start(write_refusal, case_id)])
    return ended("Refused", case_id, "The refusal with its reasons and remedies is in the outbox.")
