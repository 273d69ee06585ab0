"""A system that means harm: an HTTP server of raw bytes, whose answers no HTTP library would send."""

from __future__ import annotations

import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

Script = Callable[[], Iterator[bytes]]
"""Gives what one connection is sent; it is asked for as long as the client reads."""

PIECE = b'"0123456789abcdef' * 4096
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def plain(size: int, *, declared: int | None = None, piece: bytes = PIECE) -> Script:
    """Send a body of some bytes, with a length that may be a lie.

    Args:
        size: The bytes that are sent.
        declared: The bytes that the header says; by default those that are sent.
        piece: What is sent again and again.
    """
    return lambda: _with(OK + b"Content-Length: %d\r\n\r\n" % (size if declared is None else declared), size, piece)


def chunked(size: int) -> Script:
    """Send a chunked body."""
    piece = b"%x\r\n%b\r\n" % (len(PIECE), PIECE)
    return lambda: _with(OK + b"Transfer-Encoding: chunked\r\n\r\n", size, piece)


def bomb(encoding: str, size: int) -> Script:
    """Send a small body that is large once it is decompressed.

    Args:
        encoding: ``gzip``, ``deflate``, or several with commas between them.
        size: The bytes of the body.
    """
    body = zeros(size)
    for one in encoding.split(","):
        body = compressed(body, one.strip())
    sent = b"".join(body)
    head = OK + b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(sent))
    return lambda: iter([head, sent])


def empty_members(count: int) -> Script:
    """Send members of gzip without end that hold nothing: what is counted after decompression never grows."""
    member = b"".join(compressed(iter([b""]), "gzip")) * 1000
    return lambda: _with(OK + b"Content-Encoding: gzip\r\n\r\n", count * len(member), member)


def trickle(begins: bytes, drip: bytes, ended: threading.Event) -> Script:
    """Send a beginning, then a few bytes a hundred times in a second, without end.

    Args:
        begins: What is sent at once.
        drip: What is sent each time.
        ended: Ends it.
    """

    def give() -> Iterator[bytes]:
        yield begins
        while not ended.wait(0.01):
            yield drip

    return give


def heads_without_end(size: int) -> Script:
    """Promise an answer again and again."""
    return lambda: _with(b"", size, b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 1000)


def redirecting() -> Script:
    """Send calls to the same address again, with a large body each time."""
    head = b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: %d\r\n\r\n" % (len(PIECE) * 64)
    return lambda: _with(head, len(PIECE) * 64, PIECE)


def pages_without_end() -> Script:
    """Name a further page after each page, of users and of payments in turn of what is asked."""
    numbers = count()

    def give() -> Iterator[bytes]:
        customers = [{"id": f"cus_{next(numbers)}", "email": "another@example.com"} for _ in range(100)]
        users = [{"id": next(numbers), "email": "another@example.com", "role": "end-user"} for _ in range(100)]
        page = {"object": "list", "data": customers, "has_more": True, "next_page": str(next(numbers))}
        body = json.dumps(page | {"users": users, "user": {"id": 1, "role": "admin", "active": True}}).encode()
        yield OK + b"Content-Length: %d\r\n\r\n" % len(body) + body

    return give


def zeros(size: int) -> Iterator[bytes]:
    """Give that many zeros."""
    for _ in range(size // len(PIECE)):
        yield bytes(len(PIECE))


def compressed(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Compress a body."""
    packer = zlib.compressobj(1, wbits={"gzip": 31, "deflate": 15}[encoding])
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _with(head: bytes, size: int, piece: bytes) -> Iterator[bytes]:
    yield head
    for _ in range(0, size, len(piece)):
        yield piece


class Hostile:
    """The server.

    Args:
        script: What each connection is sent.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.connections = 0
        self.sent = 0

    def serve(self) -> None:
        """Answer each connection in a thread of its own, until the server is closed."""
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            try:
                client.recv(65536)
                for piece in self._script():
                    client.sendall(piece)
                    self.sent += len(piece)
            except OSError:
                return

    def end(self) -> None:
        """Accept no more."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@contextmanager
def hostile_server(script: Script) -> Iterator[Hostile]:
    """Run such a server.

    Args:
        script: What each connection is sent.
    """
    server = Hostile(script)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join(10)
