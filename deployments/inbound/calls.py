"""Rules of every call: the size of its body, and the errors that end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import ClientDisconnect, Request

from deployments.callers import Allowance

MOST_BYTES: Final = 64 * 1024
PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""The headers of what is for its caller alone."""
_BEARER: Final = "bearer"
_WAIT_AND_TRY: Final = frozenset({429, 503})
_NOT_KNOWN: Final = 401


class TurnedAway(Exception):
    """A call is not answered further.

    Args:
        status: The HTTP status.
        text: Why, in words for the caller; quotes nothing of the call.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status

    @property
    def headers(self) -> dict[str, str]:
        """The further headers of the answer."""
        found = {"Retry-After": "10"} if self.status in _WAIT_AND_TRY else {}
        return found | ({"WWW-Authenticate": "Bearer"} if self.status == _NOT_KNOWN else {})


def shown_token(headers: Mapping[str, str]) -> str:
    """Return the bearer token that a call shows; empty for none.

    Args:
        headers: The call's.
    """
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    return shown.strip() if scheme.casefold() == _BEARER else ""


def take_from(allowance: Allowance) -> None:
    """Count a call.

    Args:
        allowance: How many are left to its sender.

    Raises:
        TurnedAway: There were too many.
    """
    if not allowance.take():
        raise TurnedAway(429, "Too many calls; call more slowly.")


async def body_of(request: Request) -> bytes:
    """Return the body, unless it is larger than any call needs, or arrives too slowly.

    Args:
        request: The call.

    Raises:
        TurnedAway: It is, or its sender went away.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > len(str(MOST_BYTES)) or int(declared) > MOST_BYTES:
        raise _too_large()
    try:
        return await _read(request)
    except ClientDisconnect:
        raise TurnedAway(408, "The body came too slowly, or not to its end; send it again.") from None


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _too_large()
    return bytes(body)


def _too_large() -> TurnedAway:
    return TurnedAway(413, f"The body has more than {MOST_BYTES // 1024} kB; send less.")
