"""An HTTP front that passes everything on to a peer, except where a test wants it to fail.

Headers go through as they came, so that signatures over the host still hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.support.listening import listening


@dataclass(frozen=True, slots=True)
class Fault:
    """What is answered instead.

    Args:
        status: The HTTP status; 0 cuts the connection without an answer.
        body: The body.
        headers: Further headers.
        cut_after: Pass the peer's own answer on and break off after so many bytes of its body.
    """

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


Judge = Callable[[str, str], Fault | None]
"""Gets a request's method and path with its query, and says how to fail it, if at all."""


class FaultyFront:
    """The front; its ``judge`` may be changed at any time.

    Args:
        port: Where it listens.
    """

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.judge: Judge = _never
        self.requests: list[tuple[str, str]] = []

    @contextmanager
    def failing(self, judge: Judge) -> Iterator[None]:
        """Fail requests as long as it is entered."""
        before, self.judge = self.judge, judge
        try:
            yield
        finally:
            self.judge = before


def _never(_method: str, _path: str) -> Fault | None:
    return None


@contextmanager
def running_front(target: str) -> Iterator[FaultyFront]:
    """Start a front before a peer.

    Args:
        target: The peer's URL.
    """
    parts = urlsplit(target)

    class Handler(_Handler):
        upstream = (parts.hostname or "", parts.port or 80)

    with listening(Handler) as port:
        Handler.front = FaultyFront(port)
        yield Handler.front


class _Handler(BaseHTTPRequestHandler):
    front: FaultyFront
    upstream: tuple[str, int]
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.front.requests.append((self.command, self.path))
        fault = self.front.judge(self.command, self.path)
        self.close_connection = True
        if fault is None:
            self._pass_on(body, None)
        elif fault.cut_after is not None:
            self._pass_on(body, fault.cut_after)
        elif fault.status:
            self._answer(fault.status, {**fault.headers, "Content-Length": str(len(fault.body))}, fault.body)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = _handle  # noqa: N815 - the base class wants these names

    def _pass_on(self, body: bytes, cut_after: int | None) -> None:
        connection = HTTPConnection(*self.upstream, timeout=30)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            content = answer.read()
            headers = {name: value for name, value in answer.getheaders() if name.lower() != "transfer-encoding"}
            if self.command != "HEAD":
                headers["Content-Length"] = str(len(content))
            self._answer(answer.status, headers, content[:cut_after])
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
