"""Identification of the entries in a file, also when some were altered, moved or removed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rightsflow.audit.ledger import Head, Link
from rightsflow.audit.ledger.chain import digest_of


def most_entries(there: int) -> int:
    """Return the highest credible number of an entry in a file with so many entries."""
    return 2 * there + 1000


def place_entries(lines: Sequence[str], head: Head) -> list[Link]:
    """Return the entries with their numbers and stored hashes, in their physical order.

    A file of entries holds no hashes of its own. But each entry carries that of the one before, and the manifest that
    of the last: so the chain is followed from its end, and the entry that was altered is named instead of the next.

    Args:
        lines: The entries' texts.
        head: The last entry, as the manifest names it.
    """
    said = [what_an_entry_says(item, len(lines)) for item in lines]
    own = [digest_of(item) for item in lines]
    by_digest = {digest: index for index, digest in reversed(list(enumerate(own)))}
    # An entry that says no number is taken to be the one of its place, unless another says that it is.
    by_number = {index + 1: index for index in range(len(lines))}
    by_number |= {number: index for index, (number, _) in reversed(list(enumerate(said))) if number}
    placed: dict[int, Link] = {}
    expected = head.digest
    for number in range(min(head.number, most_entries(len(lines))), 0, -1):
        index = by_digest.get(expected, by_number.get(number))
        if index is None or index in placed:
            expected = ""
            continue
        placed[index] = Link(number, lines[index], expected or own[index])
        before = said[index][1]
        # The predecessor that an altered entry names counts only if there is such an entry.
        expected = before if expected in ("", own[index]) or before in by_digest else ""
    for index, line in enumerate(lines):
        placed.setdefault(index, Link(said[index][0] or index + 1, line, own[index]))
    return [placed[index] for index in range(len(lines))]


def what_an_entry_says(line: str, there: int) -> tuple[int, str]:
    """Return an entry's number and the hash of its predecessor; 0 and empty if it has neither.

    Args:
        line: Its text, whatever it holds.
        there: How many entries there are; a number out of all proportion is not believed.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return 0, ""
    said = raw if isinstance(raw, dict) else {}
    number, before = said.get("number"), said.get("previous")
    believed = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= most_entries(there)
    return number if believed and number else 0, before if isinstance(before, str) else ""
