"""What is left of a case on disk and how its removal is noted."""

from __future__ import annotations

from pathlib import Path

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.domain.gates.decisions import Gate
from tests.support.steps import (
    SYSTEMS,
    searched,
)


def prepared(bench, **fields):
    """An access case with a package that waits for its release."""
    case_id = searched(bench, "access", **fields)
    for system in SYSTEMS:
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)
    assemble_package(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def folder(bench, case_id):
    return Path(bench.runtime.work_location, case_id)


def removals(bench, case_id):
    with bench.file(case_id) as file:
        return [one.details["why"] for one in file.ledger.entries() if one.event == "WorkingCopiesRemoved"]
