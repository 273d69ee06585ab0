"""The people of the desk: who may sign in, invitations, and signing a person out everywhere."""

from __future__ import annotations

from starlette.responses import Response

from deployments.desk.addresses import PREFIX, invitation_address
from deployments.desk.page import page
from deployments.desk.visit import Visit
from rightsflow.domain.roles import Permission

_HERE = f"{PREFIX}/people"


@page("/people", needs=Permission.MANAGE_PEOPLE)
def people(visit: Visit) -> Response:
    """Everybody with a role."""
    return _shown(visit)


def _shown(visit: Visit, link: str = "", name: str = "") -> Response:
    door = visit.desk.door
    return visit.show("people.html", members=door.members(), link=link, invited=name)


@people.act("/invite", needs=Permission.MANAGE_PEOPLE)
def invite(visit: Visit) -> Response:
    """Show a link of an invitation, once."""
    visit.needed({"person": "Choose whom to invite."})
    member, token = visit.desk.door.invite(visit.typed("person"), by=visit.actor)
    return _shown(visit, invitation_address(visit.desk.origin(visit.request), token), member.name)


@people.act("/sign-out", needs=Permission.MANAGE_PEOPLE)
def sign_out(visit: Visit) -> Response:
    """End all sessions of a person."""
    visit.needed({"whom": "Choose whom to sign out."})
    count = visit.desk.door.sign_out_everywhere(visit.typed("whom"), by=visit.actor)
    return visit.go(_HERE, f"{count} sessions were ended.")
