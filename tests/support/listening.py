"""A peer of a test's own that listens on a port of this machine, in a thread of the test's process."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ENDS_WITHIN_SECONDS = 10


@contextmanager
def listening(
    handler: type[BaseHTTPRequestHandler], *, tls: ssl.SSLContext | None = None, is_quiet: bool = False
) -> Iterator[int]:
    """The port on which requests are answered within the block; no request outlives it.

    Args:
        handler: What answers.
        tls: Speaks TLS by it.
        is_quiet: Whether nothing is printed of requests that fail, where a test lets them.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if is_quiet:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_ENDS_WITHIN_SECONDS)
