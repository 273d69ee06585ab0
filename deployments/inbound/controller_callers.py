"""Identification of the calling controller, by its token and its request's signature, in the specification's order.

All checks fail closed: an unknown token, an unreadable, expired or foreign certificate, and a missing or wrong
signature each end the call before its content is read.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from starlette.requests import Request

from connectors.opendsr.proofs import NotProved
from connectors.opendsr.revocation import RevocationLists, RevocationUnknown
from connectors.opendsr.signatures import (
    CONTROLLER,
    check_certificate,
    check_domain,
    check_signature,
    load_roots,
)
from deployments.allowance import Allowance, Allowances
from deployments.callers import caller_of, counted_address
from deployments.inbound.calls import TurnedAway, shown_token, take_from
from rightsflow.config.sections.inbound_settings import InboundOpenDsr, OrderingController
from rightsflow.domain.errors import Misconfigured

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
