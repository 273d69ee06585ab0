"""HTTP calls to a system, made in the same way by all connectors that use HTTP.

Rules of every call: bounds of bytes and time (:mod:`connectors.bounds`), verified TLS, credentials and bodies sent to
the system's own host only (despite redirects), files from known hosts only, and retries inside the call, which obey
the system's ``Retry-After`` up to a bound and its limit on calls if it names one. Longer waits are raised as
``Transient(retry_after)`` for the orchestration to wait. Every fault is raised as one of ``Transient``, ``Permanent``,
``Refused`` and ``Misconfigured``, by the table in ``connectors.faults``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TypedDict, Unpack

import requests

from connectors.bounds import ListBound, OutOfBounds
from connectors.faults import NOT_JSON, HttpFault, failure, fault_for, fault_of, request_id
from connectors.pacing import RateLimiter
from connectors.timing import timed_call
from connectors.transport import (
    AUTHORIZATION,
    IDEMPOTENCY_HEADER,
    Credentials,
    KeyedAdapter,
    Patience,
    ServiceUrl,
    origin,
)
from rightsflow.domain.errors import RightsflowError, Transient

__all__ = ["Credentials", "HttpClient", "Patience", "Query", "ServiceUrl", "guarded_session"]

logger = logging.getLogger(__name__)

CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 5
_TOO_SOON = "The system allows no further calls for now; they go on when it counts anew."

Judge = Callable[[requests.Response], HttpFault | None]
"""A connector's own reading of an answer beyond its status; ``None`` leaves it to the table."""


Query = Mapping[str, str | int | Sequence[str]]
"""The query of a call."""


class _Options(TypedDict, total=False):
    """The options of a session's call besides method and address."""

    params: Query | None
    json: Mapping[str, object] | None
    data: bytes | None
    headers: Mapping[str, str] | None
    stream: bool


def guarded_session(
    base_urls: Collection[str],
    *,
    patience: Patience | None = None,
    credentials: Credentials | None = None,
    hosts: Collection[str] | None = None,
    ca_file: str = "",
    header: str = AUTHORIZATION,
) -> requests.Session:
    """A session under the rules of this module.

    Args:
        base_urls: The addresses whose origins get credentials.
        patience: Time limits and retries; by default those of :class:`Patience`.
        credentials: What proves who calls; without it the caller sets ``Authorization`` itself, and loses it on the
            way to any other origin.
        hosts: Other hosts from which files are fetched, with those below them; ``None`` for any on the internet.
        ca_file: A file of the certificate authorities that are trusted; those of the internet by default.
        header: The header that the credentials go into.
    """
    _hush_urllib3()
    session = requests.Session()
    adapter = KeyedAdapter(
        {origin(url) for url in base_urls}, patience or Patience(), credentials, hosts, ca_file, header
    )
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.max_redirects = MAX_REDIRECTS
    session.headers["User-Agent"] = f"rightsflow/{_version()}"
    return session


