"""Rules of a code that is sent to an address on file: how long it counts, how often it may be tried or sent. Pure.

After NIST SP 800-63A (enrolment codes): at least as much chance as six digits, one use, at most 24 hours by e-mail, so
that a person who answers by reply is in time; a low number of attempts instead of a longer code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from rightsflow.domain.attribution import Candidate, resolve
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, strong

CODE_DIGITS: Final = 8
CODE_LASTS: Final = timedelta(hours=24)
MOST_ATTEMPTS: Final = 5
"""Allowed failed attempts at a code."""
MOST_CODES: Final = 3
"""Codes that may be sent within a day."""
_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCode:
    """A code that was made for a case.

    Args:
        number: The how many-eth of the case.
        digest: Its keyed hash.
        system: The system that has the address on file.
        on_file_since: Since when, in the controller's zone.
        made_at: When it was made (aware).
        failures: How often another one was typed.
        is_sent: Whether the mail server took it.
        is_failed: Whether the mail server did not take it.
    """

    number: int
    digest: str
    system: str
    on_file_since: date
    made_at: datetime
    failures: int = 0
    is_sent: bool = False
    is_failed: bool = False

    @property
    def ends_at(self) -> datetime:
        """End of the code's validity (aware)."""
        return self.made_at + CODE_LASTS

    @property
    def attempts_left(self) -> int:
        """Number of attempts left."""
        return max(0, MOST_ATTEMPTS - self.failures)


def refuse_another(codes: Sequence[IdentityCode], now: datetime) -> None:
    """Refuse to send a code too soon after the last one, or too many of them.

    Args:
        codes: Those of the case, oldest first.
        now: The present instant (aware).

    Raises:
        Conflict: It is too soon, or too many were sent.
    """
    if codes and now - codes[-1].made_at < _PAUSE:
        raise Conflict("A code was sent less than a minute ago; wait a minute before you send another one.")
    recent = [code for code in codes if now - code.made_at < CODE_LASTS]
    if len(recent) >= MOST_CODES:
        raise Conflict(
            f"{MOST_CODES} codes were sent within a day, which is the most; check identity in another way, or send the "
            "next one tomorrow."
        )


def code_to_check(codes: Sequence[IdentityCode], now: datetime) -> IdentityCode:
    """The code that a typed one is compared with: the last one, while it counts.

    Args:
        codes: Those of the case, oldest first.
        now: The present instant (aware).

    Raises:
        Conflict: None was sent, its time is over, or it was tried too often.
    """
    last = codes[-1] if codes else None
    if last is None or last.is_failed:
        raise Conflict("No code has gone out that could be given back; send one.")
    if now >= last.ends_at:
        raise Conflict("The time of the code is over; send another one.")
    if not last.attempts_left:
        raise Conflict(
            f"The code was tried {MOST_ATTEMPTS} times in vain and does not count any more; send another one."
        )
    return last


def read_code(typed: str) -> str:
    """The digits of a code as it was typed; spaces and hyphens between them do not count.

    Args:
        typed: As typed.

    Raises:
        BadInput: They are not as many digits as a code has. It does not count as an attempt.
    """
    digits = "".join(item for item in typed if not item.isspace() and item != "-")
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise BadInput(f"The code has {CODE_DIGITS} digits; type all of them.")
    return digits


def spelt(code: str) -> str:
    """A code as people read it out: ``1234 5678``.

    Args:
        code: Its digits.
    """
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def masked(address: str) -> str:
    """An e-mail address of which one sees that it is the one meant, and that alone: ``a•••@e•••.com``.

    Args:
        address: The address.
    """
    local, _, domain = address.rpartition("@")
    name, dot, ending = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{ending}" if name else f"{local[:1]}•••@•••"


def proves_all(address: Identifier, asked: Identifiers, candidates: Sequence[Candidate]) -> bool:
    """Return whether the holder of an address is the person behind every identifier in the request.

    A request that names two people's identifiers must not be proved by a code to one of them: each identifier that the
    systems know has to hang together with the address, over records that name both.

    Args:
        address: The address on file.
        asked: The identifiers of the request.
        candidates: What the systems found by them.
    """
    reached = resolve(frozenset({address}), candidates)
    mine = {key for key, whose in reached.attributions.items() if whose.value == "subject"}
    named = strong(_of(candidates))
    if strong(asked) & named - reached.known or asked & reached.contested:
        return False
    others = _of(candidate for candidate in candidates if strong(candidate.owner) and candidate.key not in mine)
    return not any(other.kind is IdentifierKind.PHONE for other in asked & others)


def _of(candidates: Iterable[Candidate]) -> Identifiers:
    return frozenset().union(*(candidate.owner for candidate in candidates))
