"""Signing in by the organisation's identity provider (OpenID Connect): sent there, taken back, and out there too.

Browsers are sent there by links and not by forms: the desk's policy lets a form lead to the desk alone.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from deployments.desk.addresses import HOME, PREFIX
from deployments.desk.page import ANYBODY, MEMBER, page
from deployments.desk.pages.signing_in import signed_in_by
from deployments.desk.protection import own_path
from deployments.desk.visit import Visit
from rightsflow.domain.errors import BadInput
from rightsflow.signin.oidc_door import BACK

_SIGN_IN = f"{PREFIX}/sign-in"


@page("/sign-in/oidc", needs=ANYBODY)
def go_there(visit: Visit) -> Response:
    """Send the browser to the provider."""
    return _sent(visit, is_afresh=False)


@page("/step-up/oidc", needs=MEMBER)
def go_there_afresh(visit: Visit) -> Response:
    """Send a person to the provider for re-authentication."""
    return _sent(visit, is_afresh=True)


def _sent(visit: Visit, *, is_afresh: bool) -> Response:
    path, origin = own_path(visit.asked("next"), HOME), visit.desk.origin(visit.request)
    url = visit.desk.door.oidc.address(visit.cookie, origin=origin, path=path, is_afresh=is_afresh)
    return RedirectResponse(url, 303)


@page(BACK, needs=ANYBODY)
def come_back(visit: Visit) -> Response:
    """Take the browser back, and let its person in."""
    try:
        came = visit.desk.door.oidc.come_back(visit.cookie, visit.request.query_params)
    except BadInput as error:
        return visit.go(f"{PREFIX}/step-up" if visit.signed_in else _SIGN_IN, str(error))
    if came.is_afresh:
        return visit.go(came.path, "You have proved that it is you. A form that is open elsewhere can be sent now.")
    return signed_in_by(visit, came.token, came.path)


@page("/sign-in/oidc/leave", needs=ANYBODY)
def leave_there(visit: Visit) -> Response:
    """Send the browser to where one signs out at the provider."""
    origin = visit.desk.origin(visit.request)
    url = visit.desk.door.oidc.address_to_leave(f"{origin}{_SIGN_IN}")
    if not url:
        return visit.go(_SIGN_IN, "The identity provider offers no page to sign out; close your browser.")
    return RedirectResponse(url, 303)
