"""What is wrong with a chain of entries: altered, removed, reordered, added, or belonging elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from rightsflow.ledger.chain import START, Head, Link, ending


class FaultKind(StrEnum):
    """What was done to it."""

    ALTERED = "altered"
    REMOVED = "removed"
    REORDERED = "reordered"
    ADDED = "added"


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


def check_chain(chain: str, links: Sequence[Link], head: Head | None = None) -> list[Fault]:
    """Everything that is wrong with a chain; empty for one that is whole.

    Args:
        chain: The case, or the ledger's own chain.
        links: Its entries in the order in which they lie there.
        head: What the chain's head is known to be; ``None`` where only the entries are at hand.
    """
    previous = START
    for one in links:
        text = one.body.encode()
        if (
            one.number != previous.number + 1
            or not one.body.endswith(ending(one.number, previous.digest))
            or sha256(text).hexdigest() != one.digest
            or f'"chain":"{chain}"' not in one.body
        ):
            return list(_diagnose(chain, links, head))
        previous = one.head
    return [] if head is None or head == previous else list(_diagnose(chain, links, head))


def _diagnose(chain: str, links: Sequence[Link], head: Head | None) -> Iterator[Fault]:
    yield from _misplaced(chain, links)
    by_number: dict[int, Link] = {}
    for one in links:
        if one.number in by_number:
            yield _fault(FaultKind.ADDED, chain, one.number, "is there twice")
        by_number.setdefault(one.number, one)
    yield from _missing(chain, by_number, head)
    for number in sorted(by_number):
        yield from _altered(chain, by_number, number)
    last = by_number.get(head.number) if head else None
    if head and last and last.digest != head.digest and _says(last):
        yield _fault(FaultKind.ALTERED, chain, last.number, "is not the one that the chain's head names")


def _misplaced(chain: str, links: Sequence[Link]) -> Iterator[Fault]:
    highest = 0
    for one in links:
        if one.number < highest:
            yield _fault(FaultKind.REORDERED, chain, one.number, f"comes after entry {highest}")
        highest = max(highest, one.number)


def _missing(chain: str, by_number: dict[int, Link], head: Head | None) -> Iterator[Fault]:
    last = max(max(by_number, default=0), head.number if head else 0)
    for number in range(1, last + 1):
        if number not in by_number:
            yield _fault(FaultKind.REMOVED, chain, number, "is missing")
    if head is not None:
        for number in by_number:
            if number > head.number:
                yield _fault(FaultKind.ADDED, chain, number, "was added after the chain's head")


def _altered(chain: str, by_number: dict[int, Link], number: int) -> Iterator[Fault]:
    one, before = by_number[number], by_number.get(number - 1)
    if not _says(one):
        yield _fault(FaultKind.ALTERED, chain, number, "does not have the hash that was kept of it")
        return
    expected = START.digest if number == 1 else before.digest if before else None
    said = _fields(one)
    if said.get("chain") != chain:
        yield _fault(FaultKind.ADDED, chain, number, "belongs to another chain")
    elif said.get("number") != number:
        yield _fault(FaultKind.REORDERED, chain, number, f"was written as entry {said.get('number')}")
    elif expected is not None and said.get("previous") != expected:
        yield _fault(FaultKind.ALTERED, chain, number, "was not written after the entry that stands before it")
    elif not one.body.endswith(ending(number, str(said.get("previous")))):
        yield _fault(FaultKind.ALTERED, chain, number, "is not in the form in which entries are written")


def _says(one: Link) -> bool:
    return sha256(one.body.encode()).hexdigest() == one.digest


def _fields(one: Link) -> dict[str, object]:
    try:
        raw = json.loads(one.body)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) else {}


def _fault(kind: FaultKind, chain: str, number: int, what: str) -> Fault:
    place = f"entry {number} of {chain}"
    return Fault(kind, place, f"{place[0].upper()}{place[1:]} {what}.")
