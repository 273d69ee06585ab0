"""Many cases at the approval gate decided together: chosen on the list, read in sum, decided, told one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.all_cases import wanted_cases
from deployments.desk.pages.form_fields import RefusalChoice, beside, owner_choices, refusal_choices, typed_refusal
from deployments.desk.visit import Visit
from rightsflow.cases.course.gates.many_cases import (
    ManyResult,
    approve_many,
    hand_over_many,
    look_at_many,
    refuse_many,
    send_back_many,
)
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.four_eyes import MOST_AT_ONCE, GateSubject
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id

_RIGHTS: Final = {
    GateSubject.PLAN: tuple(item for item in Right if item.has_plan),
    GateSubject.PACKAGE: (Right.ACCESS,),
    GateSubject.NOTHING_HELD: tuple(Right),
}
"""The rights that a decision of each sort can be about."""
_ALL: Final = "all"
_RESUMED_AT_ONCE: Final = 25
"""The number of runs resumed while the page waits; the keeper finds the others within a minute."""


@page("/cases/many", needs=Permission.READ_CASES)
def many(visit: Visit) -> Response:
    """Show the chosen cases, or all filtered cases that wait for approval, by the subject of the decision."""
    case_ids, left = _chosen(visit)
    cases = look_at_many(visit.app, case_ids, by=visit.actor) if case_ids else ()
    groups = {about: [item for item in cases if item.about is about and not item.obstacle] for about in GateSubject}
    return visit.show(
        "many.html",
        groups={about: these for about, these in groups.items() if these},
        aside=[item for item in cases if item.obstacle],
        left=left,
        refusals={about: _refusals(visit, about) for about in GateSubject},
        people=owner_choices(visit.app),
        act=visit.request.url.path.rpartition("/")[2],
        about_typed=visit.typed("about"),
    )


@many.act("/approve", needs=Permission.APPROVE)
def approve(visit: Visit) -> Response:
    """Approve the viewed cases, and show the result of each."""
    visit.needed({"reason": "Say why these are decided together; the reason is kept with each case, encrypted."})
    results = approve_many(visit.app, _bound(visit), about=_about(visit), reason=visit.typed("reason"), by=visit.actor)
    return _told(visit, results, "approved")


@many.act("/search", needs=Permission.APPROVE)
def send_back(visit: Visit) -> Response:
    """Order a new search of all systems for the viewed cases, and show the result of each."""
    visit.needed({"why": "Say what was corrected, or what looks wrong."})
    results = send_back_many(visit.app, _bound(visit), about=_about(visit), reason=visit.typed("why"), by=visit.actor)
    return _told(visit, results, "sent back")


@many.act("/refuse", needs=Permission.APPROVE)
def refuse(visit: Visit) -> Response:
    """Refuse the viewed requests for one reason, and show the result of each."""
    results = refuse_many(visit.app, _bound(visit), typed_refusal(visit, Gate.APPROVAL), about=_about(visit))
    return _told(visit, results, "refused")


@many.act("/hand-over", needs=Permission.HANDLE_CASES, is_of_many=True)
def hand_over(visit: Visit) -> Response:
    """Hand all chosen cases over to another person, and show the result of each."""
    visit.needed({"to": "Choose who answers for them from now on.", "hand_over_reason": "Say why they change hands."})
    with beside("to"):
        results = hand_over_many(
            visit.app,
            list(_bound(visit)),
            visit.typed("to"),
            reason=visit.typed("hand_over_reason"),
            by=visit.actor,
        )
    return _told(visit, results, "handed over", runs=False)


def _refusals(visit: Visit, about: GateSubject) -> Sequence[RefusalChoice]:
    """The reasons that fit all cases of a group; the one that is argued case by case is not among them."""
    law, nothing = visit.app.settings.controller.law.name, about is GateSubject.NOTHING_HELD
    rights = _RIGHTS[about]
    choices = [refusal_choices(right, Gate.APPROVAL, law, nothing_held=nothing) for right in rights]
    return [
        choice
        for choice in choices[0]
        if choice.code != Reason.UNFOUNDED_OR_EXCESSIVE and all(choice in others for others in choices)
    ]


def _about(visit: Visit) -> GateSubject:
    about = visit.typed("about")
    if about not in set(GateSubject):
        raise BadInput("What is decided on is missing; choose the cases again.")
    return GateSubject(about)


def _told(visit: Visit, results: Sequence[ManyResult], did: str, *, runs: bool = True) -> Response:
    """Show the result of each case; the decided cases are resumed."""
    done = [result for result in results if not result.refused]
    if runs:
        for item in done[:_RESUMED_AT_ONCE]:
            visit.desk.resume(item.case_id, Gate.APPROVAL)
    return visit.show(
        "many_done.html",
        done=done,
        refused=[result for result in results if result.refused and not result.is_unknown],
        unknown=[result for result in results if result.is_unknown],
        did=did,
        runs=runs,
        later=len(done) > _RESUMED_AT_ONCE,
    )


def _chosen(visit: Visit) -> tuple[list[str], int]:
    """The cases, and how many more the filters want than are decided at once."""
    if typed := visit.chosen("case"):
        return [read_case_id(item.partition(" ")[0]) for item in typed], 0
    if visit.asked("which") != _ALL:
        return [read_case_id(item) for item in visit.request.query_params.getlist("case")], 0
    wanted = replace(wanted_cases(visit), state=CaseState.AWAITING_APPROVAL)
    count, listed = visit.app.store.work.list_cases(wanted, visit.app.today, at_most=MOST_AT_ONCE)
    return [item.case_id for item in listed], count - len(listed)


def _bound(visit: Visit) -> Mapping[str, str]:
    """Return the cases of the form, each with the digest that binds its approval."""
    parts = [item.partition(" ") for item in visit.chosen("case")]
    if not parts:
        raise BadInput("Choose the cases that are decided on.")
    return {read_case_id(case_id): bound for case_id, _, bound in parts}
