"""Many cases at the approval gate decided together: chosen on the list, read in sum, decided, told one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.all_cases import wanted_cases
from deployments.desk.visit import Visit
from rightsflow.cases.gates.deciding_many import ManyResult, approve_many, look_at_many
from rightsflow.domain.case.states import CaseState, read_case_id
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.passing import MOST_AT_ONCE
from rightsflow.domain.gates.together import GateSubject
from rightsflow.domain.roles import Permission

_ALL: Final = "all"
_RESUMED_AT_ONCE: Final = 25
"""So many runs are let go on while the page waits; the keeper finds the others within a minute."""


@page("/cases/many", needs=Permission.READ_CASES)
def many(visit: Visit) -> Response:
    """The chosen cases, or all that the filters want and that wait for approval, by what is decided on."""
    case_ids, left = _chosen(visit)
    cases = look_at_many(visit.app, case_ids, by=visit.actor) if case_ids else ()
    groups = {about: [one for one in cases if one.about is about and not one.obstacle] for about in GateSubject}
    return visit.show(
        "many.html",
        groups={about: these for about, these in groups.items() if these},
        aside=[one for one in cases if one.obstacle],
        left=left,
    )


@many.act("/approve", needs=Permission.APPROVE)
def approve(visit: Visit) -> Response:
    """Approve the cases that were read, and say of each what became of it."""
    visit.needed({"reason": "Say why these are decided together; the reason is kept with each case, encrypted."})
    about = visit.typed("about")
    if about not in set(GateSubject):
        raise BadInput("What is decided on is missing; choose the cases again.")
    results = approve_many(
        visit.app, _bound(visit), about=GateSubject(about), reason=visit.typed("reason"), by=visit.actor
    )
    done = [one.case_id for one in results if not one.refused]
    for case_id in done[:_RESUMED_AT_ONCE]:
        visit.desk.resume(case_id, Gate.APPROVAL)
    return _told(visit, results, later=len(done) > _RESUMED_AT_ONCE)


def _told(visit: Visit, results: Sequence[ManyResult], *, later: bool) -> Response:
    return visit.show(
        "many_done.html",
        done=[one for one in results if not one.refused],
        refused=[one for one in results if one.refused],
        later=later,
    )


def _chosen(visit: Visit) -> tuple[list[str], int]:
    """The cases, and how many more the filters want than are decided at once."""
    if typed := visit.chosen("case"):
        return [read_case_id(one.partition(" ")[0]) for one in typed], 0
    if visit.asked("which") != _ALL:
        return [read_case_id(one) for one in visit.request.query_params.getlist("case")], 0
    wanted = replace(wanted_cases(visit), state=CaseState.AWAITING_APPROVAL)
    count, listed = visit.app.store.work.list_cases(wanted, visit.app.today, at_most=MOST_AT_ONCE)
    return [one.case_id for one in listed], count - len(listed)


def _bound(visit: Visit) -> Mapping[str, str]:
    """The cases of the form, each with what its approval is bound by."""
    parts = [one.partition(" ") for one in visit.chosen("case")]
    if not parts:
        raise BadInput("Choose the cases that are decided on.")
    return {read_case_id(case_id): bound for case_id, _, bound in parts}
