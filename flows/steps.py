"""The functions that the flows share: wait for steps, search to a fixpoint, end a run in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import httpx
from prefect import Task
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.states import Cancelled, Completed, Failed

from flows.at_once import begin_at_once, wait_for_all
from flows.runs import (
    COOLING_OFF,
    INTERRUPTED,
    NOT_ACCEPTED,
    WAITING_FOR_ERASURE,
    WAITING_FOR_JOBS,
    WAITING_FOR_PROCESSORS,
    has_deployment,
    has_own_run,
    is_in_batch,
    with_outcome,
)
from flows.showing import tags_of
from rightsflow.app import current_app
from rightsflow.cases.course.case_runs import CaseAtWork, working_on
from rightsflow.cases.course.gates.gates import GateView
from rightsflow.cases.facts.overview.case_sheet import labels_in, read_overview
from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.work.search import Resolved, resolve_identifiers
from rightsflow.domain.errors import BadInput, Conflict, Misconfigured, Permanent, RightsflowError, Transient
from rightsflow.domain.telemetry import busy_with
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import nothing_more, read_case_id
from rightsflow.domain.wording import day, listed
from tasks.locating import locate_records
from tasks.prefect_io.events import announce
from tasks.prefect_io.kinds import AnyFuture, AnyState
from tasks.prefect_io.server_shapes import tag_task_run
from tasks.prefect_io.sheet import publish_sheet, update_case_sheet

R = TypeVar("R")

_MOST_ROUNDS = 12
_BY_ITSELF = "The run is started again by itself."


def run_case(
    case_id: str, right: Right, body: Callable[[CaseAtWork], AnyState], is_shown: Callable[[GateView], bool]
) -> AnyState:
    """Run a case's flow alone, keep its sheet current, and end in a sentence instead of a traceback.

    Args:
        case_id: As it was typed.
        right: What the flow is for; it handles no case of another right.
        body: The flow's own part.
        is_shown: Whether a person is about to be shown the case at a gate.
    """
    try:
        proper = read_case_id(str(case_id))
        app, has_run, in_batch = current_app(), has_own_run(), is_in_batch()
        work = working_on(app, proper, right, has_run=has_run, is_shown=is_shown, in_batch=in_batch)
        with busy_with(proper), work as case:
            _label(proper, case.labels)
            end = _end_of(body, case)
            if case.is_over:
                return end
            left = case.end(has_failed=end.is_failed())
            if left.ended_as is not None:
                end = ended(left.ended_as.value.capitalize(), proper, nothing_more(proper, left.ended_as))
            publish_sheet(left.seen)
            _label(proper, labels_in(left.seen, app))
    except stopping():
        raise
    except BaseException as error:  # noqa: BLE001 - whatever went wrong, its message must not reach Prefect
        return failed(error, "The run")
    return end


def failed(error: BaseException, what: str = "") -> AnyState:
    """End a run that failed, in words that are safe to show.

    Where something did not answer, the message says that the keeper starts the run again; any other fault
    needs a person. A run that belongs to no deployment is started again by a person in either case.

    Args:
        error: What it failed with.
        what: What was done, to begin the sentence with where no one foresaw the error.
    """
    if isinstance(error, httpx.TransportError) or _is_fault_of_server(error):
        error = Transient("The Prefect server did not answer.")
    plain = without_content(error, what)
    if isinstance(plain, Transient) and has_deployment():
        return Failed(message=with_outcome(INTERRUPTED, f"{plain} {_BY_ITSELF}"))
    return Failed(message=str(plain))


def refused(error: BaseException, what: str, then: str = "") -> AnyState:
    """End a run whose request cannot be carried out, in words that are safe to show.

    A mistake of the person who started it is no failure of the service: it is not counted as one, and nothing tries it
    again.

    Args:
        error: Why.
        what: What was done, to begin the sentence with where no one foresaw the error.
        then: What to do then.
    """
    if isinstance(error, BadInput | Conflict) and not isinstance(error, Misconfigured):
        return Cancelled(message=with_outcome(NOT_ACCEPTED, f"{error} {then}".strip()))
    return failed(error, what)


def _is_fault_of_server(error: BaseException) -> bool:
    return isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error


def _end_of(body: Callable[[CaseAtWork], AnyState], case: CaseAtWork) -> AnyState:
    try:
        return body(case)
    except RightsflowError as error:
        return failed(error)


def start(step: Task[..., R], *arguments: str, after: Sequence[AnyFuture] = ()) -> PrefectFuture[R]:
    """Begin a step beside others; that of a case of a batch has no task run.

    Args:
        step: The step.
        *arguments: The case id, and the system where there is one.
        after: Steps that have to succeed before; Prefect draws them as the step's predecessors.
    """
    if is_in_batch():
        return begin_at_once(step, arguments, after)
    return step.submit(*arguments, return_state=False, wait_for=list(after))


def all_done(case_id: str, futures: Sequence[AnyFuture]) -> list[Any]:
    """Wait for steps that run side by side; one that fails does not stop the others.

    Args:
        case_id: The case.
        futures: The steps.

    Raises:
        Transient: Some did not succeed, one at least since something did not answer; the others' work is kept, and the
            case says what is missing.
        Permanent: The same, where a person is needed for each of them.
    """
    _wait_for(futures)
    if not all(future.state.is_completed() for future in futures):
        missing = read_overview(current_app(), case_id).next_action
        raise Transient(missing) if any(map(_is_passing, futures)) else Permanent(missing)
    return [future.result() for future in futures]


def _wait_for(steps: Sequence[AnyFuture]) -> None:
    if is_in_batch():
        wait_for_all(steps)
        return
    for step in steps:
        step.wait()


def _is_passing(future: AnyFuture) -> bool:
    """Return True if a step may succeed later with nothing changed; a step after a failed step does not count."""
    if not future.state.is_failed():
        return future.state.is_crashed()
    return isinstance(future.result(raise_on_failure=False), Transient)


def locate_everything(case_id: str, systems: Sequence[str]) -> Resolved:
    """Search all systems side by side, again and again, until no new identifier appears.

    Args:
        case_id: The case.
        systems: The systems' names.

    Raises:
        Transient: A system did not answer.
        Permanent: A person is needed, or the search does not end.
    """
    before: list[AnyFuture] = []
    for _ in range(_MOST_ROUNDS):
        located = [start(locate_records, case_id, system, after=before) for system in systems]
        all_done(case_id, located)
        # Without a task run, which would cost three events: no system is asked, and the run is tried again as a whole.
        outcome = resolve_identifiers(current_app(), case_id)
        update_case_sheet(case_id, interim=True)
        if not outcome.learnt:
            return outcome
        before = located
    raise Permanent(f"After {_MOST_ROUNDS} rounds of searching new identifiers still appear; look at the case.")


def ended(name: str, case_id: str, message: str) -> AnyState:
    """Return a final state in the field's language, with its event."""
    announce(name.lower().replace(" ", "-"), case_id)
    return Completed(message=with_outcome(name, message))


