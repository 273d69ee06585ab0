"""The gate that every HTTP request of a connector passes: bounds of the answer, TLS, credentials, retries.

The rules are kept in requests' adapter and in urllib3's retries, below sessions and SDKs, so that a redirect or a
vendor's library cannot go round them.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import Annotated, Any, Final, Protocol, cast
from urllib.parse import urlsplit

import requests
from pydantic import AfterValidator
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from connectors.bounds import AnswerBounds, BoundedAnswer, DecodedBody, bounded, present_bounds
from connectors.faults import ForeignHost, seconds_of

Timeout = float | tuple[float, float] | tuple[float, None] | None
Certificate = bytes | str | tuple[bytes | str, bytes | str] | None
"""A certificate in the form that requests accepts."""

AUTHORIZATION: Final = "Authorization"
IDEMPOTENCY_HEADER = "Idempotency-Key"
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
RETRIED_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The limits of one call, after which the orchestration has to wait instead.

    Args:
        connect_seconds: Time limit for making the connection.
        read_seconds: Time limit for each wait on bytes of the answer.
        retries: How often one call is tried again.
        backoff_seconds: The first wait where the system names none; it doubles each time.
        longest_wait_seconds: The longest ``Retry-After`` that is slept inside a call.
        sleep: How to wait, in seconds; tests give one that returns at once.
        bounds: How large the answer may be, and how long it may take in all, repeats included.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    retries: int = 4
    backoff_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    bounds: AnswerBounds = field(default_factory=AnswerBounds)


class Credentials(Protocol):
    """The credentials that identify the caller to a system."""

    def header(self) -> str:
        """The value of ``Authorization``, or of the header in its place."""
        ...

    def renew(self) -> bool:
        """Drop credentials that the system has just refused; return whether another attempt can help."""
        ...


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port, which credentials are bound to (RFC 6454)."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme, 0)
    return parts.scheme, (parts.hostname or "").casefold(), parts.port or usual


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine, where there is no wire to listen on."""
    host = origin(url)[1]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _service_url(url: str) -> str:
    try:
        scheme, host, _ = origin(url)
    except ValueError:
        scheme, host = "", ""
    if not host or scheme not in {"https", "http"} or "@" in url or urlsplit(url).query:
        raise ValueError("write an address like https://example.zendesk.com")
    if scheme == "http" and not is_loopback(url):
        raise ValueError("write it with https; personal data may not cross a network in clear")
    return url.rstrip("/")


ServiceUrl = Annotated[str, AfterValidator(_service_url)]
"""The type of a ``base_url`` in a connector's settings: https, or http on this machine; no slash at its end."""


class BoundedRetry(Retry):
    """urllib3's retries with an injected sleep, which leave a long ``Retry-After`` to the caller."""

    patience = Patience()

    def new(self, **changes: object) -> BoundedRetry:
        """A copy with one attempt fewer; urllib3 calls it."""
        copy = super().new(**changes)
        copy.patience = self.patience
        return copy

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> BoundedRetry:
        """The retries that are left after a fault, or an end of them; urllib3 calls it."""
        asked = None if response is None else seconds_of(response.headers.get("Retry-After"))
        if asked is not None and asked > self.patience.longest_wait_seconds:
            # With raise_on_status off, urllib3 takes this as: give the caller the answer as it is.
            raise MaxRetryError(
                cast("ConnectionPool", _pool), url or "", ResponseError("the wait is too long for one call")
            )
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as the system asks, else exponentially; urllib3 calls it."""
        asked = None if response is None else seconds_of(response.headers.get("Retry-After"))
        self.patience.sleep(self.get_backoff_time() if asked is None else asked)


def bounded_retry(patience: Patience, methods: Collection[str] | None = IDEMPOTENT_METHODS) -> BoundedRetry:
    """The retries of one call.

    Args:
        patience: How often and how long.
        methods: The HTTP methods that may be repeated, or ``None`` for all.
    """
    retry = BoundedRetry(
        total=patience.retries,
        allowed_methods=methods,
        status_forcelist=RETRIED_STATUSES,
        backoff_factor=patience.backoff_seconds,
        backoff_jitter=patience.backoff_seconds,
        backoff_max=patience.longest_wait_seconds,
        raise_on_status=False,
    )
    retry.patience = patience
    return retry


def is_among(host: str, hosts: Collection[str]) -> bool:
    """Return whether a host is one of some hosts, or below one: ``p1.example.com`` below ``example.com``.

    Args:
        host: A name or an IP address.
        hosts: The hosts, in lower case.
    """
    return any(host == item or host.endswith(f".{item}") for item in hosts)


def _is_public(host: str, port: int) -> bool:
    """Return whether a host has only internet addresses: none of this machine, its network or a cloud's own services.

    A name that cannot be resolved is left to the call, which fails with it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(ipaddress.ip_address(str(item[4][0]).partition("%")[0]).is_global for item in found)


class _BoundedConnection(HTTPConnection):
    response_class = BoundedAnswer


class _BoundedTlsConnection(HTTPSConnection):
    response_class = BoundedAnswer


class _BoundedPool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTlsConnection


