"""Faults of a chain of entries: altered, removed, reordered, added, or belonging elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from rightsflow.audit.ledger.chain import GENESIS, START, Entry, Head, Link, ending, read_entry


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
    for name, found, body, digest in rows:
        if name != chain:
            if number:
                yield chain, Head(number, previous) if is_whole else None
            # Before this key there are only texts, in which its quotation marks would be escaped.
            chain, number, previous, mark, is_whole = name, 0, GENESIS, f'{_CHAIN}{name}","details":', True
        number += 1
        if (
            found != number
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
    found, before = by_number[number], by_number.get(number - 1)
    if not _says(found):
        yield _fault(FaultKind.ALTERED, chain, number, "does not have the hash that was kept of it")
        return
    expected = START.digest if number == 1 else before.digest if before else None
    said = _read(found)
    if said is None:
        yield _fault(FaultKind.ALTERED, chain, number, "is not in the form in which entries are written")
    elif said.chain != chain:
        yield _fault(FaultKind.ADDED, chain, number, "belongs to another chain")
    elif said.number != number:
        yield _fault(FaultKind.REORDERED, chain, number, f"was written as entry {said.number}")
    elif expected is not None and said.previous != expected:
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
