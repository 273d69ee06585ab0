"""Browsers in which a person signed in before: known by a signed cookie, so that guesses elsewhere lock none of them.

The cookie lets no one in. It says that attempts from this browser are counted for themselves, as OWASP describes it
("Slow Down Online Guessing Attacks with Device Cookies"). It is of one person and one account of theirs: a new
invitation makes all of them unknown again.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final

from rightsflow.domain.accounts import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_ALL
from rightsflow.signin.session_door import SessionDoor

KNOWN_FOR: Final = timedelta(days=180)
_NONCE_BYTES: Final = 16
_NAME: Final = "rightsflow-browser-{}"
_NAME_CHARACTERS: Final = 12
_MOST_CHARACTERS: Final = 200
_NOTHING: Final = "-"
_IPV6_OF_ONE: Final = 64
"""An IPv6 connection has so many leading bits to itself, and every address below them."""


class KnownBrowsers:
    """The recognition of browsers that have signed in before.

    Args:
        sessions: The sessions.
    """

    def __init__(self, sessions: SessionDoor) -> None:
        self._sessions = sessions

    def cookie_of(self, key: str) -> str:
        """Return the cookie name for a person's browsers; the name does not reveal the person.

        Args:
            key: The person's key.
        """
        return _NAME.format(sha256(key.encode()).hexdigest()[:_NAME_CHARACTERS])

    def new_mark(self, key: str) -> str:
        """A new value of that cookie.

        Args:
            key: The person's key.
        """
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        return f"{nonce}.{self._signature(key, nonce)}"

    def is_known(self, key: str, cookies: Mapping[str, str]) -> bool:
        """Return whether a browser is one of a person's.

        Args:
            key: The person's key.
            cookies: What the browser sent along.
        """
        mark = cookies.get(self.cookie_of(key), "")
        nonce, _, signature = mark.partition(".")
        if not (nonce and signature and len(mark) <= _MOST_CHARACTERS):
            return False
        return hmac.compare_digest(signature.encode(), self._signature(key, nonce).encode())

    def counted(self, name: str, key: str, address: str, cookies: Mapping[str, str]) -> dict[str, int]:
        """Return the names under which a sign-in attempt is counted, with the free attempts of each.

        An attempt from a known browser counts for that browser. Any other attempt counts for its address, and for the
        person over all unknown browsers, so that many addresses together are slowed down too.

        Args:
            name: The name that was typed, as it is compared.
            key: The person's key; empty where no one has that name.
            address: Whence it is tried; empty where that is not known.
            cookies: What the browser sent along.
        """
        if key and self.is_known(key, cookies):
            return {f"browser\n{cookies[self.cookie_of(key)]}": FREE_ATTEMPTS}
        return {f"address\n{name}\n{_of_one(address)}": FREE_ATTEMPTS, name: FREE_ATTEMPTS_OF_ALL}

    def _signature(self, key: str, nonce: str) -> str:
        account = self._sessions.store.accounts.of(key)
        since = account.made_at.isoformat() if account else _NOTHING
        return self._sessions.store.sessions.signed(f"{key}\n{since}\n{nonce}")


def _of_one(address: str) -> str:
    """Return the part of an address that belongs to a single caller."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(int(read) >> _IPV6_OF_ONE) if isinstance(read, IPv6Address) else str(read)
