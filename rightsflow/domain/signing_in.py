"""Rules of signing in: how long a session lasts, how often it may be tried, what a password has to be. Pure.

Periods follow OWASP's Session Management Cheat Sheet and NIST SP 800-63B (length before composition, limited attempts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rightsflow.domain.errors import BadInput

STEP_UP_LASTS: Final = timedelta(minutes=5)
"""For how long a code counts as fresh."""
INVITATION_LASTS: Final = timedelta(days=3)
CHALLENGE_LASTS: Final = timedelta(minutes=5)
"""For how long a browser may take to answer by a passkey."""
ELSEWHERE_LASTS: Final = timedelta(minutes=10)
"""For how long signing in at an identity provider may take."""
FREE_ATTEMPTS: Final = 5
"""Free attempts from one browser, or from one address, under one name."""
FREE_ATTEMPTS_OF_ALL: Final = 50
"""Free attempts under one name from all browsers together that the person never signed in with."""
_LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
"""Time without a further failure after which earlier failures no longer count."""
SHORTEST_PASSWORD: Final = 12
_LONGEST_PASSWORD: Final = 200


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The lifetimes of a session.

    Args:
        idle: Without a request it ends after this time.
        absolute: It ends after this time in any case.
    """

    idle: timedelta
    absolute: timedelta


def is_over(*, seen_at: datetime, ends_at: datetime, now: datetime, idle: timedelta) -> bool:
    """Return whether a session has ended.

    Args:
        seen_at: Its last request (aware).
        ends_at: Its absolute end (aware).
        now: The present instant (aware).
        idle: For how long it may idle.
    """
    return now >= ends_at or now - seen_at >= idle


def is_fresh(stepped_up_at: datetime | None, now: datetime) -> bool:
    """Return whether a session's last fresh proof is recent enough for acts that an unattended session must not do.

    Args:
        stepped_up_at: When it was given (aware); ``None`` for never.
        now: The present instant (aware).
    """
    return stepped_up_at is not None and timedelta(0) <= now - stepped_up_at < STEP_UP_LASTS


def locked_until(failures: int, failed_at: datetime, free: int = FREE_ATTEMPTS) -> datetime:
    """Return until when sign-in is locked: after the free failures for a second, then twice as long each time.

    Args:
        failures: How many attempts failed in a row.
        failed_at: When the last one did (aware).
        free: How many are free.
    """
    beyond = failures - free
    if beyond < 0:
        return failed_at
    return failed_at + min(timedelta(seconds=2 ** min(beyond, 20)), _LONGEST_WAIT)


def check_password(password: str, again: str, *, names: tuple[str, ...]) -> None:
    """Refuse a password that is too short, or a name.

    Args:
        password: The password.
        again: As it was typed the second time.
        names: The person's key and name.

    Raises:
        BadInput: It cannot be used.
    """
    if password != again:
        raise BadInput("The two passwords differ; type the same one twice.")
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise BadInput(f"The password is too short or too long; use {SHORTEST_PASSWORD} to 200 characters.")
    bare = password.casefold()
    if len(set(bare)) < 5 or any(name and name.casefold() in bare and len(bare) < len(name) + 8 for name in names):
        raise BadInput("The password is guessed easily; use several words that say nothing of you.")
