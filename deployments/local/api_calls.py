"""The supervisor's calls to Prefect's server, without Prefect's client and its libraries.

Both calls are of Prefect's documented REST API.
"""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import quote, urlsplit

from deployments.server_access import Access

_SECONDS: Final = 2.0
_OK: Final = 200
_ONLINE: Final = "ONLINE"


def serves(api_url: str) -> bool:
    """Return True if a Prefect server serves at an address.

    Args:
        api_url: The address of its API.
    """
    try:
        return _call(Access(api_url), "GET", "/health")[0] == _OK
    except (OSError, HTTPException):
        return False


def online_workers(access: Access, pool: str) -> set[str]:
    """The names of a pool's workers that the server takes for alive; none where it does not answer.

    Args:
        access: The server and its secret.
        pool: The work pool.
    """
    try:
        status, answer = _call(access, "POST", f"/work_pools/{quote(pool, safe='')}/workers/filter", {})
        found = json.loads(answer) if status == _OK else []
    except (OSError, HTTPException, ValueError):
        return set()
    return {str(load["name"]) for load in found if load["status"] == _ONLINE}


def _call(access: Access, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    at = urlsplit(access.api_url)
    connection = HTTPConnection(at.hostname or "", at.port, timeout=_SECONDS)
    headers = {"Content-Type": "application/json"}
    if access.secret:
        headers["Authorization"] = f"Basic {base64.b64encode(access.secret.encode()).decode()}"
    try:
        connection.request(method, f"{at.path}{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
