"""Succession of signing keys: forward only, so that a retired or stolen key leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"seal/([1-9][0-9]{0,8})")


def key_number(name: str) -> int:
    """The number of a key, ``3`` of ``seal/3``; 0 where no key is called so."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def broken_succession(before: Iterable[str], after: Iterable[str]) -> str:
    """Return the fault in a succession of keys; empty if there is none.

    While two keys sign together, a holder of only the older key must not be able to continue alone. So the older key
    is retired first, and each new key is newer than all before.

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
