"""The desk in front of Prefect's pages and API: one address, one sign-in."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import quote

import httpx
from prefect.client.orchestration import get_client
from prefect.context import SettingsContext, get_settings_context
from prefect.exceptions import PrefectException
from prefect.settings import Settings, temporary_settings
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from deployments.desk.addresses import HOME, PREFIX
from deployments.desk.application import SIGN_IN, make_desk
from deployments.desk.protection import SESSION
from deployments.desk.rendering import Rendering
from deployments.desk.visit import Desk
from deployments.front.guard import PROBES, is_from_a_browser
from deployments.front.passing import Caller, ListedCalls
from deployments.renewal import RunningApp
from deployments.server_access import Access, Addresses
from flows.showing import show_case
from flows.starting import start_case
from flows.suspended import resume_all
from rightsflow.app import current_store
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import RightsflowError, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.running_parts import DESK
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile
from rightsflow.signin.sessions import SignedIn
from tasks.prefect_io.run_addresses import run_paths
from tasks.prefect_io.sheet import show_beside_run

_API: Final = "/api/"


class PrefectPages:
    """An ASGI middleware around Prefect's whole application.

    Args:
        app: The application.
        known: Says who is signed in by a session's token.
        secret: The server's own secret, ``NAME:PASSWORD``.
    """

    def __init__(self, app: ASGIApp, known: Callable[[str], SignedIn | None], secret: str) -> None:
        self._app = app
        self._passing = ListedCalls(app)
        self._known = known
        self._credential = f"Basic {base64.b64encode(secret.encode()).decode()}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or _is_a_programs(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            # Prefect's pages need none.
            await WebSocketClose(code=1008, reason="refused")(scope, receive, send)
            return
        try:
            signed_in = await run_in_threadpool(self._known, _session(scope))
        except RightsflowError as error:
            await PlainTextResponse(str(error), 503)(scope, receive, send)
            return
        if signed_in is None:
            await _sign_in_first(scope)(scope, receive, send)
            return
        caller = Caller(signed_in.member.permissions, self._credential, has_desk=True)
        await self._passing(scope, receive, send, caller)


def _is_a_programs(scope: Scope) -> bool:
    """Return whether a request is a health check, or comes from a program that sends the secret.

    Prefect checks the secret: in the header, or in the first message of a WebSocket.
    """
    headers = Headers(scope=scope)
    if is_from_a_browser(headers):
        return scope["type"] == "http" and _is_probe(scope)
    if scope["type"] == "websocket":
        return not _session(scope)
    return _is_probe(scope) or "authorization" in headers


def _is_probe(scope: Scope) -> bool:
    return scope["path"] in PROBES and scope["method"] in {"GET", "HEAD"}


def _session(scope: Scope) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load("; ".join(Headers(scope=scope).getlist("cookie")))
    except CookieError:
        return ""
    return cookies[SESSION].value if SESSION in cookies else ""


def _sign_in_first(scope: Scope) -> Response:
    path, accepts = scope["path"], Headers(scope=scope).get("accept", "")
    never_kept = {"Cache-Control": "no-store"}
    if scope["method"] == "GET" and not path.startswith(_API) and "text/html" in accepts:
        return RedirectResponse(f"{SIGN_IN}?next={quote(path)}", 303, never_kept)
    return JSONResponse({"detail": "Sign in at the desk first; programs send the server's secret."}, 401, never_kept)


class AskingServer:
    """A faster ``temporary_settings``: Prefect's checks all settings anew each time, half the cost of a decision.

    Args:
        access: Where the server is, with its secret.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._made: tuple[Settings, Settings] | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """While entered, what this thread asks of Prefect goes to that server."""
        now = get_settings_context()
        with SettingsContext(profile=now.profile, settings=self._of(now.settings)):
            yield

    def _of(self, others: Settings) -> Settings:
        made = self._made
        if made is None or made[0] is not others:
            with temporary_settings(self._access.settings) as ours:
                made = self._made = (others, ours)
        return made[1]


_ROOTS: Final = frozenset({"/", PREFIX})


class Front:
    """The desk's pages, and behind them Prefect's.

    Args:
        prefect: Prefect's application.
        access: Where this server is, for what the desk asks of Prefect, with its secret.
        addresses: The server's own addresses.
    """

    def __init__(self, prefect: ASGIApp, access: Access, addresses: Addresses) -> None:
        running = RunningApp(DESK)
        with suppress(Transient):
            # A wrong configuration is told at once. A case store that does not answer holds up the pages that need it.
            running()
        asking = AskingServer(access)
        door = Door(current_store, RosterFile(Environment().config_path))
        desk = Desk(
            app=running,
            door=door,
            rendering=Rendering(),
            resume=partial(_resume, asking),
            run_address=partial(_run_address, asking),
            start=partial(_start, asking),
            follow=partial(_follow, asking),
            origin=partial(_origin, addresses),
        )
        self._desk = make_desk(desk, partial(_is_secure, addresses))
        self._prefect = PrefectPages(prefect, door.known, access.secret or "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the desk where it is for the desk, and to Prefect otherwise."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path in _ROOTS and scope["method"] in {"GET", "HEAD"}:
            await RedirectResponse(HOME, 303)(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(HOME):
            await self._desk(scope, receive, send)
        else:
            await self._prefect(scope, receive, send)


def _is_secure(addresses: Addresses, request: Request) -> bool:
    """Return whether the browser reaches us by https, also through a proxy that ends it."""
    return _origin(addresses, request).startswith("https://")


def _origin(addresses: Addresses, request: Request) -> str:
    """Return the own address that the browser called."""
    return addresses.named(request.headers.get("host", ""))


def _resume(asking: AskingServer, case_id: str, gate: Gate | None) -> bool:
    """Resume a case's run, which keeps its sheet current; the decision is stored whether or not Prefect answers.

    Where no run goes on with the case, its sheet is updated here.
    """
    with asking():
        try:
            # Asked before it is woken: a batch that goes on with the case writes its sheet where it leaves it.
            in_batch = current_store().waiting.has_turn(case_id)
            goes_on = resume_all(case_id, gate)
            if in_batch or goes_on:
                return goes_on
            show_beside_run(case_id)
            # A run that was just being suspended is so by now.
            return resume_all(case_id, gate)
        except (httpx.HTTPError, PrefectException):
            # The keeper finds a run whose gate is decided, and lets it go on.
            return False


def _start(asking: AskingServer, case_id: str, right: Right) -> None:
    """Start a case's run; the case is open whether or not Prefect answers, and the keeper starts one without a run."""
    with asking(), suppress(httpx.HTTPError, PrefectException):
        start_case(case_id, right)


def _follow(asking: AskingServer, case_id: str) -> None:
    """Show an action on the case's sheet and on the board; the action is stored even if that fails."""
    with asking(), suppress(httpx.HTTPError, PrefectException, RightsflowError):
        show_case(case_id)


def _run_address(asking: AskingServer, case_id: str) -> str:
    with asking(), get_client(sync_client=True) as client:
        return run_paths(client, [case_id]).get(case_id, "")
