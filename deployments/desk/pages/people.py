"""The people of the desk: who may sign in, invitations, and signing a person out everywhere."""

from __future__ import annotations

from starlette.responses import Response

from deployments.desk.addresses import PREFIX, invitation_address
from deployments.desk.page import page
from deployments.desk.visit import Visit
from rightsflow.cases.facts.people import tell_invited
from rightsflow.domain.accounts import Permission

_HERE = f"{PREFIX}/people"


@page("/people", needs=Permission.MANAGE_PEOPLE)
def people(visit: Visit) -> Response:
    """Everybody with a role."""
    return _shown(visit)


def _shown(visit: Visit, link: str = "", name: str = "", told: str = "") -> Response:
    door = visit.desk.door
    waiting = door.invitations.waiting()
    return visit.show("people.html", members=door.members(), link=link, invited=name, told=told, waiting=waiting)


@people.act("/invite", needs=Permission.MANAGE_PEOPLE)
def invite(visit: Visit) -> Response:
    """Show a link of an invitation, once."""
    visit.needed({"person": "Choose whom to invite."})
    member, token = visit.desk.door.invite(visit.typed("person"), by=visit.actor)
    replaces = visit.app.store.accounts.has_signed_in(member.key)
    told = tell_invited(visit.app, email=member.email, name=member.name, by=visit.actor, replaces=replaces)
    return _shown(visit, invitation_address(visit.desk.origin(visit.request), token), member.name, told)


@people.act("/approve", needs=Permission.MANAGE_PEOPLE)
def approve(visit: Visit) -> Response:
    """Approve as the second admin that an invitation replaces a sign-in."""
    visit.needed({"invited": "Choose which invitation."})
    member = visit.desk.door.invitations.approve(visit.typed("invited"), by=visit.actor)
    return visit.go(_HERE, f"The invitation for {member.name} can be used now.")


@people.act("/sign-out", needs=Permission.MANAGE_PEOPLE)
def sign_out(visit: Visit) -> Response:
    """End all sessions of a person."""
    visit.needed({"whom": "Choose whom to sign out."})
    count = visit.desk.door.sign_out_everywhere(visit.typed("whom"), by=visit.actor)
    return visit.go(_HERE, f"{count} sessions were ended.")
