"""The approval gate: the release of a package, or the answer that nothing is held. A plan has a page of its own."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, to_case
from deployments.desk.pages.form_fields import (
    SELECTIONS,
    asked_page,
    refusal_choices,
    typed_decisions,
    typed_refusal,
    worded,
)
from deployments.desk.visit import Visit
from rightsflow.cases.course.gates.gates import order_search, record_decision
from rightsflow.cases.facts.overview.sheet_lines import search_lines
from rightsflow.cases.facts.people import read_before
from rightsflow.cases.work.access.package_review import refuse_unseen_notes, waits_for_release
from rightsflow.cases.work.access.release import read_release
from rightsflow.cases.work.erasure.plan_view import waits_for_plan
from rightsflow.domain.accounts import Permission
from rightsflow.domain.disclosure.texts import MASKED_WORDS
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.package_changes import LeaveOutGround
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.states import CaseState, read_case_id

_ACTS: Final = (("leave out", "leave out"),)


@page("/cases/{case_id}/approval", needs=Permission.READ_CASES)
def approval(visit: Visit) -> Response:
    """Show the release to be approved, and the choices."""
    app, case_id = visit.app, read_case_id(visit.path("case_id"))
    if waits_for_plan(app, case_id):
        return _to_plan(visit)
    if _reads_package(visit, case_id):
        return visit.go(f"{case_address('', case_id)}/package")
    found = read_release(app, case_id, visit.asked("group"), asked_page(visit))
    seen = found.case
    law = app.settings.controller.law.name
    return visit.show(
        "approval.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        waits=seen.state is CaseState.AWAITING_APPROVAL,
        decided=next((decision for decision in seen.decisions if decision.gate is Gate.APPROVAL), None),
        proposal=next((decision for decision in seen.decisions if decision.gate is Gate.DOSSIER), None),
        is_own=visit.signed_in is not None and same_person(visit.signed_in.member.name, seen.opened_by),
        read=visit.typed("read") or read_before(app, seen.case_id),
        groups=found.groups,
        queries={group.key: urlencode({"group": group.key}) for group in found.groups},
        acts=_ACTS,
        grounds=worded(LeaveOutGround),
        kinds=MASKED_WORDS,
        selections=SELECTIONS,
        search=[line.strip() for line in search_lines(app, seen) if line] if seen.found_nothing else [],
        refusals=refusal_choices(
            seen.right, Gate.APPROVAL, law, nothing_held=seen.found_nothing, whose_is_open=bool(seen.perhaps_same)
        ),
    )


@approval.act("/approve", needs=Permission.APPROVE)
def approve(visit: Visit) -> Response:
    """Release the package, with the decisions on single records; or approve that nothing is held."""
    case_id = read_case_id(visit.path("case_id"))
    if waits_for_plan(visit.app, case_id):
        return _to_plan(visit)
    refuse_unseen_notes(visit.app, case_id)
    decision = Decision(
        gate=Gate.APPROVAL,
        verdict=Verdict.APPROVED,
        by=visit.actor,
        records=typed_decisions(visit),
    )
    return _decided(visit, case_id, decision, "Approved; the answer is being written.")


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


def _reads_package(visit: Visit, case_id: str) -> bool:
    """Return whether a person comes to decide on a package that they may read: there the list is an addition."""
    may_read = visit.may(Permission.APPROVE) and visit.may(Permission.REVEAL)
    comes = visit.request.method == "GET" and not visit.request.query_params
    return may_read and comes and waits_for_release(visit.app, case_id)


def _to_plan(visit: Visit) -> Response:
    return visit.go(f"{case_address('', read_case_id(visit.path('case_id')))}/plan")


def _decided(visit: Visit, case_id: str, decision: Decision, said: str) -> Response:
    record_decision(visit.app, case_id, decision, read=visit.typed("read"))
    visit.desk.resume(case_id, Gate.APPROVAL)
    return to_case(visit, said)
