"""Protection of the desk's pages: cookies, form tokens, headers, safe link targets, and limits on strangers' calls."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.responses import Response

SESSION: Final = "rightsflow-session"
ANONYMOUS: Final = "rightsflow-form"
"""Stands for the session on pages that are shown before there is one."""
SAID: Final = "rightsflow-said"
"""The cookie with the next page's message about the completed action; no personal data."""
_TOKEN_BYTES: Final = 32
_LONGEST_NOTICE: Final = 600
SAID_LASTS: Final = timedelta(minutes=1)

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # No script but our own files, none in the page; a form is sent to us alone; no frame shows a page.
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        # Not "no-referrer": with it browsers send forms with the origin "null", which is no one's.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
)
"""The headers of every answer of the desk."""


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def form_token(cookie: str) -> str:
    """Return the form token of a session: it needs the session's cookie, and reveals nothing of it.

    Args:
        cookie: The session's cookie, or the one that stands for it.
    """
    return hmac.new(cookie.encode(), b"rightsflow/form", sha256).hexdigest()


def is_token(given: str, cookie: str) -> bool:
    """Return whether a form came from a page of this session.

    Args:
        given: The token in the form.
        cookie: The cookie that came with it; empty for none.
    """
    return bool(cookie) and hmac.compare_digest(given.encode(), form_token(cookie).encode())


def signed_notice(notice: str, cookie: str) -> str:
    """Return a sentence as the cookie of notices holds it, signed for one session.

    Another page of the same host could otherwise write a sentence of its own into the desk's pages.

    Args:
        notice: The sentence.
        cookie: The session's cookie, or the one that stands for it.
    """
    text = quote(notice[:_LONGEST_NOTICE], safe="")
    return f"{_notice_mark(text, cookie)}.{text}"


def notice_in(value: str, cookie: str) -> str:
    """Return the sentence of a cookie of notices; empty where it is not signed for this session.

    Args:
        value: The cookie's value.
        cookie: The session's cookie, or the one that stands for it.
    """
    mark, _, text = value.partition(".")
    if not hmac.compare_digest(mark.encode(), _notice_mark(text, cookie).encode()):
        return ""
    return "".join(letter for letter in unquote(text) if letter.isprintable())


def _notice_mark(text: str, cookie: str) -> str:
    return hmac.new(cookie.encode(), b"rightsflow/notice/" + text.encode(), sha256).hexdigest()


def set_cookie(answer: Response, name: str, value: str, *, secure: bool, lasts: timedelta | None = None) -> None:
    """Set a cookie that no script reads and no other site sends along with a form.

    Args:
        answer: What is sent.
        name: The cookie's.
        value: Its value.
        secure: Whether it is for https alone.
        lasts: How long it is kept; ``None`` for as long as the browser runs.
    """
    seconds = int(lasts.total_seconds()) if lasts else None
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(answer: Response, name: str, *, secure: bool) -> None:
    """Take a cookie from the browser.

    Args:
        answer: What is sent.
        name: The cookie's.
        secure: Whether it was for https alone.
    """
    answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def own_path(asked: str, otherwise: str) -> str:
    """Return the path to go to after signing in: a path of this server, never another site.

    Args:
        asked: What the address asks for.
        otherwise: Where to go if that is no path of ours.
    """
    # "//host" and "/\\host" are other sites to a browser, and so is a line break that it leaves out.
    if not asked.startswith("/") or asked[1:2] in {"/", "\\"} or not asked.isprintable() or "\\" in asked:
        return otherwise
    try:
        parts = urlsplit(asked)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else asked


WINDOW_SECONDS: Final = 60.0
_MOST_KEYS: Final = 10_000


class CallLimit:
    """The calls allowed within each minute.

    Args:
        each: How many calls of one link, or of one address without a link.
        clock: Gives seconds that never go back.
    """

    def __init__(self, each: int = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._clock = clock
        self._began = clock()
        self._calls: Counter[str] = Counter()

    def takes(self, caller: str) -> bool:
        """Count a call; return whether it is within the limit.

        Args:
            caller: A link, or an address.
        """
        now = self._clock()
        # Forgotten as well where there are too many: no flood of addresses fills the memory, or refuses another one.
        if now - self._began >= WINDOW_SECONDS or len(self._calls) >= _MOST_KEYS:
            self._began = now
            self._calls.clear()
        if self._calls[caller] >= self._each:
            return False
        self._calls[caller] += 1
        return True
