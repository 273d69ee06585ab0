"""An authority's host for lists of revoked certificates, over HTTP; it can be told to answer otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.support.listening import listening

LIST = "/authority.crl"


@dataclass
class Lists:
    """The host.

    Args:
        port: Its port.
        status: The HTTP status of each answer.
        content: The list.
        headers: What an answer has besides.
        calls: Host and path of each call.
    """

    port: int = 0
    status: int = 200
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the list lies."""
        return f"http://localhost:{self.port}{LIST}"


@contextmanager
def running_lists() -> Iterator[Lists]:
    """The host on this machine."""
    made = Lists()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            made.calls.append((self.headers["Host"] or "", self.path))
            self.send_response(made.status)
            for name, value in ({"Content-Length": str(len(made.content))} | made.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.content)

        do_GET = _serve  # noqa: N815 - the base class looks for this name

        def log_message(self, *_: object) -> None:
            """Nothing."""

    # A list that is too large is not read to its end.
    with listening(Handler, is_quiet=True) as port:
        made.port = port
        yield made
