"""Call a controller back at an address that it named: by TLS, to the internet only, and once, wherever it leads.

The address is another's choice. So the name is resolved once, each of its addresses has to be one of the internet, and
the connection goes to that very address; no redirect is followed, and nothing of the answer is read but its status.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from rightsflow.domain.errors import Refused, Transient

_SECONDS: Final = 10.0
_SYSTEM: Final = "callback"


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host.

    Args:
        host: Its name.
        port: The port.

    Raises:
        OSError: It cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]).partition("%")[0] for item in found))


def is_public(address: str) -> bool:
    """Return whether an address is on the internet, not of this machine, its network or a cloud's own services."""
    read = ipaddress.ip_address(address)
    inner = getattr(read, "ipv4_mapped", None)
    return (inner or read).is_global and not read.is_multicast


def post_callback(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    ca_file: str = "",
    resolve: Callable[[str, int], list[str]] = addresses_of,
    may_reach: Callable[[str], bool] = is_public,
) -> None:
    """Send a callback.

    Args:
        url: The https address, whose host is registered for the controller.
        body: What is said.
        headers: Its signature.
        ca_file: A file of the certificate authorities that are trusted, PEM; those of the internet by default.
        resolve: Gives the addresses of a host.
        may_reach: Whether an address may be called.

    Raises:
        Refused: One of its addresses lies in a network of our own.
        Transient: It does not answer, or not with success.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        raise _unreached() from None
    if not addresses or not all(map(may_reach, addresses)):
        raise Refused("A callback's host lies in a network of our own; it is not called.", system=_SYSTEM)
    pool = HTTPSConnectionPool(
        addresses[0],
        port,
        timeout=Timeout(total=_SECONDS),
        retries=False,
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_file or DEFAULT_CA_BUNDLE_PATH,
        server_hostname=host,
        assert_hostname=host,
    )
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    given = {"Host": parts.netloc, "Content-Type": "application/json", **headers}
    with pool:
        try:
            answer = pool.urlopen("POST", path, body, given, redirect=False, preload_content=False)
        except HTTPError:
            raise _unreached() from None
        answer.close()
    if not 200 <= answer.status < 300:
        raise Transient("A callback was not taken.", system=_SYSTEM, status=str(answer.status))


def _unreached() -> Transient:
    return Transient("A callback's host does not answer, or does not prove who it is.", system=_SYSTEM)
