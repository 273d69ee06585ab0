"""Answer over HTTP whether an address is on the suppression list: a process of its own, which can do nothing else.

``POST /suppressed`` with ``{"contact": "anna@example.com"}`` and the token gives ``{"suppressed": true}`` or ``false``.
The address stands in the body, since addresses of pages end up in logs. Each answer waits for the next tick of a clock
that does not know what was found, so that its time tells nothing; and there are only so many a minute.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deployments.callers import Allowance
from rightsflow.cases.app import App
from rightsflow.cases.step.faults import without_content
from rightsflow.cases.work.erasure.suppression import Listed, are_suppressed
from rightsflow.config.secret_references import SecretRef
from rightsflow.domain.errors import Misconfigured, RightsflowError

logger = logging.getLogger(__name__)

SHORTEST_TOKEN: Final = 32
TICK_SECONDS: Final = 0.05
"""Every answer leaves at a multiple of it after its question came."""
_MOST_BYTES: Final = 1024
_WRONG_PER_MINUTE: Final = 30


def serve(app: App, host: str, port: int) -> None:
    """Answer until the process is stopped.

    Args:
        app: What it works with.
        host: The address of this machine.
        port: The port.

    Raises:
        Misconfigured: There is no token, it is too short, or the port is taken.
    """
    server = uvicorn.Server(
        uvicorn.Config(make_asking(app), host=host, port=port, access_log=False, log_level="warning", lifespan="off")
    )
    try:
        server.run()
    except SystemExit:
        raise Misconfigured(f"The list cannot be served at {host}:{port}; free the port, or give --port.") from None


def make_asking(app: App, steady: Callable[[], float] = monotonic) -> Starlette:
    """Return the application.

    Args:
        app: What it works with.
        steady: Gives seconds that only grow, by which questions are counted.

    Raises:
        Misconfigured: There is no token, or it is too short.
    """
    settings = app.settings.suppression
    _token(settings.token)
    asking = _Asking(app, Allowance(settings.per_minute, steady), Allowance(_WRONG_PER_MINUTE, steady))
    return Starlette(routes=[Route("/suppressed", asking.answer, methods=["POST"])])


def _token(reference: SecretRef | None) -> bytes:
    if reference is None:
        raise Misconfigured("No token is set; name one in [suppression] token, such as env:SUPPRESSION_TOKEN.")
    secret = reference.reveal()
    if len(secret) < SHORTEST_TOKEN:
        raise Misconfigured(f"The token of [suppression] is too short; give {SHORTEST_TOKEN} characters or more.")
    return secret.encode()


class _Asking:
    """Answers questions.

    Args:
        app: What it works with.
        allowance: How many questions it answers.
        wrong: How many with a wrong token it still compares.
    """

    def __init__(self, app: App, allowance: Allowance, wrong: Allowance) -> None:
        self._app = app
        self._allowance = allowance
        self._wrong = wrong

    async def answer(self, request: Request) -> Response:
        """Answer one question, at a time that does not depend on the answer."""
        began = monotonic()
        answered = await self._answer(request)
        answered.headers["Cache-Control"] = "no-store"
        passed = monotonic() - began
        await asyncio.sleep(TICK_SECONDS - passed % TICK_SECONDS)
        return answered

    async def _answer(self, request: Request) -> Response:
        if not self._knows_token(request):
            return _fault(401, "The token is missing or wrong.") if self._wrong.take() else _too_many()
        if not self._allowance.take():
            return _too_many()
        contact = await _contact(request)
        if contact is None:
            return _fault(422, 'Send {"contact": "an e-mail address or a telephone number"} as JSON.')
        try:
            (told,) = await run_in_threadpool(lambda: list(are_suppressed(self._app, [contact])))
        except RightsflowError as error:
            logger.warning("a question could not be answered: %s", without_content(error, "The question"))
            return _fault(503, "The list cannot be asked now; try again.")
        if told is Listed.INVALID:
            return _fault(422, "That is no e-mail address and no telephone number.")
        return JSONResponse({"suppressed": told is Listed.YES})

    def _knows_token(self, request: Request) -> bool:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        # The token is read anew, so that one that was changed holds at once.
        known = _token(self._app.settings.suppression.token)
        is_right = hmac.compare_digest(shown.strip().encode(), known)
        return is_right and scheme.casefold() == "bearer"


async def _contact(request: Request) -> str | None:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _MOST_BYTES:
        return None
    try:
        asked = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    contact = asked.get("contact") if isinstance(asked, dict) and set(asked) == {"contact"} else None
    return contact if isinstance(contact, str) else None


def _fault(status: int, said: str) -> Response:
    return JSONResponse({"error": said}, status)


def _too_many() -> Response:
    return JSONResponse({"error": "Too many questions; ask more slowly."}, 429, headers={"Retry-After": "10"})
