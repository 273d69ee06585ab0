"""Health check of Prefect's background services on this host, which have no address but a heartbeat in Redis.

``python -m deployments.cluster.heartbeat`` ends in 0 if they are, in 1 if not.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from datetime import UTC, datetime, timedelta
from typing import Final

from docket import Docket
from prefect.settings import get_current_settings

_SECONDS: Final = 8.0
_OLDEST: Final = timedelta(seconds=30)
_NAME: Final = "prefect"
"""The name that ``prefect server services start`` gives its docket."""


async def is_alive(url: str, host: str) -> bool:
    """Return whether a process on a host has sent a recent heartbeat.

    Args:
        url: Where the services keep what they have to do, as in ``PREFECT_SERVER_DOCKET_URL``.
        host: The host's name.
    """
    async with Docket(name=_NAME, url=url) as docket:
        since = datetime.now(UTC) - _OLDEST
        return any(worker.name.startswith(f"{host}#") and worker.last_seen > since for worker in await docket.workers())


def main() -> int:
    """Check this host; return the exit status."""
    url = get_current_settings().server.docket.url
    try:
        return 0 if asyncio.run(asyncio.wait_for(is_alive(url, socket.gethostname()), _SECONDS)) else 1
    except Exception:  # noqa: BLE001 - the address, which holds the password, may be in the message
        return 1


if __name__ == "__main__":
    sys.exit(main())
