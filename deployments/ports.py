"""Ports of this machine for servers that are about to start."""

from __future__ import annotations

import random
import socket
from itertools import islice
from typing import Final

from rightsflow.domain.errors import BadInput

# Below what Linux (32768) and macOS (49152) hand out to programs that ask for any port, be it for an outgoing call. A
# server takes seconds to start, and a port of theirs is often taken by then.
_KEPT_FREE: Final = range(20_000, 32_768)


def free_port() -> int:
    """Return a loopback port that nothing uses, nor is given by chance before the server starts."""
    return free_ports(1)[0]


def free_ports(count: int, among: range = _KEPT_FREE) -> list[int]:
    """Distinct ports like :func:`free_port`'s.

    Args:
        count: How many.
        among: Of which.

    Raises:
        BadInput: The machine has not so many.
    """
    # Not from a seed, which several processes might share.
    drawn = random.SystemRandom().sample(among, len(among))
    free = list(islice(filter(is_free, drawn), count))
    if len(free) < count:
        raise BadInput(
            f"Only {len(free)} of the ports from {among.start} to {among.stop - 1} are free; stop what uses them."
        )
    return free


def is_free(port: int) -> bool:
    """Return whether a server could listen on a port of the loopback interface.

    Args:
        port: The port.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
