"""The common parts of both requests: the identity gate, the search, the decision on its result, and the ends."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from flows.gates import Passage, pass_gate
from flows.steps import all_done, ended, locate_everything, start, waiting, waiting_for_processors
from rightsflow.app import current_app
from rightsflow.cases.course.case_runs import CaseAtWork
from rightsflow.cases.course.gates.policies import decide_by_policy
from rightsflow.cases.work.processors.instructions import owners_to_ask
from rightsflow.cases.work.processors.status import acted_by_hand, waits_by_hand
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from tasks.answering import write_answer, write_nothing_held, write_refusal
from tasks.instructing import instruct_processor
from tasks.prefect_io.kinds import AnyState
from tasks.prefect_io.sheet import update_case_sheet


class _Search(StrEnum):
    """The result of the search."""

    FOUND = "found"
    """Something was found in this run."""
    NOTHING = "nothing"
    """Nothing was found in this run."""
    BEFORE = "before"
    """An earlier run searched, and people have been shown the result: it is not searched again behind their backs."""


def not_identified(case: CaseAtWork) -> AnyState | None:
    """Pass the identity gate; returns the run's end where it goes no further.

    Args:
        case: The case.
    """
    match pass_gate(case, Gate.IDENTITY):
        case Passage.WAITING:
            return waiting("identity")
        case Passage.REFUSED:
            return _refuse(case.case_id)
    return None


def not_approved(case: CaseAtWork, prepare: Callable[[CaseAtWork], AnyState | None], named: str) -> AnyState | None:
    """Search, prepare what a person decides on, and let them decide; returns the run's end where it goes no further.

    "Nothing held" passes the same gate, since no answer is wrong more easily: one identifier with a typing error, one
    wrong mapping. There a new search can be ordered too.

    Args:
        case: The case.
        prepare: Prepares what was found for the decision; returns the run's end where that has to wait.
        named: What the gate is called where something was found.
    """
    while case.view.state is not CaseState.NOTHING_HELD:
        searched = _search(case)
        if end := _prepared(case, searched, prepare):
            return end
        if searched is _Search.NOTHING and decide_by_policy(case.app, case.case_id):
            break
        match pass_gate(case, Gate.APPROVAL):
            case Passage.WAITING:
                return waiting("approval" if case.view.is_nothing_held else named)
            case Passage.REFUSED:
                return _refuse(case.case_id)
            case Passage.NOTHING_HELD:
                break
            case Passage.OPEN:
                return None
    return _nothing_held(case.case_id)


def _prepared(case: CaseAtWork, searched: _Search, prepare: Callable[[CaseAtWork], AnyState | None]) -> AnyState | None:
    """Prepare what a person decides on; returns the run's end where that has to wait."""
    if searched is _Search.FOUND:
        return prepare(case)
    if searched is _Search.NOTHING and case.view.right is Right.ACCESS:
        # Before it is decided that nothing is held; what is handed over is found by the search that follows.
        return _look_by_hand(case.case_id)
    return None


def _search(case: CaseAtWork) -> _Search:
    """Search all systems, unless the case is past that."""
    if case.view.state is not CaseState.IN_PROGRESS:
        return _Search.BEFORE
    found = locate_everything(case.case_id, case.view.concerned)
    return _Search.FOUND if found.subject or found.unclear else _Search.NOTHING


def _look_by_hand(case_id: str) -> AnyState | None:
    """Have colleagues look where no program reaches; returns the run's end while one has not answered."""
    asked = [start(instruct_processor, case_id, system) for system in owners_to_ask(current_app(), case_id)]
    if not asked:
        return None
    all_done(case_id, asked)
    update_case_sheet(case_id, interim=True)
    return waiting_for_processors() if waits_by_hand(current_app(), case_id) else None


def _nothing_held(case_id: str) -> AnyState:
    """Write the clear no and end the run; or the answer, where a colleague has done by hand what was asked."""
    if end := _look_by_hand(case_id):
        return end
    if acted_by_hand(current_app(), case_id):
        all_done(case_id, [start(write_answer, case_id)])
        return ended("Answered", case_id, "What was done by hand is in the answer in the outbox.")
    all_done(case_id, [start(write_nothing_held, case_id)])
    return ended("Nothing held", case_id, "No system holds data on the person; the answer is in the outbox.")


def _refuse(case_id: str) -> AnyState:
    """Write the refusal and end the run."""
    all_done(case_id, [start(write_refusal, case_id)])
    return ended("Refused", case_id, "The refusal with its reasons and remedies is in the outbox.")
