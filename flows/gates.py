"""Gates: suspend the run until a person has decided, however the decision is made."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from http import HTTPStatus

from prefect.context import FlowRunContext
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_runs import suspend_flow_run
from pydantic import ValidationError

from flows.filling import Typed, filled_in, to_fill_in_again
from flows.forms import ErasureForm, IdentityForm, NothingHeldForm, ReleaseForm
from flows.runs import has_own_run, is_in_batch
from rightsflow.app import current_app
from rightsflow.cases.gates.gate_texts import describe_gate, gate_text
from rightsflow.cases.gates.gate_views import GateView, reach_gate
from rightsflow.cases.search.systems import configured_systems
from rightsflow.cases.working import CaseAtWork
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import nothing_more
from tasks.prefect_io.events import announce
from tasks.prefect_io.server_shapes import forget_answer, suspensions_of
from tasks.prefect_io.sheet import publish_sheet

# A suspension that times out cannot be resumed, and the law's longest period is three months: a year is beyond any.
_WAIT_SECONDS = 366 * 24 * 3600


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

    A run that belongs to no deployment cannot be suspended; it is told to wait and is run again after the decision. So
    is a case of a batch, which is shown and then goes on in another batch.

    Args:
        case: The case.
        gate: The gate.

    Raises:
        Conflict: The request was withdrawn, or its case stopped; the run ends as that.
    """
    case.arrive(gate)
    typed: Typed = {}
    forgotten: set[str] = set()
    while case.view.is_open:
        if not has_own_run():
            _show(case)
            return Passage.WAITING
        forgotten.add(_key(case.view, case.view.undecided))
        typed = _ask(case, typed)
    view = case.view
    if view.has_ended:
        # At every gate: the run may have waited at a later one, whose answer no one reads any more.
        for each in Gate:
            case.arrive(each)
            _forget_answers(case.view)
        raise Conflict(nothing_more(case.case_id, view.state))
    if view.is_search_due:
        return Passage.SEARCH
    _forget_answers(view, but=forgotten)
    if view.verdict is Verdict.REFUSED:
        return Passage.REFUSED
    return Passage.NOTHING_HELD if view.is_nothing_held else Passage.OPEN


def is_shown(view: GateView) -> bool:
    """Return True if a person is about to see the case at a gate, where its run is suspended or its batch leaves it.

    Args:
        view: Where the case stands at the gate.
    """
    if is_in_batch():
        return view.is_open
    return view.is_open and has_own_run() and _key(view, view.undecided) not in _suspensions()


def form_at(case_id: str, gate: Gate) -> type[IdentityForm | ReleaseForm] | None:
    """Return the form of a gate, with its text as of now; ``None`` where no decision is needed any more.

    Args:
        case_id: The case.
        gate: The gate.

    Raises:
        BadInput: There is no such case.
    """
    view = reach_gate(current_app(), case_id, gate)
    if not view.is_open:
        return None
    return _form(view).with_initial_data(description=describe_gate(current_app(), view))


def _ask(case: CaseAtWork, typed: Typed) -> Typed:
    """Suspend; when the run is resumed and comes here again, take the answer into the case file.

    Returns what of an answer that was not accepted is filled in when it is asked again.
    """
    key = _key(case.view, case.view.undecided)
    try:
        form = suspend_flow_run(wait_for_input=_asked(case, typed), timeout=_WAIT_SECONDS, key=key)
    except ValidationError:
        # It was started again without an answer, or with one that did not come from the form.
        case.reject(BadInput("The answer could not be read; answer by the form."))
        _forget_answer(key)
        return {}
    _take(case, form)
    # At once: the next answer may be weeks away.
    _forget_answer(key)
    return to_fill_in_again(form, configured_systems(case.app))


def _take(case: CaseAtWork, form: IdentityForm | ReleaseForm) -> None:
    try:
        answer = form.to_answer()
    except BadInput as error:
        case.reject(error)
    else:
        case.answer(answer)


def _asked(case: CaseAtWork, typed: Typed) -> type[IdentityForm | ReleaseForm]:
    """The form, with its text, the sheet and the news where the run is about to be suspended.

    One that is resumed reads the answer by the bare form.
    """
    form = _form(case.view)
    if case.seen is None:
        return form
    _show(case)
    return filled_in(form, typed).with_initial_data(description=gate_text(case.app, case.seen, case.view))


def _show(case: CaseAtWork) -> None:
    """Publish the sheet of a case that a person is about to see, and the news that a decision is awaited."""
    if case.seen is not None:
        publish_sheet(case.seen)
        announce("awaiting-decision", case.case_id, gate=case.view.gate.value)


def _key(view: GateView, number: int) -> str:
    """The name of a suspension.

    Each answer that did not decide gets a form of its own, since an answered suspension is not asked twice. So does
    each case: a run that is given another case while it is suspended does not take the answer meant for the first.
    """
    return f"{view.gate.value}-{number}-{view.case_id.lower()}"


def _forget_answers(view: GateView, but: Collection[str] = ()) -> None:
    """Take the gate's answers out of Prefect: a reason may name the person, and the case file holds it, sealed.

    Those that this run read are gone; this is for what a decision made elsewhere or a dead process left.
    """
    for key in sorted(_suspended_at(view).difference(but)):
        _forget_answer(key)


def _forget_answer(key: str) -> None:
    try:
        forget_answer(key)
    except PrefectHTTPStatusError as error:
        # A decision on the command line leaves no answer, and an earlier run may have deleted it.
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise


def _form(view: GateView) -> type[IdentityForm | ReleaseForm]:
    if view.gate is Gate.IDENTITY:
        return IdentityForm
    if view.is_nothing_held:
        return NothingHeldForm
    return ReleaseForm if view.right is Right.ACCESS else ErasureForm


def _suspensions() -> set[str]:
    """The keys of the suspensions that this run remembers."""
    context = FlowRunContext.get()
    return suspensions_of(context.flow_run) if context and context.flow_run else set()


def _suspended_at(view: GateView) -> set[str]:
    """The keys under which this run may have been suspended at a gate before.

    Prefect remembers them while it only resumes the run, and forgets them where one that has ended begins anew; then
    each that there can have been counts. A first attempt, which counts as one, was never suspended. A run that was
    suspended at a later gate took this one's answers away before it went on to that.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not has_own_run():
        return set()
    keys = _suspensions()
    if view.gate is Gate.IDENTITY and any(key.startswith(f"{Gate.APPROVAL.value}-") for key in keys):
        return set()
    if context.flow_run.run_count > 1:
        keys |= {_key(view, number) for number in range(view.undecided + 1)}
    return {key for key in keys if key.startswith(f"{view.gate.value}-")}
