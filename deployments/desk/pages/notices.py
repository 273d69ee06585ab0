"""Notices of new work by mail, as each person chooses, and the calendar of due dates by an address of their own."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import ANYBODY, MEMBER, page
from deployments.desk.pages.form_fields import worded
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.facts.new_work import calendar_of
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput
from rightsflow.domain.work_notices import DIGEST_AT, NoticeChoice
from rightsflow.signin.sessions import TOKEN_BYTES, hashed

_HERE: Final = f"{PREFIX}/notices"
_ENDING: Final = ".ics"
_NO_CALENDAR: Final = "There is no calendar at this address; make a new one at the desk, under Notifications."


@page("/notices", needs=MEMBER)
def notices(visit: Visit) -> Response:
    """Show the person's choice, and whether their calendar has an address."""
    return _shown(visit)


def _shown(visit: Visit, address: str = "") -> Response:
    subscriptions, key = visit.app.store.subscriptions, visit.member.key
    return visit.show(
        "notices.html",
        here=_HERE,
        choice=subscriptions.of(key).choice,
        choices=worded(NoticeChoice),
        digest_at=f"{DIGEST_AT:%H:%M}",
        has_mail=visit.app.settings.notifications.mail is not None,
        has_calendar=subscriptions.has_calendar(key),
        address=address,
        reads_cases=visit.may(Permission.READ_CASES),
    )


@notices.act("/choose", needs=MEMBER)
def choose(visit: Visit) -> Response:
    """Note how the person wants to be told."""
    if visit.typed("choice") not in set(NoticeChoice):
        raise Wrong({"choice": "Choose how you want to be notified."})
    visit.app.store.subscriptions.choose(visit.member.key, NoticeChoice(visit.typed("choice")))
    return visit.go(_HERE, "Your choice is saved.")


@notices.act("/calendar", needs=MEMBER, is_own_account=True)
def make_address(visit: Visit) -> Response:
    """Give the calendar a new address, which is shown once; an earlier one ends."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    visit.app.store.subscriptions.set_calendar(visit.member.key, hashed(token), by=visit.actor)
    origin = visit.desk.origin(visit.request)
    return _shown(visit, f"{origin}{PREFIX}/calendar/{token}{_ENDING}")


@notices.act("/end-calendar", needs=MEMBER)
def end_address(visit: Visit) -> Response:
    """Take the calendar's address away."""
    visit.app.store.subscriptions.set_calendar(visit.member.key, None, by=visit.actor)
    return visit.go(_HERE, "The address of your calendar does not work any more.")


def _calendar(visit: Visit) -> str:
    token = visit.path("link").removesuffix(_ENDING)
    person = visit.app.store.subscriptions.person_of_calendar(hashed(token))
    text = calendar_of(visit.app, person) if person else None
    if text is None:
        raise BadInput(_NO_CALENDAR)
    return text


@page("/calendar/{link}", needs=ANYBODY, admits=_calendar)
def feed(visit: Visit) -> Response:
    """Give the calendar to a program that has its address; case numbers and dates only."""
    return Response(_calendar(visit), media_type="text/calendar; charset=utf-8")
