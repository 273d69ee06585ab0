"""Whether entries were made when they say: in their order, and between the seals that enclose them.

Who may write to the database can add an entry and date it as they like. But one that a seal covers and the seal before
does not was written between the two, and no entry is older than the one before it.

Clocks are set, also wrongly. An entry or a seal that is made while the machine's clock is behind what the ledger says
already notes that (``written_after``), and is then in its order. Who reads it sees what the clock said, and after which
instant it was written all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rightsflow.audit.ledger.chain import written
from rightsflow.audit.ledger.checking import Fault, FaultKind

TOLERANCE = timedelta(hours=1)
"""How far the clocks of the machines that write may be apart."""

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
    """When an entry says that it was made, as its text has it; empty where it says nothing of the kind."""
    # Before this key stands the actor, in whose text no quotation mark can stand as it is.
    start = body.find(_KEY) + len(_KEY)
    return body[start : start + _LENGTH] if start >= len(_KEY) else ""


def noted_in(body: str) -> str:
    """Return the instant that an entry, or a seal, notes because the clock was behind it; empty for none."""
    # No text within an entry can hold these quotation marks as they are.
    start = body.find(_NOTE) + len(_NOTE)
    return body[start : start + _LENGTH] if start >= len(_NOTE) else ""


def seal_date_of(body: str) -> str:
    """Return when a seal says that it was made, as its text has it; empty where it says nothing of the kind."""
    return body[len(_SEAL_KEY) : len(_SEAL_KEY) + _LENGTH] if body.startswith(_SEAL_KEY) else ""


def clock_note(at: datetime, latest: str) -> dict[str, str]:
    """Return what an entry or a seal has to note of the clock; nothing where the clock goes on.

    Args:
        at: What the clock says (aware).
        latest: The latest instant that the ledger says before it, as its text has it; empty for none.
    """
    if written(at) >= latest:
        return {}
    newest = _instant(latest)
    return {WRITTEN_AFTER: latest} if newest and at < newest - TOLERANCE else {}


def check_dates(chain: str, dated: Iterable[tuple[int, str, str]], spans: Sequence[Span]) -> Iterator[Fault]:
    """Find the entries of a chain that were not made when they say.

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
