"""Refuse what other web pages make a browser send to Prefect's server, before Prefect reads it.

A browser that an officer uses sends what any page tells it to. What tells such a request from one of ours is what the
page cannot set: ``Host``, ``Origin``, ``Sec-Fetch-Site`` and, without asking the server first, a JSON content type. See
the Fetch standard (https://fetch.spec.whatwg.org) and the Fetch Metadata request headers
(https://www.w3.org/TR/fetch-metadata/). Programs such as our worker send neither ``Origin`` nor ``Sec-Fetch-Site``;
what holds them off is the secret that Prefect asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from deployments.desk.addresses import HOME
from deployments.desk.protection import HEADERS as DESK_HEADERS
from deployments.server_access import Addresses

PROBES: Final = frozenset({"/api/health", "/api/ready"})
"""The paths of health checks, allowed at any address of the server; each reports only that the server is well."""

_JSON: Final = "application/json"
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_READING: Final = frozenset({"GET", "HEAD"})
_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OWN_SITE: Final = frozenset({None, "same-origin", "none"})

_POLICY: Final = "Content-Security-Policy"
_HEADERS: Final = {
    # No frame of another page shows the UI, so that no click in that page is one in the UI.
    "X-Frame-Options": "DENY",
    # The sign-in lies in the browser's storage, where a script from elsewhere in these pages would find it. The graph
    # of a run needs eval. The UI's telemetry, which no setting of the server stops, does not get through.
    _POLICY: (
        "default-src 'self'; script-src 'self' 'unsafe-eval'; connect-src 'self'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """The reason for refusing a request.

    Args:
        status: The HTTP status.
        detail: What is wrong and how to put it right; it quotes nothing of the request.
    """

    status: int
    detail: str


_HOST: Final = RefusedRequest(
    421, "The server is not called by this address; use one of its own, or allow it in RIGHTSFLOW_PUBLIC_URL."
)
_ORIGIN: Final = RefusedRequest(403, "A page of another origin may not call this server; open Prefect's own pages.")
_BODY: Final = RefusedRequest(415, "The body is not declared as JSON; send it with the content type application/json.")
_NO_FORM: Final = RefusedRequest(415, "The desk takes forms only; use its own pages.")


class Guard:
    """An ASGI middleware around Prefect's whole application.

    Args:
        app: The application.
        addresses: The addresses that are its own.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = judge(scope, self._addresses)
        if refusal is None:
            await self._app(scope, receive, _with_headers(scope, send))
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008, reason="refused")(scope, receive, send)
        else:
            await JSONResponse({"detail": refusal.detail}, refusal.status)(scope, receive, _with_headers(scope, send))


def judge(scope: Scope, addresses: Addresses) -> RefusedRequest | None:
    """Return the refusal of a request; ``None`` if the request goes on to Prefect, which asks for the secret.

    Args:
        scope: The request as ASGI has it, ``http`` or ``websocket``.
        addresses: The addresses that are our own.
    """
    headers = Headers(scope=scope)
    # A WebSocket has no method; its opening is a GET.
    method = scope.get("method", "GET")
    if not _is_our_host(headers, addresses) and not (method in _READING and scope["path"] in PROBES):
        return _HOST
    if not _is_from_us(headers, addresses) and not _is_visit(headers, method, scope["path"]):
        return _ORIGIN
    if scope["path"].startswith(HOME):
        # The desk's forms carry a token besides, which no other page has.
        return _NO_FORM if method in _CHANGING and _media_type(headers) not in _FORMS else None
    if method in _CHANGING and _has_body(headers) and _media_type(headers) != _JSON:
        return _BODY
    return None


def is_from_a_browser(headers: Headers) -> bool:
    """Return True if a request is a browser's, which states its origin.

    Args:
        headers: The request's.
    """
    return any(name.startswith("sec-fetch-") or name == "origin" for name in headers)


def _is_our_host(headers: Headers, addresses: Addresses) -> bool:
    """Return True if the address is ours: a name that an attacker points at this machine (DNS rebinding) is not."""
    hosts = headers.getlist("host")
    return len(hosts) == 1 and hosts[0].lower() in addresses.hosts


def _is_from_us(headers: Headers, addresses: Addresses) -> bool:
    """Return True if no other page caused the request: by its origin or, where none is sent, its relation to ours."""
    origins = headers.getlist("origin")
    if origins:
        return all(origin in addresses.origins for origin in origins)
    return headers.get("sec-fetch-site") in _OWN_SITE


def _is_visit(headers: Headers, method: str, path: str) -> bool:
    """Return True if a person follows a link to a page of the UI, as from an e-mail; the page changes nothing."""
    is_page = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return method in _READING and is_page and "origin" not in headers and not path.startswith("/api/")


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _media_type(headers: Headers) -> str:
    """Return the content type without its parameters; empty where there is none, which Prefect reads as JSON."""
    types = headers.getlist("content-type")
    return types[0].partition(";")[0].strip().lower() if len(types) == 1 else ""


def _with_headers(scope: Scope, send: Send) -> Send:
    is_desk = scope["path"].startswith(HOME)

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = MutableHeaders(scope=message)
            # What the desk says of a file that a person sent is stricter, and stays.
            stricter = _POLICY if is_desk and _POLICY in present else ""
            present.update(
                {
                    name: desk_header
                    for name, desk_header in (DESK_HEADERS if is_desk else _HEADERS).items()
                    if name != stricter
                }
            )
        await send(message)

    return wrapped
