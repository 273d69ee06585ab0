"""How long an answer may take in all: a server that sends a byte a minute never runs into a socket's time limit.

botocore offers no limit on a whole answer and no public way to put one in, so its pools of connections get a class of
answer that counts the time spent waiting. This module is the only one that touches botocore's inside.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from http.client import HTTPResponse
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3.client import S3Client

SLOWEST = 16 * 1024
"""Bytes a second: a stream that is slower than a telephone call in stereo counts as frozen."""


def limit_answers(client: S3Client, seconds: float) -> None:
    """Let no answer keep a client waiting for longer.

    Args:
        client: The client.
        seconds: How long to wait for an answer in all; what has come at :data:`SLOWEST` or faster does not count.
    """
    answer = type("LimitedAnswer", (_Answer,), {"seconds": seconds})
    pools = cast("_Client", client)._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - see above
    for scheme, pool, connection in (
        ("http", AWSHTTPConnectionPool, AWSHTTPConnection),
        ("https", AWSHTTPSConnectionPool, AWSHTTPSConnection),
    ):
        limited = type("LimitedConnection", (connection,), {"response_class": answer})
        pools[scheme] = type("LimitedPool", (pool,), {"ConnectionCls": limited})


class _HttpSession(Protocol):
    _pool_classes_by_scheme: dict[str, type[AWSHTTPConnectionPool]]


class _Endpoint(Protocol):
    http_session: _HttpSession


class _Client(Protocol):
    """What botocore's client has inside."""

    _endpoint: _Endpoint


class _Answer(HTTPResponse):
    """An answer whose bytes come through :class:`_Patience`."""

    seconds: ClassVar[float]

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = io.BufferedReader(_Patience(self.fp.detach(), sock, self.seconds))


class _Patience(io.RawIOBase):
    """A socket's bytes, as long as they come in time."""

    def __init__(
        self, raw: io.RawIOBase, sock: socket.socket, seconds: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self._clock = clock
        self._raw = raw
        self._sock = sock
        self._most = self._left = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self._left <= 0:
            raise TimeoutError
        self._sock.settimeout(self._left)
        began = self._clock()
        try:
            count = self._raw.readinto(buffer)
        finally:
            self._left -= self._clock() - began
        # Time is earned by what comes, and never saved up for a silence later.
        self._left = min(self._most, self._left + (count or 0) / SLOWEST)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
