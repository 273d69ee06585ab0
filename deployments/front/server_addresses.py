"""The addresses under which the server may be called: what a browser names in ``Host`` and ``Origin``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from rightsflow.domain.errors import Misconfigured

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that are our own.

    Args:
        origins: As browsers write them: ``scheme://host``, with the port unless it is the scheme's own.
        hosts: As ``Host`` names them: with the port, and without where it is the scheme's own.
    """

    origins: frozenset[str]
    hosts: frozenset[str]

    @classmethod
    def of(cls, urls: Iterable[str]) -> Self:
        """Read addresses.

        Args:
            urls: Each with scheme and host, and a port where it is not the scheme's own; nothing behind it.

        Raises:
            Misconfigured: One is something else.
        """
        origins: set[str] = set()
        hosts: set[str] = set()
        for url in urls:
            scheme, host, port = _parts(url)
            if port == _DEFAULT_PORTS[scheme]:
                origins.add(f"{scheme}://{host}")
                hosts |= {host, f"{host}:{port}"}
            else:
                origins.add(f"{scheme}://{host}:{port}")
                hosts.add(f"{host}:{port}")
        return cls(frozenset(origins), frozenset(hosts))

    def named(self, host: str) -> str:
        """The origin that a browser named in ``Host``: one of our own, or empty.

        Args:
            host: What it named; nothing else that a request claims of its way counts.
        """
        bare = host.lower()
        named = (f"https://{bare.removesuffix(':443')}", f"http://{bare.removesuffix(':80')}")
        return next((item for item in named if item in self.origins), "")


def own_addresses(port: int, public_url: str = "") -> tuple[str, ...]:
    """The addresses of a server on this machine.

    Args:
        port: Its port.
        public_url: The address of a reverse proxy in front of it; empty for none.
    """
    here = tuple(f"http://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))
    return (*here, public_url.rstrip("/")) if public_url else here


def _parts(url: str) -> tuple[str, str, int]:
    try:
        split = urlsplit(url.strip().rstrip("/"))
        # Reading the port is what finds a wrong one.
        port = split.port or _DEFAULT_PORTS.get(split.scheme, 0)
    except ValueError:
        split, port = urlsplit(""), 0
    if not _is_address(split):
        raise Misconfigured(
            "An address of the server is wrong; give scheme and host, like https://prefect.example.com."
        )
    host = split.hostname or ""
    return split.scheme, f"[{host}]" if ":" in host else host, port


def _is_address(split: SplitResult) -> bool:
    more = split.path or split.query or split.fragment or split.username or split.password
    return split.scheme in _DEFAULT_PORTS and bool(split.hostname) and not more
