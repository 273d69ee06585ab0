"""Requests that stand in a text of some system and are no case yet: read, opened, joined, or noted as none."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import page
from deployments.desk.pages.form_fields import beside, typed_number
from deployments.desk.visit import Visit
from rightsflow.cases.course.intake.finding import (
    TextParts,
    dismiss_found,
    note_open_already,
    open_found,
    text_of,
    unopened_requests,
)
from rightsflow.domain.accounts import Permission
from rightsflow.domain.unopened import UnopenedAlert
from rightsflow.domain.vocabulary.states import read_case_id

_HERE: Final = f"{PREFIX}/unopened"
_SAID: Final = {UnopenedAlert.OVER: "The month is over.", UnopenedAlert.HALF: "Half of the month is over."}


@page("/unopened", needs=Permission.READ_CASES)
def unopened(visit: Visit) -> Response:
    """The found requests, the nearest due date first."""
    return _list(visit)


@unopened.act("/text", needs=Permission.REVEAL)
def text(visit: Visit) -> Response:
    """Read the text of one in its system, and show it; nothing of it is kept."""
    number = typed_number(visit, "request")
    with beside("request"):
        parts = text_of(visit.app, number, by=visit.actor)
    return _list(visit, read=number, parts=parts)


@unopened.act("/open", needs=Permission.OPEN_CASES)
def open_case(visit: Visit) -> Response:
    """Open the case of one from its ticket."""
    number = typed_number(visit, "request")
    with beside("request"):
        return visit.go(_HERE, open_found(visit.app, number, by=visit.actor))


@unopened.act("/join", needs=Permission.OPEN_CASES)
def join(visit: Visit) -> Response:
    """Note that one belongs to a case."""
    visit.needed({"case": "Give the number of the case, such as DSR-2026-7K3M9Q."})
    number = typed_number(visit, "request")
    with beside("case"):
        case_id = read_case_id(visit.typed("case"))
        return visit.go(_HERE, note_open_already(visit.app, number, case_id, by=visit.actor))


@unopened.act("/dismiss", needs=Permission.OPEN_CASES)
def dismiss(visit: Visit) -> Response:
    """Note that one is no request."""
    visit.needed({"reason": "Say why it is not a request."})
    number = typed_number(visit, "request")
    with beside("reason"):
        return visit.go(_HERE, dismiss_found(visit.app, number, by=visit.actor, reason=visit.typed("reason")))


def _list(visit: Visit, *, read: int = 0, parts: TextParts | None = None) -> Response:
    found = unopened_requests(visit.app)
    reading = [name for name, capability in visit.app.capabilities.items() if capability.has_new_texts]
    ended = {end.value: count for end, count in visit.app.store.unopened.counts().items() if end}
    return visit.show("unopened.html", found=found, systems=reading, ended=ended, said=_SAID, read=read, parts=parts)
