"""The address of the server while its process is started again: a browser is told so, and comes back by itself.

``up`` holds the port for as long as it runs, so that no browser is refused; the server's process inherits it. While no
process serves, what arrives is answered here, between two looks at the server.
"""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from typing import Final

_BACKLOG: Final = 128
_AT_ONCE: Final = 32
_SECONDS: Final = 0.2
_MOST_BYTES: Final = 16 * 1024
_HEADERS: Final = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {size}\r\n"
    "Retry-After: 3\r\nCache-Control: no-store\r\nConnection: close\r\nX-Frame-Options: DENY\r\n"
    "Content-Security-Policy: default-src 'none'\r\n\r\n"
)
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">{again}<title>Starting · Rightsflow</title>'
    "</head><body><h1>Rightsflow is starting</h1><p>{says}</p></body></html>\n"
)
_COMES_BACK: Final = "This page loads again by itself in a few seconds."
_NOT_DONE: Final = "Nothing was changed. Go back in a few seconds, and send the form again."


def held_port(port: int) -> socket.socket:
    """Return a socket that listens at a port of the loopback interface.

    Args:
        port: The port.

    Raises:
        OSError: It is in use.
    """
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", port))
        held.listen(_BACKLOG)
        held.settimeout(0)
    except OSError:
        held.close()
        raise
    return held


def answer_starting(held: socket.socket) -> int:
    """Answer those who wait at a held port that the server is starting; returns how many there were.

    Args:
        held: The socket.
    """
    answered = 0
    while answered < _AT_ONCE:
        try:
            caller, _ = held.accept()
        except OSError:
            break
        with closing(caller), suppress(OSError):
            caller.settimeout(_SECONDS)
            asked = caller.recv(_MOST_BYTES)
            if asked:
                caller.sendall(_answer(is_form=not asked.startswith((b"GET ", b"HEAD "))))
                caller.shutdown(socket.SHUT_WR)
        answered += 1
    return answered


def _answer(*, is_form: bool) -> bytes:
    # A form is never sent again by itself.
    again = "" if is_form else '<meta http-equiv="refresh" content="3">'
    page = _PAGE.format(again=again, says=_NOT_DONE if is_form else _COMES_BACK).encode()
    return _HEADERS.format(size=len(page)).encode() + page
