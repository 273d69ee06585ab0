"""Six-digit codes that an app shows for thirty seconds (TOTP, RFC 6238), each taken once."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

import pyotp

_SECONDS: Final = 30
_DIGITS: Final = 6
_NEIGHBOURS: Final = (0, -1, 1)
"""A clock may be half a minute off."""
ISSUER: Final = "Rightsflow"


def new_secret() -> str:
    """A secret of 160 bits, base 32, as apps take it."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """The ``otpauth:`` address from which an app takes the secret.

    Args:
        secret: The secret, base 32.
        name: Whose it is, as the app shows it.
    """
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of time that a code belongs to; ``None`` if it is not the present one's or a neighbour's.

    Args:
        secret: The secret, base 32.
        code: As typed; spaces do not count.
        at: The present instant (aware).
    """
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    totp, present = pyotp.TOTP(secret), int(at.timestamp()) // _SECONDS
    for step in (present + away for away in _NEIGHBOURS):
        if step > 0 and hmac.compare_digest(totp.at(step * _SECONDS), digits):
            return step
    return None
