"""Who calls, by address of the connection or of a configured proxy (``RIGHTSFLOW_PROXIES``), and how often they may."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address
from time import monotonic
from typing import Final, TypedDict

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


_MOST_CALLERS: Final = 10_000


class Allowance:
    """So many a minute, spread evenly: unused ones add up to ten seconds' worth.

    Args:
        per_minute: How many.
        steady: Gives seconds that only grow.
    """

    def __init__(self, per_minute: int, steady: Callable[[], float] = monotonic) -> None:
        self._rate = per_minute / 60
        self._most = max(1.0, per_minute / 6)
        self._left = self._most
        self._steady = steady
        self._at = steady()

    def take(self) -> bool:
        """Use one up; returns whether there was one."""
        now = self._steady()
        self._left, self._at = min(self._most, self._left + (now - self._at) * self._rate), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Allowances:
    """One allowance for each caller, so that none uses up another's.

    Args:
        per_minute: How many a minute each has.
        steady: Gives seconds that only grow.
    """

    def __init__(self, per_minute: int, steady: Callable[[], float] = monotonic) -> None:
        self._per_minute, self._steady = per_minute, steady
        self._of = OrderedDict[str, Allowance]()

    def of(self, caller: str) -> Allowance:
        """Return a caller's allowance; of many callers the longest silent one is forgotten.

        Args:
            caller: Who calls.
        """
        found = self._of.pop(caller, None) or Allowance(self._per_minute, self._steady)
        self._of[caller] = found
        if len(self._of) > _MOST_CALLERS:
            self._of.popitem(last=False)
        return found
