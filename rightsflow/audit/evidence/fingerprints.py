"""The published key: how people compare it, and how they give it."""

from __future__ import annotations

import hashlib
import re

from rightsflow.domain.errors import BadInput

_HASH = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")


def fingerprint(public: str) -> str:
    """The SHA-256 of a public key, by which people compare it.

    Args:
        public: The key, hexadecimal.
    """
    try:
        return hashlib.sha256(bytes.fromhex(public)).hexdigest() if public else ""
    except ValueError:
        return ""


def trusted_keys(text: str) -> frozenset[str]:
    """Return the keys, or their fingerprints, in a text: 64 hexadecimal digits each, in any surroundings.

    Raises:
        BadInput: It names none.
    """
    joined = text.translate({ord(mark): None for mark in ": \n"})
    found = frozenset(item.lower() for item in _HASH.findall(text) or _HASH.findall(joined))
    if not found:
        raise BadInput("That is no key; give the fingerprint (64 hexadecimal digits) or the file with the public key.")
    return found
