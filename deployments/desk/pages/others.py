"""The other cases that share something with one: an officer finds out whether they are of the same person."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.facts.persons import read_other_cases
from rightsflow.cases.work.rectification.other_cases import confirm_same_person, find_other_person
from rightsflow.domain.accounts import Permission
from rightsflow.domain.vocabulary.states import read_case_id

_ACTS: Final = {"same": confirm_same_person, "other": find_other_person}
_FINDINGS: Final = (("same", "It is the same person"), ("other", "It is another person"))


@page("/cases/{case_id}/other-cases", needs=Permission.READ_CASES)
def other_cases(visit: Visit) -> Response:
    """Show the other cases, the identifiers they share and the persons they belong to; no personal data."""
    case, found = read_case(visit), read_other_cases(visit.app, visit.path("case_id"))
    return visit.show(
        "other_cases.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        found=found,
        numbered=[(other_case.case_id, f"{other_case.case_id}: {other_case.whose.value}") for other_case in found],
        findings=_FINDINGS,
        here=_here(visit),
    )


@other_cases.act("/find-out", needs=Permission.REVEAL)
def find_out(visit: Visit) -> Response:
    """Note a finding on another case; by a person who opened neither case."""
    act = _ACTS.get(visit.typed("found"))
    visit.needed({"other": "Choose the other case.", "reason": "Say how you found that out."})
    if act is None:
        raise Wrong({"found": "Say what you found out."})
    case_id, reason = read_case_id(visit.path("case_id")), visit.typed("reason")
    return visit.go(_here(visit), act(visit.app, case_id, visit.typed("other"), reason=reason, by=visit.actor))


def _here(visit: Visit) -> str:
    return f"{case_address('', read_case_id(visit.path('case_id')))}/other-cases"
