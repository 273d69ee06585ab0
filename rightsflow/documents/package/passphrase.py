"""The package's passphrase: strong enough for an archive that may lie around, easy to read out on the phone."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is mistaken for 1, 0 or V."""

_GROUPS, _GROUP_LENGTH = 5, 4
_LOOKALIKES = str.maketrans("ILO", "110")


def new_passphrase() -> str:
    """A fresh random passphrase of 100 bits, in five groups of four, like ``7K3M-9QTX-04WB-HN2E-R6VD``."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def as_written(heard: str) -> str:
    """Return a dictated passphrase in its written form: capitals, 0 for O, 1 for I and L, grouped again.

    A text that cannot be one of :func:`new_passphrase` is returned as it is.
    """
    letters = "".join(heard.upper().translate(_LOOKALIKES).replace("-", " ").split())
    if len(letters) != _GROUPS * _GROUP_LENGTH or not set(letters) <= set(ALPHABET):
        return heard
    return "-".join(letters[at : at + _GROUP_LENGTH] for at in range(0, len(letters), _GROUP_LENGTH))
