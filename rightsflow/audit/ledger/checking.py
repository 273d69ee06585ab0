"""Faults of a chain of entries: altered, removed, reordered, added, belonging elsewhere, or dated otherwise.

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
from enum import StrEnum
from hashlib import sha256
from typing import Final

from rightsflow.audit.ledger.chain import GENESIS, START, Entry, Head, Link, ending, read_entry, written


class FaultKind(StrEnum):
    """The kind of a fault."""

    ALTERED = "altered"
    REMOVED = "removed"
    REORDERED = "reordered"
    ADDED = "added"


_CHAIN = ',"chain":"'


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written.

    Args:
        kind: What was done.
        place: Where, such as ``entry 7 of DSR-2026-7K3M9Q`` or a file's name.
        text: A sentence that says so.
    """

    kind: FaultKind
    place: str
    text: str


Row = tuple[str, int, str, str]
"""An entry as it is kept: its chain, its number, its body and the SHA-256 of that."""


def check_chain(chain: str, links: Sequence[Link], head: Head | None = None) -> list[Fault]:
    """Return all faults of a chain; empty if it is intact.

    Args:
        chain: The case, or the ledger's own chain.
        links: Its entries in the order in which they lie there.
        head: What the chain's head is known to be; ``None`` where only the entries are at hand.
    """
    ends = dict(ends_of((chain, link.number, link.body, link.digest) for link in links))
    end = ends.get(chain, START)
    return [] if end and (head is None or head == end) else list(_diagnose(chain, links, head))


def ends_of(rows: Iterable[Row]) -> Iterator[tuple[str, Head | None]]:
    """Go through the entries of many chains, one by one, and see where each chain ends.

    It says only whether a chain is whole, about as fast as hashes are computed and in no memory; what is wrong with one
    that is not, :func:`check_chain` finds out. A text whose hash fits is not parsed: anyone who can put another hash in
    place can put another entry there too, and only a seal shows it.

    Args:
        rows: The entries, those of each chain together and in their order.

    Returns:
        Each chain with its head, or with ``None`` where it is not whole.
    """
    chain, number, previous, mark, is_whole = "", 0, GENESIS, f'{_CHAIN}","details":', True
    for name, last, body, digest in rows:
        if name != chain:
            if number:
                yield chain, Head(number, previous) if is_whole else None
            # Before this key there are only texts, in which its quotation marks would be escaped.
            chain, number, previous, mark, is_whole = name, 0, GENESIS, f'{_CHAIN}{name}","details":', True
        number += 1
        if (
            last != number
            or not body.endswith(ending(number, previous))
            or sha256(body.encode()).hexdigest() != digest
            or not body.startswith(mark, body.find(_CHAIN))
        ):
            is_whole = False
        previous = digest
    if number:
        yield chain, Head(number, previous) if is_whole else None


def _diagnose(chain: str, links: Sequence[Link], head: Head | None) -> Iterator[Fault]:
    yield from _misplaced(chain, links)
    by_number: dict[int, Link] = {}
    for link in links:
        if link.number in by_number:
            yield _fault(FaultKind.ADDED, chain, link.number, "is there twice")
        by_number.setdefault(link.number, link)
    yield from _missing(chain, by_number, head)
    for number in sorted(by_number):
        yield from _altered(chain, by_number, number)
    yield from _other_head(chain, by_number, head)


def _other_head(chain: str, by_number: dict[int, Link], head: Head | None) -> Iterator[Fault]:
    if head is None:
        return
    last = by_number.get(head.number)
    if last and last.digest != head.digest and _says(last):
        yield _fault(FaultKind.ALTERED, chain, last.number, "is not the one that the chain's head names")
    if head.number < 1 and head != START:
        place = f"head of {chain}"
        yield Fault(FaultKind.ALTERED, place, f"The {place} is not that of a chain without entries.")


def _misplaced(chain: str, links: Sequence[Link]) -> Iterator[Fault]:
    highest = 0
    for link in links:
        if link.number < highest:
            yield _fault(FaultKind.REORDERED, chain, link.number, f"comes after entry {highest}")
        highest = max(highest, link.number)


def _missing(chain: str, by_number: dict[int, Link], head: Head | None) -> Iterator[Fault]:
    expected = 1
    for number in sorted({*by_number, head.number + 1 if head else 1}):
        if number > expected:
            yield _gone(chain, expected, number - 1)
        expected = max(expected, number + 1)
    for number in by_number:
        if number < 1:
            yield _fault(FaultKind.ADDED, chain, number, "has a number that no entry has")
        elif head is not None and number > head.number:
            yield _fault(FaultKind.ADDED, chain, number, "was added after the chain's head")


def _altered(chain: str, by_number: dict[int, Link], number: int) -> Iterator[Fault]:
    link, before = by_number[number], by_number.get(number - 1)
    if not _says(link):
        yield _fault(FaultKind.ALTERED, chain, number, "does not have the hash that was kept of it")
        return
    expected = START.digest if number == 1 else before.digest if before else None
    entry = _read(link)
    if entry is None:
        yield _fault(FaultKind.ALTERED, chain, number, "is not in the form in which entries are written")
    elif entry.chain != chain:
        yield _fault(FaultKind.ADDED, chain, number, "belongs to another chain")
    elif entry.number != number:
        yield _fault(FaultKind.REORDERED, chain, number, f"was written as entry {entry.number}")
    elif expected is not None and entry.previous != expected:
        yield _fault(FaultKind.ALTERED, chain, number, "was not written after the entry that stands before it")


def _says(link: Link) -> bool:
    return sha256(link.body.encode()).hexdigest() == link.digest


def _read(link: Link) -> Entry | None:
    try:
        return read_entry(link.body)
    except ValueError:
        return None


def _gone(chain: str, first: int, last: int) -> Fault:
    if first == last:
        return _fault(FaultKind.REMOVED, chain, first, "is missing")
    place = f"entries {first} to {last} of {chain}"
    return Fault(FaultKind.REMOVED, place, f"{place[0].upper()}{place[1:]} are missing.")


def _fault(kind: FaultKind, chain: str, number: int, what: str) -> Fault:
    place = f"entry {number} of {chain}"
    return Fault(kind, place, f"{place[0].upper()}{place[1:]} {what}.")


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
            yield _fault(FaultKind.ADDED, chain, number, "does not say when it was made")
            continue
        noted = _instant(note)
        if text < latest and _is_behind(at, _instant(latest), noted):
            yield _fault(
                FaultKind.ADDED, chain, number, f"is dated {at:%d %b %Y %H:%M}, long before entry {latest_number}"
            )
        elif enclosing and (what := _outside(at, noted, enclosing[0])):
            yield _fault(FaultKind.ADDED, chain, number, f"is dated {at:%d %b %Y %H:%M}, but {what}")
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
