"""Verification of entries' dates: in order, and between the seals that enclose them.

Anyone with write access to the database can add an entry with any date. But an entry that is under a seal, and not
under the seal before, was written between the two, and no entry is older than its predecessor.

Clocks may be set wrongly. An entry or a seal made while the machine's clock is behind the ledger's last date notes this
(``written_after``), which restores the order. Readers see both the time of the clock and the instant after which the
entry was actually written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rightsflow.audit.ledger.chain import written
from rightsflow.audit.ledger.checking import Fault, FaultKind

TOLERANCE = timedelta(hours=1)
"""The largest difference between the clocks of the machines that write."""

WRITTEN_AFTER: Final = "written_after"
"""The detail of an entry, and the part of a seal's ``made_with``, that notes a clock which was behind."""

_KEY = ',"at":"'
_NOTE = f'"{WRITTEN_AFTER}":"'
_SEAL_KEY = '{"at":"'
_LENGTH = len("2026-03-05T09:00:00.000000+00:00")


@dataclass(frozen=True, slots=True)
class Span:
    """The entries of a chain that a seal covers and the seal before does not.

    Args:
        last: The last of them.
        after: When the seal before was made (aware); ``None`` for the first seal.
        before: When the seal that covers them was made (aware), or the later instant that it notes.
    """

    last: int
    after: datetime | None
    before: datetime


def date_of(body: str) -> str:
    """Return an entry's date as its text has it; empty if it has none."""
    # Before this key stands the actor, in whose text no quotation mark can stand as it is.
    start = body.find(_KEY) + len(_KEY)
    return body[start : start + _LENGTH] if start >= len(_KEY) else ""


def noted_in(body: str) -> str:
    """Return the instant that an entry, or a seal, notes because the clock was behind it; empty for none."""
    # No text within an entry can hold these quotation marks as they are.
    start = body.find(_NOTE) + len(_NOTE)
    return body[start : start + _LENGTH] if start >= len(_NOTE) else ""


def seal_date_of(body: str) -> str:
    """Return a seal's date as its text has it; empty if it has none."""
    return body[len(_SEAL_KEY) : len(_SEAL_KEY) + _LENGTH] if body.startswith(_SEAL_KEY) else ""


def clock_note(at: datetime, latest: str) -> dict[str, str]:
    """Return the note of an entry or a seal on a clock that is behind; empty if it is not.

    Args:
        at: What the clock says (aware).
        latest: The latest instant that the ledger says before it, as its text has it; empty for none.
    """
    if written(at) >= latest:
        return {}
    newest = _instant(latest)
    return {WRITTEN_AFTER: latest} if newest and at < newest - TOLERANCE else {}


def check_dates(chain: str, dated: Iterable[tuple[int, str, str]], spans: Sequence[Span]) -> Iterator[Fault]:
    """Find the entries of a chain whose dates are impossible.

    Args:
        chain: The chain.
        dated: Each entry's number, what :func:`date_of` says of it and what :func:`noted_in`, in their order.
        spans: What the seals enclose, in their order.
    """
    enclosing = list(spans)
    latest, latest_number = "", 0
    for number, text, note in dated:
        while enclosing and enclosing[0].last < number:
            enclosing.pop(0)
        at = _instant(text)
        if at is None:
            yield _fault(chain, number, "does not say when it was made")
            continue
        noted = _instant(note)
        if text < latest and _is_behind(at, _instant(latest), noted):
            yield _fault(chain, number, f"is dated {at:%d %b %Y %H:%M}, long before entry {latest_number}")
        elif enclosing and (what := _outside(at, noted, enclosing[0])):
            yield _fault(chain, number, f"is dated {at:%d %b %Y %H:%M}, but {what}")
        if text > latest or noted:
            latest, latest_number = text, number


def _is_behind(at: datetime, bound: datetime | None, noted: datetime | None) -> bool:
    """Return whether an entry is dated before a bound, and does not note that its clock was behind it."""
    if bound is None or at >= bound - TOLERANCE:
        return False
    return noted is None or noted < bound - TOLERANCE


def _outside(at: datetime, noted: datetime | None, span: Span) -> str:
    """Return in words which seal an entry's date does not fit; empty where it fits both."""
    if _is_behind(at, span.after, noted):
        return "the seal after that does not cover it"
    return "an earlier seal covers it" if at > span.before + TOLERANCE else ""


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _fault(chain: str, number: int, what: str) -> Fault:
    return Fault(FaultKind.ADDED, f"entry {number} of {chain}", f"Entry {number} of {chain} {what}.")
