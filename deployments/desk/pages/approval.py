"""The approval gate: read the plan or what the package holds, decide record by record, approve, or refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.record_choices import SELECTIONS, grouped, typed_decisions
from deployments.desk.pages.refusing import refusal_choices, typed_refusal
from deployments.desk.visit import Visit
from rightsflow.cases.access.package_choices import refuse_unseen_notes
from rightsflow.cases.gates.deciders import read_before
from rightsflow.cases.gates.gates import order_search, record_decision
from rightsflow.cases.search.search_lines import search_lines
from rightsflow.domain.case.states import CaseState, read_case_id
from rightsflow.domain.erasure.retention import DocumentClass
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict, same_person
from rightsflow.domain.records import OutcomeKind
from rightsflow.domain.request import Right
from rightsflow.domain.roles import Permission

_PLANNED: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.ERASED: "erase",
    OutcomeKind.REDACTED: "remove the person's part",
    OutcomeKind.RETAINED: "keep",
    OutcomeKind.NOT_HELD: "leave, not attributable",
    OutcomeKind.FAILED: "cannot be done by the software",
}
_CLASSES: Final = tuple(
    (f"class {words}", f"state the class: {words}") for words in (one.value.replace("_", " ") for one in DocumentClass)
)
_ACTS: Final[Mapping[Right, tuple[tuple[str, str], ...]]] = {
    Right.ERASURE: (("erase", "erase"), ("keep", "keep"), *_CLASSES),
    Right.ACCESS: (("leave out", "leave out"),),
}


@page("/cases/{case_id}/approval", needs=Permission.READ_CASES)
def approval(visit: Visit) -> Response:
    """What is decided on, and the answers."""
    seen, app = read_case(visit), visit.app
    law = app.settings.controller.law.name
    return visit.show(
        "approval.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        waits=seen.state is CaseState.AWAITING_APPROVAL,
        decided=next((one for one in seen.decisions if one.gate is Gate.APPROVAL), None),
        proposal=next((one for one in seen.decisions if one.gate is Gate.DOSSIER), None),
        is_own=visit.signed_in is not None and same_person(visit.signed_in.member.name, seen.opened_by),
        read=visit.typed("read") or read_before(app, seen.case_id),
        groups=grouped(seen.records),
        acts=_ACTS[seen.right],
        selections=SELECTIONS,
        planned=_PLANNED,
        search=[line.strip() for line in search_lines(app, seen) if line] if seen.found_nothing else [],
        refusals=refusal_choices(seen.right, Gate.APPROVAL, law, nothing_held=seen.found_nothing),
    )


@approval.act("/approve", needs=Permission.APPROVE)
def approve(visit: Visit) -> Response:
    """Approve the plan or the package, with what is decided on single records."""
    seen = read_case(visit)
    refuse_unseen_notes(visit.app, seen.case_id)
    decision = Decision(
        gate=Gate.APPROVAL,
        verdict=Verdict.APPROVED,
        by=visit.actor,
        include_unclear=bool(visit.typed("include_unclear")),
        records=typed_decisions(visit, seen.records),
    )
    return _decided(visit, seen.case_id, decision, _APPROVED[seen.right])


_APPROVED: Final = {
    Right.ERASURE: "Approved; the records are erased now.",
    Right.ACCESS: "Released; the answer is being written.",
}


@approval.act("/search", needs=Permission.APPROVE)
def search_again(visit: Visit) -> Response:
    """Let the systems be searched again that found nothing."""
    visit.needed({"why": "Say what was corrected, or what looks wrong."})
    case_id = read_case_id(visit.path("case_id"))
    order_search(visit.app, case_id, reason=visit.typed("why"), by=visit.actor)
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, "The systems are searched again.")


@approval.act("/refuse", needs=Permission.APPROVE)
def refuse(visit: Visit) -> Response:
    """Refuse the request."""
    case_id = read_case_id(visit.path("case_id"))
    return _decided(visit, case_id, typed_refusal(visit, Gate.APPROVAL), "The refusal is recorded.")


def _decided(visit: Visit, case_id: str, decision: Decision, said: str) -> Response:
    record_decision(visit.app, case_id, decision, read=visit.typed("read") or None)
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, said)
