"""Bounds of what a store answers: bytes and time, as for every system over HTTP (:mod:`connectors.bounds`).

botocore offers no limit on a whole answer and no public way to put one in, so its pools of connections get the class of
answer that counts. This module is the only one that touches botocore's inside. What an answer is, an object or a
description of some, is known before each attempt, by botocore's event ``before-send``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
)

from connectors.bounds import AnswerBounds, BoundedAnswer, bound_next

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class _Connection(AWSHTTPConnection):
    response_class = BoundedAnswer  # type: ignore[assignment]


class _TlsConnection(AWSHTTPSConnection):
    response_class = BoundedAnswer  # type: ignore[assignment]


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def limit_answers(client: S3Client, bounds: AnswerBounds, attempts: int) -> None:
    """Hold every answer to a client to bounds.

    Args:
        client: The client.
        bounds: The bounds of one call.
        attempts: How often one is tried; each attempt has its share of the time.
    """
    pools = cast("_Client", client)._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - see above
    pools["http"], pools["https"] = _Pool, _TlsPool
    share = bounds.seconds / attempts

    def before_send(request: AWSPreparedRequest, **_: object) -> None:
        bound_next(bounds.call(streamed=bool(request.stream_output), idle_seconds=share, seconds=share))

    client.meta.events.register("before-send.s3", before_send)


class _HttpSession(Protocol):
    _pool_classes_by_scheme: dict[str, type[AWSHTTPConnectionPool | AWSHTTPSConnectionPool]]


class _Endpoint(Protocol):
    http_session: _HttpSession


class _Client(Protocol):
    """The internal parts of botocore's client."""

    _endpoint: _Endpoint
