"""What is said between a process and its children that open files; it knows no kind and no library."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

SECONDS: Final = 30
"""How long a child may take."""
PLAIN, ALL = b"p", b"a"
HEAD: Final = struct.Struct("!II")
"""Before each message: the length of its description, and of its bytes."""

Words = dict[str, Any]


def needs_libraries(content: bytes) -> bytes:
    """Return the sign by which the process loads what a file's kind needs.

    Args:
        content: The file.
    """
    return PLAIN if content[:1].isascii() and not content.startswith((b"PK", b"%PDF", b"\x89")) else ALL


def sent(to: socket.socket, words: Mapping[str, object], content: bytes | Sequence[bytes]) -> None:
    """Send a message.

    Args:
        to: Where.
        words: Its description.
        content: Its bytes.
    """
    described = json.dumps(words).encode()
    data = content if isinstance(content, bytes) else b"".join(content)
    to.sendall(HEAD.pack(len(described), len(data)))
    to.sendall(described)
    to.sendall(data)


def received(source: socket.socket) -> tuple[Words, bytes]:
    """Return a message.

    Args:
        source: Where it comes from.

    Raises:
        EOFError: The other side is gone.
    """
    described, size = HEAD.unpack(exactly(source, HEAD.size))
    words: Words = json.loads(exactly(source, described))
    return words, exactly(source, size)


def exactly(source: socket.socket, size: int) -> bytes:
    """Return so many bytes.

    Args:
        source: Where they come from.
        size: How many.

    Raises:
        EOFError: There are fewer.
    """
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        count = source.recv_into(view[at:])
        if not count:
            raise EOFError("the other side is gone")
        at += count
    return bytes(data)
