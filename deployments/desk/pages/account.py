"""One's own account: how one is signed in, password, authenticator app and passkeys."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import MEMBER, page
from deployments.desk.pages.form_fields import beside, typed_number
from deployments.desk.pages.invitation import picture_of, spelt
from deployments.desk.pages.signing_in import JSON
from deployments.desk.visit import Visit
from rightsflow.domain.accounts import SHORTEST_PASSWORD
from rightsflow.domain.wording import counted

_HERE: Final = f"{PREFIX}/account"


@page("/account", needs=MEMBER)
def account(visit: Visit) -> Response:
    """The page."""
    door = visit.desk.door
    secret = door.offered_app(visit.cookie)
    return visit.show(
        "account.html",
        passkeys=door.passkeys.of(visit.member.key),
        site=visit.site,
        shortest=SHORTEST_PASSWORD,
        picture=picture_of(secret, visit.member.name) if secret else "",
        spelt=spelt(secret),
    )


@account.act("/password", needs=MEMBER, is_own_account=True)
def change_password(visit: Visit) -> Response:
    """Change the password; other sessions end."""
    visit.needed(
        {
            "current": "Type your present password.",
            "password": "Choose a password.",
            "again": "Type the password again.",
        }
    )
    password, again = visit.typed("password"), visit.typed("again")
    with beside("current", conflicts=True):
        ended = visit.desk.door.change_password(visit.cookie, visit.typed("current"), password=password, again=again)
    return visit.go(_HERE, _changed("password", ended))


@account.act("/offer-app", needs=MEMBER, is_own_account=True)
def offer_app(visit: Visit) -> Response:
    """Show the picture for a new authenticator app."""
    visit.desk.door.offer_app(visit.cookie)
    return visit.go(f"{_HERE}#app")


@account.act("/app", needs=MEMBER, is_own_account=True)
def change_app(visit: Visit) -> Response:
    """Change the authenticator app; other sessions end."""
    visit.needed({"app_current": "Type your present password.", "app_code": "Type the code that the new app shows."})
    with beside("app_code", conflicts=True):
        ended = visit.desk.door.change_app(visit.cookie, visit.typed("app_current"), visit.typed("app_code"))
    return visit.go(_HERE, _changed("authenticator app", ended))


def _changed(what: str, ended: int) -> str:
    return f"Your {what} is changed. {counted(ended, 'other session')} ended."


@account.act("/passkey-options", needs=MEMBER, is_own_account=True)
def ask_passkey(visit: Visit) -> Response:
    """Return the browser's options for making a further passkey."""
    return Response(visit.desk.door.passkeys.checks.to_make(visit.member, visit.site, visit.cookie), media_type=JSON)


@account.act("/passkey", needs=MEMBER, is_own_account=True)
def add_passkey(visit: Visit) -> Response:
    """Add a passkey."""
    visit.needed({"passkey_name": "Give the passkey a name, such as: office laptop."})
    answer, name = visit.typed("new_passkey"), visit.typed("passkey_name")
    visit.desk.door.passkeys.add(visit.cookie, answer=answer, name=name, site=visit.site)
    return visit.go(_HERE, "The passkey is added.")


@account.act("/remove", needs=MEMBER, is_own_account=True)
def remove_passkey(visit: Visit) -> Response:
    """Remove a passkey."""
    visit.needed({"number": "Choose which passkey is removed."})
    visit.desk.door.passkeys.remove(visit.cookie, typed_number(visit, "number"))
    return visit.go(_HERE, "The passkey is removed.")
