"""OpenDSR 2.0 as a processor serves it: who calls, signed answers, and the callbacks of our own processors.

Each call goes the same way: how much its sender calls, who that is, how much it sends, whether it is signed; then what
it says. Nothing of a call is logged but that it could not be answered, and nothing of it goes through Prefect.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from connectors.opendsr.proofs import NotProved
from connectors.opendsr.revocation import RevocationLists, RevocationUnknown
from connectors.opendsr.signatures import CONTROLLER, check_certificate, check_domain, check_signature, load_roots
from connectors.opendsr.signing import Signer
from deployments.callers import Allowance, Allowances, caller_of, counted_address
from deployments.inbound.calls import PRIVATE, TurnedAway, body_of, shown_token, take_from
from deployments.inbound.orders_document import interface_document
from rightsflow.cases.app import App
from rightsflow.cases.course.orders import cancel_order, certificate_of, find_order, inbound_of, package_of, take_order
from rightsflow.cases.course.processors.opendsr import hear_callback
from rightsflow.cases.step.faults import without_content
from rightsflow.config.sections.inbound_settings import InboundOpenDsr, OrderingController
from rightsflow.domain.errors import Conflict, Misconfigured, Refused, RightsflowError
from rightsflow.domain.orders.order import VERSION, Order, OrderFault, OrderWords, read_request_id
from rightsflow.domain.processors.opendsr import IDENTITY_TYPES, RAW, REQUEST_TYPES


def signed(signer: Signer, said: Mapping[str, object], status: int = 200) -> Response:
    """Sign an object.

    Args:
        signer: Signs it.
        said: What it says.
        status: The HTTP status.
    """
    return signed_bytes(signer, json.dumps(said).encode(), status)


def signed_bytes(signer: Signer, body: bytes, status: int = 200) -> Response:
    """Bytes of JSON, signed as they are.

    Args:
        signer: Signs them.
        body: The bytes.
        status: The HTTP status.
    """
    headers = {**PRIVATE, **signer.as_processor(body)}
    return Response(body, status, headers, media_type="application/json")


def discovery(base_url: str) -> dict[str, object]:
    """Return the requests and identifiers accepted here.

    Args:
        base_url: The address under which controllers reach it.
    """
    identities = [{"identity_type": name, "identity_format": RAW} for name in sorted(IDENTITY_TYPES.values())]
    return {
        "api_version": VERSION,
        "supported_identities": identities,
        "supported_subject_request_types": list(REQUEST_TYPES.values()),
        "processor_certificate": f"{base_url}/certificate.pem",
    }


def fault(status: int, text: str, reason: str = "") -> dict[str, Any]:
    """Return a fault in the form of the specification.

    Args:
        status: The HTTP status.
        text: Why, in words for the caller.
        reason: Which part of the request; empty for none.
    """
    said: dict[str, Any] = {"code": status, "message": text}
    if reason:
        said["errors"] = [{"domain": "request", "reason": reason, "message": text}]
    return {"error": said}


logger = logging.getLogger(__name__)


class Callers:
    """The controllers that are served, and how much each may call.

    Args:
        settings: The section about orders.
        now: Gives the present instant (aware).
        steady: Gives seconds that only grow, by which calls are counted.

    Raises:
        Misconfigured: A token is missing or too short, or two are the same.
    """

    def __init__(self, settings: InboundOpenDsr, now: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._settings = settings
        self._revocation = RevocationLists(settings.revocation_hosts) if settings.checks_revocation else None
        self._now = now
        self._unknown = Allowances(settings.per_minute, steady)
        self._allowances = {
            key: Allowance(controller.per_minute, steady) for key, controller in settings.controllers.items()
        }
        tokens = list(self._tokens().values())
        if len(set(tokens)) < len(tokens):
            raise Misconfigured("Two controllers of [inbound.opendsr] have the same token; give each its own.")

    def take_unknown(self, request: Request) -> None:
        """Count a call of an unknown caller, by its address.

        Args:
            request: The call.

        Raises:
            TurnedAway: There were too many.
        """
        take_from(self._unknown.of(counted_address(caller_of(request))))

    def controller_of(self, request: Request) -> str:
        """Return the controller whose token a call has, by its key in the configuration.

        Args:
            request: The call.

        Raises:
            TurnedAway: It shows none, or there were too many calls.
        """
        given = shown_token(request.headers).encode()
        # Read anew, so that a changed token counts at once; each is compared, so that all take as long.
        found = [key for key, token in self._tokens().items() if hmac.compare_digest(token.encode(), given)]
        if not found:
            self.take_unknown(request)
            raise TurnedAway(401, "The token is missing or not known.")
        take_from(self._allowances[found[0]])
        return found[0]

    def check_signature(self, controller: str, headers: Mapping[str, str], body: bytes) -> None:
        """Check that a request is signed by its controller: first the domain, then the certificate, then the signature.

        Args:
            controller: The controller's key in the configuration.
            headers: The request's.
            body: Its bytes, as they came.

        Raises:
            TurnedAway: It is not proved.
        """
        section = self._settings.controllers[controller]
        if not section.certificate:
            return
        try:
            check_domain(headers, section.domain.lower(), CONTROLLER)
            roots = load_roots(self._settings.ca_file or DEFAULT_CA_BUNDLE_PATH)
            leaf = check_certificate(_pem(section), section.domain.lower(), roots, self._now(), self._revocation)
            check_signature(body, headers, leaf)
        except RevocationUnknown as error:
            logger.warning("a request of %s is not taken: %s", controller, error)
            raise TurnedAway(503, "Whether your certificate was revoked cannot be found out; try again.") from None
        except NotProved:
            raise TurnedAway(403, "The request is not signed by the certificate that is registered for you.") from None

    def _tokens(self) -> dict[str, str]:
        try:
            return {key: controller.known_token() for key, controller in self._settings.controllers.items()}
        except ValueError as error:
            raise Misconfigured(f"[inbound.opendsr]: {error}.") from None


def _pem(section: OrderingController) -> bytes:
    try:
        return Path(section.certificate).read_bytes()
    except OSError:
        raise NotProved("The controller's certificate cannot be read.") from None


_TAKEN: Final = 202


def signer_of(app: App) -> Signer:
    """Return the signer of answers to controllers.

    Args:
        app: What it works with.

    Raises:
        Misconfigured: No orders are taken, or certificate or key cannot be used.
    """
    section = inbound_of(app)
    return Signer(section.domain, section.certificate, section.key.reveal, what="[inbound.opendsr]")


def order_routes(app: App, steady: Callable[[], float]) -> list[Route]:
    """Return the routes for orders and callbacks, below the path of the section's address.

    Args:
        app: What it works with.
        steady: Gives seconds that only grow, by which calls are counted.

    Raises:
        Misconfigured: No orders are taken, or a certificate, key or token cannot be used.
    """
    section, signer = inbound_of(app), signer_of(app)
    words = OrderWords(section.base_url, app.settings.controller.zone)
    api = OrdersInterface(app, Callers(section, app.now, steady), words, signer)
    return [Route(path, partial(api.answer, act), methods=[method]) for method, path, act in api.table]


Answer = Callable[[Request, bytes], Response]


class OrdersInterface:
    """Answers calls over OpenDSR 2.0.

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
        """Return the calls: method, path and handler. The names of before version 2 are supported (section 10.1)."""
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
            body = await body_of(request)
            return await run_in_threadpool(self._answered, act, request, body)
        except TurnedAway as error:
            return _turned_away(error)

    def _answered(self, act: Answer, request: Request, body: bytes) -> Response:
        try:
            return act(request, body)
        except TurnedAway as error:
            return _turned_away(error)
        except OrderFault as error:
            return signed(self._signer, fault(400, str(error), error.about), 400)
        except Conflict as error:
            return signed(self._signer, fault(409, str(error)), 409)
        except Exception as error:  # noqa: BLE001 - a traceback may quote what a log must not hold
            logger.warning("a call could not be answered: %s", without_content(error, "The call"))
            return _turned_away(TurnedAway(503, "This cannot be answered now; try again."))

    def _discovery(self, request: Request, _body: bytes) -> Response:
        self._callers.take_unknown(request)
        return JSONResponse(discovery(self._base))

    def _certificate(self, request: Request, _body: bytes) -> Response:
        self._callers.take_unknown(request)
        return Response(self._signer.pem, media_type="application/x-pem-file")

    def _document(self, request: Request, _body: bytes) -> Response:
        self._callers.take_unknown(request)
        return JSONResponse(interface_document(self._base))

    def _take(self, request: Request, body: bytes) -> Response:
        controller = self._callers.controller_of(request)
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
        """Return the order that an address names: of the calling controller, and of no other."""
        controller = self._callers.controller_of(request)
        order = find_order(self._app, controller, read_request_id(request.path_params["request_id"]))
        if order is None:
            raise TurnedAway(404, "You have no such request here.")
        return order

    def _callback(self, request: Request, body: bytes) -> Response:
        self._callers.take_unknown(request)
        try:
            hear_callback(self._app, body, request.headers)
        except Refused:
            raise TurnedAway(403, "The callback is not proved to be a processor's of ours.") from None
        except RightsflowError as error:
            # The callback was proved, and the status is read in the watch's next round in any case.
            logger.warning("what a callback is about is read later: %s", without_content(error, "The callback"))
        return JSONResponse({}, _TAKEN)


def _turned_away(error: TurnedAway) -> Response:
    body = json.dumps(fault(error.status, str(error)))
    return Response(body, error.status, error.headers, media_type="application/json")
