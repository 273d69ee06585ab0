"""Whether entries were made when they say: in their order, and between the seals that enclose them.

Who may write to the database can add an entry and date it as they like. But one that a seal covers and the seal before
does not was written between the two, and no entry is older than the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rightsflow.audit.ledger.checking import Fault, FaultKind

TOLERANCE = timedelta(hours=1)
"""How far the clocks of the machines that write may be apart."""

_KEY = ',"at":"'
_LENGTH = len("2026-03-05T09:00:00.000000+00:00")


@dataclass(frozen=True, slots=True)
class Span:
    """The entries of a chain that a seal covers and the seal before does not.

    Args:
        last: The last of them.
        after: When the seal before was made (aware); ``None`` for the first seal.
        before: When the seal that covers them was made (aware).
    """

    last: int
    after: datetime | None
    before: datetime


def date_of(body: str) -> str:
    """When an entry says that it was made, as its text has it; empty where it says nothing of the kind."""
    # Before this key stands the actor, in whose text no quotation mark can stand as it is.
    start = body.find(_KEY) + len(_KEY)
    return body[start : start + _LENGTH] if start >= len(_KEY) else ""


def check_dates(chain: str, dated: Iterable[tuple[int, str]], spans: Sequence[Span]) -> Iterator[Fault]:
    """The entries of a chain that were not made when they say.

    Args:
        chain: The chain.
        dated: Each entry's number and what :func:`date_of` says of it, in their order.
        spans: What the seals enclose, in their order.
    """
    enclosing = list(spans)
    latest, latest_number = "", 0
    for number, text in dated:
        while enclosing and enclosing[0].last < number:
            enclosing.pop(0)
        at = _instant(text)
        if at is None:
            yield _fault(chain, number, "does not say when it was made")
            continue
        if text < latest and (newest := _instant(latest)) and at < newest - TOLERANCE:
            yield _fault(chain, number, f"is dated {at:%d %b %Y %H:%M}, long before entry {latest_number}")
        elif enclosing and enclosing[0].after and at < enclosing[0].after - TOLERANCE:
            yield _fault(chain, number, f"is dated {at:%d %b %Y %H:%M}, but the seal after that does not cover it")
        elif enclosing and at > enclosing[0].before + TOLERANCE:
            yield _fault(chain, number, f"is dated {at:%d %b %Y %H:%M}, but an earlier seal covers it")
        if text > latest:
            latest, latest_number = text, number


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _fault(chain: str, number: int, what: str) -> Fault:
    return Fault(FaultKind.ADDED, f"entry {number} of {chain}", f"Entry {number} of {chain} {what}.")
