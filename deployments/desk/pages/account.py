"""One's own account: how one is signed in, and the passkeys by which one can be."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import MEMBER, page
from deployments.desk.pages.form_fields import typed_number
from deployments.desk.pages.signing_in import JSON
from deployments.desk.visit import Visit

_HERE: Final = f"{PREFIX}/account"


@page("/account", needs=MEMBER)
def account(visit: Visit) -> Response:
    """The page."""
    return visit.show("account.html", passkeys=visit.desk.door.passkeys.of(visit.member.key), site=visit.site)


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
