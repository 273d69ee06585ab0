"""Servers that may be reached without encryption: only those on this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_this_machine(host: str) -> bool:
    """Return whether a host is a loopback address, so that no data cross a network."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def encrypted_endpoint(url: str) -> str:
    """Accept https anywhere and plain http on this machine only: nothing crosses a network in clear.

    Raises:
        ValueError: The address is another, or holds credentials.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("give a URL like https://s3.example.com, without credentials or query")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname)):
        raise ValueError("use https (http is accepted for this machine's own address only)")
    return url.rstrip("/")
