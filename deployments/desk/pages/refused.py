"""The refusals of systems in a case, with the two ways on: another attempt, or another decision on the records."""

from __future__ import annotations

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.form_fields import beside, typed_act
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.work.erasure.refused_records import BY_HAND, decide_refused, read_refusals, try_again
from rightsflow.domain.accounts import Permission
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.states import read_case_id


@page("/cases/{case_id}/refusal", needs=Permission.READ_CASES)
def refusal(visit: Visit) -> Response:
    """Show each refusal with its reason."""
    case = read_case(visit)
    view = read_refusals(visit.app, case.case_id)
    is_own = visit.signed_in is not None and same_person(visit.signed_in.member.name, view.opened_by)
    return visit.show(
        "refused.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        view=view,
        decides=visit.may(Permission.APPROVE) and not is_own,
        acts=(("keep", "keep"), (BY_HAND, "erase it by hand, as a task")),
    )


@refusal.act("/again", needs=Permission.HANDLE_CASES)
def again(visit: Visit) -> Response:
    """Start the run again."""
    return _done(visit, try_again(visit.app, read_case_id(visit.path("case_id")), by=visit.actor))


@refusal.act("/otherwise", needs=Permission.APPROVE)
def otherwise(visit: Visit) -> Response:
    """Decide otherwise on the chosen records."""
    case_id, chosen = read_case_id(visit.path("case_id")), visit.chosen("record")
    if not chosen or not all(item.isascii() and item.isdecimal() for item in chosen):
        raise Wrong({"records": "Choose the records that this is about."})
    numbers, what = [int(item) for item in chosen], typed_act(visit, "these")
    with beside("act-these"):
        return _done(visit, decide_refused(visit.app, case_id, numbers, what, by=visit.actor))


def _done(visit: Visit, said: str) -> Response:
    visit.desk.follow(read_case_id(visit.path("case_id")))
    return to_case(visit, said)
