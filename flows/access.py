"""The access request (Art. 15 GDPR): find everything, copy it, mask others, let a person release it."""

from __future__ import annotations

from flows.endings import not_approved, not_identified
from flows.sealing import form
from flows.steps import all_done, ended, run_case, start
from rightsflow.cases.access.copies import make_copies_again
from rightsflow.domain.request import Right
from tasks.access import assemble_package, extract_records, redact_third_parties
from tasks.answering import write_answer
from tasks.composition import current_app
from tasks.prefect_io.kinds import AnyState
from tasks.prefect_io.sheet import update_case_sheet


@form("access-request")
def access_request(case_id: str) -> AnyState:
    """Answer an access request.

    Runs again from any point: what the case file shows as done is not done twice.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
    """
    return run_case(case_id, Right.ACCESS, _answer_access)


def _answer_access(case_id: str) -> AnyState:
    if end := not_identified(case_id) or not_approved(case_id, _prepare, "release"):
        return end
    _prepare(case_id)
    all_done(case_id, [start(write_answer, case_id)])
    return ended("Answered", case_id, "The package is ready to hand over; the cover letter is in the outbox.")


def _prepare(case_id: str) -> None:
    """Extract and mask per system side by side, then assemble, unless the package is there as it has to be."""
    systems = make_copies_again(current_app(), case_id)
    if not systems:
        return
    extracted = [start(extract_records, case_id, system) for system in systems]
    redacted = [
        start(redact_third_parties, case_id, system, after=[future])
        for system, future in zip(systems, extracted, strict=True)
    ]
    all_done(case_id, extracted + redacted)
    update_case_sheet(case_id, interim=True)
    all_done(case_id, [start(assemble_package, case_id, after=redacted)])