def waiting(gate: str) -> AnyState:
    """End a run that cannot be suspended and has to be run again after the decision."""
    waits = f"The case waits for a decision at the {gate} gate; then run it again."
    return Completed(message=with_outcome("Waiting", waits))


def waiting_for_processors() -> AnyState:
    """End a run whose answer waits for a processor's proof; the keeper starts it again once that has come."""
    proof = "Processors have still to prove their part. The answer follows then, or when their day has passed."
    return Completed(message=with_outcome(WAITING_FOR_PROCESSORS, proof))


def waiting_for_erasure(others: Sequence[str]) -> AnyState:
    """End a run that corrects nothing yet; the follow-up has it started again once it need not wait.

    Args:
        others: The requests of the person that erase.
    """
    erases = f"{listed(list(others))} erases for the same person; nothing is corrected before that is done."
    return Completed(message=with_outcome(WAITING_FOR_ERASURE, erases))


def waiting_for_jobs(look_at: datetime) -> AnyState:
    """End a run whose systems erase records by themselves; the keeper starts it again when that is due.

    Args:
        look_at: When the next job is looked at (aware).
    """
    on = look_at.astimezone(current_app().settings.controller.zone)
    text = f"A system erases records by a job of its own, which is looked at again from {on:%d %b %H:%M} on."
    return Completed(message=with_outcome(WAITING_FOR_JOBS, text))


def cooling_off(begins_on: date) -> AnyState:
    """End a run whose erasure begins later; the keeper starts it again on that day.

    Args:
        begins_on: The day on which the erasure begins.
    """
    begins = f"The erasure begins on {day(begins_on)}; until then the person can take the request back."
    return Completed(message=with_outcome(COOLING_OFF, begins))


def _label(case_id: str, labels: set[str]) -> None:
    """Name the run by its case, and tag it with the right, the systems and the traffic light.

    The task run of a case of a batch has the name already.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    if is_in_batch():
        tag_task_run(labels)
        return
    run = context.flow_run
    tags = tags_of(labels, run.tags)
    if (run.name, sorted(run.tags)) == (case_id, tags):
        return
    with get_client(sync_client=True) as client:
        # Not by Prefect's template, which would name it by whatever was typed.
        client.update_flow_run(run.id, name=case_id, tags=tags)
    run.name, run.tags = case_id, tags
