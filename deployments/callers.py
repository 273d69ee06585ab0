"""Who calls, by address: of the connection, or as a configured proxy says (``RIGHTSFLOW_PROXIES``)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from typing import TypedDict

from starlette.requests import HTTPConnection

_NETWORK_BITS = 64


class ProxyOptions(TypedDict):
    """What uvicorn has to be given."""

    proxy_headers: bool
    forwarded_allow_ips: list[str]


def proxy_options(proxies: Sequence[str]) -> ProxyOptions:
    """Return uvicorn's options for reading ``X-Forwarded-For``: its right-most address that is no proxy of ours.

    Args:
        proxies: The addresses and networks of the proxies; without any the header is not read.
    """
    return {"proxy_headers": bool(proxies), "forwarded_allow_ips": list(proxies)}


def caller_of(request: HTTPConnection) -> str:
    """Return the address of who calls; behind a proxy that is not configured, all who come through it are one.

    Args:
        request: The request.
    """
    return request.client.host if request.client else ""


def counted_address(address: str) -> str:
    """Return what calls are counted by: an IPv6 network of 64 bits is one caller, who has all addresses in it.

    Args:
        address: The address.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> _NETWORK_BITS << _NETWORK_BITS)}/{_NETWORK_BITS}"
    return address
