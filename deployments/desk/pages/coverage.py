"""Coverage: the places of systems that the configuration does not know, the lines to add, and what was accepted."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import page
from deployments.desk.pages.form_fields import beside, typed_number
from deployments.desk.visit import Visit
from rightsflow.cases.course.follow_up.coverage_check import accept_place
from rightsflow.domain.accounts import Permission

_HERE: Final = f"{PREFIX}/coverage"


@page("/coverage", needs=Permission.READ_CASES)
def coverage(visit: Visit) -> Response:
    """The open places, each with its lines, and those that were accepted."""
    found = visit.app.store.coverage.open()
    numbers = [(str(noted.number), f"{noted.number}: {noted.system}, {noted.place.name}") for noted in found]
    accepted = visit.app.store.coverage.accepted()
    return visit.show("coverage.html", places=found, numbers=numbers, accepted=accepted)


@coverage.act("/accept", needs=Permission.HOLD_EVIDENCE)
def accept(visit: Visit) -> Response:
    """Accept that a place stays out of the configuration."""
    visit.needed({"reason": "Say why it stays out of the configuration."})
    number = typed_number(visit, "place")
    with beside("place"):
        return visit.go(_HERE, accept_place(visit.app, number, by=visit.actor, reason=visit.typed("reason")))
