"""The address of a Prefect server and its secret, and the addresses under which ours may be called."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from rightsflow.domain.errors import Misconfigured

_FILE: Final = "prefect-sign-in"
_USER: Final = "officer"
_RANDOM_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Access:
    """The access of a program to a Prefect server.

    Args:
        api_url: Its address as in ``PREFECT_API_URL``.
        secret: ``NAME:PASSWORD`` as in ``PREFECT_API_AUTH_STRING``; ``None`` for a server that asks for none.
    """

    api_url: str
    secret: str | None = field(default=None, repr=False)

    @property
    def settings(self) -> dict[object, str | None]:
        """For ``temporary_settings``, in this process."""
        # Late: what only watches over processes does without Prefect.
        from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL  # noqa: PLC0415

        return {PREFECT_API_URL: self.api_url, PREFECT_API_AUTH_STRING: self.secret}

    @property
    def environment(self) -> dict[str, str]:
        """For a child process: its environment is read by its own account only, unlike its arguments."""
        # An empty one is none, also where this process's own environment has one.
        return {"PREFECT_API_URL": self.api_url, "PREFECT_API_AUTH_STRING": self.secret or ""}


def new_secret() -> str:
    """Create a secret with 192 random bits."""
    return f"{_USER}:{secrets.token_urlsafe(_RANDOM_BYTES)}"


def secret_file(home: Path) -> Path:
    """Return the file in which a home stores the secret of the server that ``up`` starts.

    Args:
        home: Rightsflow's home.
    """
    return home / _FILE


def read_secret(home: Path) -> str:
    """Read the secret of the server that ``up`` starts on a home.

    Args:
        home: Rightsflow's home.

    Raises:
        Misconfigured: It is missing or empty, or others can read it.
    """
    file = secret_file(home)
    try:
        secret = file.read_text(encoding="utf-8").strip()
        mode = file.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise Misconfigured(f"The sign-in {file} cannot be read ({why}); start `rightsflow up` anew.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise Misconfigured(f"Others can read the sign-in {file}; delete it and start `rightsflow up` anew.")
    if not secret:
        raise Misconfigured(f"The sign-in {file} is empty; delete it and start `rightsflow up` anew.")
    return secret


def secure(home: Path) -> bool:
    """Make the secret of a home, unless it has one; returns whether it is new.

    Args:
        home: Rightsflow's home.
    """
    file = secret_file(home)
    if file.exists():
        return False
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Beside its place first, so that no killed process leaves half of one there.
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(f"{new_secret()}\n")
        opened.flush()
        os.fsync(descriptor)
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


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
        """Return the origin that a browser named in ``Host``: one of our own, or empty.

        Args:
            host: What it named; nothing else that a request claims of its way counts.
        """
        bare = host.lower()
        named = (f"https://{bare.removesuffix(':443')}", f"http://{bare.removesuffix(':80')}")
        return next((item for item in named if item in self.origins), "")


def own_addresses(port: int, public_url: str = "") -> tuple[str, ...]:
    """Return the addresses of a server on this machine.

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