_POOLS: Final = MappingProxyType({"http": _BoundedPool, "https": _BoundedTlsPool})


class GuardedAdapter(HTTPAdapter):
    """The one gate that every request passes, redirects included.

    Args:
        trusted: Origins that get credentials.
        patience: Time limits and retries.
        credentials: What trusted origins get; ``None`` leaves the header as the caller set it.
        methods: The HTTP methods that may be repeated, or ``None`` for all.
        hosts: Other hosts from which files are fetched, with those below them; ``None`` for any on the internet.
        ca_file: A file of the certificate authorities that are trusted, whatever the environment says of them.
        header: The header that the credentials go into.
    """

    def __init__(
        self,
        trusted: Collection[tuple[str, str, int]],
        patience: Patience,
        credentials: Credentials | None = None,
        methods: Collection[str] | None = IDEMPOTENT_METHODS,
        hosts: Collection[str] | None = None,
        ca_file: str = "",
        header: str = AUTHORIZATION,
    ) -> None:
        super().__init__(max_retries=bounded_retry(patience, methods))
        self._trusted = frozenset(trusted)
        self._patience = patience
        self._credentials = credentials
        self._hosts = None if hosts is None else frozenset(item.casefold() for item in hosts)
        self._ca_file = ca_file
        self._header = header
        self._on_this_machine = any(is_loopback(f"{scheme}://{host}") for scheme, host, _ in self._trusted)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: bool | str = True,
        cert: Certificate = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request with a time limit, verified TLS, and credentials only where they belong."""
        self._guard(request)
        limits = timeout or (self._patience.connect_seconds, self._patience.read_seconds)
        bounds = self._patience.bounds.call(streamed=stream, idle_seconds=self._patience.read_seconds)
        with bounded(bounds):
            return super().send(request, stream, limits, self._ca_file or verify or True, cert, proxies)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of connections; requests calls it."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = dict(_POOLS)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        """Return the pools of connections through a proxy; requests calls it."""
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = dict(_POOLS)
        return manager

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """Return an answer whose body is counted after decompression; requests calls this."""
        response = super().build_response(req, resp)
        response.raw = DecodedBody(resp, present_bounds())
        return response

    def _guard(self, request: requests.PreparedRequest) -> None:
        url = request.url or ""
        if origin(url) in self._trusted:
            if self._credentials is not None:
                request.headers[self._header] = self._credentials.header()
            return
        for name in (AUTHORIZATION, self._header, "Cookie"):
            request.headers.pop(name, None)
        if origin(url)[0] != "https" and not (self._on_this_machine and is_loopback(url)):
            raise requests.exceptions.InvalidURL("an address in clear")
        self._refuse_foreign(request)

    def _refuse_foreign(self, request: requests.PreparedRequest) -> None:
        """Refuse other hosts, except for reading files on allowed hosts; a body is sent to no other host.

        What the system gives is not ours: an address in a ticket, or a redirect, may lead to our own network. A body is
        repeated nowhere, whatever a redirect (307, 308) asks for.
        """
        _, host, port = origin(request.url or "")
        if request.body or request.method not in {"GET", "HEAD"}:
            raise ForeignHost("a body for another host")
        own = {name for _, name, _ in self._trusted}
        if self._on_this_machine and is_loopback(request.url or ""):
            is_allowed = True  # A system on this machine, as the sandbox is.
        elif self._hosts is None:
            is_allowed = host in own or _is_public(host, port)
        elif host in self._hosts or host in own:
            is_allowed = True  # Named as it is, it may also lie in a network of our own.
        else:
            is_allowed = is_among(host, self._hosts) and _is_public(host, port)
        if not is_allowed:
            raise ForeignHost("a host that is not known")


class KeyedAdapter(GuardedAdapter):
    """The same, but a call with an idempotency key may be repeated whatever its method.

    Args:
        trusted: Origins that get credentials.
        patience: Time limits and retries.
        credentials: What trusted origins get; ``None`` leaves the header as the caller set it.
        hosts: Other hosts from which files are fetched; ``None`` for any on the internet.
        ca_file: A file of the certificate authorities that are trusted, whatever the environment says of them.
        header: The header that the credentials go into.
    """

    def __init__(
        self,
        trusted: Collection[tuple[str, str, int]],
        patience: Patience,
        credentials: Credentials | None = None,
        hosts: Collection[str] | None = None,
        ca_file: str = "",
        header: str = AUTHORIZATION,
    ) -> None:
        super().__init__(trusted, patience, credentials, hosts=hosts, ca_file=ca_file, header=header)
        self._keyed = GuardedAdapter(
            trusted, patience, credentials, methods=None, hosts=hosts, ca_file=ca_file, header=header
        )

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: bool | str = True,
        cert: Certificate = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request; see :class:`GuardedAdapter`."""
        if IDEMPOTENCY_HEADER in request.headers:
            return self._keyed.send(request, stream, timeout, verify, cert, proxies)
        return super().send(request, stream, timeout, verify, cert, proxies)

    def close(self) -> None:
        """Close the connections of both."""
        self._keyed.close()
        super().close()
