"""The desk in front of Prefect: one address, one sign-in."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.desk.addresses import HOME, PREFIX
from deployments.desk.application import make_desk
from deployments.desk.rendering import Rendering
from deployments.desk.visit import Desk
from deployments.front.asking_server import AskingServer
from deployments.front.prefect_pages import PrefectPages
from deployments.server_access import Access, Addresses
from flows.showing import show_case
from flows.starting import start_case
from flows.suspended import resume_all
from rightsflow.app import current_app, current_store
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import RightsflowError, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile
from tasks.prefect_io.run_addresses import run_paths
from tasks.prefect_io.sheet import show_beside_run

_ROOTS: Final = frozenset({"/", PREFIX})


class Front:
    """The desk's pages, and behind them Prefect's.

    Args:
        prefect: Prefect's application.
        access: Where this server is, for what the desk asks of Prefect, with its secret.
        addresses: The server's own addresses.
    """

    def __init__(self, prefect: ASGIApp, access: Access, addresses: Addresses) -> None:
        with suppress(Transient):
            # A wrong configuration is told at once. A case store that does not answer holds up the pages that need it.
            current_app()
        asking = AskingServer(access)
        door = Door(current_store, RosterFile(Environment().config_path))
        desk = Desk(
            app=current_app,
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
    """The one of our own addresses that the browser called."""
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
