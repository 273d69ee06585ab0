"""The one recording of all cases, and what it is once an interval of it is silent: made here by its format alone."""

from __future__ import annotations

import struct
from hashlib import sha256

from proofs.answers.facts import Facts

_RATE, _HEAD = 8000, 44
SOUND = b"RIFF" + struct.pack("<I", 36 + _RATE) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE, 1, 8)
SOUND += b"data" + struct.pack("<I", _RATE) + b"\x40" * _RATE
"""A second of eight bits without a sign, of which silence is the middle."""


def recordings(facts: Facts) -> dict[str, str]:
    """The SHA-256 of a recording as it is, and as it is with each interval that a person muted, by the interval."""
    found = {"": sha256(SOUND).hexdigest()}
    for mask in facts.case["masks"]:
        if mask["act"] == "mute":
            first, last = (_HEAD + one * _RATE // 1000 for one in mask["interval"])
            silent = SOUND[:first] + b"\x80" * (last - first) + SOUND[last:]
            found[str(mask["interval"])] = sha256(silent).hexdigest()
    return found
