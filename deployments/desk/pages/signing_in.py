"""Signing in and out, by password or identity provider, proving afresh that it is oneself, and the session's time."""

from __future__ import annotations

from typing import Final

from starlette.responses import JSONResponse, RedirectResponse, Response

from deployments.desk.addresses import HOME, PREFIX
from deployments.desk.page import ANYBODY, MEMBER, page
from deployments.desk.pages.form_fields import beside
from deployments.desk.protection import ANONYMOUS, SESSION, drop_cookie, new_token, own_path, set_cookie
from deployments.desk.typed_in_vain import with_typed
from deployments.desk.visit import NotNow, Visit, Wrong
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.signin.oidc_door import BACK
from rightsflow.signin.sessions import KNOWN_FOR

JSON: Final = "application/json"
_AFRESH: Final = "this needs a fresh proof that it is you."


def signed_in_by(visit: Visit, token: str, path: str) -> Response:
    """Continue as the person who has just signed in, with a new session, whatever the browser sent.

    Args:
        visit: The request.
        token: The new session's token.
        path: Where to go on.
    """
    if visit.signed_in is not None:
        visit.desk.door.sign_out(visit.cookie)
    door = visit.desk.door
    member = door.sessions.present(token).member
    page = door.drafts.follow(visit.request.cookies.get(SESSION, ""), token, member)
    answer = visit.go(with_typed(page) if page else path)
    set_cookie(answer, SESSION, token, secure=visit.secure)
    mark, browsers = door.browsers.cookie_of(member.key), door.browsers
    if not browsers.is_known(member.key, visit.request.cookies):
        set_cookie(answer, mark, browsers.new_mark(member.key), secure=visit.secure, lasts=KNOWN_FOR)
    drop_cookie(answer, ANONYMOUS, secure=visit.secure)
    return answer


@page("/sign-in", needs=ANYBODY)
def sign_in(visit: Visit) -> Response:
    """The way in."""
    return visit.show("sign_in.html", next=own_path(visit.typed("next") or visit.asked("next"), HOME))


@sign_in.act(needs=ANYBODY)
def let_in(visit: Visit) -> Response:
    """Sign a person in."""
    visit.needed(
        {
            "name": "Type your name.",
            "password": "Type your password.",
            "code": "Type the six digits that your app shows now.",
        }
    )
    with beside("name", conflicts=True):
        token = visit.desk.door.sign_in(
            visit.typed("name"),
            visit.typed("password"),
            visit.typed("code"),
            address=visit.caller,
            cookies=visit.request.cookies,
        )
    return signed_in_by(visit, token, own_path(visit.typed("next"), HOME))


@sign_in.act("/passkey-options", needs=ANYBODY)
def ask_any_passkey(visit: Visit) -> Response:
    """Return the browser's options for any passkey of this desk."""
    return Response(visit.desk.door.passkeys.checks.to_sign_in(visit.site, visit.cookie), media_type=JSON)


@sign_in.act("/passkey", needs=ANYBODY)
def let_in_by_passkey(visit: Visit) -> Response:
    """Sign in the owner of a passkey."""
    token = visit.desk.door.passkeys.sign_in(visit.typed("passkey"), visit.site, visit.cookie)
    return signed_in_by(visit, token, own_path(visit.typed("next"), HOME))


@page("/sign-out", needs=MEMBER)
def sign_out(visit: Visit) -> Response:
    """The way out."""
    return visit.show("sign_out.html")


@sign_out.act(needs=MEMBER)
def let_out(visit: Visit) -> Response:
    """End this session."""
    visit.desk.door.sign_out(visit.cookie)
    return _out(visit)


@sign_out.act("/everywhere", needs=MEMBER)
def let_out_everywhere(visit: Visit) -> Response:
    """End all sessions of the person."""
    if visit.signed_in is not None:
        visit.desk.door.sign_out_everywhere(visit.signed_in.member.key, by=visit.actor)
    return _out(visit)


def _out(visit: Visit) -> Response:
    # The notice is signed for the cookie that stands for a session from now on.
    visit.signed_in, visit.cookie = None, new_token()
    answer = visit.go(f"{PREFIX}/sign-in", said="You are signed out.")
    drop_cookie(answer, SESSION, secure=visit.secure)
    return answer


@page("/step-up", needs=MEMBER)
def step_up(visit: Visit) -> Response:
    """Accept a fresh proof, for actions that need more than a session."""
    return visit.show("step_up.html", next=own_path(visit.typed("next") or visit.asked("next"), HOME))


@step_up.act(needs=MEMBER)
def prove(visit: Visit) -> Response:
    """Take a fresh code or passkey."""
    prove_afresh(visit)
    return visit.go(own_path(visit.typed("next"), HOME))


@step_up.act("/passkey-options", needs=MEMBER)
def ask_passkey(visit: Visit) -> Response:
    """Return the browser's options for one of the person's passkeys."""
    asked = visit.desk.door.passkeys.checks.to_step_up(visit.member.key, visit.site, visit.cookie)
    return Response(asked, media_type=JSON)


def prove_afresh(visit: Visit) -> None:
    """Take a fresh code or a fresh answer of a passkey, whichever the form brought.

    Raises:
        Wrong: Neither came, or it does not fit.
        Conflict: It was tried too often.
    """
    code, answer = visit.typed("code").strip(), visit.typed("passkey")
    if not (code or answer):
        raise Wrong({"code": f"{_ways(visit)}: {_AFRESH}"})
    try:
        if answer:
            visit.desk.door.passkeys.step_up(visit.cookie, answer, visit.site)
        else:
            visit.desk.door.step_up(visit.cookie, code)
    except BadInput as error:
        raise Wrong({"code": str(error)}) from None
    except Conflict as error:
        raise NotNow({"code": str(error)}) from None


def _ways(visit: Visit) -> str:
    """Return the ways in which the person can give a fresh proof, in words: only those that they have."""
    ways = [
        words
        for has, words in (
            (visit.has_codes, "type the code that your app shows now"),
            (visit.has_passkey, "use a passkey"),
            (visit.is_from_provider, "prove it where you signed in"),
        )
        if has
    ]
    said = ", or ".join(ways) or "sign in again"
    return said[:1].upper() + said[1:]


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


@page("/session", needs=MEMBER)
def session(visit: Visit) -> Response:
    """Return the session's time without a further request: in seconds for a page, in words for a person."""
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse({"seconds": visit.seconds_left})
    return visit.show("session.html")
