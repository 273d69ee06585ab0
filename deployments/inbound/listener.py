"""The listener: OpenDSR 2.0 as a processor serves it, and the callbacks of our own processors.

Each call goes the same way: how much its sender calls, who that is, how much it sends, whether it is signed; then what
it says. Nothing of a call is logged but that it could not be answered, and nothing of it goes through Prefect.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from connectors.opendsr.signing import Signer
from deployments.inbound.callers import Callers, TurnedAway
from deployments.inbound.interface_document import interface_document
from deployments.inbound.order_answers import discovery, fault, signed, signed_bytes
from rightsflow.cases.app import App
from rightsflow.cases.orders.following_orders import cancel_order, certificate_of, package_of
from rightsflow.cases.orders.taking_orders import find_order, inbound_of, take_order
from rightsflow.cases.processors.hearing_callbacks import hear_callback
from rightsflow.cases.step.faults import without_content
from rightsflow.domain.errors import Conflict, Refused, RightsflowError
from rightsflow.domain.orders.order import Order
from rightsflow.domain.orders.order_body import OrderFault, read_request_id
from rightsflow.domain.orders.order_words import OrderWords

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 64 * 1024
_READ_SECONDS: Final = 20.0
_TAKEN: Final = 202


def signer_of(app: App) -> Signer:
    """The signer of what is answered here.

    Args:
        app: What it works with.

    Raises:
        Misconfigured: No orders are taken, or certificate or key cannot be used.
    """
    section = inbound_of(app)
    return Signer(section.domain, section.certificate, section.key.reveal, what="[inbound.opendsr]")


def make_listener(app: App, steady: Callable[[], float] = monotonic) -> Starlette:
    """The application.

    Args:
        app: What it works with.
        steady: Gives seconds that only grow, by which calls are counted.

    Raises:
        Misconfigured: No orders are taken, or a certificate, key or token cannot be used.
    """
    section, signer = inbound_of(app), signer_of(app)
    words = OrderWords(section.base_url, app.settings.controller.zone)
    api = _Interface(app, Callers(section, app.now, steady), words, signer)
    below = [Route(path, partial(api.answer, act), methods=[method]) for method, path, act in api.table]
    return Starlette(
        routes=[Mount(urlsplit(section.base_url).path or "/", routes=below)],
        exception_handlers={HTTPException: _unknown_address},
    )


async def _unknown_address(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse(fault(status, "There is no such address, or it takes no such call."), status)


Answer = Callable[[Request, bytes], Response]


class _Interface:
    """Answers calls.

    Args:
        app: What it works with.
        callers: Who may call.
        words: What is said of an order.
        signer: Signs answers, and has the certificate that is given.
    """

    def __init__(self, app: App, callers: Callers, words: OrderWords, signer: Signer) -> None:
        self._app = app
        self._callers = callers
        self._words = words
        self._signer = signer
        self._base = inbound_of(app).base_url

    @property
    def table(self) -> list[tuple[str, str, Answer]]:
        """The calls: method, path and what answers. The names of before version 2 are honoured (section 10.1)."""
        found: list[tuple[str, str, Answer]] = [
            ("GET", "/discovery", self._discovery),
            ("GET", "/certificate.pem", self._certificate),
            ("GET", "/openapi.json", self._document),
            ("POST", "/opendsr_callbacks", self._callback),
            ("POST", "/opengdpr_callbacks", self._callback),
        ]
        for requests in ("/requests", "/opengdpr_requests"):
            found += [
                ("POST", requests, self._take),
                ("GET", f"{requests}/{{request_id}}", self._status),
                ("DELETE", f"{requests}/{{request_id}}", self._cancel),
                ("GET", f"{requests}/{{request_id}}/results", self._results),
                ("GET", f"{requests}/{{request_id}}/package", self._package),
            ]
        return found

    async def answer(self, act: Answer, request: Request) -> Response:
        """Answer a call."""
        try:
            body = await _body(request)
            return await run_in_threadpool(self._answered, act, request, body)
        except TurnedAway as error:
            return _turned_away(error.status, str(error))

    def _answered(self, act: Answer, request: Request, body: bytes) -> Response:
        try:
            return act(request, body)
        except TurnedAway as error:
            return _turned_away(error.status, str(error))
        except OrderFault as error:
            return signed(self._signer, fault(400, str(error), error.about), 400)
        except Conflict as error:
            return signed(self._signer, fault(409, str(error)), 409)
        except Exception as error:  # noqa: BLE001 - a traceback may quote what a log must not hold
            logger.warning("a call could not be answered: %s", without_content(error, "The call"))
            return _turned_away(503, "This cannot be answered now; try again.")

    def _discovery(self, _request: Request, _body: bytes) -> Response:
        self._callers.take_unknown()
        return JSONResponse(discovery(self._base))

    def _certificate(self, _request: Request, _body: bytes) -> Response:
        self._callers.take_unknown()
        return Response(self._signer.pem, media_type="application/x-pem-file")

    def _document(self, _request: Request, _body: bytes) -> Response:
        self._callers.take_unknown()
        return JSONResponse(interface_document(self._base))

    def _take(self, request: Request, body: bytes) -> Response:
        controller = self._callers.controller_of(request.headers)
        self._callers.check_signature(controller, request.headers, body)
        order = take_order(self._app, controller, body)
        return signed(self._signer, self._words.receipt(order, body), 201)

    def _status(self, request: Request, _body: bytes) -> Response:
        return signed(self._signer, self._words.status(self._order(request)))

    def _cancel(self, request: Request, body: bytes) -> Response:
        order = self._order(request)
        self._callers.check_signature(order.controller, request.headers, body)
        cancelled = cancel_order(self._app, order)
        return signed(self._signer, self._words.cancelled(cancelled, self._app.now()), _TAKEN)

    def _results(self, request: Request, _body: bytes) -> Response:
        return signed_bytes(self._signer, certificate_of(self._app, self._order(request)))

    def _package(self, request: Request, _body: bytes) -> Response:
        chunks = package_of(self._app, self._order(request))
        return StreamingResponse(chunks, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    def _order(self, request: Request) -> Order:
        """The order that an address names: of the controller that calls, and of no other."""
        controller = self._callers.controller_of(request.headers)
        order = find_order(self._app, controller, read_request_id(request.path_params["request_id"]))
        if order is None:
            raise TurnedAway(404, "You have no such request here.")
        return order

    def _callback(self, request: Request, body: bytes) -> Response:
        self._callers.take_unknown()
        try:
            hear_callback(self._app, body, request.headers)
        except Refused:
            raise TurnedAway(403, "The callback is not proved to be a processor's of ours.") from None
        except RightsflowError as error:
            # It was proved, and its status is read in the watch's next round in any case.
            logger.warning("what a callback is about is read later: %s", without_content(error, "The callback"))
        return JSONResponse({}, _TAKEN)


async def _body(request: Request) -> bytes:
    """The body, unless it is larger than any request has to be, or comes too slowly."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > MOST_BYTES:
        raise TurnedAway(413, f"The body has more than {MOST_BYTES // 1024} kB; send less.")
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await _read(request)
    except TimeoutError:
        raise TurnedAway(408, "The body came too slowly; send it again.") from None
    except ClientDisconnect:
        raise TurnedAway(400, "The call ended before its body did.") from None


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TurnedAway(413, f"The body has more than {MOST_BYTES // 1024} kB; send less.")
    return bytes(body)


def _turned_away(status: int, text: str) -> Response:
    headers = {"Retry-After": "10"} if status in {429, 503} else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(fault(status, text)), status, headers, media_type="application/json")
