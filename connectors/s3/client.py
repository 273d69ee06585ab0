"""The client of boto3: secrets read whenever it is asked for, and every call bounded, timed and one of few at once.

botocore offers no limit on a whole answer and no public way to put one in, so its pools of connections get the class of
answer that counts (:mod:`connectors.bounds`). What an answer is, an object or a description of some, is known before
each attempt, by botocore's event ``before-send``. No other module touches botocore's inside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from functools import partial
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict, TypeVar, cast

import boto3
import botocore.session
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
)
from botocore.config import Config
from botocore.loaders import Loader
from botocore.utils import parse_timestamp

from connectors.bounds import AnswerBounds, BoundedAnswer, bound_next
from connectors.s3.errors import translated
from connectors.s3.settings import S3Settings
from rightsflow.domain.telemetry import NO_ANSWER, recorder, status_class

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.config import _S3Dict
    from mypy_boto3_s3.client import S3Client

A = TypeVar("A")
B = TypeVar("B")
WORKERS = 16
"""Calls at once, and connections kept; S3 takes thousands a second, a small server behind endpoint_url does not."""

# Keeps the description of S3's interface, which takes far longer to read than a client to make.
_LOADER = Loader()


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


class _Context(TypedDict, total=False):
    """The data that botocore passes from the beginning of a call to its end; it accepts further keys."""

    rightsflow_began: float


def count_calls(client: S3Client, system: str) -> None:
    """Let every call of a client be counted, by the name that S3 has for it."""

    def begin(context: _Context, **_: object) -> None:
        context["rightsflow_began"] = perf_counter()

    def end(event_name: str, context: _Context, http_response: AWSResponse | None = None, **_: object) -> None:
        status = NO_ANSWER if http_response is None else status_class(http_response.status_code)
        # The event is named like after-call.s3.HeadObject.
        recorder().call(system, event_name.rpartition(".")[2], status, perf_counter() - context["rightsflow_began"])

    for name, handler in (("before-call.s3", begin), ("after-call.s3", end), ("after-call-error.s3", end)):
        client.meta.events.register(name, handler)


def bounded_map(
    work: Callable[[A], B], items: Iterable[A], *, workers: int, makes_call: Callable[[A], bool] = lambda _: True
) -> Iterator[B]:
    """Apply work to items in threads and yield the results in the items' order.

    No more than twice the workers' number of items is taken ahead, so an endless iterable is fine. The first error
    is raised where its result would have come; what has not begun by then is dropped.

    Args:
        work: What to do with one item.
        items: The items.
        workers: How many threads.
        makes_call: Whether an item is worth a thread; the work on any other is done where its result is wanted.
    """
    source = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="s3") as executor:

        def begun(item: A) -> Future[B] | partial[B]:
            if not makes_call(item):
                return partial(work, item)
            # Each with a context of its own: what is said in the thread is said of the same case and step.
            return executor.submit(copy_context().run, work, item)

        running = deque(map(begun, islice(source, 2 * workers)))
        try:
            while running:
                first = running.popleft()
                result = first() if isinstance(first, partial) else first.result()
                running.extend(map(begun, islice(source, 1)))
                yield result
        finally:
            for entry in running:
                if isinstance(entry, Future):
                    entry.cancel()


class Clients:
    """Makes a client for each pair of keys: to make one takes longer than most calls.

    Args:
        settings: The system's section.
        system: The system's name in the configuration.
        attempts: How often one call is tried; boto3 waits in between, and longer each time.
    """

    def __init__(self, settings: S3Settings, system: str, *, attempts: int) -> None:
        self._settings, self._system, self._attempts = settings, system, attempts
        self._last: tuple[dict[str, str], S3Client] | None = None

    def current(self) -> S3Client:
        """Return a client with the present secrets; no call is made yet.

        Raises:
            Misconfigured: A secret is missing, or boto3 finds no region.
        """
        keys = _keys(self._settings)
        if self._last is not None and self._last[0] == keys:
            return self._last[1]
        made = _make_client(self._settings, self._system, keys, attempts=self._attempts)
        # Without keys in the section, boto3 takes them from the environment, which may change as well.
        self._last = (keys, made) if keys else None
        return made


def _keys(settings: S3Settings) -> dict[str, str]:
    if not (settings.access_key_id and settings.secret_access_key):
        return {}
    return {
        "aws_access_key_id": settings.access_key_id.reveal(),
        "aws_secret_access_key": settings.secret_access_key.reveal(),
    }


def _make_client(settings: S3Settings, system: str, keys: dict[str, str], *, attempts: int) -> S3Client:
    with translated(system, "connect"):
        shared = botocore.session.Session()
        shared.register_component("data_loader", _LOADER)
        shared.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_instant)
        session = boto3.session.Session(region_name=_region(settings), botocore_session=shared, **keys)
        client = session.client("s3", endpoint_url=settings.endpoint_url, config=_config(settings, attempts))
    limit_answers(client, settings.answer_bounds, attempts)
    count_calls(client, system)
    return client


def read_instant(value: str | float) -> datetime:
    """An instant in an answer, in the forms that botocore reads.

    A listing has one in every entry, in ISO 8601, which botocore's own reader takes half of the listing's time for.
    """
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    return read if read is not None and read.tzinfo is not None else parse_timestamp(str(value))


def _region(settings: S3Settings) -> str | None:
    # Other servers than Amazon's have no regions, but the signature wants one.
    return settings.region or ("us-east-1" if settings.endpoint_url else None)


class _Elsewhere(TypedDict, total=False):
    """Options for servers other than Amazon's."""

    s3: _S3Dict
    request_checksum_calculation: Literal["when_required"]
    response_checksum_validation: Literal["when_required"]


def _config(settings: S3Settings, attempts: int) -> Config:
    # Other servers are reached by path, and many know none of S3's newer checksums.
    elsewhere: _Elsewhere = (
        {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        if settings.endpoint_url
        else {}
    )
    return Config(
        connect_timeout=5,
        read_timeout=settings.answers_within / attempts,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=WORKERS,
        user_agent_extra="rightsflow",
        **elsewhere,
    )