def _without_addresses(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


@cache
def _hush_urllib3() -> None:
    """Remove whole addresses from the log: urllib3 logs each retry with its query, which may be an e-mail address."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_without_addresses)


@cache
def _version() -> str:
    try:
        return version("rightsflow")
    except PackageNotFoundError:
        return "0"


def _no_judge(_response: requests.Response) -> HttpFault | None:
    return None


class HttpClient:
    """The calls of one connector to its system.

    Args:
        system: The system's name in the configuration, for errors and the log.
        base_url: Where the system lies; credentials go there and nowhere else.
        credentials: What proves who calls.
        patience: Time limits and retries.
        judge: What the connector knows better than the table of faults.
        limiter: Keeps below the limit that the system tells on its answers; ``None`` where it tells none.
        hosts: Other hosts from which files are fetched, with those below them; ``None`` for any on the internet.
        ca_file: A file of the certificate authorities that are trusted; those of the internet by default.
        header: The header that the credentials go into.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        credentials: Credentials | None = None,
        patience: Patience | None = None,
        judge: Judge = _no_judge,
        limiter: RateLimiter | None = None,
        hosts: Collection[str] | None = None,
        ca_file: str = "",
        header: str = AUTHORIZATION,
    ) -> None:
        self.system = system
        self.patience = patience or Patience()
        self.base_url = base_url
        self._credentials = credentials
        self._session = guarded_session(
            [base_url], patience=self.patience, credentials=credentials, hosts=hosts, ca_file=ca_file, header=header
        )
        self._session.headers["Accept"] = "application/json"
        self._judge = judge
        self._limiter = limiter

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Query | None = None,
        body: Mapping[str, object] | None = None,
        allow: Collection[int] = (),
        idempotency_key: str = "",
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Call the system and return its answer, if that is a success or one of the statuses in ``allow``.

        Args:
            operation: What is being done, for errors and the log.
            method: The HTTP method.
            path: Below the base address, with a slash in front.
            params: The query.
            body: Sent as JSON.
            allow: Statuses that are an answer and not a fault.
            idempotency_key: Lets a call be repeated whose method is not idempotent.
            content: Sent as it is in place of a body, as JSON unless a header says otherwise: bytes that were signed.
            headers: What is sent with it.

        Raises:
            RightsflowError: As the table of faults says.
        """
        given = dict(headers or {})
        if idempotency_key:
            given[IDEMPOTENCY_HEADER] = idempotency_key
        if content is not None:
            given.setdefault("Content-Type", "application/json")
        url = self.base_url + path
        return self._checked(operation, method, url, allow, params=params, json=body, data=content, headers=given)

    def stream(self, operation: str, url: str) -> Iterator[bytes]:
        """Read bytes from any address that the system gave, in chunks of 64 KiB; other hosts get no credentials.

        Raises:
            RightsflowError: As the table of faults says; ``Transient`` where the bytes end too early.
        """
        with self._checked(operation, "GET", url, (), stream=True, headers={"Accept": "*/*"}) as response:
            try:
                yield from response.iter_content(CHUNK_BYTES)
            except (requests.RequestException, OutOfBounds) as error:
                raise self._failed(error, operation) from None

    def media_type(self, operation: str, url: str) -> str | None:
        """The media type of the bytes at an address that the system gave, or ``None`` if they are gone (404, 410).

        Raises:
            RightsflowError: The answer was neither yes nor no.
        """
        # GET and not HEAD: signed addresses are signed for one method. The bytes are not fetched.
        with self._checked(operation, "GET", url, (404, 410), stream=True, headers={"Accept": "*/*"}) as response:
            if response.status_code in {404, 410}:
                return None
            return response.headers.get("Content-Type", "").partition(";")[0].strip() or "application/octet-stream"

    def json(self, operation: str, response: requests.Response) -> dict[str, object]:
        """The JSON object in an answer.

        Raises:
            Permanent: It is something else.
        """
        try:
            data = response.json()
        except requests.JSONDecodeError:
            data = None
        if not isinstance(data, dict):
            raise failure(NOT_JSON, system=self.system, operation=operation, response=response)
        return data

    def _checked(
        self, operation: str, method: str, url: str, allow: Collection[int], **options: Unpack[_Options]
    ) -> requests.Response:
        response = self._sent(operation, method, url, **options)
        if response.status_code == 401 and 401 not in allow and self._renewed(url):
            response.close()
            response = self._sent(operation, method, url, **options)
        if 200 <= response.status_code < 300 or response.status_code in allow:
            return response
        fault = self._judge(response) or fault_for(response.status_code)
        response.close()
        raise failure(fault, system=self.system, operation=operation, response=response)

    def _sent(self, operation: str, method: str, url: str, **options: Unpack[_Options]) -> requests.Response:
        # Other hosts count by themselves, if at all.
        limiter = self._limiter if origin(url) == origin(self.base_url) else None
        if limiter and (seconds := limiter.wait()):
            raise Transient(_TOO_SOON, retry_after=seconds, system=self.system, operation=operation)
        try:
            with timed_call(self.system, operation) as call:
                response = self._session.request(method, url, **options)
                call.answered(response.status_code)
        except (requests.RequestException, OutOfBounds) as error:
            raise self._failed(error, operation) from None
        if limiter:
            limiter.heed(response.headers)
        logger.info("%s %s: %s, request %s", self.system, operation, response.status_code, request_id(response) or "-")
        return response

    def list_bound(self, operation: str) -> ListBound:
        """Return what counts the pages of one list.

        Args:
            operation: What is being done.
        """
        return ListBound(self.patience.bounds.entries, self.system, operation)

    def _failed(self, error: requests.RequestException | OutOfBounds, operation: str) -> RightsflowError:
        if isinstance(error, OutOfBounds):
            return error.as_error(self.system, operation)
        return failure(fault_of(error), system=self.system, operation=operation)

    def _renewed(self, url: str) -> bool:
        ours = origin(url) == origin(self.base_url)
        return ours and self._credentials is not None and self._credentials.renew()
