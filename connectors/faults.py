"""HTTP statuses and broken connections as data: the error class, named by what recovers from it, and a sentence.

The sentences contain no part of the answer's body and no address with a query: both may be personal data, and errors
appear in logs, in Prefect's database and in notifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from rightsflow.domain.errors import (
    ConnectorError,
    Misconfigured,
    Permanent,
    Refused,
    RightsflowError,
    Transient,
    safe_request_id,
)

REQUEST_ID_HEADERS = ("X-Zendesk-Request-Id", "X-Request-Id", "Request-Id")


@dataclass(frozen=True, slots=True)
class HttpFault:
    """A fault of a call.

    Args:
        error: The class to raise: ``Misconfigured`` or one of the ``ConnectorError``s.
        sentence: What is wrong and how to fix it, as the rest of a sentence that begins with the system.
    """

    error: type[ConnectorError | Misconfigured]
    sentence: str


FAULTS: Mapping[int, HttpFault] = {
    400: HttpFault(Permanent, "did not accept a call as it was made; the connector does not fit this version of it"),
    401: HttpFault(Misconfigured, "did not accept the credentials; check them in the configuration and renew them"),
    403: HttpFault(Misconfigured, "says that the credentials lack a right; grant it there"),
    404: HttpFault(Permanent, "does not know an address that was called; check base_url and what its plan includes"),
    405: HttpFault(Permanent, "does not allow a call that was made; check base_url and what its plan includes"),
    408: HttpFault(Transient, "took too long; try again later"),
    409: HttpFault(Transient, "was changing the same record at that moment; try again"),
    410: HttpFault(Permanent, "no longer has an address that was called; check base_url and what its plan includes"),
    413: HttpFault(Permanent, "was sent more than it takes; the connector does not fit this version of it"),
    421: HttpFault(Misconfigured, "does not serve this host name; check base_url"),
    422: HttpFault(Refused, "understood a call and refuses it; look at the record there"),
    423: HttpFault(Refused, "has the record locked; release the lock there"),
    425: HttpFault(Transient, "was not ready; try again later"),
    429: HttpFault(Transient, "is called more often than it allows; wait as long as it asks"),
    451: HttpFault(Refused, "refuses for legal reasons; look at the record there"),
    501: HttpFault(Permanent, "does not know a call that was made; the connector does not fit this version of it"),
}
"""The fault of a status unless a connector knows better; a status that is missing goes by its hundred."""


class ForeignHost(requests.exceptions.InvalidURL):
    """An address that the system returned or redirected to is on a host that nothing is fetched from."""


_BY_HUNDRED: Mapping[int, HttpFault] = {
    3: HttpFault(Permanent, "sends calls to another address that leads nowhere; check base_url"),
    4: HttpFault(Permanent, "did not accept a call; a person must look"),
    5: HttpFault(Transient, "has a fault of its own; try again later"),
}

_BROKEN: tuple[tuple[type[Exception], HttpFault], ...] = (
    (
        requests.exceptions.SSLError,
        HttpFault(Misconfigured, "does not prove by a certificate who it is; check base_url"),
    ),
    (requests.exceptions.TooManyRedirects, _BY_HUNDRED[3]),
    (
        ForeignHost,
        HttpFault(
            Misconfigured,
            "gave an address on a host that is not among its attachment_hosts, or on a network of our own; if the "
            "vendor serves files there, add the host to attachment_hosts",
        ),
    ),
    (requests.exceptions.InvalidURL, HttpFault(Permanent, "names an address that is not secure; a person must look")),
    (requests.exceptions.Timeout, HttpFault(Transient, "did not answer in time; try again later")),
    (
        requests.exceptions.RequestException,
        HttpFault(Transient, "cannot be reached or does not answer in time; check the network or try again later"),
    ),
)
"""The same for calls that got no whole answer; the first that fits counts."""

NOT_JSON = HttpFault(Permanent, "answered something other than the JSON it promises; check base_url")


def fault_for(status: int) -> HttpFault:
    """Return the fault of a status of 300 or more."""
    return FAULTS.get(status) or _BY_HUNDRED.get(status // 100) or _BY_HUNDRED[4]


def fault_of(error: requests.RequestException) -> HttpFault:
    """Return the fault of a call that got no complete answer."""
    return next(fault for kind, fault in _BROKEN if isinstance(error, kind))


def failure(
    fault: HttpFault, *, system: str, operation: str, response: requests.Response | None = None
) -> RightsflowError:
    """The error to raise.

    Args:
        fault: What went wrong.
        system: The system's name in the configuration.
        operation: What was being done, for example ``"locate"``.
        response: The answer, if there was one: its status, request id and ``Retry-After`` are taken, never its body.
    """
    sentence = f"The system {fault.sentence}."
    status = "" if response is None else str(response.status_code)
    call_id = request_id(response)
    if issubclass(fault.error, Misconfigured):
        # Misconfigured carries no fields of its own, so the sentence names the system.
        return fault.error(f"The system {system} {fault.sentence}.")
    if issubclass(fault.error, Transient):
        return fault.error(
            sentence,
            retry_after=retry_after(response),
            system=system,
            operation=operation,
            status=status,
            request_id=call_id,
        )
    return fault.error(sentence, system=system, operation=operation, status=status, request_id=call_id)


def request_id(response: requests.Response | None) -> str:
    """The vendor's request id of an answer, hashed where it may quote data, or nothing."""
    if response is None:
        return ""
    given = next((response.headers[name] for name in REQUEST_ID_HEADERS if response.headers.get(name)), "")
    return safe_request_id(given)


def retry_after(response: requests.Response | None) -> float | None:
    """Return the seconds that the system asks us to wait, or ``None``."""
    return None if response is None else seconds_of(response.headers.get("Retry-After"))


def seconds_of(header: str | None) -> float | None:
    """The seconds of a ``Retry-After`` header in either of its forms (RFC 9110, 10.2.3), or ``None``."""
    if header is None:
        return None
    try:
        return float(Retry().parse_retry_after(header))
    except InvalidHeader:
        return None
