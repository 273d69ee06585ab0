"""The commitment to a letter's text in the ledger: it says nothing, until the controller gives salt and text.

With both, anyone computes it by SHA-256 alone, so that an authority can check a text without the controller's key.
"""

from __future__ import annotations

import hashlib


def commitment(salt: str, subject_line: str, body: str) -> str:
    """SHA-256, hexadecimal, over salt, subject line and body, each on a line of its own.

    Args:
        salt: 64 hexadecimal digits that only the controller can make.
        subject_line: The subject line.
        body: The text.
    """
    return hashlib.sha256(f"{salt}\n{subject_line}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()
