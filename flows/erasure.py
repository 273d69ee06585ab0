"""The requests that a plan answers: find everything, plan, let a person approve, carry out, verify, answer.

An erasure (Art. 17 GDPR); an objection to direct marketing (Art. 21(2)) and a withdrawal of consent (Art. 7(3)), which
end what is kept on that ground alone; a restriction (Art. 18), which marks; a rectification (Art. 16), which corrects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prefect import flow

from flows.endings import not_approved, not_identified
from flows.gates import is_shown
from flows.options import FLOW
from flows.references import CaseId
from flows.steps import (
    all_done,
    cooling_off,
    ended,
    run_case,
    start,
    waiting_for_erasure,
    waiting_for_jobs,
    waiting_for_processors,
)
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.course.case_runs import CaseAtWork
from rightsflow.cases.course.letters.ending_letters import cool_off
from rightsflow.cases.work.erasure.system_jobs import waits_for_jobs
from rightsflow.cases.work.processors.instructions import processors_to_instruct, recipients_to_tell
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.cases.work.rectification.other_cases import waits_for_erasure
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.rights import Right
from tasks.answering import write_answer
from tasks.erasure import erase_records, keep_from_advertising, prepare_plan, settle_plan, verify_erasure
from tasks.instructing import instruct_processor
from tasks.prefect_io.kinds import AnyState
from tasks.prefect_io.sheet import update_case_sheet


@flow(name="erasure-request", **FLOW)
def erasure_request(case_id: CaseId) -> AnyState:
    """Answer an erasure request.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.ERASURE, _answer_by_plan, is_shown)


@flow(name="objection-request", **FLOW)
def objection_request(case_id: CaseId) -> AnyState:
    """Answer an objection to direct marketing.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.OBJECTION, _answer_kept_from_advertising, is_shown)


@flow(name="restriction-request", **FLOW)
def restriction_request(case_id: CaseId) -> AnyState:
    """Answer a request for restriction.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.RESTRICTION, _answer_by_plan, is_shown)


@flow(name="rectification-request", **FLOW)
def rectification_request(case_id: CaseId) -> AnyState:
    """Answer a request for rectification.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.RECTIFICATION, _answer_correcting, is_shown)


@flow(name="consent-withdrawal-request", **FLOW)
def consent_withdrawal_request(case_id: CaseId) -> AnyState:
    """Answer a withdrawal of consent.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.CONSENT, _answer_kept_from_advertising, is_shown)


def _answer_kept_from_advertising(case: CaseAtWork) -> AnyState:
    """Keep the person from advertising at once, before anything is checked or searched."""
    all_done(case.case_id, [start(keep_from_advertising, case.case_id)])
    return _answer_by_plan(case)


def _answer_correcting(case: CaseAtWork) -> AnyState:
    """Correct nothing while another request of the person erases."""
    return _answer_by_plan(case, waits_for=waits_for_erasure)


def _answer_by_plan(case: CaseAtWork, waits_for: Callable[[App, str], Sequence[str]] | None = None) -> AnyState:
    if end := not_identified(case) or not_approved(case, _plan, "approval"):
        return end
    case_id = case.case_id
    if begins_on := cool_off(current_app(), case_id):
        return cooling_off(begins_on)
    if waits_for and (others := waits_for(current_app(), case_id)):
        return waiting_for_erasure(others)
    try:
        _carry_out(case_id, case.view.with_records)
    except Transient:
        if look_at := waits_for_jobs(current_app(), case_id):
            return waiting_for_jobs(look_at)
        raise
    if waits_for_processors(current_app(), case_id):
        return waiting_for_processors()
    all_done(case_id, [start(write_answer, case_id)])
    return ended("Answered", case_id, "What happened to each record is in the answer in the outbox.")


def _plan(case: CaseAtWork) -> None:
    """Plan what becomes of each record."""
    all_done(case.case_id, [start(prepare_plan, case.case_id)])


def _carry_out(case_id: str, systems: Sequence[str]) -> None:
    """Instruct processors and erase at every system side by side; verify each system as soon as it is done."""
    settled = start(settle_plan, case_id)
    asked = [
        start(instruct_processor, case_id, processor, after=[settled])
        for processor in processors_to_instruct(current_app(), case_id)
    ]
    erased = [start(erase_records, case_id, system, after=[settled]) for system in systems]
    verified = [
        start(verify_erasure, case_id, system, after=[future]) for system, future in zip(systems, erased, strict=True)
    ]
    try:
        all_done(case_id, [settled, *asked, *erased, *verified])
        # Only now is it known what was erased, and of which recipients have to be told (Art. 19 GDPR).
        told = [start(instruct_processor, case_id, text) for text in recipients_to_tell(current_app(), case_id)]
        all_done(case_id, told)
    finally:
        update_case_sheet(case_id)
