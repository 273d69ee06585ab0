"""The access request (Art. 15 GDPR): find everything, copy it, have processors hand over theirs, mask, release."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import flow

from flows.endings import not_approved, not_identified
from flows.gates import is_shown
from flows.options import FLOW
from flows.references import CaseId
from flows.steps import all_done, ended, run_case, start, waiting_for_processors
from rightsflow.app import current_app
from rightsflow.cases.course.case_runs import CaseAtWork
from rightsflow.cases.course.gates.policies import release_by_policy
from rightsflow.cases.work.access.package import make_copies_again
from rightsflow.cases.work.processors.instructions import processors_to_instruct
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.domain.vocabulary.rights import Right
from tasks.access import assemble_package, copy_and_redact
from tasks.answering import write_answer
from tasks.instructing import instruct_processor
from tasks.prefect_io.kinds import AnyFuture, AnyState
from tasks.prefect_io.sheet import update_case_sheet


@flow(name="access-request", **FLOW)
def access_request(case_id: CaseId) -> AnyState:
    """Answer an access request.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.ACCESS, _answer_access, is_shown)


def _answer_access(case: CaseAtWork) -> AnyState:
    if end := not_identified(case) or not_approved(case, _ask_and_prepare, "release"):
        return end
    case_id = case.case_id
    if not case.copies_stand:
        _prepare(case_id)
    all_done(case_id, [start(write_answer, case_id)])
    return ended("Answered", case_id, "The package is ready to hand over; the cover letter is in the outbox.")


def _ask_and_prepare(case: CaseAtWork) -> AnyState | None:
    """Ask processors beside the copying at our own systems; the package waits for what they hand over."""
    case_id = case.case_id
    asked = [
        start(instruct_processor, case_id, processor) for processor in processors_to_instruct(current_app(), case_id)
    ]
    if not asked:
        _prepare_for_release(case_id)
        return None
    try:
        _copy(case_id, make_copies_again(current_app(), case_id), beside=asked)
    finally:
        update_case_sheet(case_id, interim=True)
    if waits_for_processors(current_app(), case_id):
        return waiting_for_processors()
    # What they handed over is among the sources now.
    _prepare_for_release(case_id)
    return None


def _prepare_for_release(case_id: str) -> None:
    """Make the package, and leave it to a policy of the controller where one releases it."""
    _prepare(case_id)
    release_by_policy(current_app(), case_id)


def _prepare(case_id: str) -> None:
    """Extract and mask per source side by side, then assemble, unless the package is there as it has to be."""
    systems = make_copies_again(current_app(), case_id)
    if not systems:
        return
    copied = _copy(case_id, systems)
    update_case_sheet(case_id, interim=True)
    all_done(case_id, [start(assemble_package, case_id, after=copied)])


def _copy(case_id: str, systems: Sequence[str], beside: Sequence[AnyFuture] = ()) -> list[AnyFuture]:
    """Copy and redact, and wait for that and for what is done beside it."""
    copied = [start(copy_and_redact, case_id, system) for system in systems]
    all_done(case_id, [*beside, *copied])
    return copied
