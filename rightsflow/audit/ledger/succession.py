"""How the keys that sign follow each other: forward only, so that a key that was retired, or stolen, leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"seal/([1-9][0-9]{0,8})")


def key_number(name: str) -> int:
    """The number of a key, ``3`` of ``seal/3``; 0 where no key is called so."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def broken_succession(before: Iterable[str], after: Iterable[str]) -> str:
    """What is wrong with the keys that come after others; empty if nothing is.

    While two keys sign together, anyone who holds the older one alone must not be able to go on with it alone. So the
    older goes first, and what comes is newer than all there were.

    Args:
        before: The names of the keys that signed.
        after: The names of those that sign next.
    """
    earlier, later = set(before), set(after)
    for name in sorted(later):
        if not key_number(name):
            return f"names a key as {name!a}, as which none is called"
    kept, let_go, new = (sorted(some, key=key_number) for some in (earlier & later, earlier - later, later - earlier))
    if kept and let_go and key_number(let_go[-1]) > key_number(kept[0]):
        return f"is not signed by {let_go[-1]}, but by {kept[0]}, which is older"
    if new and earlier and key_number(new[0]) < max(map(key_number, earlier)):
        return f"is signed by {new[0]}, which is older than a key before it"
    return ""
