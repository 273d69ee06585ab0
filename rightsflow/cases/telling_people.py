"""People who sign in: the mail that tells them of an invitation in their name, and roles that are one too many."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.config.settings import Settings
from rightsflow.domain.connector import Health
from rightsflow.domain.entrusting import is_one_person_too_many
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.mail import Mail
from rightsflow.domain.roles import Role

_BODY = """\
{by} has made an invitation by which you, {name}, set up how you sign in at the desk of {controller}.{replaces}

The link itself is not in this mail; you get it from that person. If you do not expect it, tell the data protection
officer at once: {dpo}
"""
_REPLACES = " When it is used, it replaces the sign-in that you have."


def tell_invited(app: App, *, email: str, name: str, by: str, replaces: bool) -> str:
    """Mail a person that they were invited; return in a sentence whether that was done.

    Args:
        app: What it works with.
        email: The person's address in the configuration.
        name: The person's name.
        by: The name of the person who invited.
        replaces: Whether the invitation replaces a sign-in.
    """
    server, controller = app.settings.notifications.mail, app.settings.controller.name
    if server is None:
        return f"There is no [notifications.mail] in rightsflow.toml, so {name} gets no mail about it; tell them."
    dpo = app.settings.owners.dpo.email
    replacing = _REPLACES if replaces else ""
    body = _BODY.format(by=by, name=name, controller=controller, replaces=replacing, dpo=dpo)
    mail = Mail(to_email=email, to_name=name, subject=f"You were invited to the desk of {controller}", body=body)
    try:
        app.open_mail(server, controller).send(mail)
    except RightsflowError:
        return f"{name} could not be told of it by mail; tell them."
    return f"{name} was told of it by mail."


def people_health(settings: Settings) -> Health:
    """Return whether one person could pass for two, since an admin makes the sign-ins of the others; for ``doctor``.

    Args:
        settings: The configuration.
    """
    both = [key for key, member in settings.members.items() if is_one_person_too_many(member.roles)]
    admins = sum(Role.ADMIN in member.roles for member in settings.members.values())
    if both:
        detail = (
            f"{', '.join(both)} can work on cases and make the sign-ins of the others, and so could approve as another "
            "person; give the role admin to people without another role."
        )
    elif admins == 1:
        detail = "There is one admin; a sign-in is replaced by two, so name a second one."
    else:
        return Health(ok=True, detail=f"{len(settings.members)} people can sign in; no admin works on cases.")
    return Health(ok=True, detail=detail, is_doubtful=True)
