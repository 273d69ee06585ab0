"""Gates: suspend the run until a person has decided at the desk or by the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.responses import SetStateStatus
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.states import Suspended

from flows.runs import has_own_run, is_in_batch, this_run
from rightsflow.app import current_app
from rightsflow.cases.course.case_runs import CaseAtWork
from rightsflow.cases.course.gates.gates import GateView
from rightsflow.domain.errors import Conflict, Transient
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import nothing_more
from tasks.prefect_io.events import announce_gate
from tasks.prefect_io.kinds import AnyState
from tasks.prefect_io.server_shapes import suspensions_of
from tasks.prefect_io.sheet import publish_sheet

# A suspension that times out cannot be resumed, and the law's longest period is three months: a year is beyond any.
_WAIT_SECONDS: Final = 366 * 24 * 3600


class Passage(StrEnum):
    """The way in which a run left a gate."""

    OPEN = "open"
    NOTHING_HELD = "nothing held"
    """Open, and what was decided on is the answer that nothing is held."""
    REFUSED = "refused"
    WAITING = "waiting"
    SEARCH = "search"
    """The systems have to be searched again before there is anything to decide on."""


def pass_gate(case: CaseAtWork, gate: Gate) -> Passage:
    """Go through a gate, or suspend the run until a person has decided.

    A run that belongs to no deployment cannot be suspended; it ends as waiting and is run again after the decision. So
    is a case of a batch, which is shown and then goes on in another batch.

    Args:
        case: The case.
        gate: The gate.

    Raises:
        Conflict: The request was withdrawn, or its case stopped; the run ends as that.
        Pause: The run is suspended.
    """
    case.arrive(gate)
    view = case.view
    if view.is_open:
        _show(case)
        if not has_own_run():
            return Passage.WAITING
        _suspend(view)
    if view.has_ended:
        raise Conflict(nothing_more(case.case_id, view.state))
    if view.is_search_due:
        return Passage.SEARCH
    if view.verdict is Verdict.REFUSED:
        return Passage.REFUSED
    return Passage.NOTHING_HELD if view.is_nothing_held else Passage.OPEN


def is_shown(view: GateView) -> bool:
    """Return True if a person is about to see the case at a gate, where its run is suspended or its batch leaves it.

    Args:
        view: Where the case stands at the gate.
    """
    return view.is_open and (is_in_batch() or has_own_run())


def _show(case: CaseAtWork) -> None:
    """Publish the sheet of a case that a person is about to see, and the news that a decision is awaited."""
    if case.seen is not None:
        publish_sheet(case.seen)
        announce_gate(case.case_id, case.view.gate)


def _suspend(view: GateView) -> None:
    """Suspend this run; its state says what waits and where that is decided.

    Raises:
        Pause: It is suspended.
        Transient: The server did not suspend it, such as a run that was cancelled meanwhile.
    """
    before = sum(key.startswith(f"{view.gate.value}-") for key in _suspensions())
    with get_client(sync_client=True) as client:
        answer = client.set_flow_run_state(this_run(), suspension(view, before))
    if answer.status is not SetStateStatus.ACCEPT or answer.state is None:
        raise Transient("The Prefect server did not suspend the run at its gate.")
    raise Pause(state=answer.state)


def suspension(view: GateView, before: int = 0) -> AnyState:
    """Return the state of a run that is suspended at a gate: it says what waits and where that is decided.

    Args:
        view: Where the case stands at the gate.
        before: How often the run was suspended there before; by a key that was used, the server lets it go undecided.
    """
    key = f"{view.gate.value}-{before}-{view.case_id.lower()}"
    return Suspended(timeout_seconds=_WAIT_SECONDS, pause_key=key, message=_message(view))


def _message(view: GateView) -> str:
    waits = "The check of identity" if view.gate is Gate.IDENTITY else _SUBJECTS.get(view.right, "The plan")
    if view.is_nothing_held:
        waits = "The answer that nothing is held"
    page = current_app().desk_page(view.case_id)
    command = "identity" if view.gate is Gate.IDENTITY else "decide"
    where = f"at the desk: {page}" if page else f"by `rightsflow {command} {view.case_id}`; `rightsflow show` has all"
    return f"{waits} awaits a decision {where}"


_SUBJECTS: Final = {Right.ACCESS: "The release of the package"}


def _suspensions() -> set[str]:
    """Return the keys of the suspensions that this run remembers."""
    context = FlowRunContext.get()
    return suspensions_of(context.flow_run) if context and context.flow_run else set()
