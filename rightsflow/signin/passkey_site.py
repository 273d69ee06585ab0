"""The sites and purposes of passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit


class Purpose(StrEnum):
    """The purpose of a passkey request."""

    MAKE = "make a passkey"
    SIGN_IN = "sign in by passkey"
    STEP_UP = "step up by passkey"


@dataclass(frozen=True, slots=True)
class Site:
    """A site at which passkeys are valid.

    Args:
        origin: The desk's own address that the browser called, as it writes it.
        rp_id: Its host name.
    """

    origin: str
    rp_id: str

    @classmethod
    def of(cls, origin: str) -> Self | None:
        """Return the site of a desk's address; ``None`` for one at which browsers make no passkeys.

        Args:
            origin: The address: of the configuration, and never what a request claims.
        """
        split = urlsplit(origin)
        host = split.hostname or ""
        is_local = host == "localhost" or host.endswith(".localhost")
        if not host or _is_ip(host) or not (split.scheme == "https" or is_local):
            return None
        return cls(origin, host)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
